"""Sets of articles: sorted numbers where they are few, one bit an article where they are many.

Bits lie in words of 64, the article `n` at bit `n % 64` of word `n // 64`; bits beyond the last
article are 0. An octet is eight articles, the bits of one byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bits = NDArray[np.uint64]
Octets = NDArray[np.uint8]
Scores = NDArray[np.float64]

FEW = 32
"""Sets with less than one article in so many are kept as numbers."""

_FEW_TO_LOOK_UP = 4
"""With less than one article in so many, looking each up is less work than going by bits."""

_FEW_TO_FIND = 48
"""With less than one article in so many, most octets are empty and passed over."""


def bits_of(numbers: Numbers, size: int) -> Bits:
    """Give the bits of a set of articles numbered below `size`."""
    marks = np.zeros(-(-size // 64) * 64, np.uint8)
    marks[numbers] = 1
    return np.packbits(marks, bitorder="little").view(np.uint64)


def bits_of_mask(mask: NDArray[np.bool_]) -> Bits:
    """Give the bits of the articles for which a mask is true."""
    octets = np.zeros(-(-len(mask) // 64) * 8, np.uint8)
    packed = np.packbits(mask, bitorder="little")
    octets[: len(packed)] = packed
    return octets.view(np.uint64)


def numbers_in(octets: Octets, places: Numbers) -> Numbers:
    """Give the articles, ascending, of the octets at these places, ascending."""
    marks = np.unpackbits(octets.take(places), bitorder="little")
    found = marks.view(np.bool_).nonzero()[0]
    numbers: Numbers = places.take(found >> 3)
    numbers <<= 3
    found &= 7
    numbers |= found
    return numbers


@dataclass(slots=True)
class Found:
    """A set of articles numbered below `size`: `numbers` (ascending), `bits`, or both.

    What is missing is made when it is asked for, as is their number, `total`; a set is never
    changed.
    """

    size: int
    numbers: Numbers | None = None
    bits: Bits | None = None
    total: int | None = None

    def count(self) -> int:
        """Count the articles."""
        if self.total is None:
            if self.numbers is not None:
                self.total = len(self.numbers)
            else:
                self.total = int(np.bitwise_count(self.as_bits()).sum())
        return self.total

    def as_numbers(self) -> Numbers:
        """Give the numbers, ascending."""
        if self.numbers is None:
            octets = self.as_bits().view(np.uint8)
            if self.count() * _FEW_TO_FIND < self.size:
                self.numbers = numbers_in(octets, (octets != 0).nonzero()[0])
            else:
                marks = np.unpackbits(octets, bitorder="little")
                self.numbers = marks.view(np.bool_).nonzero()[0]
        return self.numbers

    def as_bits(self) -> Bits:
        """Give the bits."""
        if self.bits is None:
            self.bits = bits_of(self.as_numbers(), self.size)
        return self.bits

    def contains(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Say of each number whether it is in the set."""
        if self.bits is None and self.count() * FEW < self.size:
            members = self.as_numbers()
            if not len(members):
                return np.zeros(len(numbers), np.bool_)
            places = members.searchsorted(numbers)
            places[places == len(members)] = 0
            same: NDArray[np.bool_] = members.take(places) == numbers
            return same
        inside = self.as_bits().view(np.uint8).take(numbers >> 3)
        inside >>= (numbers & 7).astype(np.uint8)
        inside &= 1
        return inside.view(np.bool_)


def nothing(size: int) -> Found:
    """Give the empty set."""
    return Found(size, numbers=np.empty(0, np.int64))


def union(sets: Sequence[Found], size: int) -> Found:
    """Give what is in any of the sets."""
    if not sets:
        return nothing(size)
    if len(sets) == 1:
        return sets[0]
    few = [found.numbers for found in sets if found.numbers is not None and found.bits is None]
    many = [found.as_bits() for found in sets if found.numbers is None or found.bits is not None]
    numbers = np.concatenate(few) if few else np.empty(0, np.int64)
    if not many and len(numbers) * FEW <= size:
        numbers.sort()
        return Found(size, numbers=numbers[distinct(numbers)])
    if len(numbers):
        many.append(bits_of(numbers, size))
    bits = many[0].copy()
    for other in many[1:]:
        bits |= other
    return Found(size, bits=bits)


def distinct(numbers: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Say of ascending numbers whether they differ from the one before."""
    first = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return first


def intersection(sets: Sequence[Found]) -> Found:
    """Give what is in all of the sets, at least one."""
    known = [found for found in sets if found.numbers is not None]
    smallest = min(known, key=Found.count, default=None)
    if smallest is not None and smallest.count() * _FEW_TO_LOOK_UP < smallest.size:
        numbers = smallest.as_numbers()
        for found in sets:
            if found is not smallest:
                numbers = numbers[found.contains(numbers)]
        return Found(smallest.size, numbers=numbers)
    bits = sets[0].as_bits().copy()
    for found in sets[1:]:
        bits &= found.as_bits()
    return Found(sets[0].size, bits=bits)


def without(everything: Found, found: Found) -> Found:
    """Give what is in `everything`, but not in `found`."""
    return Found(found.size, bits=everything.as_bits() & ~found.as_bits())
