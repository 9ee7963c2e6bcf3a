"""The best articles first: exact selection of the top of many scores."""

import numpy as np
from numpy.typing import NDArray

from search.matching.terms import Scores


def best(numbers: NDArray[np.integer], scores: Scores, count: int) -> NDArray[np.int64]:
    """Give the places of the `count` highest scores, best first; of equal ones the lower number.

    `numbers` ascends and is aligned with `scores`.
    """
    if 0 < count < len(scores):
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    order = np.argsort(-scores[places], kind="stable")[:count]
    chosen: NDArray[np.int64] = places[order]
    return chosen
