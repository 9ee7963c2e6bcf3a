"""Stable orders of integers, several times as fast as NumPy's stable sort of them.

NumPy sorts values by vector instructions, in 7 ns each of 2.4 million, but their order takes it 48
to 83 ns. So each number is sorted with its place in its lowest bits. What has no room for the
place, and numbers of 16 bits, for which NumPy has a radix sort of 11 ns, are sorted by digits.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGIT = 16
_MAX_PACKED_BITS = 63


def stable_order(numbers: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return `np.argsort(numbers, kind="stable")` for non-negative integers."""
    bits = int(numbers.max(initial=0)).bit_length()
    place_bits = len(numbers).bit_length()
    if _DIGIT < bits <= _MAX_PACKED_BITS - place_bits:
        packed = numbers.astype(np.int64)
        packed <<= place_bits
        packed |= np.arange(len(numbers))
        packed.sort()
        packed &= (1 << place_bits) - 1
        return packed
    order: NDArray[np.int64] = np.argsort(numbers.astype(np.uint16), kind="stable")
    for shift in range(_DIGIT, bits, _DIGIT):
        digits = (numbers >> shift).astype(np.uint16)[order]
        order = order[np.argsort(digits, kind="stable")]
    return order
