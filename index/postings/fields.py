"""One field of a segment: its terms, and for each the documents, frequencies and positions.

Sections of field F (uint32 starts have one more item than there are terms):

    F.terms, F.term_start         the lexicon
    F.posting_start               first posting of each term; a posting is a term in a document
    F.documents, F.document_start documents, encoded by `packing`, and each term's first byte
    F.frequency.*                 4-bit frequencies, one a posting ("text" fields and "words")
    F.positions.*, F.position_start  12-bit positions ("text", "title", "author") and each
                                  term's first one
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.arrays import ArrayFile, ArrayWriter
from index.postings.lexicon import Lexicon
from index.postings.packing import (
    Numbers,
    Packed,
    PackedWriter,
    Sizes,
    decode_documents,
    decode_many,
    encode_documents,
    number_width,
)

FREQUENCY_BITS = 4
POSITION_BITS = 12

POSITIONAL = ("text", "title", "author")
SCORED = (*POSITIONAL, "words")
KEYWORDS = ("id", "source", "section")
FIELDS = (*SCORED, *KEYWORDS)


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of consecutive terms, term by term and by document within a term.

    `counts`: int64, documents of each term, at least 1. `documents`: int32, one a posting.
    `frequencies`: int32, one a posting, all 1 in a keyword field. `positions`: int32, as many as
    the frequencies add up to, or None where the field keeps none.
    """

    counts: Sizes
    documents: Numbers
    frequencies: Numbers
    positions: Numbers | None


class FieldWriter:
    """Writes one field, some terms at a time, in ascending order of terms."""

    def __init__(self, writer: ArrayWriter, name: str, documents: int) -> None:
        self._writer = writer
        self._name = name
        self._width = number_width(documents)
        self._frequencies = self._packed("frequency", FREQUENCY_BITS, SCORED)
        self._positions = self._packed("positions", POSITION_BITS, POSITIONAL)
        self._totals: dict[str, int] = {}
        for section in ("term_start", "posting_start", "document_start"):
            self._append_starts(section, np.empty(0, np.int64))
        if self._positions:
            self._append_starts("position_start", np.empty(0, np.int64))
        for section in ("terms", "documents"):
            writer.append(f"{name}.{section}", np.empty(0, np.uint8))

    def _packed(self, section: str, bits: int, fields: Sequence[str]) -> PackedWriter | None:
        if self._name not in fields:
            return None
        return PackedWriter(self._writer, f"{self._name}.{section}", bits)

    def append(self, terms: Sequence[bytes], postings: Postings) -> None:
        """Add terms above all before, with their postings."""
        if not terms:
            return
        sizes = np.fromiter(map(len, terms), np.int64, len(terms))
        self._writer.append(f"{self._name}.terms", np.frombuffer(b"".join(terms), np.uint8))
        self._append_starts("term_start", sizes)
        self._append_starts("posting_start", postings.counts)
        content, sizes = encode_documents(postings.documents, postings.counts, self._width)
        self._writer.append(f"{self._name}.documents", content)
        self._append_starts("document_start", sizes)
        if self._frequencies:
            self._frequencies.append(postings.frequencies)
        if self._positions and postings.positions is not None:
            self._positions.append(postings.positions)
            starts = np.cumsum(postings.counts) - postings.counts
            occurrences = np.add.reduceat(postings.frequencies, starts, dtype=np.int64)
            self._append_starts("position_start", occurrences)

    def _append_starts(self, section: str, sizes: Sizes) -> None:
        """Continue the running sum of `sizes`; the first call begins it with 0."""
        total = self._totals.get(section)
        starts = np.cumsum(sizes) + (total or 0)
        if total is None:
            starts = np.concatenate([[0], starts])
        self._totals[section] = int(starts[-1]) if len(starts) else total or 0
        if self._totals[section] >= 1 << 32:
            raise OverflowError(f"field {self._name!r} is too large for one segment")
        self._writer.append(f"{self._name}.{section}", starts.astype(np.uint32))

    def close(self) -> None:
        """Finish the field; the file is finished by its own writer."""
        for packed in (self._frequencies, self._positions):
            if packed:
                packed.close()


