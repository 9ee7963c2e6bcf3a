"""One field of a segment: its terms, and for each the documents, frequencies and positions.

Sections of field F (sizes are those of `columns.SizesWriter`):

    F.terms, F.term_sizes      the term dictionary
    F.document_frequencies     the number of postings of each term
    F.doc_ids, F.doc_id_sizes  the encoded doc ids (see `doc_id_codecs`), and how many bytes those
                               of each term take
    F.frequencies.*            of a scored field: frequencies minus 1 (see `packed_ints`; no low
                               bits)
    F.positions.*, F.position_counts  of a positional field: positions (see `packed_ints`; 8 low
                               bits) and how many each term has
"""

import operator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import read_starts
from index.embedded.layout import FieldLayout
from index.embedded.term_dictionary import TermDictionary
from index.native import kernels
from index.storage.array_file import ArrayFile, ArrayFileError
from index.storage.doc_id_codecs import decode_documents, decode_many
from index.storage.packed_ints import Int32Array, Int64Array, Packed

FREQUENCY_LOW_BITS, POSITION_LOW_BITS = 0, 8
"""The low bits of `PackedWriter`: most frequencies are 1, whereas the low byte of a position is
nearly uniformly distributed."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of consecutive terms, term by term and by document within a term.

    `counts`: int64, document frequency of each term, at least 1. `doc_ids`: int32, one per posting.
    `frequencies`: int32, one per posting, all 1 in a keyword field. `positions`: int32, as many as
    the frequencies add up to, or None if the field keeps none.
    """

    counts: Int64Array
    doc_ids: Int32Array
    frequencies: Int32Array
    positions: Int32Array | None


MAX_RECENT_POSTINGS = 1 << 17
"""Postings of the terms that are kept since they were decoded last, 1 MB, or a single term of more.
Arbitrary: the syllables of a query of four words."""

MIN_RECENT_POSTINGS = 1 << 11
"""Postings of a term that is kept; fewer are decoded in some 10 us. Arbitrary."""


