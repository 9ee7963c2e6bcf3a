"""Where do terms stand in a segment?"""

from functools import cached_property
from typing import Any

import numpy as np

from index.postings.cache import Cache
from index.postings.fields import Field
from search.matching.occurrences import Occurrences, Places, occurrences
from search.matching.sets import Numbers

CACHE_BYTES = 128 << 20
"""What the occurrences of terms of one field of a segment may take in memory."""


class Positions:
    """The positions of one field of one segment."""

    def __init__(self, field: Field, documents: int) -> None:
        """Take a field of a segment with so many documents.

        Raises ValueError for a field that keeps no positions.
        """
        if not field.has_positions:
            raise ValueError(f"field {field.name!r} knows no phrases")
        self._field = field
        self._size = documents
        self._occurrences: Cache[str, Occurrences] = Cache(CACHE_BYTES)

    def occurrences(self, term: str) -> Occurrences:
        """Give all occurrences of a term; none for an unknown one."""
        return self._occurrences.get(term, self._all_occurrences)

    def documents(self, places: Places) -> Numbers:
        """Give the documents of places."""
        documents: Numbers = (places >> places.dtype.type(self._position_bits)).astype(np.int64)
        return documents

    @cached_property
    def _position_bits(self) -> int:
        return self._field.highest_position().bit_length()

    def _all_occurrences(self, term: str) -> Occurrences:
        bits = self._position_bits
        dtype: type[np.unsignedinteger[Any]]
        dtype = np.uint32 if self._size << bits <= 1 << 32 else np.uint64
        ordinal = self._field.lexicon.ordinal(term)
        if ordinal < 0:
            return occurrences(np.empty(0, dtype))
        documents: Places = self._field.documents(ordinal).astype(dtype)
        documents <<= documents.dtype.type(bits)
        places = np.repeat(documents, self._field.frequencies(ordinal))
        places |= self._field.positions(ordinal).astype(dtype)
        return occurrences(places)
