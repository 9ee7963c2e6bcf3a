"""Where do terms stand in a segment?"""

from functools import cached_property
from typing import Any

import numpy as np

from index.embedded.postings import Field
from index.storage.cache import Cache
from search.engines.embedded.docsets import Numbers
from search.engines.embedded.occurrences import Occurrences, Places, occurrences

Located = Cache[tuple[int, str, str], Occurrences]
"""Terms by segment, field and text."""


class Positions:
    """The positions of one field of one segment; what was located is kept in a shared cache."""

    def __init__(self, located: Located, segment: int, field: Field, documents: int) -> None:
        """Take the number of the segment, its field, and how many documents it has.

        Raises ValueError for a field that keeps no positions.
        """
        if not field.has_positions:
            raise ValueError(f"field {field.name!r} knows no phrases")
        self._located = located
        self._segment = segment
        self._field = field
        self._size = documents

    def occurrences(self, term: str) -> Occurrences:
        """Give all occurrences of a term; none for an unknown one."""
        return self._located.get((self._segment, self._field.name, term), self._locate)

    def documents(self, places: Places) -> Numbers:
        """Give the documents of places."""
        documents: Numbers = (places >> places.dtype.type(self._position_bits)).astype(np.int64)
        return documents

    @cached_property
    def _position_bits(self) -> int:
        return self._field.highest_position().bit_length()

    def _locate(self, key: tuple[int, str, str]) -> Occurrences:
        _, _, term = key
        bits = self._position_bits
        dtype: type[np.unsignedinteger[Any]]
        dtype = np.uint32 if self._size << bits <= 1 << 32 else np.uint64
        ordinal = self._field.lexicon.ordinal(term)
        if ordinal < 0:
            return occurrences(np.empty(0, dtype))
        documents, positions = self._field.placed(ordinal)
        places: Places = documents.astype(dtype)
        places <<= places.dtype.type(bits)
        places |= positions.astype(dtype)
        return occurrences(places)
