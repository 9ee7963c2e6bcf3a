"""The writer of one field of a segment; `index.embedded.postings` describes its sections."""

from collections.abc import Iterator, Sequence

import numpy as np

from index.embedded.columns import SizesWriter
from index.embedded.layout import FieldLayout
from index.embedded.postings import FREQUENCY_LOW_BITS, POSITION_LOW_BITS, Postings
from index.storage.array_writer import ArrayWriter
from index.storage.doc_id_codecs import encode_documents
from index.storage.packed_ints import PackedWriter

MAX_TERMS_PER_SLICE = 1 << 17
"""Terms that are encoded at a time, which takes about 100 bytes each. Arbitrary: a flushed segment
of news has fewer."""


def _slices(
    terms: Sequence[bytes], postings: Postings, max_terms: int
) -> Iterator[tuple[Sequence[bytes], Postings]]:
    """Yield the terms with their postings, at most `max_terms` terms at a time."""
    posting = position = 0
    for start in range(0, len(terms), max_terms):
        counts = postings.counts[start : start + max_terms]
        within = slice(posting, posting + int(counts.sum()))
        posting = within.stop
        frequencies, positions = postings.frequencies[within], postings.positions
        if positions is not None:
            end = position + int(frequencies.sum(dtype=np.int64))
            positions, position = positions[position:end], end
        sliced = Postings(counts, postings.doc_ids[within], frequencies, positions)
        yield terms[start : start + max_terms], sliced


class FieldWriter:
    """Writes one field, some terms at a time, in ascending order of terms."""

    def __init__(
        self,
        writer: ArrayWriter,
        layout: FieldLayout,
        documents: int,
        max_terms_per_slice: int = MAX_TERMS_PER_SLICE,
    ) -> None:
        self._writer = writer
        self._name = name = layout.name
        self._document_count = documents
        self._max_terms_per_slice = max_terms_per_slice
        self._frequencies = self._positions = None
        sections = ["term_sizes", "document_frequencies", "doc_id_sizes"]
        if layout.scored:
            self._frequencies = PackedWriter(writer, f"{name}.frequencies", FREQUENCY_LOW_BITS)
        if layout.positional:
            self._positions = PackedWriter(writer, f"{name}.positions", POSITION_LOW_BITS)
            sections.append("position_counts")
        self._sizes = {section: SizesWriter(writer, f"{name}.{section}") for section in sections}
        for section in ("terms", "doc_ids"):  # must exist even if the field has no terms
            writer.append(f"{name}.{section}", np.empty(0, np.uint8))

    def append(self, terms: Sequence[bytes], postings: Postings) -> None:
        """Add terms, in ascending order, with their postings.

        Raises OverflowError if the field is too large for one segment.
        """
        for sliced in _slices(terms, postings, self._max_terms_per_slice):
            self._append(*sliced)

    def _append(self, terms: Sequence[bytes], postings: Postings) -> None:
        self._writer.append(f"{self._name}.terms", np.frombuffer(b"".join(terms), np.uint8))
        self._sizes["term_sizes"].append(np.fromiter(map(len, terms), np.int64, len(terms)))
        self._sizes["document_frequencies"].append(postings.counts)
        content, sizes = encode_documents(postings.doc_ids, postings.counts, self._document_count)
        self._writer.append(f"{self._name}.doc_ids", content)
        self._sizes["doc_id_sizes"].append(sizes)
        if self._frequencies:
            self._frequencies.append(postings.frequencies - np.int32(1))
        if self._positions and postings.positions is not None:
            self._positions.append(postings.positions)
            starts = np.cumsum(postings.counts) - postings.counts
            position_counts = np.add.reduceat(postings.frequencies, starts, dtype=np.int64)
            self._sizes["position_counts"].append(position_counts)

    def close(self) -> None:
        """Finish the field; the file is finished by its own writer."""
        for packed in (self._frequencies, self._positions):
            if packed:
                packed.close()
