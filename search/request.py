"""The search request: one typed value that the API, the pages and Python callers share."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Operator(StrEnum):
    """How many of the words typed an article must contain."""

    OR = "or"
    """At least one."""
    AND = "and"
    """All of them."""


class Bucket(StrEnum):
    """The periods that a date is counted by, in Vietnam (UTC+7)."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class FilterBy:
    """Keep the articles whose `field` has any of `values` and lies between `low` and `high`.

    Both ends are inclusive; a `date` stands for its whole day in Vietnam. None leaves an end open.
    """

    field: str
    values: tuple[str, ...] = ()
    low: date | datetime | float | None = None
    high: date | datetime | float | None = None


@dataclass(frozen=True, slots=True)
class SortBy:
    """Order the hits by a sortable field; articles without a value come last in either direction.

    Labels are ordered by code points.
    """

    field: str
    descending: bool = False


class Sort(StrEnum):
    """The sort orders that every index has."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"

    @property
    def by(self) -> SortBy | None:
        """The order by a field; None for relevance."""
        if self is Sort.RELEVANCE:
            return None
        return SortBy("published", descending=self is Sort.NEWEST)


@dataclass(frozen=True, slots=True)
class FacetBy:
    """Count the matches by the values of `field`; a date is counted by `bucket`.

    At most `limit` values are counted, the most frequent ones.
    """

    field: str
    bucket: Bucket | None = None
    limit: int = 100

    @property
    def name(self) -> str:
        """The key of this facet in an answer: "source", "year", or "FIELD.month" for others.

        >>> FacetBy("published", Bucket.MONTH).name, FacetBy("edited", Bucket.MONTH).name
        ('month', 'edited.month')
        """
        if self.bucket is None:
            return self.field
        return str(self.bucket) if self.field == "published" else f"{self.field}.{self.bucket}"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search: a query with its page, order, filters, facets and options.

    `offset`, the number of hits to skip, overrides `page`; `cursor`, the `next_cursor` of an
    earlier answer, overrides both. `sort` None orders by relevance. `operator` None leaves the
    number of words to the match policy. `literal` takes the words as typed. `collapse` shows one of
    several near-duplicates. `all_highlights` highlights every occurrence, not only those of the
    snippet. `semantic` reranks the first hits by meaning, if the index has vectors. Without
    `freshness` dates do not score; `now` is the moment that queries for news are about, by default
    the day of the newest articles.
    """

    query: str = ""
    page: int = 1
    size: int = 10
    offset: int | None = None
    cursor: str = ""
    sort: SortBy | None = None
    filters: tuple[FilterBy, ...] = field(default=())
    facets: tuple[FacetBy, ...] = field(default=())
    operator: Operator | None = None
    literal: bool = False
    collapse: bool = False
    all_highlights: bool = False
    semantic: bool = False
    freshness: bool = True
    now: datetime | None = None

    @property
    def start(self) -> int:
        """The number of hits to skip."""
        return (self.page - 1) * self.size if self.offset is None else self.offset
