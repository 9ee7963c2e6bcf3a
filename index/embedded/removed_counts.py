"""The model counts of deleted documents: these are counted once, by the write that deletes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import analyse_all
from index.embedded.mined_again import CHOSEN, MINED, Mined
from index.embedded.phrase_mining import first_mined, mined_again
from index.embedded.segment import (
    REMOVED,
    OpenSegment,
    RemovedFile,
    Segment,
    new_segment_id,
    segment_file,
)
from index.embedded.term_dictionary import to_text
from index.models.removed import CountedTables, RemovedCounts, removed_arrays
from index.storage.array_writer import write_arrays

MINED_AGAIN_ONE_IN = 32
"""Completions are mined and trigrams chosen again when one document in this many was deleted since.
Mining takes 40 us for each document left, counting 1 ms for each deleted one: with 32, as long."""


def with_removed_counts(
    directory: Path, segments: Sequence[Segment], old: Sequence[Segment]
) -> list[Segment]:
    """Return segments with the counts of all their deleted documents.

    Those that the segments of the `old` commit had deleted were counted then. The others are
    analysed again, and the sum is written to a new file, synced to the disk; with it, if many were
    deleted, the phrases of the documents that are left and which trigrams they keep. Raises
    OSError, IndexUnavailableError where an old file is damaged.
    """
    before = {segment.id: segment for segment in old}
    is_alone = len(segments) == 1
    return [_counted(directory, one, before.get(one.id), is_alone=is_alone) for one in segments]


def _counted(directory: Path, segment: Segment, old: Segment | None, *, is_alone: bool) -> Segment:
    if segment.removed or not len(segment.deleted):
        return segment
    opened = OpenSegment(directory, segment)
    # The tables as they are without the new deletions: rows are counted by these.
    before = OpenSegment(directory, old) if old and old.removed else opened
    counts, documents, mined = before.removed_counts(), segment.deleted, before.mined
    if old and old.removed:
        documents = np.setdiff1d(documents, old.deleted)
    counts += _counts_of(opened, documents, before.counted_tables, mined.first)
    sections = before.mined_sections()
    deleted = len(segment.deleted)
    if (deleted - mined.without) * MINED_AGAIN_ONE_IN >= segment.documents:
        counts = counts.without_phrases()
        mined = Mined(deleted, first_mined(opened.live()))
        sections = mined_again(opened) | {MINED: np.array(mined, np.uint32)}
        if is_alone:  # which trigrams several segments keep depends on all of them
            vocabulary = [to_text(term) for term in opened.fields["text"].dictionary]
            tokens = int(opened.lengths["text"][opened.live()].sum(dtype=np.int64))
            chosen = opened.counted_tables.trigrams_chosen_again(counts, vocabulary, tokens)
            sections[CHOSEN] = np.packbits(chosen)
    name = new_segment_id()
    written = write_arrays(
        segment_file(directory, name, REMOVED), removed_arrays(counts) | sections
    )
    return segment.with_removed(RemovedFile(name, written))


def _counts_of(
    segment: OpenSegment, documents: NDArray[np.uint32], tables: CountedTables, mined_from: int
) -> RemovedCounts:
    """Analyse documents of a segment, and count them to the rows of its tables."""
    articles = (segment.stored.article(document) for document in documents.tolist())
    first = int(np.searchsorted(documents, mined_from))
    counts = RemovedCounts.none()
    for batch in analyse_all(articles, 1, segment.schema):
        counts += tables.counts_of(batch.vocabulary, batch.fields, max(first, 0))
        first -= len(batch.articles)
    return counts
