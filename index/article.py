"""The article: one record as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Precision = Literal["", "day", "month", "year"]
"""The precision of a date: a day, a month or a year, or "" for a time of day."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article with its text as it was written: nothing is normalised, folded or cut.

    `id` is not empty and unique in an index. Every other text may be empty, but not both `title`
    and `body`. `source` and `section` are labels: in NFC, with single spaces. Names in `author` are
    separated by semicolons. `published` has an offset from UTC; if the source gave no time of day,
    it is the first moment of the day, month or year that `published_precision` says. `values` are
    the custom fields as JSON values: a string for a text, keyword or link, a list of strings
    for keywords, a number, a date in ISO 8601 with its offset. `extra` contains the fields of the
    source record that the schema does not name, as JSON values; they are stored and returned.
    """

    id: str
    title: str = ""
    summary: str = ""
    body: str = ""
    author: str = ""
    source: str = ""
    section: str = ""
    url: str = ""
    image: str = ""
    published: datetime | None = None
    published_precision: Precision = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
