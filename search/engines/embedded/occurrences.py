"""All positions where a term occurs in a segment, and a Bloom filter that most others do not pass.

A packed position is a number: the document in the upper bits, the position in the lower ones. The
filter has one hash (Bloom 1970) and at least eight bits a position: of the positions that are not
there at most one in eight passes, and few are left to be searched for.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PackedPositions = NDArray[np.unsignedinteger[Any]]

_FILTER_BITS = 8
"""Bits of the filter for a position: of the positions that are not there one in eight passes."""

_MIN_FILTER_BITS = 10
"""The smallest filter has 2 ** 10 bits, 128 bytes; arbitrary."""

_MULTIPLIERS = {np.dtype(np.uint32): 0x9E3779B1, np.dtype(np.uint64): 0x9E3779B97F4A7C15}
"""The whole range divided by the golden ratio (Knuth, TAOCP 3, 6.4): neighbours land far apart."""

_OBJECT_BYTES = 400
"""Memory of the objects around the arrays, about."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The packed `positions` of a term, ascending, and their `bloom` filter of `2 ** bits` bits."""

    positions: PackedPositions
    bloom: NDArray[np.uint8]
    bits: int

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        return self.positions.nbytes + self.bloom.nbytes + _OBJECT_BYTES

    def may_hold(self, positions: PackedPositions) -> NDArray[np.bool_]:
        """Return for each position whether the term may occur there: False is certain."""
        hashes = _hashes(positions, self.bits)
        bits = hashes.astype(np.uint8)
        bits &= 7
        hashes >>= hashes.dtype.type(3)
        passed = self.bloom.take(hashes.astype(np.intp))
        passed >>= bits
        passed &= 1
        return passed.view(np.bool_)

    def hold(self, positions: PackedPositions) -> NDArray[np.bool_]:
        """Return for each position whether the term occurs there."""
        if not len(self.positions):
            return np.zeros(len(positions), np.bool_)
        at = self.positions.searchsorted(positions)
        at[at == len(self.positions)] = 0
        held: NDArray[np.bool_] = self.positions.take(at) == positions
        return held


def occurrences(positions: PackedPositions) -> Occurrences:
    """Return packed positions, ascending, with their filter.

    >>> three = occurrences(np.array([5, 7, 12], np.uint32))
    >>> three.hold(np.array([5, 6, 12], np.uint32)).tolist()
    [True, False, True]
    """
    bits = max((len(positions) * _FILTER_BITS).bit_length(), _MIN_FILTER_BITS)
    marks = np.zeros(1 << bits, np.bool_)
    marks[_hashes(positions, bits)] = True
    return Occurrences(positions, np.packbits(marks, bitorder="little"), bits)


def _hashes(positions: PackedPositions, bits: int) -> PackedPositions:
    """Return for each position one of `2 ** bits` numbers."""
    hashes: PackedPositions = positions * positions.dtype.type(_MULTIPLIERS[positions.dtype])
    hashes >>= positions.dtype.type(8 * positions.itemsize - bits)
    return hashes
