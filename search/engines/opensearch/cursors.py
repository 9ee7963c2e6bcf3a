"""Cursors of a cluster's answers: what the last hit of a page is sorted by, and its place."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from search.engines.contract import CursorError


def write_cursor(values: Sequence[Any], seen: int) -> str:
    """Return the cursor after a hit that is sorted by these values."""
    text = json.dumps([seen, *values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read(cursor: str) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error) as error:
        raise CursorError(f"{cursor!r} is not a cursor of an earlier answer") from error
    if not isinstance(values, list) or not values or not isinstance(values[0], int):
        raise CursorError(f"{cursor!r} is not a cursor of an earlier answer")
    return values


def read_count(cursor: str) -> int:
    """Return how many matches lie before a cursor. Raises CursorError."""
    return int(_read(cursor)[0])


def read_cursor(cursor: str, length: int) -> list[Any]:
    """Return the values that a cursor's hit is sorted by. Raises CursorError."""
    _, *values = _read(cursor)
    plain = all(isinstance(value, (int, float, str, type(None))) for value in values)
    if len(values) != length or not plain:
        raise CursorError(f"{cursor!r} is not a cursor of an earlier answer")
    return values
