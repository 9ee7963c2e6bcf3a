"""The values of an article's fields, as every engine indexes them."""

import re
from datetime import datetime
from typing import Any

from index.article import Article
from index.schema import BUILT_IN, Field, Kind
from index.vietnamese.characters import composed

PART_GAP = 50
"""Positions left free between the parts of a field, so that no phrase match spans two parts.

It limits the slop of a phrase, which is one less at most (`search.query.parser.MAX_SLOP`).
Arbitrary.
"""

_BETWEEN_NAMES = re.compile("[;,]")


def text_of(article: Article, field: Field) -> str:
    """Return the text of a field of any kind, "" if it has none; labels are one per line."""
    if field.kind is Kind.KEYWORDS and field.name not in BUILT_IN:
        return "\n".join(labels_of(article, field))
    if field.name in BUILT_IN:
        return str(getattr(article, field.name) or "")
    return str(article.values.get(field.name) or "")


def labels_of(article: Article, field: Field) -> tuple[str, ...]:
    """Return the labels of a keyword or keywords field, each once, in their order.

    For authors, names are separated by ";" or ",".

    >>> from index.schema import DEFAULT_SCHEMA
    >>> labels_of(Article("1", "Bài", author="Lê An;  Trần Bình"), DEFAULT_SCHEMA["author"])
    ('Lê An', 'Trần Bình')
    """
    value = _value(article, field)
    if not value:
        return ()
    if field.name == "author":
        names = (" ".join(composed(name).split()) for name in _BETWEEN_NAMES.split(str(value)))
        return tuple(dict.fromkeys(filter(None, names)))
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise _wrong(article, field, "a text or a list of texts")
    return tuple(dict.fromkeys(filter(None, value)))


def moment_of(article: Article, field: Field) -> int | None:
    """Return the moment of a date field in seconds since 1970 UTC, rounded down, or None.

    Raises ValueError for what is not a date with an offset from UTC.
    """
    value = _value(article, field)
    if value is None or value == "":
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _wrong(article, field, "a date in ISO 8601") from error
    if moment.utcoffset() is None:
        raise _wrong(article, field, "a date with its offset from UTC")
    return int(moment.timestamp() // 1)


def number_of(article: Article, field: Field) -> float | None:
    """Return the value of a number field, or None. Raises ValueError if it is not a number."""
    value = _value(article, field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(article, field, "a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise _wrong(article, field, "a number of 64 bits") from error
    return None if number != number else number


def _value(article: Article, field: Field) -> Any:  # noqa: ANN401 - of whatever type the field is
    if field.name in BUILT_IN:
        return getattr(article, field.name)
    return article.values.get(field.name)


def _wrong(article: Article, field: Field, expected: str) -> ValueError:
    found = _value(article, field)
    return ValueError(f"article {article.id!r}: {field.name} is {expected}, not {found!r:.60}")
