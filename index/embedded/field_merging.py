"""Merging the postings of a field, one slice of terms at a time, without deleted documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.embedded.field_writer import FieldWriter
from index.embedded.layout import FieldLayout
from index.embedded.postings import Postings, PostingsField
from index.embedded.segment import OpenSegment
from index.embedded.term_ranges import common_term_ranges
from index.storage.array_writer import ArrayWriter
from index.storage.packed_ints import Int32Array
from index.storage.radix_sort import stable_order

DELETED = np.int32(-1)
"""The entry of a deleted document in a doc id map."""


def doc_id_maps(live: Sequence[NDArray[np.bool_]]) -> list[Int32Array]:
    """Return for each segment an array old doc id -> new doc id, `DELETED` for deleted ones.

    >>> [ids.tolist() for ids in doc_id_maps([np.array([True, False]), np.array([True, True])])]
    [[0, -1], [1, 2]]
    """
    maps, base = [], 0
    for kept in live:
        maps.append(np.where(kept, np.cumsum(kept, dtype=np.int32) - 1 + base, DELETED))
        base += int(kept.sum())
    return maps


@dataclass(frozen=True, slots=True)
class TermedPostings:
    """Postings, each with the ordinal of its term: aligned int32 arrays, and all positions.

    `ordinals`: for each posting the index of its term in a slice, or in all slices.
    """

    ordinals: Int32Array
    doc_ids: Int32Array
    frequencies: Int32Array
    positions: Int32Array | None

    def where(self, chosen: NDArray[np.bool_]) -> "TermedPostings":
        """Return the chosen postings."""
        positions = self.positions
        if positions is not None:
            positions = positions[np.repeat(chosen, self.frequencies)]
        return TermedPostings(
            self.ordinals[chosen], self.doc_ids[chosen], self.frequencies[chosen], positions
        )


def with_terms(ordinals: Int32Array, postings: Postings) -> TermedPostings:
    """Return postings with an ordinal each, given the ordinal of each term."""
    return TermedPostings(
        np.repeat(ordinals, postings.counts),
        postings.doc_ids,
        postings.frequencies,
        postings.positions,
    )


@dataclass(frozen=True, slots=True)
class MergedSlice:
    """A merged slice of a field's terms, and the mapping of the segments' terms to it.

    `terms`: the terms with a live posting, ascending; `postings`: theirs, with new doc ids.
    `ordinals`: for each segment the index in the slice of each of its terms, those of deleted
    documents included.
    """

    terms: Sequence[bytes]
    postings: Postings
    ordinals: Sequence[Int32Array]


def merge_field(
    writer: ArrayWriter,
    layout: FieldLayout,
    segments: Sequence[OpenSegment],
    maps: Sequence[Int32Array],
    slice_postings: int,
) -> Iterator[MergedSlice]:
    """Write a field's merged postings, about `slice_postings` at a time; yield each slice.

    `maps` are those of `doc_id_maps`. The field is complete when the iterator is exhausted.
    """
    document_count = sum(int((ids != DELETED).sum()) for ids in maps)
    field = FieldWriter(writer, layout, document_count)
    fields = [segment.fields[layout.name] for segment in segments]
    for spans in common_term_ranges(fields, slice_postings):
        merged = _merged_slice(fields, maps, spans)
        field.append(merged.terms, merged.postings)
        yield merged
        for segment in segments:
            segment.release_pages()
    field.close()


def _merged_slice(
    fields: Sequence[PostingsField], maps: Sequence[Int32Array], spans: Sequence[tuple[int, int]]
) -> MergedSlice:
    names_of = [field.terms(*span) for field, span in zip(fields, spans, strict=True)]
    terms = sorted(set().union(*names_of))
    ordinal_of = {term: ordinal for ordinal, term in enumerate(terms)}
    ordinals, live = [], []
    for names, field, ids, span in zip(names_of, fields, maps, spans, strict=True):
        ordinals.append(np.fromiter(map(ordinal_of.__getitem__, names), np.int32, len(names)))
        live.append(_renumbered(with_terms(ordinals[-1], field.span(*span)), ids))
    postings, is_present = _sorted_by_term(live, len(terms))
    kept_terms = [term for term, kept in zip(terms, is_present.tolist(), strict=True) if kept]
    return MergedSlice(kept_terms, postings, ordinals)


def _renumbered(postings: TermedPostings, ids: Int32Array) -> TermedPostings:
    """Return the postings of live documents with their new doc ids."""
    doc_ids = ids[postings.doc_ids]
    stays = doc_ids != DELETED
    renumbered = replace(postings, doc_ids=doc_ids)
    return renumbered if stays.all() else renumbered.where(stays)


def _sorted_by_term(
    parts: Sequence[TermedPostings], term_count: int
) -> tuple[Postings, NDArray[np.bool_]]:
    """Return the merged postings of parts that are each sorted by term, and a mask of the terms.

    The mask, over all `term_count` terms of the slice, is True if a posting is left.
    """
    by_term = np.concatenate([part.ordinals for part in parts])
    counts = np.bincount(by_term, minlength=term_count)
    order = stable_order(by_term)
    documents = np.concatenate([part.doc_ids for part in parts])[order]
    frequencies = np.concatenate([part.frequencies for part in parts])
    positions = None
    if parts[0].positions is not None:
        starts = np.cumsum(frequencies, dtype=np.int64) - frequencies
        every = np.concatenate([part.positions for part in parts if part.positions is not None])
        positions = every[_concatenated_ranges(starts[order], frequencies[order])]
    present = counts > 0
    return Postings(counts[present], documents, frequencies[order], positions), present


def _concatenated_ranges(starts: NDArray[np.int64], lengths: Int32Array) -> NDArray[np.int64]:
    """Return the concatenated ranges: starts[0], starts[0] + 1, ..., starts[1], ..."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total)
