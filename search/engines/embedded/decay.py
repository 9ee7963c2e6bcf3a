"""The freshness feature, scored like a term that every article with a date contains."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import NO_DATE
from search.engines.embedded.docsets import DocIds, Scores
from search.engines.embedded.term_postings import Bounds
from search.plan import Freshness
from search.ranking import decay


@dataclass(frozen=True, slots=True)
class Decay:
    """How near each article's date is to a moment; it adds between 0 and the weight.

    `seconds` has a date for each article, `NO_DATE` where it is missing. Values for all articles
    are computed only when all are scored: most queries score a few thousand.
    """

    seconds: NDArray[Any]
    moment: float
    half_life_days: float

    row = None
    """No arrays for compiled code: dates are scored by NumPy."""

    def scores_in(self, doc_ids: DocIds, weight: float) -> Scores:
        """Return `weight * decay` in some articles."""
        return weight * self._values(self.seconds.take(doc_ids))

    def add_scores(self, totals: Scores, _norms: Scores, weight: float) -> None:
        """Add `weight * decay` to the totals of all articles."""
        totals += self.scores_of_all(weight)

    def scores_of_all(self, weight: float) -> Scores:
        """Return `weight * decay` in all articles."""
        return weight * self._values(self.seconds)

    def add_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add the weight, which is the most this can add, to the bounds of all blocks."""
        bounds += np.float32(weight)

    def _values(self, seconds: NDArray[Any]) -> Scores:
        values = decay(np.abs(seconds - self.moment), self.half_life_days)
        values[seconds == NO_DATE] = 0.0
        return values


def decay_of(feature: Freshness, seconds: NDArray[Any]) -> Decay:
    """Return what a feature adds to scores, given the dates of all articles."""
    return Decay(seconds, feature.moment.timestamp(), feature.half_life_days)