class Field:
    """One field of an open segment; decodes what is asked for and keeps nothing.

    Whatever is read is compared with its checksums first: all methods raise ArrayFileError for
    damage there.
    """

    def __init__(self, arrays: ArrayFile, name: str, documents: int) -> None:
        """Take the segment's sections; raises ArrayFileError where one is missing."""
        self.name = name
        self._arrays = arrays
        self._width = number_width(documents)
        self.posting_start: NDArray[np.uint32] = arrays[f"{name}.posting_start"]
        self._document_start: NDArray[np.uint32] = arrays[f"{name}.document_start"]
        self._documents: NDArray[np.uint8] = arrays[f"{name}.documents"]
        self._frequencies = (
            Packed(arrays, f"{name}.frequency", FREQUENCY_BITS) if name in SCORED else None
        )
        self._positions = None
        if name in POSITIONAL:
            self._positions = Packed(arrays, f"{name}.positions", POSITION_BITS)
            self.position_start: NDArray[np.uint32] = arrays[f"{name}.position_start"]

    @cached_property
    def lexicon(self) -> Lexicon:
        """Give the terms; a search by bisection needs all of them sound."""
        terms, starts = (self._arrays.checked(f"{self.name}.{s}") for s in ("terms", "term_start"))
        return Lexicon(terms, starts)

    def _bounds(self, section: str, starts: NDArray[np.uint32], ordinal: int) -> tuple[int, int]:
        self._arrays.check(f"{self.name}.{section}", ordinal, ordinal + 2)
        return int(starts[ordinal]), int(starts[ordinal + 1])

    @property
    def has_positions(self) -> bool:
        """Say whether phrases can be found in this field."""
        return self._positions is not None

    def count(self, ordinal: int) -> int:
        """Give the number of documents that hold a term."""
        start, stop = self._bounds("posting_start", self.posting_start, ordinal)
        return stop - start

    def counts(self) -> Sizes:
        """Give the number of documents of every term."""
        return _sizes(self._arrays.checked(f"{self.name}.posting_start"))

    def occurrences(self) -> Sizes:
        """Give how often every term occurs; only for fields with positions."""
        return _sizes(self._arrays.checked(f"{self.name}.position_start"))

    def documents(self, ordinal: int) -> Numbers:
        """Give the documents that hold a term, ascending."""
        start, stop = self._bounds("document_start", self._document_start, ordinal)
        self._arrays.check(f"{self.name}.documents", start, stop)
        return decode_documents(self._documents[start:stop], self.count(ordinal), self._width)

    def frequencies(self, ordinal: int) -> Numbers:
        """Give how often a term occurs in each of its documents."""
        start, stop = self._bounds("posting_start", self.posting_start, ordinal)
        if self._frequencies is None:
            return np.ones(stop - start, np.int32)
        return self._frequencies.slice(start, stop)

    def positions(self, ordinal: int) -> Numbers:
        """Give a term's positions, document by document; only for fields with positions."""
        start, stop = self._bounds("position_start", self.position_start, ordinal)
        return self._position_store().slice(start, stop)

    def first_position(self, ordinal: int) -> int:
        """Give the place of a term's first position in the field, for `positions_in`."""
        start, stop = self._bounds("position_start", self.position_start, ordinal)
        self._position_store().check(start, stop)
        return start

    def positions_in(self, places: NDArray[np.int64]) -> Numbers:
        """Give the positions at these places of the field, counted through all its terms.

        They belong to terms that `first_position` was asked for.
        """
        return self._position_store().take(places)

    def highest_position(self) -> int:
        """Give a position that none in the field exceeds."""
        return self._position_store().highest()

    def _position_store(self) -> Packed:
        if self._positions is None:
            raise ValueError(f"field {self.name!r} keeps no positions")
        return self._positions

    def counts_of(self, first: int, last: int) -> Sizes:
        """Give the number of documents of the terms with ordinals [first, last)."""
        self._arrays.check(f"{self.name}.posting_start", first, last + 1)
        return _sizes(self.posting_start[first : last + 1])

    def documents_of(self, first: int, last: int) -> Numbers:
        """Give the documents of the terms with ordinals [first, last), term after term."""
        counts = self.counts_of(first, last)
        self._arrays.check(f"{self.name}.document_start", first, last + 1)
        places = self._document_start[first : last + 1].astype(np.int64)
        self._arrays.check(f"{self.name}.documents", int(places[0]), int(places[-1]))
        content = self._documents[places[0] : places[-1]]
        return decode_many(content, np.diff(places), counts, self._width)

    def span(self, first: int, last: int) -> Postings:
        """Give the postings of the terms with ordinals [first, last)."""
        counts, documents = self.counts_of(first, last), self.documents_of(first, last)
        start, stop = self.posting_start[[first, last]].tolist()
        frequencies = np.ones(stop - start, np.int32)
        if self._frequencies:
            frequencies = self._frequencies.slice(start, stop)
        positions = None
        if self._positions:
            self._arrays.check(f"{self.name}.position_start", first, last + 1)
            bounds = self.position_start[[first, last]].tolist()
            positions = self._positions.slice(*bounds)
        return Postings(counts, documents, frequencies, positions)


def _sizes(starts: NDArray[np.uint32]) -> Sizes:
    return np.subtract(starts[1:], starts[:-1], dtype=np.int64)


def common_slices(fields: Sequence[Field], budget: int) -> Iterator[list[tuple[int, int]]]:
    """Cut the terms of several segments into slices at the same terms, in ascending order.

    Yields for each field the ordinals [first, last) of the slice. A slice has about `budget`
    postings at most, or one term of each field where a single term has more.
    """
    share = max(budget // max(len(fields), 1), 1)
    at = [0] * len(fields)
    while any(first < len(field.lexicon) for field, first in zip(fields, at, strict=True)):
        ends = []
        for field, first in zip(fields, at, strict=True):
            if first < len(field.lexicon):
                limit = np.uint32(min(int(field.posting_start[first]) + share, (1 << 32) - 1))
                end = int(np.searchsorted(field.posting_start, limit, side="right")) - 1
                end = max(end, first + 1)
                if end < len(field.lexicon):
                    ends.append(field.lexicon[end])
        if ends:
            stops = [field.lexicon.place(min(ends)) for field in fields]
        else:
            stops = [len(field.lexicon) for field in fields]
        yield list(zip(at, stops, strict=True))
        at = stops
