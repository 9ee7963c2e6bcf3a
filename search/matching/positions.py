"""Where do terms stand in a segment? All their occurrences, or those in some documents, as keys.

A key is `label << 32 | position`, the label the number of a document in a list. So the token after
one has the key plus 1.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.postings.cache import Cache
from index.postings.fields import Field
from index.postings.packing import spread
from search.matching.occurrences import Occurrences, Places, occurrences
from search.matching.sets import Numbers

Keys = NDArray[np.int64]

LOCATED_BYTES = 32 << 20
"""What the located terms of one field of a segment may take in memory."""

OCCURRENCES_BYTES = 128 << 20
"""What the occurrences of terms of one field of a segment may take in memory."""


class Located(NamedTuple):
    """A term in a segment: its documents, and the place where each one's positions start.

    `starts` has one more item than `documents`; documents deleted from the segment are here, too.
    """

    documents: NDArray[np.int32]
    starts: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        return self.documents.nbytes + self.starts.nbytes + 300


class Request(NamedTuple):
    """The positions of a term in some of its documents, ascending, are wanted with these labels."""

    term: str
    documents: NDArray[np.integer[Any]]
    labels: Numbers


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
        self._located: Cache[str, Located] = Cache(LOCATED_BYTES)
        self._occurrences: Cache[str, Occurrences] = Cache(OCCURRENCES_BYTES)

    def located(self, term: str) -> Located:
        """Give the documents of a term; none for an unknown one."""
        return self._located.get(term, self._locate)

    def _locate(self, term: str) -> Located:
        ordinal = self._field.lexicon.ordinal(term)
        if ordinal < 0:
            return Located(np.empty(0, np.int32), np.zeros(1, np.int64))
        frequencies = self._field.frequencies(ordinal)
        starts = np.empty(len(frequencies) + 1, np.int64)
        starts[0] = first = self._field.first_position(ordinal)
        np.cumsum(frequencies, out=starts[1:])
        starts[1:] += first
        return Located(self._field.documents(ordinal), starts)

    def keys(self, requests: Sequence[Request]) -> list[Keys]:
        """Give the keys of each request, ascending: one look at the positions for all of them."""
        firsts, lengths = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for term, documents, _ in requests:
            located = self.located(term)
            at = np.searchsorted(located.documents, documents.astype(np.int32, copy=False))
            first = located.starts[at]
            firsts.append(first)
            lengths.append(located.starts[at + 1] - first)
        counts = np.concatenate(lengths)
        positions = self._field.positions_in(spread(np.concatenate(firsts), counts))
        labels = np.concatenate([np.empty(0, np.int64), *(r.labels for r in requests)])
        keys = np.repeat(labels << 32, counts)
        keys |= positions
        ends = np.cumsum([0, *(int(length.sum()) for length in lengths[1:])]).tolist()
        return [keys[start:end] for start, end in pairwise(ends)]

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
