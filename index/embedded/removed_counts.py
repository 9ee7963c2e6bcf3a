"""The model counts of deleted documents: these are counted once, by the write that deletes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import analyse_all
from index.embedded.segment import (
    REMOVED,
    OpenSegment,
    RemovedFile,
    Segment,
    new_segment_id,
    segment_file,
)
from index.models.mined_phrases import MAX_MINED_TITLES
from index.models.removed import RemovedCounts, removed_arrays
from index.storage.array_writer import write_arrays


def with_removed_counts(
    directory: Path, segments: Sequence[Segment], old: Sequence[Segment]
) -> list[Segment]:
    """Return segments with the counts of all their deleted documents.

    Documents that were deleted in the `old` commit have been counted before. The others are
    analysed again, and the sum is written to a new file, synced to the disk. Raises OSError, and
    IndexUnavailableError if an old file is damaged.
    """
    before = {segment.id: segment for segment in old}
    return [_counted(directory, segment, before.get(segment.id)) for segment in segments]


def _counted(directory: Path, segment: Segment, old: Segment | None) -> Segment:
    if segment.removed or not len(segment.deleted):
        return segment
    opened = OpenSegment(directory, segment)
    counts, documents = RemovedCounts.none(), segment.deleted
    if old and old.removed:
        counts = OpenSegment(directory, old).removed_counts()
        documents = np.setdiff1d(documents, old.deleted)
    counts += _counts_of(opened, documents)
    name = new_segment_id()
    written = write_arrays(segment_file(directory, name, REMOVED), removed_arrays(counts))
    return segment.with_removed(RemovedFile(name, written))


def _counts_of(segment: OpenSegment, documents: NDArray[np.uint32]) -> RemovedCounts:
    """Analyse documents of a segment, and return what they add to each row of its tables."""
    tables = segment.counted_tables
    articles = (segment.stored.article(document) for document in documents.tolist())
    first_mined = int(np.searchsorted(documents, segment.documents - MAX_MINED_TITLES))
    counts = RemovedCounts.none()
    for batch in analyse_all(articles, 1, segment.schema):
        counts += tables.counts_of(batch.vocabulary, batch.fields, max(first_mined, 0))
        first_mined -= len(batch.articles)
    return counts
