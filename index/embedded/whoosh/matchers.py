# pyright: reportIncompatibleMethodOverride=false, reportArgumentType=false
"""Whoosh's term cursor and postings matcher over our arrays."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo

from index.embedded.postings import PostingsField
from index.embedded.segment import OpenSegment
from index.storage.packed_ints import Int32Array

Term = tuple[str, bytes]


def term_info(opened: OpenSegment, field: PostingsField, ordinal: int) -> TermInfo:
    """Return the statistics of the term with this ordinal."""
    documents, frequencies = field.doc_ids(ordinal), field.frequencies(ordinal)
    lengths = np.ones(1, np.int32)
    if field.layout.scored:
        lengths = opened.lengths[field.name][documents]
    return TermInfo(
        weight=float(frequencies.sum()),
        df=len(documents),
        minlength=int(lengths.min()),
        maxlength=int(lengths.max()),
        maxweight=float(frequencies.max()),
        minid=int(documents[0]),
        maxid=int(documents[-1]),
    )


class ArrayCursor(base.FieldCursor):
    """Iterates over the terms of a field."""

    def __init__(self, opened: OpenSegment, field: PostingsField) -> None:
        self._opened = opened
        self._field = field
        self._current = 0

    def is_valid(self) -> bool:
        """Return whether the cursor is at a term."""
        return self._current < len(self._field.dictionary)

    def text(self) -> str | None:
        """Return the current term."""
        return self._field.dictionary.term(self._current) if self.is_valid() else None

    def first(self) -> str | None:
        """Go to the first term."""
        self._current = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        """Go to the first term >= `string`."""
        term = string if isinstance(string, bytes) else string.encode("utf-8", "surrogatepass")
        self._current = self._field.dictionary.lower_bound(term)
        return self.text()

    def next(self) -> str | None:
        """Go to the next term."""
        self._current += 1
        return self.text()

    def term_info(self) -> TermInfo | None:
        """Return the statistics of the current term."""
        return term_info(self._opened, self._field, self._current) if self.is_valid() else None


class ArrayMatcher(LeafMatcher):
    """Iterates over the documents of a term."""

    def __init__(
        self,
        opened: OpenSegment,
        field: PostingsField,
        ordinal: int,
        term: Term,
        format_: Any,  # noqa: ANN401
        scorer: Any,  # noqa: ANN401
    ) -> None:
        self.format, self.scorer = format_, scorer
        self._opened, self._field, self._ordinal, self._term = opened, field, ordinal, term
        self._documents: list[int] = field.doc_ids(ordinal).tolist()
        self._frequencies: list[int] = field.frequencies(ordinal).tolist()
        self._positions: list[Int32Array] | None = None
        self._current = 0

    def is_active(self) -> bool:
        """Return whether the matcher is at a document."""
        return self._current < len(self._documents)

    def reset(self) -> None:
        """Go to the first document."""
        self._current = 0

    def copy(self) -> "ArrayMatcher":
        """Return another matcher at the same place."""
        other = ArrayMatcher(
            self._opened, self._field, self._ordinal, self._term, self.format, self.scorer
        )
        other._current = self._current
        return other

    def id(self) -> int:
        """Return the current document."""
        return self._documents[self._current]

    def all_ids(self) -> Iterator[int]:
        """Return all documents."""
        return iter(self._documents)

    def weight(self) -> float:
        """Return the frequency of the term in the current document."""
        return float(self._frequencies[self._current])

    def next(self) -> bool:
        """Go to the next document."""
        if not self.is_active():
            raise ReadTooFar
        self._current += 1
        return True

    def skip_to(self, id: int) -> bool:  # noqa: A002 - Whoosh calls it so
        """Go to the first document >= `id`, never backwards."""
        if not self.is_active():
            raise ReadTooFar
        self._current = bisect_left(self._documents, id, self._current)
        return True

    def skip_to_quality(self, minquality: float) -> int:
        """Skip blocks that cannot reach `minquality`; all documents are one block."""
        if self.block_quality() <= minquality:
            self._current = len(self._documents)
            return 1
        return 0

    def _position_lists(self) -> list[Int32Array]:
        if self._positions is None:
            ends = np.cumsum(self._frequencies)[:-1]
            self._positions = np.split(self._field.positions(self._ordinal), ends)
        return self._positions

    def value(self) -> bytes:
        """Return the current posting in Whoosh's own format."""
        if self.supports("positions"):
            return bytes(self.format.encode(self._position_lists()[self._current].tolist()))
        return self._frequencies[self._current].to_bytes(4, "big")

    def value_as(self, astype: str) -> Any:  # noqa: ANN401
        """Return the current positions; other attributes as the format decodes them."""
        if astype == "positions" and self.supports(astype):
            return self._position_lists()[self._current].tolist()
        return super().value_as(astype)

    def block_min_length(self) -> int:
        """Return the length of the shortest field with the term."""
        return int(term_info(self._opened, self._field, self._ordinal).min_length())

    def block_max_length(self) -> int:
        """Return the length of the longest field with the term."""
        return int(term_info(self._opened, self._field, self._ordinal).max_length())

    def block_max_weight(self) -> float:
        """Return the highest frequency of the term in a document."""
        return float(max(self._frequencies))
