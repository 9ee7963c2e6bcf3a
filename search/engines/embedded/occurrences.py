"""All positions where a term occurs in a segment, and a Bloom filter that most others do not pass.

The filter is made when it begins to pay: to make it costs as much as looking up a sixteenth of as
many positions, and many terms are asked for once.

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

_FILTER_PAYS_SHARE = 16
"""A filter is made when one position in this many of the term's was looked for, all in all.

Looking one up takes some 150 ns without it, and a position of the filter some 8 to make.
"""

_OBJECT_BYTES = 400
"""Memory of the objects around the arrays, about."""


@dataclass(slots=True)
class Occurrences:
    """The packed `positions` of a term, ascending, and their `bloom` filter of `2 ** bits` bits.

    The positions never change. Threads that make the filter at the same time make the same one.
    """

    positions: PackedPositions
    bits: int
    bloom: NDArray[np.uint8] | None = None
    looked_for: int = 0

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes; that of the filter is counted before it is made."""
        return self.positions.nbytes + (1 << self.bits >> 3) + _OBJECT_BYTES

    def may_hold(self, positions: PackedPositions) -> NDArray[np.bool_]:
        """Return for each position whether the term may occur there: False is certain."""
        bloom = self.bloom
        if bloom is None:
            self.looked_for += len(positions)
            if self.looked_for * _FILTER_PAYS_SHARE < len(self.positions):
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

    def hold(self, positions: PackedPositions) -> NDArray[np.bool_]:
        """Return for each position whether the term occurs there."""
        if not len(self.positions):
            return np.zeros(len(positions), np.bool_)
        at = self.positions.searchsorted(positions)
        at[at == len(self.positions)] = 0
        held: NDArray[np.bool_] = self.positions.take(at) == positions
        return held


def occurrences(positions: PackedPositions) -> Occurrences:
    """Return packed positions, ascending, as a term's.

    >>> three = occurrences(np.array([5, 7, 12], np.uint32))
    >>> three.hold(np.array([5, 6, 12], np.uint32)).tolist()
    [True, False, True]
    """
    return Occurrences(
        positions, max((len(positions) * _FILTER_BITS).bit_length(), _MIN_FILTER_BITS)
    )


def _hashes(positions: PackedPositions, bits: int) -> PackedPositions:
    """Return for each position one of `2 ** bits` numbers."""
    hashes: PackedPositions = positions * positions.dtype.type(_MULTIPLIERS[positions.dtype])
    hashes >>= positions.dtype.type(8 * positions.itemsize - bits)
    return hashes
