"""A radix sort of small integers, 16 bits at a time; several times as fast as NumPy's sort.

NumPy uses a radix sort for a stable sort of 16-bit integers, and ordinals of terms and articles
have few more bits than that.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGIT = 16


def stable_order(numbers: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return `np.argsort(numbers, kind="stable")` for non-negative integers."""
    order: NDArray[np.int64] = np.argsort(numbers.astype(np.uint16), kind="stable")
    for shift in range(_DIGIT, int(numbers.max(initial=0)).bit_length(), _DIGIT):
        digits = (numbers >> shift).astype(np.uint16)[order]
        order = order[np.argsort(digits, kind="stable")]
    return order
