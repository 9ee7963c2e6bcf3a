"""The positions of terms in one field of a segment."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from index.embedded.postings import PostingsField
from index.native import kernels
from index.storage.cache import Cache
from search.engines.embedded.docsets import DocIds
from search.engines.embedded.occurrences import Occurrences, PackedPositions, occurrences

OccurrenceCache = Cache[tuple[str, str, str], Occurrences]
"""Occurrences by segment id, field and term; shared by all commits of an engine."""


_BETWEEN = "\n"
"""In cache keys it separates the terms of a bigram, and precedes each of several merged terms; no
term contains it."""


class Positions:
    """The positions of one field of one segment, read through a shared cache."""

    def __init__(
        self,
        caches: tuple[OccurrenceCache, OccurrenceCache],
        segment: str,
        field: PostingsField,
        doc_count: int,
    ) -> None:
        """Take the id of a segment, one of its fields, and its number of documents.

        The second cache is for bigrams and merged terms. Raises ValueError for a field without
        positions.
        """
        if not field.has_positions:
            raise ValueError(f"field {field.name!r} keeps no positions")
        self._cache, self._phrases = caches
        self._segment = segment
        self._field = field
        self._doc_count = doc_count

    def occurrences(self, term: str) -> Occurrences:
        """Return all occurrences of a term; none for an unknown one."""
        return self._cache.get((self._segment, self._field.name, term), self._read)

    def any_of(self, terms: Sequence[str]) -> Occurrences:
        """Return all occurrences of several terms, merged; the order of the terms is irrelevant."""
        distinct = sorted(set(terms))
        key = (self._segment, self._field.name, _BETWEEN.join(("", *distinct)))
        return self._phrases.get(key, lambda _: self._read_any(distinct))

    def _read_any(self, terms: Sequence[str]) -> Occurrences:
        merged = np.concatenate([self.occurrences(term).positions for term in terms])
        merged.sort()
        return occurrences(merged)

    def bigram(self, first: str, second: str) -> Occurrences:
        """Return where a term directly follows another: the positions of the first."""
        key = (self._segment, self._field.name, f"{first}{_BETWEEN}{second}")
        return self._phrases.get(key, lambda _: self._read_bigram(first, second))

    def adjacent(self, first: str, second: str) -> PackedPositions:
        """Return what `bigram` does, uncached."""
        if kernels:
            before, after = map(self._field.dictionary.ordinal, (first, second))
            if min(before, after) < 0:
                return np.empty(0, self._dtype)
            return self._field.packed_bigram(before, after, self.position_bits, self._dtype)
        return self._read_bigram(first, second).positions

    def count(self, term: str) -> int:
        """Return the number of occurrences of a term, without reading them."""
        ordinal = self._field.dictionary.ordinal(term)
        return self._field.collection_frequency(ordinal) if ordinal >= 0 else 0

    def _read_bigram(self, first: str, second: str) -> Occurrences:
        if kernels:
            return occurrences(self.adjacent(first, second))
        before, after = self.occurrences(first), self.occurrences(second)
        one = before.positions.dtype.type(1)
        if len(before) <= len(after):
            maybe = before.positions[after.may_contain(before.positions + one)]
            return occurrences(maybe[after.contain(maybe + one)])
        maybe = after.positions[before.may_contain(after.positions - one)]
        return occurrences(maybe[before.contain(maybe - one)] - one)

    def doc_ids(self, positions: PackedPositions) -> DocIds:
        """Return the documents of packed positions."""
        bits = positions.dtype.type(self.position_bits)
        doc_ids: DocIds = (positions >> bits).astype(np.int64)
        return doc_ids

    @cached_property
    def position_bits(self) -> int:
        """The lower bits of a packed position, which are the position itself."""
        return self._field.position_bound().bit_length()

    @cached_property
    def _dtype(self) -> type[np.unsignedinteger[Any]]:
        """The type of packed positions: 32 bits if they suffice, which are searched faster."""
        return np.uint32 if self._doc_count << self.position_bits <= 1 << 32 else np.uint64

    def _read(self, key: tuple[str, str, str]) -> Occurrences:
        _, _, term = key
        ordinal = self._field.dictionary.ordinal(term)
        if ordinal < 0:
            return occurrences(np.empty(0, self._dtype))
        return occurrences(self._field.packed_positions(ordinal, self.position_bits, self._dtype))
