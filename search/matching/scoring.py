"""The best articles by a sum of terms: exact, but most articles are never looked at.

MaxScore (Turtle and Flood 1995), a term at a time: the terms that can add most come first and are
added up for all their articles. Once the rest can no longer lift an article that none of these
holds among the best, only the articles that may still get there are looked up in the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import local

import numpy as np

from search.matching.ordering import best, least_of_best
from search.matching.sets import FEW, Found, Numbers
from search.matching.terms import Decoded, Scores, Terms, saturate
from search.plan import TermScore
from search.ranking import SATURATION, idf

SLACK = 1e-12
"""What rounding may change of a score, relative to it; nothing is pruned for less."""

_FEW_PER_POSTING = 4
_FEW_TOUCHED = 4
_LOOK_UP = 3
"""What it costs to look an article up in a term, where adding the term for it costs 1."""


@dataclass(frozen=True, slots=True)
class Part:
    """A term with what its `sat(tf)` is multiplied by; `inside`: all its articles match."""

    field: str
    term: Decoded
    weight: float
    inside: bool

    @property
    def bound(self) -> float:
        """The most that it adds to a score."""
        return self.weight * self.term.bound


class Scorer:
    """Adds up term scores over one snapshot."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._scratch = local()

    def parts(self, scores: Sequence[TermScore], inside: frozenset[tuple[str, str]]) -> list[Part]:
        """Weigh the terms that occur; `inside` are the (field, term) that are sure to match."""
        parts = []
        for score in scores:
            term = self._terms.decoded(score.field, score.text)
            if term.documents:
                weight = score.weight * idf(self._terms.articles, term.documents)
                parts.append(Part(score.field, term, weight, (score.field, score.text) in inside))
        return parts

    def scores(self, numbers: Numbers, parts: Sequence[Part]) -> Scores:
        """Give the scores of these articles."""
        total = np.zeros(len(numbers))
        for part in parts:
            self._add(total, numbers, part)
        return total

    def best(self, found: Found, parts: Sequence[Part], count: int) -> tuple[Numbers, Scores]:
        """Give the `count` best of the articles found and their scores, best first."""
        postings = sum(part.term.documents for part in parts)
        if not parts or not count:
            numbers = found.as_numbers()[:count]
            return numbers, np.zeros(len(numbers))
        if len(parts) == 1 and parts[0].inside and found.count() == postings:
            numbers, scores = parts[0].term.numbers, parts[0].term.saturated * parts[0].weight
        elif found.count() * _FEW_PER_POSTING > postings and all(
            part.weight >= 0 for part in parts
        ):
            numbers, scores = self._best_of_many(found, parts, count)
        else:
            numbers = found.as_numbers()
            scores = self.scores(numbers, parts)
        places = best(scores, count)
        return numbers[places], scores[places]

    def _best_of_many(
        self, found: Found, parts: Sequence[Part], count: int
    ) -> tuple[Numbers, Scores]:
        """Give articles, ascending, among which the best are, with their scores."""
        ordered = sorted(parts, key=lambda part: part.term.documents)
        rest = sum(part.bound for part in ordered)
        slack = SLACK * rest
        totals = self._totals()
        above, threshold, added = 0.0, 0.0, 0
        for part in ordered:
            if rest + slack < threshold and self._few(totals, threshold - rest - slack, part):
                break
            totals[part.term.numbers] += part.term.saturated * part.weight
            added += 1
            above += part.bound
            rest -= part.bound
            if rest < above and not threshold:
                threshold = self._threshold(totals, ordered[:added], ordered[added:], found, count)
        least = threshold - rest - slack
        numbers, scores = _harvest(totals, ordered[:added], least)
        self._scratch.totals = totals
        if not all(part.inside for part in ordered[:added]):
            matching = found.contains(numbers)
            numbers, scores = numbers[matching], scores[matching]
        for part in ordered[added:]:
            threshold = max(threshold, least_of_best(scores, count))
            kept = scores >= threshold - rest - slack
            numbers, scores = numbers[kept], scores[kept]
            self._add(scores, numbers, part)
            rest -= part.bound
        if len(numbers) < min(count, found.count()):
            return self._with_scoreless(found, numbers, scores, count)
        return numbers, scores

    def _totals(self) -> Scores:
        """Give an array of zeros for all numbers; `_harvest` leaves it so for the next query."""
        totals: Scores | None = getattr(self._scratch, "totals", None)
        self._scratch.totals = None  # should something be raised, nobody meets what is left
        return np.zeros(self._terms.size) if totals is None else totals

    def _few(self, totals: Scores, least: float, part: Part) -> bool:
        """Say whether to look up those left is less work than to add a term for all articles."""
        if part.term.documents * FEW < len(totals):
            return False
        return int(np.count_nonzero(totals >= least)) * _LOOK_UP < part.term.documents

    def _threshold(
        self,
        totals: Scores,
        added: Sequence[Part],
        others: Sequence[Part],
        found: Found,
        count: int,
    ) -> float:
        """Give a score that the last of the best reaches at least; 0 where none is known.

        It is the lowest of the full scores of `count` promising articles.
        """
        for part in added:
            numbers = part.term.numbers
            if len(numbers) >= count and not part.inside:
                numbers = numbers[found.contains(numbers)]
            if len(numbers) >= count:
                scores = totals.take(numbers)
                promising = np.argpartition(scores, len(scores) - count)[len(scores) - count :]
                scores, numbers = scores[promising], numbers[promising]
                for other in others:
                    self._add(scores, numbers, other)
                return float(scores.min())
        return 0.0

    def _add(self, scores: Scores, numbers: Numbers, part: Part) -> None:
        """Add a term to the scores of some articles."""
        term, marks = part.term, part.term.marks
        if marks is not None and part.field in SATURATION:
            saturation = SATURATION[part.field]
            norms = self._terms.norms(part.field, saturation)
            added = saturate(marks.take(numbers), norms.take(numbers), saturation.k1)
        else:
            places = np.searchsorted(term.numbers, numbers)
            places[places == term.documents] = 0
            added = np.where(term.numbers[places] == numbers, term.saturated[places], 0.0)
        scores += added * part.weight

    def _with_scoreless(
        self, found: Found, numbers: Numbers, scores: Scores, count: int
    ) -> tuple[Numbers, Scores]:
        """Add articles that hold none of the terms, lowest numbers first."""
        others = np.setdiff1d(found.as_numbers(), numbers, assume_unique=True)[:count]
        every = np.concatenate([numbers, others])
        order = np.argsort(every)
        return every[order], np.concatenate([scores, np.zeros(len(others))])[order]


def _harvest(totals: Scores, parts: Sequence[Part], least: float) -> tuple[Numbers, Scores]:
    """Give the articles with such a total at least, ascending; `totals` is all zeros then."""
    if sum(part.term.documents for part in parts) * _FEW_TOUCHED > len(totals):
        numbers = np.flatnonzero(totals >= least if least > 0.0 else totals)
        scores = totals[numbers]
        totals.fill(0.0)
        return numbers, scores
    kept_numbers, kept_scores = [], []
    for part in parts:
        numbers = part.term.numbers
        scores = totals.take(numbers)
        totals[numbers] = 0.0  # in a later list the article has been seen
        kept = np.flatnonzero((scores >= least) & (scores > 0.0))
        kept_numbers.append(numbers[kept])
        kept_scores.append(scores[kept])
    numbers, scores = np.concatenate(kept_numbers), np.concatenate(kept_scores)
    order = np.argsort(numbers)
    return numbers[order], scores[order]
