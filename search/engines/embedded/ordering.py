"""Selection of the highest of many scores, exactly."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound="np.floating[Any]")

_MAX_SORTED = 500
"""Up to this many scores are sorted without selecting first; as fast with 100 to 2,000."""

_SAMPLED_ONE_IN = 16
"""One score in this many is sampled: on average four of the 64 highest. Arbitrary."""


def top_indices(scores: NDArray[np.floating[Any]], count: int) -> NDArray[np.int64]:
    """Return the indices of the `count` highest scores, best first; ties go to the lower index.

    >>> top_indices(np.array([1.0, 3.0, 2.0, 3.0]), 3).tolist()
    [1, 3, 2]
    """
    if not 0 < count < len(scores) or len(scores) < _MAX_SORTED:
        return (-scores).argsort(kind="stable")[:count]
    kept = (scores >= lowest_of_best(scores, count)).nonzero()[0]
    return kept[(-scores[kept]).argsort(kind="stable")[:count]]


def lowest_of_best(scores: NDArray[np.floating[Any]], count: int) -> float:
    """Return the lowest of the `count` highest scores; 0 if there are fewer scores."""
    if not 0 < count <= len(scores):
        return 0.0
    return float(nth_lowest(scores, len(scores) - count))


def nth_lowest(values: NDArray[Number], n: int) -> Number:
    """Return the value that sorting would move to this index."""
    ordered = values.copy()
    ordered.partition(n)  # the method: `np.partition` takes 2 us longer
    found: Number = ordered[n]
    return found


def indices_of_high(scores: NDArray[np.floating[Any]], count: int) -> NDArray[np.int64]:
    """Return the indices of about `count` of the highest scores, at most of four times as many.

    The threshold is estimated from one score in `_SAMPLED_ONE_IN`. An exact selection from 188,687
    scores takes 1 ms, and 12 ms if most of them are equal.

    >>> indices_of_high(np.arange(64.0), 16).tolist()
    [48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63]
    """
    step = min(_SAMPLED_ONE_IN, max(1, len(scores) // count))
    sample = scores[::step]
    i = max(len(sample) - count // step, 0)
    lowest = np.partition(sample, i)[i] if i < len(sample) else -np.inf
    return (scores >= lowest).nonzero()[0][: 4 * count]
