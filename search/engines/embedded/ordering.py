"""The best articles first: exact selection of the top of many scores."""

import numpy as np
from numpy.typing import NDArray

from search.engines.embedded.docsets import Scores

_FEW = 500
"""Fewer scores are sorted right away."""


def best(scores: Scores, count: int) -> NDArray[np.int64]:
    """Give the places of the `count` highest scores, best first; of equal ones the lower place."""
    if not 0 < count < len(scores) or len(scores) < _FEW:
        return (-scores).argsort(kind="stable")[:count]
    kept = (scores >= least_of_best(scores, count)).nonzero()[0]
    return kept[(-scores[kept]).argsort(kind="stable")[:count]]


def least_of_best(scores: Scores, count: int) -> float:
    """Give the lowest of the `count` highest scores, 0 where there are fewer scores."""
    if not 0 < count <= len(scores):
        return 0.0
    at = len(scores) - count
    return float(np.partition(scores, at)[at])
