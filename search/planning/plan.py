"""What an engine is asked: which articles match, what their score adds up to, which page of them.

This is the seam between understanding a query and executing it. An engine (the embedded arrays, a
cluster) sees nothing of the words typed; interpretation sees nothing of postings.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Term:
    """Articles whose `field` ("text", "title", "words", "author") holds the term."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Articles whose `field` holds the terms in this order, at most `slop` positions stretched.

    Each element lists the terms that may stand at that place (one, or its equivalents).
    """

    field: str
    terms: tuple[tuple[str, ...], ...]
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Articles whose `field` holds a term that starts with `text`."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class And:
    """Articles that match every child."""

    children: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Articles that match at least one child; none where there is no child."""

    children: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Articles that do not match the child."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class Everything:
    """All articles."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """Articles whose column `field` ("source", "section", "id") is one of the values, exactly."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """Articles with a date in [since, until); None leaves an end open."""

    since: datetime | None = None
    until: datetime | None = None


Node = Term | Phrase | Prefix | And | Or | Not | Everything | Keyword | Published


@dataclass(frozen=True, slots=True)
class TermScore:
    """Adds `weight * idf(text) * sat(tf)` in `field`, by the formula of `search.ranking`."""

    field: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class PairScore:
    """Adds `weight * idf(pair) * sat(tf)` where `second` follows `first` directly in "text"."""

    first: str
    second: str
    weight: float


class Sort(StrEnum):
    """The order of the hits. Articles without a date come last by date, either way."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class Facet(StrEnum):
    """What matches can be counted by; a year is one in Vietnam."""

    SOURCE = "source"
    SECTION = "section"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Plan:
    """One request to an engine.

    The score of an article is the sum of `scores` and `pairs`. Equal scores: the article
    indexed first comes first. `facets` names what to count all matches by (see `Facet`).
    """

    match: Node
    scores: tuple[TermScore, ...] = ()
    pairs: tuple[PairScore, ...] = ()
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = field(default=())


class Match(NamedTuple):
    """One article an engine found: its number for this engine's snapshot, and its score."""

    number: int
    score: float


@dataclass(frozen=True, slots=True)
class Matches:
    """What an engine answers: the exact number of matches, one page of them, facet counts."""

    total: int
    page: tuple[Match, ...]
    facets: dict[str, dict[str, int]]
