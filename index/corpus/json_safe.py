"""Values of records as plain JSON, which can be stored and returned."""

import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from index.corpus.problems import InvalidRecordError

MAX_DEPTH = 32
"""Levels of nested lists and objects that are stored; arbitrary."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def clean(value: object, depth: int) -> object:
    """Return a value as plain JSON; `depth` is the number of lists and objects around it."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None  # JSON has neither NaN nor Infinity
    if isinstance(value, list | tuple | dict) and depth == MAX_DEPTH:
        raise InvalidRecordError(f"lists and objects nested more than {MAX_DEPTH} deep")
    if isinstance(value, list | tuple):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(name)): clean(item, depth + 1) for name, item in value.items()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return clean(float(value), depth)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(value):,} bytes)"
    return str(value)


def clean_text(text: str) -> str:
    """Return a text without lone surrogates. Raises InvalidRecordError for a NUL character."""
    if "\0" in text:
        raise InvalidRecordError("a NUL character, which no text has")
    try:
        text.encode()  # 11 µs per record; a search for surrogates takes 19
    except UnicodeEncodeError:
        return _HALF_PAIR.sub("\ufffd", text)
    return text


def texts_in(name: str, value: object, levels: int) -> Iterator[tuple[str, str]]:
    """Yield the texts in a value with their names, "outer.inner" for nested ones."""
    if isinstance(value, str):
        yield name, value
    elif levels and isinstance(value, dict):
        for inner, nested in value.items():
            yield from texts_in(f"{name}.{inner}" if name else inner, nested, levels - 1)
    elif levels and isinstance(value, list):
        for item in value:
            yield from texts_in(name, item, levels - 1)
