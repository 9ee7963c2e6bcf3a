"""All positions of a term in a segment, with a Bloom filter that rejects most other positions.

A packed position is a number with the document in its upper bits and the position in its lower
ones. The filter (Bloom 1970) has one hash function and at least eight bits for each position: at
most one absent position in eight passes, and only those that pass are searched for.

The filter is built only once it pays off: that takes as long as looking up a sixteenth of the
positions, and many terms are used only once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PackedPositions = NDArray[np.unsignedinteger[Any]]

_FILTER_BITS = 8
"""Bits of the filter for each position: about one absent position in eight passes."""

_MIN_FILTER_BITS = 10
"""The smallest filter has 2 ** 10 bits, 128 bytes; arbitrary."""

_MULTIPLIERS = {np.dtype(np.uint32): 0x9E3779B1, np.dtype(np.uint64): 0x9E3779B97F4A7C15}
"""Odd numbers next to 2 ** 32 and 2 ** 64 by the golden ratio: Fibonacci hashing (TAOCP 3, 6.4)."""

_FILTER_PAYS_ONE_IN = 16
"""A filter is built once as many lookups were made as one in this many of the positions.

A lookup takes about 150 ns without the filter, and building it about 8 ns for each position.
"""

_OBJECT_BYTES = 400
"""Approximate memory of the objects around the arrays."""


@dataclass(slots=True)
class Occurrences:
    """The packed `positions` of a term, ascending, and their `bloom` filter of `2 ** bits` bits.

    The positions never change. Threads that build the filter at the same time build the same one.
    """

    positions: PackedPositions
    bits: int
    bloom: NDArray[np.uint8] | None = None
    lookups: int = 0

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes; the filter is counted even before it is built."""
        return self.positions.nbytes + (1 << self.bits >> 3) + _OBJECT_BYTES

    def may_contain(self, positions: PackedPositions) -> NDArray[np.bool_]:
        """Return for each position whether the term may occur there; False is definite."""
        bloom = self.bloom
        if bloom is None:
            self.lookups += len(positions)
            if self.lookups * _FILTER_PAYS_ONE_IN < len(self.positions):
                return np.ones(len(positions), np.bool_)
            bloom = self.bloom = self._filter()
        hashes = _hashes(positions, self.bits)
        bits = hashes.astype(np.uint8)
        bits &= 7
        hashes >>= hashes.dtype.type(3)
        passed = bloom.take(hashes.astype(np.intp))
        passed >>= bits
        passed &= 1
        return passed.view(np.bool_)

    def _filter(self) -> NDArray[np.uint8]:
        marks = np.zeros(1 << self.bits, np.bool_)
        marks[_hashes(self.positions, self.bits)] = True
        return np.packbits(marks, bitorder="little")

    def contain(self, positions: PackedPositions) -> NDArray[np.bool_]:
        """Return for each position whether the term occurs there."""
        if not len(self.positions):
            return np.zeros(len(positions), np.bool_)
        indices = self.positions.searchsorted(positions)
        indices[indices == len(self.positions)] = 0
        same: NDArray[np.bool_] = self.positions.take(indices) == positions
        return same


def occurrences(positions: PackedPositions) -> Occurrences:
    """Return the occurrences of a term from its packed positions, ascending.

    >>> three = occurrences(np.array([5, 7, 12], np.uint32))
    >>> three.contain(np.array([5, 6, 12], np.uint32)).tolist()
    [True, False, True]
    """
    return Occurrences(
        positions, max((len(positions) * _FILTER_BITS).bit_length(), _MIN_FILTER_BITS)
    )


def _hashes(positions: PackedPositions, bits: int) -> PackedPositions:
    """Return a hash below `2 ** bits` for each position."""
    hashes: PackedPositions = positions * positions.dtype.type(_MULTIPLIERS[positions.dtype])
    hashes >>= positions.dtype.type(8 * positions.itemsize - bits)
    return hashes
