"""Deletion of articles by id, and of those that a later one with the same id replaces."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedded.limits import WriteLimits
from index.embedded.segment import OpenSegment, Segment
from index.embedded.term_dictionary import to_text
from index.embedded.term_ranges import common_term_ranges


def without_replaced(
    directory: Path, old: Sequence[Segment], flushed: Sequence[Segment], limits: WriteLimits
) -> list[Segment]:
    """Delete every article that a later one with the same id replaces; return all segments.

    A few new ids are looked up in the old segments; otherwise all ids are compared, in order.
    """
    given = sum(segment.documents for segment in flushed)
    if given * limits.looked_up_one_in > sum(segment.documents for segment in old):
        return _without_earlier(directory, [*old, *flushed], limits)
    opened = [OpenSegment(directory, segment).labels["id"].dictionary for segment in flushed]
    ids = {to_text(name) for dictionary in opened for name in dictionary}
    kept = [without_ids(directory, segment, ids) for segment in old]
    return kept + _without_earlier(directory, flushed, limits)


def without_ids(directory: Path, segment: Segment, ids: Iterable[str]) -> Segment:
    """Delete the articles with these ids from a segment; ignore unknown ids."""
    field = OpenSegment(directory, segment).labels["id"]
    ordinals = [ordinal for ordinal in map(field.dictionary.ordinal, ids) if ordinal >= 0]
    return segment.with_deleted(
        _joined([field.doc_ids(ordinal).astype(np.uint32) for ordinal in ordinals])
    )


def _without_earlier(
    directory: Path, segments: Sequence[Segment], limits: WriteLimits
) -> list[Segment]:
    """Delete from each segment the articles whose id occurs again, in it or in a later one."""
    fields = [OpenSegment(directory, segment).labels["id"] for segment in segments]
    deleted: list[list[NDArray[np.uint32]]] = [[] for _ in segments]
    for spans in common_term_ranges(fields, limits.compared_ids):
        # Segments newest first: of each id the last document survives, unless a newer segment has
        # the id.
        seen_ids: set[bytes] = set()
        for i in reversed(range(len(segments))):
            ids, postings = fields[i].terms(*spans[i]), fields[i].span(*spans[i])
            superseded = np.ones(len(postings.doc_ids), np.bool_)
            newest = np.cumsum(postings.counts) - 1
            superseded[newest] = np.fromiter((one in seen_ids for one in ids), np.bool_, len(ids))
            deleted[i].append(postings.doc_ids[superseded].astype(np.uint32))
            seen_ids.update(ids)
    return [
        segment.with_deleted(_joined(parts))
        for segment, parts in zip(segments, deleted, strict=True)
    ]


def _joined(parts: Sequence[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    return np.concatenate([np.empty(0, np.uint32), *parts])
