"""The records that a search returns, frozen, and their JSON form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from index.article import Article, Precision
from search.warnings import QueryWarning, english

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Spans = tuple[tuple[int, int], ...]
"""Ascending, disjoint [start, end) ranges in Unicode code points of a stored text."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One result. `snippet` is escaped HTML with `<mark>`; `published` is ISO 8601 or "".

    `highlights` are spans of the stored text; for summary and body, those within the snippet.
    `values` has the user's own fields. An article without `has_body` is a headline whose text is
    elsewhere. `similar` is the number of its near-duplicates that match and are not shown.
    """

    id: str
    title: str
    url: str
    source: str
    section: str
    published: str
    score: float
    snippet: str
    highlights: Mapping[str, Spans]
    author: str = ""
    image: str = ""
    published_precision: Precision = ""
    has_body: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    similar: int = 0


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet (a source, a section or a year) and how many matches have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class InterpretedQuery:
    """How a query was interpreted.

    `read` is the query as interpreted, equal to `typed` if nothing was changed; `changed` is
    whether pages should show the interpretation, with a link to the literal query.
    """

    typed: str
    read: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """Another query that the reader may have meant, and its number of matches."""

    query: str
    total: int


@dataclass(frozen=True, slots=True)
class Results:
    """One page of the answer to one query.

    `total` is exact. `full_total` of the matches have as much of the query as the match policy
    requires; `relaxed` says that those were less than a page, so that weaker matches were added.
    `next_cursor` continues after this page. `facets` has one entry per requested facet, most
    frequent values first (periods newest first). A facet is counted without the request's own
    filter on that field, so that its other values can still be chosen; a filter written in the
    query applies. `groups` is the number of hits on all pages if near-duplicates are collapsed,
    else None.
    """

    query: str
    interpretation: InterpretedQuery
    total: int
    took_ms: float
    page: int
    size: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    warnings: tuple[QueryWarning, ...] = ()
    full_total: int = 0
    relaxed: bool = False
    next_cursor: str | None = None
    groups: int | None = None

    @property
    def shown_total(self) -> int:
        """The number of hits on all pages: matches, or groups of near-duplicates if collapsed."""
        return self.total if self.groups is None else self.groups

    def as_dict(self, sentence: Callable[[QueryWarning], str] = english) -> dict[str, Any]:
        """Return the JSON object of the API; `sentence` renders the messages of warnings."""
        plain = _plain(self)
        del plain["next_cursor"]  # the API adds it if the request had a cursor
        hits = [_plain(hit) for hit in self.hits]
        if self.groups is None:  # near-duplicates were not collapsed
            del plain["groups"]
            for hit in hits:
                del hit["similar"]
        return plain | {
            "interpretation": _plain(self.interpretation),
            "hits": hits,
            "facets": {name: [_plain(v) for v in values] for name, values in self.facets.items()},
            "corrections": [_plain(correction) for correction in self.corrections],
            "warnings": [
                {"code": warning.code, "params": dict(warning.params), "message": sentence(warning)}
                for warning in self.warnings
            ],
        }


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """A whole article, with the spans of a query's terms in each of its text fields."""

    article: Article
    highlights: Mapping[str, Spans]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature of a query contributes to the score of an article.

    `kind` is "text", "title", "author" or "words" for a term of that field, "pair" for two adjacent
    syllables, "freshness" for a date near a moment, whose text is the moment and the half-life in
    days ("23/08/2026 ±2"). `weight` is that of the feature, `score` its contribution.
    """

    kind: str
    text: str
    weight: float
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an article has its score: the summands, highest first.

    An article that does not match, or that only a filter found, has no contributions.
    """

    id: str
    query: str
    read: str
    score: float
    contributions: tuple[Contribution, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON object: the same keys, plain dicts and sequences."""
        return _plain(self) | {"contributions": [_plain(part) for part in self.contributions]}


def _plain(record: "DataclassInstance") -> dict[str, Any]:
    """Return the fields of a record; unlike `asdict`, without the cost of a deep copy."""
    return {name: getattr(record, name) for name in _names_of(type(record))}


@cache
def _names_of(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
