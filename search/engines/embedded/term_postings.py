"""A term as it is kept in memory: which articles hold it, and what it can add to their scores.

Articles are taken eight at a time, too, by the octets of `sets`: the *peak* of a term in an octet
is its highest `sat(tf)` there, in 255ths of its highest one anywhere, rounded up. Sums of peaks
tell which octets need no closer look.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engines.embedded.docsets import (
    FEW,
    Bits,
    Found,
    Numbers,
    Scores,
    bits_of,
    distinct,
    numbers_in,
)
from search.engines.embedded.ordering import best

Peaks = NDArray[np.uint8]
Bounds = NDArray[np.float32]
Frequencies = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Rare:
    """A term that few articles below `size` hold.

    `numbers` are these, and aligned with them `frequencies`. `octets` are the places of those
    with such an article, and `peaks` theirs. `bound` is the largest `sat(tf)`, and `k1` that of
    the field, None for a field where every `sat(tf)` is 1.
    """

    size: int
    numbers: Numbers
    frequencies: Frequencies
    octets: NDArray[np.int32]
    peaks: Peaks
    bound: float
    k1: float | None

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
        arrays = (self.numbers, self.frequencies, self.octets, self.peaks)
        return sum(array.nbytes for array in arrays) + 800

    def frequencies_in(self, numbers: Numbers) -> Frequencies:
        """Give the frequencies in some articles, ascending, 0 where the term does not stand."""
        if numbers is self.numbers:
            return self.frequencies
        frequencies = np.zeros(len(numbers), self.frequencies.dtype)
        if len(numbers) and self.documents:
            fewer, more = sorted((numbers, self.numbers), key=len)
            places = more.searchsorted(fewer)
            places[places == len(more)] = 0
            there = (more.take(places) == fewer).nonzero()[0]
            places = places.take(there)
            if fewer is numbers:
                frequencies[there] = self.frequencies.take(places)
            else:
                frequencies[places] = self.frequencies.take(there)
        return frequencies

    def scores_in(self, numbers: Numbers, norms: Scores | None, weight: float) -> Scores:
        """Give `weight * sat(tf)` in some articles, ascending, with their norms."""
        return _scores(self.frequencies_in(numbers), norms, self.k1, weight)

    def raise_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add to the bounds of all octets what this term can add, `weight` times."""
        bounds[self.octets] += self.peaks * np.float32(weight * self.bound / HIGHEST)


@dataclass(frozen=True)
class Frequent:
    """A term that many of the articles below `size` hold, `documents` of them.

    `frequencies` has one number for each article, `bits` are those of the set, `peaks` has one
    for each octet. `norms` are those of all articles (see `Terms.norms`), shared with other terms;
    `bound` and `k1` are as of `Rare`.
    """

    size: int
    documents: int
    frequencies: Frequencies
    bits: Bits
    bound: float
    peaks: Peaks
    k1: float | None
    norms: Scores | None

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
        arrays = (self.frequencies, self.bits, self.peaks)
        return sum(array.nbytes for array in arrays) + LEADERS * 8 + 900

    @cached_property
    def leaders(self) -> Numbers:
        """Give the `LEADERS` articles where the term counts most, best first.

        They are found when first asked for: the term may never be asked for alone. None is in an
        octet of a lower peak than `LEADERS` others have.
        """
        as_high = np.cumsum(np.bincount(self.peaks, minlength=HIGHEST + 1)[::-1])
        lowest = max(HIGHEST - int(np.searchsorted(as_high, LEADERS)), 1)
        octets = np.flatnonzero(self.peaks >= lowest)
        numbers = numbers_in(self.bits.view(np.uint8), octets)
        return numbers[best(self.scores_in(numbers, self.norms_in(numbers), 1.0), LEADERS)]

    def norms_in(self, numbers: Numbers) -> Scores | None:
        """Give the norms of some articles."""
        return None if self.norms is None else self.norms.take(numbers)

    def frequencies_in(self, numbers: Numbers) -> Frequencies:
        """Give the frequencies in some articles, 0 where the term does not stand."""
        return self.frequencies.take(numbers)

    def scores_in(self, numbers: Numbers, norms: Scores | None, weight: float) -> Scores:
        """Give `weight * sat(tf)` in some articles with their norms."""
        return _scores(self.frequencies.take(numbers), norms, self.k1, weight)

    def raise_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add to the bounds of all octets what this term can add, `weight` times."""
        bounds += self.peaks * np.float32(weight * self.bound / HIGHEST)


Decoded = Rare | Frequent

HIGHEST = 255
"""The peak of the article where a term counts most."""

LEADERS = 100
"""So many of the articles where a frequent term counts most are kept in order, once found."""


def decoded(
    size: int, numbers: Numbers, frequencies: Frequencies, norms: Scores | None, k1: float | None
) -> Decoded:
    """Keep a term as suits the number of its articles; `norms` are those of all articles."""
    own = None if norms is None else norms.take(numbers)
    saturated = _scores(frequencies, own, k1, 1.0)
    bound = float(saturated.max(initial=0.0))
    octets = (numbers >> 3).astype(np.int32)
    firsts = np.flatnonzero(distinct(octets))
    octets = octets.take(firsts)
    highest = np.maximum.reduceat(saturated, firsts) if len(firsts) else saturated
    # First the quotient: that of the highest is 1 to the last bit, and no peak is above HIGHEST.
    peaks = np.ceil(highest / (bound or 1.0) * HIGHEST).astype(np.uint8)
    frequencies = frequencies.astype(np.min_scalar_type(int(frequencies.max(initial=0))))
    if len(numbers) * FEW < size:
        return Rare(size, numbers, frequencies, octets, peaks, bound, k1)
    every = np.zeros(size, frequencies.dtype)
    every[numbers] = frequencies
    bits = bits_of(numbers, size)
    every_peak = np.zeros(bits.nbytes, np.uint8)
    every_peak[octets] = peaks
    return Frequent(size, len(numbers), every, bits, bound, every_peak, k1, norms)


def _scores(
    frequencies: Frequencies, norms: Scores | None, k1: float | None, weight: float
) -> Scores:
    """Compute `weight * sat(tf)`."""
    if norms is None or k1 is None:
        return np.where(frequencies != 0, weight, 0.0)
    scores: Scores = frequencies / (frequencies + norms)
    scores *= (k1 + 1) * weight
    return scores