class PostingsField:
    """The postings of one field of an open segment.

    They are decoded on demand; only the term dictionary, the starts and the last few terms are
    cached. Everything is compared with its checksums before use: all methods raise ArrayFileError
    for damaged data. Terms are identified by their ordinals in the dictionary.
    """

    def __init__(self, arrays: ArrayFile, layout: FieldLayout, documents: int) -> None:
        """Take the segment's sections; raises ArrayFileError if one is missing."""
        self.name = name = layout.name
        self.layout = layout
        self._arrays = arrays
        self._document_count = documents
        self._recent: dict[int, tuple[Int32Array, Int32Array]] = {}
        self._encoded_doc_ids: NDArray[np.uint8] = arrays.typed(f"{name}.doc_ids", np.uint8)
        self._frequencies = self._positions = None
        if layout.scored:
            self._frequencies = Packed(arrays, f"{name}.frequencies", FREQUENCY_LOW_BITS)
        if layout.positional:
            self._positions = Packed(arrays, f"{name}.positions", POSITION_LOW_BITS)

    @cached_property
    def dictionary(self) -> TermDictionary:
        """The terms; all of them are verified, since bisection may read any."""
        terms = self._arrays.checked(f"{self.name}.terms", np.uint8)
        starts = self._starts("term_sizes")
        if len(starts) != len(self.posting_starts) or starts[-1] != len(terms):
            raise self._inconsistent("terms")
        return TermDictionary(terms, starts)

    def terms(self, first: int, last: int) -> list[bytes]:
        """Return the terms with ordinals [first, last), which ascend."""
        terms = self.dictionary.span(first, last)
        if any(map(operator.ge, terms, terms[1:])):
            raise self._damaged("terms", "terms do not ascend")
        return terms

    @cached_property
    def posting_starts(self) -> NDArray[np.uint32]:
        """Where the postings of each term start, and where the last ones end."""
        starts = self._starts("document_frequencies")
        if (starts[1:] == starts[:-1]).any():
            raise self._damaged("document_frequencies", "a term has no postings")
        return starts

    @cached_property
    def position_starts(self) -> NDArray[np.uint32]:
        """Where the positions of each term start, and where the last ones end."""
        starts = self._starts("position_counts")
        if len(starts) != len(self.posting_starts):
            raise self._inconsistent("position_counts")
        return starts

    @cached_property
    def _doc_id_starts(self) -> NDArray[np.uint32]:
        starts = self._starts("doc_id_sizes")
        if len(starts) != len(self.posting_starts) or starts[-1] != len(self._encoded_doc_ids):
            raise self._inconsistent("doc_id_sizes")
        return starts

    def _starts(self, section: str) -> NDArray[np.uint32]:
        return read_starts(self._arrays, f"{self.name}.{section}")

    def _inconsistent(self, section: str) -> ArrayFileError:
        return self._damaged(section, "it is inconsistent with others")

    def _damaged(self, section: str, what: str) -> ArrayFileError:
        return ArrayFileError(self._arrays.path, f"section '{self.name}.{section}': {what}")

    @property
    def has_positions(self) -> bool:
        """Return whether phrases can be found in this field."""
        return self._positions is not None

    def document_frequency(self, ordinal: int) -> int:
        """Return the document frequency of a term."""
        start, stop = _bounds(self.posting_starts, ordinal)
        return stop - start

    def document_frequencies(self) -> Int64Array:
        """Return the document frequency of each term of the field."""
        return _sizes(self.posting_starts)

    def collection_frequency(self, ordinal: int) -> int:
        """Return the collection frequency of a term; only for fields with positions."""
        start, stop = _bounds(self.position_starts, ordinal)
        return stop - start

    def collection_frequencies(self) -> Int64Array:
        """Return the collection frequency of each term; only for fields with positions."""
        return _sizes(self.position_starts)

    def doc_ids(self, ordinal: int) -> Int32Array:
        """Return the doc ids of a term, ascending."""
        start, stop = _bounds(self._doc_id_starts, ordinal)
        self._arrays.check(f"{self.name}.doc_ids", start, stop)
        count = self.document_frequency(ordinal)
        content = self._encoded_doc_ids[start:stop]
        if kernels:
            try:
                decoded: Int32Array = kernels.decode_doc_ids(content, count, self._document_count)
            except ValueError as error:
                raise self._damaged("doc_ids", str(error)) from error
            return decoded
        try:
            doc_ids = decode_documents(content, count, self._document_count)
        except (ValueError, IndexError) as error:
            raise self._inconsistent("doc_ids") from error
        self._check_doc_ids(doc_ids, count)
        if (doc_ids[1:] <= doc_ids[:-1]).any():
            raise self._damaged("doc_ids", "doc ids do not ascend")
        return doc_ids

    def _check_doc_ids(self, doc_ids: Int32Array, count: int) -> None:
        if len(doc_ids) != count or doc_ids.min(initial=0) < 0:
            raise self._inconsistent("doc_ids")
        if doc_ids.max(initial=-1) >= self._document_count:
            raise self._damaged("doc_ids", "a doc id is too high")

    def frequencies(self, ordinal: int) -> Int32Array:
        """Return the frequency of a term in each of its documents."""
        return self._frequencies_in(*_bounds(self.posting_starts, ordinal))

    def postings(self, ordinal: int) -> tuple[Int32Array, Int32Array]:
        """Return `doc_ids` and `frequencies` of a term, which must not be changed.

        The last few are kept, since the terms of a query are read alone and in bigrams.
        """
        found = self._recent.get(ordinal)
        if found is None:
            found = self.doc_ids(ordinal), self.frequencies(ordinal)
            self._keep(ordinal, found)
        return found

    def _keep(self, ordinal: int, decoded: tuple[Int32Array, Int32Array]) -> None:
        """Keep a frequent term that was decoded; drop the oldest if they are too large together."""
        size = len(decoded[0])
        if size < MIN_RECENT_POSTINGS:
            return
        kept = {ordinal: decoded}
        for other, found in self._recent.items():  # newest first; never changed in place
            size += len(found[0])
            if size > MAX_RECENT_POSTINGS:
                break
            kept[other] = found
        self._recent = kept

    def _frequencies_in(self, start: int, stop: int) -> Int32Array:
        if self._frequencies is None:
            return np.ones(stop - start, np.int32)
        return self._frequencies.slice(start, stop, added=1)

    def positions(self, ordinal: int) -> Int32Array:
        """Return a term's positions, document by document; only for fields with positions."""
        start, stop = _bounds(self.position_starts, ordinal)
        return self._packed_positions().slice(start, stop)

    def occurrences(self, ordinal: int) -> tuple[Int32Array, Int32Array]:
        """Return the doc id and the position of every occurrence of a term, as two arrays."""
        frequencies, positions = self.frequencies(ordinal), self.positions(ordinal)
        if frequencies.sum() != len(positions):
            raise self._inconsistent("position_counts")
        return np.repeat(self.doc_ids(ordinal), frequencies), positions

    def packed_positions(
        self, ordinal: int, bits: int, dtype: type[np.unsignedinteger[Any]]
    ) -> NDArray[np.unsignedinteger[Any]]:
        """Return every occurrence of a term as one number: `doc_id << bits | position`, ascending.

        `dtype`, uint32 or uint64, has room for them.
        """
        packed: NDArray[np.unsignedinteger[Any]]
        if kernels:
            arrays = self.doc_ids(ordinal), self.frequencies(ordinal), self.positions(ordinal)
            try:
                packed = kernels.pack_positions(*arrays, bits, dtype().itemsize)
            except ValueError as error:
                raise self._inconsistent("position_counts") from error
            return packed
        documents, positions = self.occurrences(ordinal)
        packed = documents.astype(dtype)
        packed <<= packed.dtype.type(bits)
        packed |= positions.astype(dtype)
        return packed

    def packed_bigram(
        self, first: int, second: int, bits: int, dtype: type[np.unsignedinteger[Any]]
    ) -> NDArray[np.unsignedinteger[Any]]:
        """Return where a term directly follows another: the positions of the first.

        They are packed like `packed_positions`. Must only be called with compiled kernels; it takes
        a quarter of the time of finding the positions of both terms.
        """
        assert kernels  # noqa: S101 - checked by the caller
        numbers = self._packed_positions()
        bounds = _bounds(self.position_starts, first), _bounds(self.position_starts, second)
        sections = [numbers.sections(*bound) for bound in bounds]
        try:
            return kernels.bigram(
                (*self.postings(first), *bounds[0]),
                (*self.postings(second), *bounds[1]),
                *(sections[0], bits, dtype().itemsize),
            )
        except ValueError as error:
            raise self._inconsistent("positions") from error

    def position_bound(self) -> int:
        """Return a number that no position in the field exceeds."""
        return self._packed_positions().highest()

    def _packed_positions(self) -> Packed:
        if self._positions is None:
            raise ValueError(f"field {self.name!r} keeps no positions")
        return self._positions

    def span_document_frequencies(self, first: int, last: int) -> Int64Array:
        """Return the document frequencies of the terms with ordinals [first, last)."""
        return _sizes(self.posting_starts[first : last + 1])

    def span_doc_ids(self, first: int, last: int) -> Int32Array:
        """Return the doc ids of the terms with ordinals [first, last), term after term."""
        counts = self.span_document_frequencies(first, last)
        offsets = self._doc_id_starts[first : last + 1].astype(np.int64)
        self._arrays.check(f"{self.name}.doc_ids", int(offsets[0]), int(offsets[-1]))
        content = self._encoded_doc_ids[offsets[0] : offsets[-1]]
        try:
            doc_ids = decode_many(content, np.diff(offsets), counts, self._document_count)
        except (ValueError, IndexError) as error:
            raise self._inconsistent("doc_ids") from error
        self._check_doc_ids(doc_ids, int(counts.sum()))
        not_ascending = doc_ids[1:] <= doc_ids[:-1]
        not_ascending[counts.cumsum()[:-1] - 1] = False  # the next term may start lower
        if not_ascending.any():
            raise self._damaged("doc_ids", "doc ids do not ascend")
        return doc_ids

    def span(self, first: int, last: int) -> Postings:
        """Return the postings of the terms with ordinals [first, last)."""
        counts = self.span_document_frequencies(first, last)
        doc_ids = self.span_doc_ids(first, last)
        frequencies = self._frequencies_in(*self.posting_starts[[first, last]].tolist())
        positions = None
        if self._positions:
            bounds = self.position_starts[[first, last]].tolist()
            positions = self._positions.slice(*bounds)
            if frequencies.sum() != len(positions):
                raise self._inconsistent("position_counts")
        return Postings(counts, doc_ids, frequencies, positions)


def _bounds(starts: NDArray[np.uint32], ordinal: int) -> tuple[int, int]:
    return int(starts[ordinal]), int(starts[ordinal + 1])


def _sizes(starts: NDArray[np.uint32]) -> Int64Array:
    return np.subtract(starts[1:], starts[:-1], dtype=np.int64)
