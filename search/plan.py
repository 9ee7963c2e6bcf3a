"""The request to an engine: which articles match, what scores, in which order, what is counted.

A plan separates understanding a query from executing it: an engine (embedded or a cluster) never
sees what was typed, and interpretation never sees postings. Articles are named by their ids, fields
by their names in the index's schema (`index.schema`) or as one of two token fields that every index
has: "text" (the syllables of all prose) and "words" (its words as segmented).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from search.request import Bucket, SortBy


@dataclass(frozen=True, slots=True)
class Term:
    """Articles whose token field ("text", "title", "words", "author", ...) contains the term."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Articles whose `field` contains the terms in this order, with at most `slop` extra positions.

    The extra positions lie between the first term and the last; unlike in Lucene the order is kept.
    Each element of `terms` lists the alternatives at that position.
    """

    field: str
    terms: tuple[tuple[str, ...], ...]
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Articles whose `field` contains a term that starts with `text`."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class And:
    """Articles that match every child."""

    children: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Articles that match at least one child; without children, none."""

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
    """Articles with one of the values, exactly, in a field of labels (or "id")."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Articles whose date or number `field` lies in [minimum, maximum); None leaves an end open.

    The ends of dates are datetimes with an offset from UTC, those of numbers floats. An article
    without a value is in no range.
    """

    field: str
    minimum: datetime | float | None = None
    maximum: datetime | float | None = None


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Articles that match children whose weights sum to `minimum` or more.

    Weights and minimum are positive; sums are compared with a tolerance of `AT_LEAST_SLACK` times
    the sum of all weights. (In OpenSearch: a `function_score` with `min_score` over `should`
    clauses of `constant_score`.)
    """

    children: "tuple[Node, ...]"
    weights: tuple[float, ...]
    minimum: float


AT_LEAST_SLACK = 1e-6
"""Rounding error allowed in a sum of weights, relative to their sum; engines may use float32."""

Node = Term | Phrase | Prefix | And | Or | Not | AtLeast | Everything | Keyword | Range


@dataclass(frozen=True, slots=True)
class TermScore:
    """A feature: `weight * idf(text) * saturate(tf)` in `field`, as `search.ranking` says."""

    field: str
    text: str
    weight: float

    @property
    def key(self) -> tuple[str, ...]:
        """What is scored, whatever the weight. A plan has one feature per key: the strongest."""
        return self.field, self.text


@dataclass(frozen=True, slots=True)
class BigramScore:
    """A feature: `weight * idf(bigram) * saturate(tf)`: `second` directly after `first` in "text".

    tf and document frequency are those of the bigram.
    """

    first: str
    second: str
    weight: float

    @property
    def key(self) -> tuple[str, ...]:
        """See `TermScore`; longer than that of a term."""
        return "text", self.first, self.second


@dataclass(frozen=True, slots=True)
class Freshness:
    """A feature: `weight * 2 ** (-d / half_life_days)`, d days between `moment` and a date `field`.

    It is as high before the moment as after it. An article without a date gets nothing. (In
    OpenSearch: a `function_score` with an `exp` decay.)
    """

    field: str
    moment: datetime
    half_life_days: float
    weight: float

    @property
    def key(self) -> tuple[str, ...]:
        """See `TermScore`: a date is scored once."""
        return (self.field,)


Feature = TermScore | BigramScore | Freshness
"""A closed union: code that depends on the kind of a feature is a `match` that ends in
`assert_never`, so that mypy finds every place that a further kind needs."""


MAX_FACET_VALUES = 100
"""Default number of values of a facet that are returned; a page shows 40 of them."""


@dataclass(frozen=True, slots=True)
class FacetRequest:
    """A count of the values of a field over all matches, or over those of `match`.

    A facet that the user has filtered by is counted without its own filter: `match` is then the
    plan's match without it. Labels come most frequent first (ties in ascending order), dates newest
    first, at most `limit` of them. `bucket` is the period that dates are counted by, None for
    labels. Years, months and days ("2024", "2024-01", "2024-01-31") are those in Vietnam (UTC+7).
    """

    field: str
    bucket: Bucket | None = None
    limit: int = MAX_FACET_VALUES
    match: Node | None = None


MIN_MATCHES = 10
"""Size of the default page. A smaller set of matches is relaxed. To a larger one `IN_STEPS` adds
this many best articles by score, so that the first page equals that of a search for any word
(docs/explanation/match-policy.md)."""


class Widening(StrEnum):
    """How a match is widened: its best articles are added, or its `AtLeast` minimums lowered."""

    IN_STEPS = "in steps"
    """Add the `MIN_MATCHES` best articles by score that match any unit. If fewer than that match
    fully, instead lower the minimums by one or more steps of 5 % until half of those best articles
    match, and take all that match then."""
    AT_ONCE = "at once"
    """If fewer than `MIN_MATCHES` match fully, take all articles that match any unit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One request to an engine.

    The score of an article is the sum of its `features`. `sort` None is by score; of equal scores
    the article indexed first comes first. The page begins after `offset` matches, or after the
    match that `cursor` names, which is `Matches.cursor` of an earlier answer; `offset` is then 0.
    `collapse` shows one article of each group of near-duplicates among the matches: the oldest, of
    equally old ones the longest. Totals and facets count all matches. An engine that stores no
    groups collapses only a window of the first matches; `Matches.groups` is then an upper bound, or
    None for a page after it.
    `widening` None takes the match as it is. Without features a match is never widened in steps.
    If fewer than `min_full` articles match without widening, an engine may return their number
    alone: the caller then searches for something else.
    """

    match: Node
    features: tuple[Feature, ...] = ()
    sort: SortBy | None = None
    offset: int = 0
    limit: int = 10
    facets: tuple[FacetRequest, ...] = ()
    cursor: str | None = None
    collapse: bool = False
    widening: Widening | None = None
    min_full: int = 0


class Match(NamedTuple):
    """The id and score of an article that matches."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The counts of one facet's values, in order, and the number of values omitted."""

    counts: Mapping[str, int] = field(default_factory=dict)
    omitted: int = 0


def facet_counts(counts: Mapping[str, int], facet: FacetRequest) -> FacetCounts:
    """Return the first `limit` counts of a facet in its order, given those of all values.

    >>> facet_counts({"a": 1, "c": 2, "b": 2}, FacetRequest("source", limit=2))
    FacetCounts(counts={'b': 2, 'c': 2}, omitted=1)
    """
    if facet.bucket is None:
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    else:
        ordered = sorted(counts.items(), reverse=True)
    return FacetCounts(dict(ordered[: facet.limit]), max(len(ordered) - facet.limit, 0))


@dataclass(frozen=True, slots=True)
class Matches:
    """An engine's answer: the exact number of matches, one page of them, and the facets.

    `facets` is aligned with the plan's. `cursor` continues after the page; None after the last.
    `complete` is False if the work budget ran out: matches or scores are then partial. For a plan
    that collapses, `groups` is the number of hits left on all pages, and `similar`, aligned with
    the page, the number of near-duplicates that each hit stands for; else they are None and ().
    If the match was widened, `factor` is the factor by which its minimums were lowered, `added`
    are the ids of articles that match only because they were added, and `full_total` is the number
    of matches without widening.
    """

    total: int
    page: tuple[Match, ...]
    facets: tuple[FacetCounts, ...] = ()
    cursor: str | None = None
    complete: bool = True
    groups: int | None = None
    similar: tuple[int, ...] = ()
    factor: float = 1.0
    added: tuple[str, ...] = ()
    full_total: int | None = None
