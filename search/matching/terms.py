"""The decoded terms of one snapshot: which articles hold a term, and what each adds to the score.

Numbers count through all segments. Deleted articles are left out here, so that nothing further up
meets them: document frequencies, the number of articles and average lengths are those of the
articles that can be found, whatever the history of the index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.postings.cache import Cache
from index.postings.fields import FIELDS, SCORED
from index.postings.segment import OpenSegment
from search.matching.sets import FEW, Bits, Found, Marks, Numbers, bits_of
from search.ranking import SATURATION, Saturation

CACHE_BYTES = 384 << 20
"""What decoded terms may take in memory, in one process: a newsroom's frequent ones in full."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A term of a field: the articles that hold it, and aligned with them its `tf` and `sat(tf)`.

    `bound` is the largest `sat(tf)`. A frequent term has `bits`, too, and `marks`: its frequency
    in every article below `size`.
    """

    size: int
    numbers: Numbers
    frequencies: NDArray[np.integer[Any]]
    saturated: Scores
    bound: float
    bits: Bits | None = None
    marks: Marks | None = None

    @property
    def documents(self) -> int:
        """In how many articles the term stands."""
        return len(self.numbers)

    @property
    def found(self) -> Found:
        """Give the set of the articles; what is added to it is not kept here."""
        return Found(self.size, self.numbers, self.bits, self.marks)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        parts = (self.numbers, self.frequencies, self.saturated, self.bits, self.marks)
        return sum(part.nbytes for part in parts if part is not None) + 800

    def frequencies_in(self, numbers: Numbers) -> NDArray[np.integer[Any]]:
        """Give the frequencies in some articles, 0 where the term does not stand."""
        if self.marks is not None:
            return self.marks.take(numbers)
        if not self.documents:
            return np.zeros(len(numbers), np.uint8)
        places = np.searchsorted(self.numbers, numbers)
        places[places == self.documents] = 0
        there = self.numbers[places] == numbers
        return np.where(there, self.frequencies[places], self.frequencies.dtype.type(0))


class Terms:
    """The fields of all segments as one."""

    def __init__(self, segments: Sequence[OpenSegment]) -> None:
        self.segments = segments
        sizes = [segment.documents for segment in segments]
        self.bases = [sum(sizes[:at]) for at in range(len(sizes))]
        self.size = sum(sizes)
        """One above the greatest number, deleted articles included."""
        self.articles = self.size - sum(len(segment.deleted) for segment in segments)
        self.has_deleted = self.articles < self.size
        self._cache: Cache[tuple[str, str], Decoded] = Cache(CACHE_BYTES)
        self._norms: dict[tuple[str, Saturation], Scores] = {}

    @cached_property
    def live(self) -> NDArray[np.bool_]:
        """Say for each number whether the article is not deleted."""
        return np.concatenate([np.ones(0, np.bool_), *(part.live() for part in self.segments)])

    @cached_property
    def everything(self) -> Found:
        """Give the set of all articles."""
        return Found(self.size, bits=bits_of(np.flatnonzero(self.live), self.size))

    @cached_property
    def average_length(self) -> dict[str, float]:
        """Give the mean number of tokens of an article by scored field, 1 if all are empty."""
        return {field: self._average_length(field) for field in SCORED}

    def _average_length(self, field: str) -> float:
        total = 0
        for segment in self.segments:
            lengths = segment.lengths[field]
            total += int(lengths.sum(dtype=np.int64))
            total -= int(lengths[segment.deleted].sum(dtype=np.int64))
        return total / self.articles if total else 1.0

    def norms(self, field: str, saturation: Saturation) -> Scores:
        """Give for each number `k1 (1 - b + b |d| / average length)`; computed once and kept."""
        norms = self._norms.get((field, saturation))
        if norms is None:
            k1, b = saturation.k1, saturation.b
            norms = np.empty(self.size)
            for base, segment in zip(self.bases, self.segments, strict=True):
                part = norms[base : base + segment.documents]
                np.multiply(segment.lengths[field], b, out=part)
            norms /= self.average_length[field]
            norms += 1 - b
            norms *= k1
            self._norms[field, saturation] = norms
        return norms

    def decoded(self, field: str, term: str) -> Decoded:
        """Give a term of a field, from the cache where it is at hand.

        Raises ValueError for an unknown field.
        """
        return self._cache.get((field, term), self._decode)

    def document_frequency(self, field: str, term: str) -> int:
        """Count the articles that hold a term; where none is deleted, without decoding it."""
        if self.has_deleted or field not in FIELDS:
            return self.decoded(field, term).documents
        fields = [segment.fields[field] for segment in self.segments]
        ordinals = [(one, one.lexicon.ordinal(term)) for one in fields]
        return sum(one.count(ordinal) for one, ordinal in ordinals if ordinal >= 0)

    def _decode(self, key: tuple[str, str]) -> Decoded:
        field, term = key
        if field not in FIELDS:
            raise ValueError(f"there is no field {field!r}; there are {', '.join(FIELDS)}")
        parts, counts = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for base, segment in zip(self.bases, self.segments, strict=True):
            postings = segment.fields[field]
            ordinal = postings.lexicon.ordinal(term)
            if ordinal >= 0:
                parts.append(postings.documents(ordinal) + np.int64(base))
                counts.append(postings.frequencies(ordinal))
        numbers, every = np.concatenate(parts), np.concatenate(counts)
        frequencies = every.astype(np.min_scalar_type(int(every.max(initial=0))))
        if self.has_deleted:
            live = self.live[numbers]
            numbers, frequencies = numbers[live], frequencies[live]
        saturated = self._saturated(field, numbers, frequencies)
        decoded = Decoded(
            self.size, numbers, frequencies, saturated, float(saturated.max(initial=0.0))
        )
        if len(numbers) * FEW < self.size:
            return decoded
        marks = np.zeros(self.size, frequencies.dtype)
        marks[numbers] = frequencies
        return replace(decoded, bits=bits_of(numbers, self.size), marks=marks)

    def _saturated(
        self, field: str, numbers: Numbers, frequencies: NDArray[np.integer[Any]]
    ) -> Scores:
        if field not in SATURATION:
            return np.ones(len(numbers))
        saturation = SATURATION[field]
        return saturate(frequencies, self.norms(field, saturation)[numbers], saturation.k1)

    def with_prefix(self, field: str, prefix: str) -> list[str]:
        """Give the terms of a field that begin with `prefix`, ascending."""
        if field not in FIELDS:
            raise ValueError(f"there is no field {field!r}; there are {', '.join(FIELDS)}")
        found: set[str] = set()
        for segment in self.segments:
            lexicon = segment.fields[field].lexicon
            found.update(map(lexicon.term, lexicon.with_prefix(prefix)))
        return sorted(found)


def saturate(frequencies: NDArray[np.integer[Any]], norms: Scores, k1: float) -> Scores:
    """Compute `search.ranking.sat` for many articles at once."""
    saturated: Scores = frequencies * (k1 + 1) / (frequencies + norms)
    return saturated
