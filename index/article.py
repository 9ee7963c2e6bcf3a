"""The record that everything else is about: one article, as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Precision = Literal["", "day", "month", "year"]
"""What a date says: a day, a month or a year only, or "" for a time of day."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article with its text as it was written: nothing is normalised, folded or cut.

    `id` is never empty and unique in an index. Every other text may be empty, but `title` and
    `body` are not both. `source` and `section` are labels: in NFC, with single spaces. Several
    names of `author` are separated by semicolons. `published` always knows its offset from UTC;
    where the source said less than a time of day, it is the beginning of what
    `published_precision` names. `values` holds the user's own fields of the schema as JSON
    values: a string for a text, keyword or link, a list of strings for keywords, a number, a date
    in ISO 8601 with its offset. `extra` holds the fields of the source record that the schema
    does not name; they are JSON values and are given back.
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
