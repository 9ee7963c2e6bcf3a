"""A term as it is kept in memory: which articles hold it, and what it can add to their scores.

Articles are taken eight at a time, too, by the octets of `sets`: the *peak* of a term in an octet
is its highest `sat(tf)` there, in 255ths of its highest one anywhere, rounded up. Sums of peaks
tell which octets need no closer look.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.matching.ordering import best, least_of_best
from search.matching.sets import FEW, Bits, Found, Numbers, Scores, bits_of

Peaks = NDArray[np.uint8]
Bounds = NDArray[np.float32]
Frequencies = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Rare:
    """A term that few articles below `size` hold.

    `numbers` are these, and aligned with them `frequencies` and `saturated`, their `sat(tf)`;
    `bound` is its maximum. `octets` are the places of those with such an article, and `peaks`
    theirs.
    """

    size: int
    numbers: Numbers
    frequencies: Frequencies
    saturated: Scores
    bound: float
    octets: Numbers
    peaks: Peaks

    @property
    def documents(self) -> int:
        """In how many articles the term stands."""
        return len(self.numbers)

    @property
    def found(self) -> Found:
        """Give the set of the articles; what is added to it is not kept here."""
        return Found(self.size, numbers=self.numbers)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        arrays = (self.numbers, self.frequencies, self.saturated, self.octets, self.peaks)
        return sum(array.nbytes for array in arrays) + 900

    def frequencies_in(self, numbers: Numbers) -> Frequencies:
        """Give the frequencies in some articles, 0 where the term does not stand."""
        return _aligned(self.numbers, self.frequencies, numbers)

    def scores_in(self, numbers: Numbers, _: Scores | None, weight: float) -> Scores:
        """Give `weight * sat(tf)` in some articles, ascending, 0 where the term does not stand."""
        if numbers is self.numbers:
            return self.saturated * weight
        if len(numbers) <= self.documents:
            return _aligned(self.numbers, self.saturated, numbers) * weight
        scores = np.zeros(len(numbers))
        places = np.searchsorted(numbers, self.numbers)
        places[places == len(numbers)] = 0
        there = numbers.take(places) == self.numbers
        scores[places[there]] = self.saturated[there] * weight
        return scores

    def raise_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add to the bounds of all octets what this term can add, `weight` times."""
        bounds[self.octets] += self.peaks * np.float32(weight * self.bound / HIGHEST)


@dataclass(frozen=True, slots=True)
class Frequent:
    """A term that many of the articles below `size` hold, `documents` of them.

    `frequencies` has one number for each article, `bits` are those of the set, `peaks` has one
    for each octet. `bound` is the largest `sat(tf)`, and `k1` that of the field, None for a field
    where every `sat(tf)` is 1. `leaders` are the articles where it counts most, best first, and
    aligned with them `leading`, their `sat(tf)`.
    """

    size: int
    documents: int
    frequencies: Frequencies
    bits: Bits
    bound: float
    peaks: Peaks
    k1: float | None
    leaders: Numbers
    leading: Scores

    @property
    def numbers(self) -> Numbers:
        """Give the articles, ascending."""
        return self.found.as_numbers()

    @property
    def found(self) -> Found:
        """Give the set of the articles; what is added to it is not kept here."""
        return Found(self.size, bits=self.bits, total=self.documents)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        arrays = (self.frequencies, self.bits, self.peaks, self.leaders, self.leading)
        return sum(array.nbytes for array in arrays) + 900

    def frequencies_in(self, numbers: Numbers) -> Frequencies:
        """Give the frequencies in some articles, 0 where the term does not stand."""
        return self.frequencies.take(numbers)

    def scores_in(self, numbers: Numbers, norms: Scores | None, weight: float) -> Scores:
        """Give `weight * sat(tf)` in some articles, whose norms (see `Terms.norms`) are given."""
        frequencies = self.frequencies.take(numbers)
        if self.k1 is None or norms is None:
            return np.where(frequencies != 0, weight, 0.0)
        scores: Scores = frequencies / (frequencies + norms)
        scores *= (self.k1 + 1) * weight
        return scores

    def raise_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add to the bounds of all octets what this term can add, `weight` times."""
        bounds += self.peaks * np.float32(weight * self.bound / HIGHEST)


Decoded = Rare | Frequent

HIGHEST = 255
"""The peak of the article where a term counts most."""

LEADERS = 100
"""So many of the articles where a frequent term counts most are kept in order."""


def decoded(
    size: int, numbers: Numbers, frequencies: Frequencies, saturated: Scores, k1: float | None
) -> Decoded:
    """Keep a term as suits the number of its articles."""
    bound = float(saturated.max(initial=0.0))
    octets = numbers >> 3
    firsts = np.flatnonzero(np.diff(octets, prepend=-1))
    octets = octets[firsts]
    highest = np.maximum.reduceat(saturated, firsts) if len(firsts) else saturated
    peaks = np.ceil(highest * (HIGHEST / (bound or 1.0))).astype(np.uint8)
    frequencies = frequencies.astype(np.min_scalar_type(int(frequencies.max(initial=0))))
    if len(numbers) * FEW < size:
        return Rare(size, numbers, frequencies, saturated, bound, octets, peaks)
    every = np.zeros(size, frequencies.dtype)
    every[numbers] = frequencies
    bits = bits_of(numbers, size)
    every_peak = np.zeros(bits.nbytes, np.uint8)
    every_peak[octets] = peaks
    leading = np.flatnonzero(saturated >= least_of_best(highest, LEADERS))
    leading = leading[best(saturated[leading], LEADERS)]
    return Frequent(
        size, len(numbers), every, bits, bound, every_peak, k1, numbers[leading], saturated[leading]
    )


def _aligned(members: Numbers, values: NDArray[Any], numbers: Numbers) -> NDArray[Any]:
    """Give the values of the members among some numbers, 0 for others."""
    if not len(members):
        return np.zeros(len(numbers), values.dtype)
    places = np.searchsorted(members, numbers)
    places[places == len(members)] = 0
    aligned: NDArray[Any] = values.take(places)
    aligned *= members.take(places) == numbers
    return aligned


def saturate(frequencies: Frequencies, norms: Scores, k1: float) -> Scores:
    """Compute `search.ranking.sat` for many articles at once."""
    saturated: Scores = frequencies / (frequencies + norms)
    saturated *= k1 + 1
    return saturated
