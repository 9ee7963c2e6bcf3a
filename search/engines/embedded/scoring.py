"""The best articles by a sum of terms: exact, but most articles are never looked at.

Bounds by block (Ding and Suel 2011, "Faster Top-k Document Retrieval Using Block-Max Indexes"),
for all octets at once: the sum of the terms' peaks says how high an article of an octet can score.
The articles of the most promising octets are scored first; the lowest of the best among them is
what an octet must promise for a look.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engines.embedded.docsets import Found, Numbers, Scores, numbers_in
from search.engines.embedded.ordering import best, least_of_best
from search.engines.embedded.term_postings import LEADERS, Bounds, Decoded, Rare
from search.engines.embedded.terms import PAIRS, Terms
from search.planning.plan import Feature, TermScore
from search.ranking import idf

SLACK = 1e-12
"""What rounding may change of a score, relative to it; nothing is passed over for less."""

FEW = 2000
"""So many articles found are all scored, without bounds."""

FEW_IN = 64
"""So are they where less than one article in so many was found."""

_FIRST_LOOK = 64
"""So many octets are looked at first, or one for two articles wanted."""

_SAMPLE = 512
"""About so many octets tell what the most promising ones promise."""

_MANY = 2000
"""Among more articles those without a chance are dropped after every term."""


class Part(NamedTuple):
    """A term of a field, or of `PAIRS`, with what its `sat(tf)` is multiplied by.

    `bound` is the most that it adds.
    """

    kind: str
    term: Decoded
    weight: float
    bound: float


def weigh(terms: Terms, features: Iterable[Feature]) -> list[Part]:
    """Return the features that can add to a score, those that can add most first."""
    parts = [part for feature in features if (part := _weighed(terms, feature))]
    parts.sort(key=attrgetter("bound"), reverse=True)
    return parts


def _weighed(terms: Terms, feature: Feature) -> Part | None:
    """Return what a feature adds to scores; None for what no article holds."""
    if isinstance(feature, TermScore):
        kind, term = feature.field, terms.decoded(feature.field, feature.text)
    else:
        kind, term = PAIRS, terms.pair(feature.first, feature.second)
    if not term.documents:
        return None
    weight = feature.weight * idf(terms.articles, term.documents)
    return Part(kind, term, weight, max(weight * term.bound, 0.0))


def explain(terms: Terms, features: Sequence[Feature], number: int) -> tuple[float, ...]:
    """Return what each feature adds to the score of one article."""
    here = np.array([number])
    parts = (_weighed(terms, feature) for feature in features)
    return tuple(float(score(terms, here, [part])[0]) if part else 0.0 for part in parts)


def score(terms: Terms, numbers: Numbers, parts: Sequence[Part]) -> Scores:
    """Give the scores of these articles, ascending."""
    return _score(terms, numbers, parts, 0.0)[1]


def _score(
    terms: Terms, numbers: Numbers, parts: Sequence[Part], least: float
) -> tuple[Numbers, Scores]:
    """Give articles, ascending, with their scores; some of those below `least` are left out."""
    rest = sum(part.bound for part in parts)
    least -= SLACK * rest
    totals = np.zeros(len(numbers))
    norms: dict[str, Scores | None] = {}
    for part in parts:
        if part.kind not in norms:
            every = terms.norms(part.kind)
            norms[part.kind] = None if every is None else every.take(numbers)
        totals += part.term.scores_in(numbers, norms[part.kind], part.weight)
        rest -= part.bound
        if least > rest and len(numbers) > _MANY:
            kept = totals >= least - rest
            numbers, totals = numbers[kept], totals[kept]
            norms.clear()
    return numbers, totals


def best_of(
    terms: Terms, found: Found, parts: Sequence[Part], count: int
) -> tuple[Numbers, Scores]:
    """Give the `count` best articles found and their scores, best first.

    Of equal ones the lower number comes first.
    """
    if not parts:
        numbers = found.as_numbers()[:count]
        return numbers, np.zeros(len(numbers))
    leaders = _leaders(found, parts, count)
    if leaders is not None:
        return leaders
    if found.count() <= max(FEW, found.size // FEW_IN):
        numbers, scores = _all(terms, found, parts)
    else:
        numbers, scores = _candidates(terms, found, parts, count)
    places = best(scores, count)
    return numbers[places], scores[places]


def _leaders(found: Found, parts: Sequence[Part], count: int) -> tuple[Numbers, Scores] | None:
    """Give the best articles of a single term that has them at hand."""
    _, term, weight, _ = parts[0]
    if len(parts) > 1 or isinstance(term, Rare) or term.bits is not found.bits:
        return None
    if weight <= 0 or count > LEADERS:
        return None
    # Scored again, not multiplied: the same sum to the last bit on every way, as cursors need.
    numbers = term.leaders[:count]
    return numbers, term.scores_in(numbers, term.norms_in(numbers), weight)


def _all(terms: Terms, found: Found, parts: Sequence[Part]) -> tuple[Numbers, Scores]:
    numbers = found.as_numbers()
    return numbers, score(terms, numbers, parts)


def _candidates(
    terms: Terms, found: Found, parts: Sequence[Part], count: int
) -> tuple[Numbers, Scores]:
    """Give articles, ascending, among which the best are, and their scores."""
    octets = found.as_bits().view(np.uint8)
    bounds = _bounds(octets.astype(np.bool_), parts)
    limit = _limit(bounds, max(_FIRST_LOOK, count // 2))
    looked = numbers_in(octets, np.flatnonzero(bounds >= limit))
    scores = score(terms, looked, parts)
    least = least_of_best(scores, count)
    if least <= 0.0:
        return _all(terms, found, parts)
    rounded = 1 + (len(parts) + 8) * float(np.finfo(np.float32).eps)
    enough = np.float32(least / rounded)
    if enough >= limit:
        return looked, scores
    others = numbers_in(octets, np.flatnonzero((bounds >= enough) & (bounds < limit)))
    more, added = _score(terms, others, parts, least)
    numbers, scores = np.concatenate([looked, more]), np.concatenate([scores, added])
    kept = np.flatnonzero(scores >= least)
    kept = kept[np.argsort(numbers[kept])]
    return numbers[kept], scores[kept]


def _bounds(occupied: NDArray[np.bool_], parts: Sequence[Part]) -> Bounds:
    """Give for each octet what an article found there can score at most."""
    bounds = np.zeros(len(occupied), np.float32)
    for part in parts:
        if part.weight > 0:
            part.term.raise_bounds(bounds, part.weight)
    bounds *= occupied
    return bounds


def _limit(bounds: Bounds, wanted: int) -> np.float32:
    """Say what about so many octets promise at least, judging by a sample."""
    step = len(bounds) // _SAMPLE + 1
    sample = bounds[::step]
    at = len(sample) - min(wanted // step + 1, len(sample))
    limit: np.float32 = np.partition(sample, at)[at]
    return max(limit, np.finfo(np.float32).tiny)
