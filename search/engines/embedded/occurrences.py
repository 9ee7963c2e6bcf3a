"""All places where a term occurs in a segment, and a sieve that most other places do not pass.

A place is a number: the document in the upper bits, the position in the lower ones. A sieve is a
Bloom filter with one hash (Bloom 1970) of at least eight bits a place: of the places that are not
there one in eight passes at most, and few are left to be searched for.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.unsignedinteger[Any]]

_BITS_A_PLACE = 8
_FEWEST_BITS = 10
_MULTIPLIERS = {np.dtype(np.uint32): 0x9E3779B1, np.dtype(np.uint64): 0x9E3779B97F4A7C15}
"""The whole range divided by the golden ratio (Knuth, TAOCP 3, 6.4): neighbours land far apart."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The `places` of a term, ascending, and their `sieve` of `2 ** bits` bits."""

    places: Places
    sieve: NDArray[np.uint8]
    bits: int

    def __len__(self) -> int:
        return len(self.places)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        return self.places.nbytes + self.sieve.nbytes + 400

    def may_hold(self, places: Places) -> NDArray[np.bool_]:
        """Say of places whether the term may occur there: False is certain."""
        hashes = _hashes(places, self.bits)
        bits = hashes.astype(np.uint8)
        bits &= 7
        hashes >>= hashes.dtype.type(3)
        passed = self.sieve.take(hashes.astype(np.intp))
        passed >>= bits
        passed &= 1
        return passed.view(np.bool_)

    def hold(self, places: Places) -> NDArray[np.bool_]:
        """Say of places whether the term occurs there."""
        if not len(self.places):
            return np.zeros(len(places), np.bool_)
        at = self.places.searchsorted(places)
        at[at == len(self.places)] = 0
        held: NDArray[np.bool_] = self.places.take(at) == places
        return held


def occurrences(places: Places) -> Occurrences:
    """Make the sieve of places, ascending."""
    bits = max((len(places) * _BITS_A_PLACE).bit_length(), _FEWEST_BITS)
    marks = np.zeros(1 << bits, np.bool_)
    marks[_hashes(places, bits)] = True
    return Occurrences(places, np.packbits(marks, bitorder="little"), bits)


def _hashes(places: Places, bits: int) -> Places:
    """Spread places over `2 ** bits` numbers."""
    hashes: Places = places * places.dtype.type(_MULTIPLIERS[places.dtype])
    hashes >>= places.dtype.type(8 * places.itemsize - bits)
    return hashes
