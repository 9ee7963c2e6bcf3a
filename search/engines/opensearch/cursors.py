"""Cursors of the OpenSearch engine: the sort values of a page's last hit, and its position."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from search.engines.contract import CursorError


def write_cursor(values: Sequence[Any], seen: int) -> str:
    """Return the cursor after a hit with these sort values."""
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
    """Return the number of matches before a cursor. Raises CursorError."""
    return int(_read(cursor)[0])


def read_cursor(cursor: str, length: int) -> list[Any]:
    """Return the sort values of a cursor's hit. Raises CursorError."""
    _, *values = _read(cursor)
    plain = all(isinstance(value, (int, float, str, type(None))) for value in values)
    if len(values) != length or not plain:
        raise CursorError(f"{cursor!r} is not a cursor of an earlier answer")
    return values
