"""Cursors: where a page ended. The next one may come from a later commit."""

import json
from typing import NamedTuple

from search.engines.contract import CursorError


class Cursor(NamedTuple):
    """The value that the last match of a page was sorted by, None for a missing one, and its id."""

    value: float | str | None
    id: str


def write_cursor(value: float | str | None, article_id: str) -> str:
    r"""Return a cursor as text.

    >>> write_cursor(2.5, "a:1")
    '2.5:a:1'
    >>> read_cursor('2.5:a:1')
    Cursor(value=2.5, id='a:1')
    """
    # `json.dumps` of a float is its `repr`, and takes six times as long.
    return f"{repr(value) if isinstance(value, float) else json.dumps(value)}:{article_id}"


def read_cursor(text: str) -> Cursor:
    """Parse what `write_cursor` returned. Raises CursorError."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise CursorError("this is not a cursor from an engine") from error
    if text[end : end + 1] != ":" or isinstance(value, bool | list | dict):
        raise CursorError("this is not a cursor from an engine")
    return Cursor(value, text[end + 1 :])
