"""Selection of the highest of many scores, exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAX_SORTED = 500
"""Up to this many scores are sorted right away; flat from 100 to 2,000."""


def top_indices(scores: NDArray[np.floating[Any]], count: int) -> NDArray[np.int64]:
    """Return the indices of the `count` highest scores, best first; of equal ones the lower index.

    >>> top_indices(np.array([1.0, 3.0, 2.0, 3.0]), 3).tolist()
    [1, 3, 2]
    """
    if not 0 < count < len(scores) or len(scores) < _MAX_SORTED:
        return (-scores).argsort(kind="stable")[:count]
    kept = (scores >= lowest_of_best(scores, count)).nonzero()[0]
    return kept[(-scores[kept]).argsort(kind="stable")[:count]]


def lowest_of_best(scores: NDArray[np.floating[Any]], count: int) -> float:
    """Return the lowest of the `count` highest scores, 0 where there are fewer scores."""
    if not 0 < count <= len(scores):
        return 0.0
    at = len(scores) - count
    return float(np.partition(scores, at)[at])
