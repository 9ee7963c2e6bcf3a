"""Conversion of values in records to those of fields: texts, labels, names, links and numbers.

Each function returns an empty value for nothing, and None for a value that it cannot use; the
constants at the end combine them with that empty value and the way to join several values. Values
are unwrapped from the objects that sources use: WordPress's {"rendered": ...}, an author {"name":
...}, an image {"url": ...}, MongoDB's {"$oid": ...}.

    >>> as_text({"rendered": "Giá gạo"})
    'Giá gạo'
    >>> as_names([{"name": "Mai"}, "Lan"])
    'Mai; Lan'
    >>> as_text(True) is None
    True
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from index.vietnamese.characters import composed

_TEXT_KEYS = ("rendered", "#text", "_text", "$t", "@value", "value", "text", "html", "content",
              "$oid", "$numberLong", "name", "title")  # fmt: skip
_NAME_KEYS = ("name", "display_name", "full_name", "fullname", "displayName", "title", "rendered",
              "#text", "_text", "value", "label")  # fmt: skip
_LINK_KEYS = ("url", "src", "href", "source_url", "contentUrl", "@id", "@href", "link", "value",
              "rendered", "#text")  # fmt: skip
_MAX_WRAPPINGS = 4  # objects within objects; arbitrary
_MAX_CACHED_LABELS = 1 << 12
_MAX_CACHED_CHARACTERS = 200  # of a label: together at most 3 MB


def as_text(value: object) -> str | None:
    """Return a text; numbers become text, the items of a list paragraphs."""
    if value is None or isinstance(value, str):
        return value or ""
    return _joined(value, _TEXT_KEYS, "\n\n")


def as_names(value: object) -> str | None:
    """Return names, separated by semicolons; None for a number, which is an id."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int | float):
        return None
    return _joined(value, _NAME_KEYS, "; ", numbers=False)


def as_label(value: object) -> str | None:
    """Return one label, in NFC with single spaces; the first of a list."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        short = len(value) <= _MAX_CACHED_CHARACTERS
        return _cached_label(value) if short else _normalised(value)
    labels = as_labels(value)
    return None if labels is None else labels[0] if labels else ""


def as_labels(value: object) -> list[str] | None:
    """Return the labels of a list, or of a text that separates them by ";", "|" or ","."""
    if isinstance(value, str):
        separator = next((mark for mark in ";|," if mark in value), "\n")
        return _labels(value.split(separator))
    if isinstance(value, Sequence):
        found = [_joined(item, _NAME_KEYS, ", ", numbers=False) for item in value]
        return None if found and all(label is None for label in found) else _labels(found)
    one = _joined(value, _NAME_KEYS, ", ", numbers=False)
    return None if one is None else _labels([one])


def as_link(value: object) -> str | None:
    """Return an address; the first of a list."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        value = value[0] if value else ""
    return None if isinstance(value, int | float) else _joined(value, _LINK_KEYS, "\n")


def as_number(value: object) -> float | str | None:
    """Return a number, also for "1.234.567", "1,234.5" or "12,5"; "" for nothing."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = as_text(value)
    if text is None or not text.strip():
        return text and ""
    return _parsed_number(text.strip())


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,\s\u00a0])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")


def _parsed_number(text: str) -> float | None:
    grouped = _GROUPED.fullmatch(text)
    # "1.234" means 1,234, as in Vietnamese, only if a second group or a comma shows it.
    if grouped and (len(re.findall(r"[.,\s\u00a0]", text)) > 1 or grouped[1] not in ".,"):
        whole, _, fraction = text.partition("," if grouped[1] != "," else ".")
        text = re.sub(r"[.,\s\u00a0]", "", whole) + (f".{fraction}" if fraction else "")
    elif re.fullmatch(r"[+-]?\d+,\d+", text):
        text = text.replace(",", ".")
    return float(text) if len(text) < 100 and _NUMBER.fullmatch(text) else None


def _normalised(label: str) -> str:
    """Return a label in NFC with single spaces."""
    return " ".join(composed(label).split())


_cached_label = lru_cache(_MAX_CACHED_LABELS)(_normalised)
"""`_normalised` for short labels: a corpus repeats its sources and sections."""


def _labels(texts: Sequence[str | None]) -> list[str]:
    """Return labels, normalised, without empty and repeated ones."""
    tidy = (_normalised(text) for text in texts if text)
    return list(dict.fromkeys(label for label in tidy if label))


def _joined(
    value: object, keys: Sequence[str], separator: str, *, numbers: bool = True
) -> str | None:
    value = unwrapped(value, keys)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | Mapping):
        return None
    if isinstance(value, int | float):
        return str(value) if numbers else None
    if not isinstance(value, list):
        return None
    parts = [_joined(item, keys, separator, numbers=numbers) for item in value]
    if parts and all(part is None for part in parts):
        return None
    return separator.join(part for part in parts if part)


def unwrapped(value: object, keys: Sequence[str]) -> object:
    """Return the value that an object wraps under the first of these keys; others unchanged."""
    for _ in range(_MAX_WRAPPINGS):
        if not isinstance(value, Mapping):
            break
        key = next((key for key in keys if value.get(key) not in (None, "")), None)
        if key is None:
            return value or None
        value = value[key]
    return value


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Conversion(Generic[Value]):
    """The conversion of values in records to a field's value.

    `read` returns None for a value that it cannot use. `join` combines several values; without it
    the field has only one.
    """

    read: Callable[[object], Value | None]
    empty: Value
    join: Callable[[Sequence[Value]], Value] | None = None


def _joined_labels(values: Sequence[list[str]]) -> list[str]:
    return list(dict.fromkeys(itertools.chain(*values)))


TEXT: Conversion[str] = Conversion(as_text, "", "\n\n".join)
NAMES: Conversion[str] = Conversion(as_names, "", "; ".join)
LABEL: Conversion[str] = Conversion(as_label, "")
LABELS: Conversion[list[str]] = Conversion(as_labels, [], _joined_labels)
LINK: Conversion[str] = Conversion(as_link, "")
NUMBER: Conversion[float | str] = Conversion(as_number, "")
