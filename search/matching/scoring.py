"""The best articles by a sum of terms: exact, but most articles are never looked at.

Bounds by block (Ding and Suel 2011, "Faster Top-k Document Retrieval Using Block-Max Indexes"),
for all octets at once: the sum of the terms' peaks says how high an article of an octet can score.
The articles of the most promising octets are scored first; the lowest of the best among them is
what an octet must promise for a look.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from search.matching.decoded import Bounds, Decoded, Rare
from search.matching.ordering import best, least_of_best
from search.matching.sets import Found, Numbers, Scores, numbers_in
from search.matching.terms import Terms
from search.plan import TermScore
from search.ranking import SATURATION, idf

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
    """A term with what its `sat(tf)` is multiplied by; `bound` is the most that it adds."""

    field: str
    term: Decoded
    weight: float
    bound: float


class Scorer:
    """Adds up term scores over one snapshot."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def parts(self, scores: Iterable[TermScore]) -> list[Part]:
        """Weigh the terms that occur, and give those first that can add most."""
        parts = []
        for score in scores:
            term = self._terms.decoded(score.field, score.text)
            if term.documents:
                weight = score.weight * idf(self._terms.articles, term.documents)
                parts.append(Part(score.field, term, weight, max(weight * term.bound, 0.0)))
        parts.sort(key=attrgetter("bound"), reverse=True)
        return parts

    def scores(self, numbers: Numbers, parts: Sequence[Part]) -> Scores:
        """Give the scores of these articles, ascending."""
        return self.scored(numbers, parts, 0.0)[1]

    def scored(
        self, numbers: Numbers, parts: Sequence[Part], least: float
    ) -> tuple[Numbers, Scores]:
        """Give articles, ascending, with their scores; some of those below `least` are left out."""
        rest = sum(part.bound for part in parts)
        least -= SLACK * rest
        totals = np.zeros(len(numbers))
        norms: dict[str, Scores | None] = {}
        for part in parts:
            if part.field not in norms:
                norms[part.field] = self._norms(part.field, numbers)
            totals += part.term.scores_in(numbers, norms[part.field], part.weight)
            rest -= part.bound
            if least > rest and len(numbers) > _MANY:
                kept = totals >= least - rest
                numbers, totals = numbers[kept], totals[kept]
                norms.clear()
        return numbers, totals

    def _norms(self, field: str, numbers: Numbers) -> Scores | None:
        saturation = SATURATION.get(field)
        return self._terms.norms(field, saturation).take(numbers) if saturation else None

    def contest(self, found: Found, parts: Sequence[Part]) -> "Contest":
        """Begin to look for the best of the articles found."""
        return Contest(self, found, parts)


class Contest:
    """The search for the best of some articles by a sum of parts, look by look."""

    def __init__(self, scorer: Scorer, found: Found, parts: Sequence[Part]) -> None:
        self._scorer = scorer
        self._found = found
        self._parts = parts
        self._looked: _Look | None = None
        self._few = found.count() <= max(FEW, found.size // FEW_IN)

    def promising(self, count: int) -> tuple[Numbers, Scores]:
        """Give articles, ascending, likely to hold the `count` best among them, and their scores.

        `best` looks at them first, too.
        """
        if self._few or not self._parts:
            return self._everything
        look = self._look(count)
        return look.numbers, look.scores

    def best(self, count: int, least: float = 0.0) -> tuple[Numbers, Scores]:
        """Give the `count` best and their scores, best first; of equal ones the lower number.

        Those that score below `least` are not wanted, and may be missing.
        """
        if not self._parts or not count:
            numbers = self._found.as_numbers()[:count]
            return numbers, np.zeros(len(numbers))
        leaders = self._leaders(count)
        if leaders is not None:
            return leaders
        numbers, scores = self._everything if self._few else self._candidates(count, least)
        places = best(scores, count)
        return numbers[places], scores[places]

    def _leaders(self, count: int) -> tuple[Numbers, Scores] | None:
        """Give the best articles of a single term that has them at hand."""
        if len(self._parts) > 1:
            return None
        [part] = self._parts
        if isinstance(part.term, Rare) or part.term.bits is not self._found.bits:
            return None
        if part.weight <= 0 or count > len(part.term.leaders):
            return None
        return part.term.leaders[:count], part.term.leading[:count] * part.weight

    def _candidates(self, count: int, least: float) -> tuple[Numbers, Scores]:
        """Give articles, ascending, among which the best are, and their scores."""
        bounds, limit, numbers, scores = self._look(count)
        least = max(least, least_of_best(scores, count))
        if least <= 0.0:
            return self._everything
        rounded = 1 + (len(self._parts) + 8) * float(np.finfo(np.float32).eps)
        enough = np.float32(least / rounded)
        if enough < limit:
            more = self._score(np.flatnonzero((bounds >= enough) & (bounds < limit)), least)
            numbers, scores = np.concatenate([numbers, more[0]]), np.concatenate([scores, more[1]])
        kept = np.flatnonzero(scores >= least)
        kept = kept[np.argsort(numbers[kept])]
        return numbers[kept], scores[kept]

    @cached_property
    def _everything(self) -> tuple[Numbers, Scores]:
        numbers = self._found.as_numbers()
        return numbers, self._scorer.scores(numbers, self._parts)

    def _look(self, count: int) -> "_Look":
        """Have the first look, with the `count` that is asked for first."""
        if self._looked is None:
            bounds = self._bounds()
            limit = _limit(bounds, max(_FIRST_LOOK, count // 2))
            found = self._score(np.flatnonzero(bounds >= limit), 0.0)
            self._looked = _Look(bounds, limit, *found)
        return self._looked

    def _bounds(self) -> Bounds:
        """Give for each octet what an article found there can score at most."""
        octets = self._found.as_bits().view(np.uint8)
        bounds = np.zeros(len(octets), np.float32)
        for part in self._parts:
            if part.weight > 0:
                part.term.raise_bounds(bounds, part.weight)
        bounds *= octets != 0
        return bounds

    def _score(self, octets: Numbers, least: float) -> tuple[Numbers, Scores]:
        numbers = numbers_in(self._found.as_bits().view(np.uint8), octets)
        return self._scorer.scored(numbers, self._parts, least)


class _Look(NamedTuple):
    """What each octet promises, and the articles, scored, of those that promise `limit` or more."""

    bounds: Bounds
    limit: np.float32
    numbers: Numbers
    scores: Scores


def _limit(bounds: Bounds, wanted: int) -> np.float32:
    """Say what about so many octets promise at least, judging by a sample."""
    step = len(bounds) // _SAMPLE + 1
    sample = bounds[::step]
    at = len(sample) - min(wanted // step + 1, len(sample))
    limit: np.float32 = np.partition(sample, at)[at]
    return max(limit, np.finfo(np.float32).tiny)
