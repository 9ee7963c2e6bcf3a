"""Ranges of terms that are read at a time, bounded by their number of postings."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedded.postings import PostingsField

POSTINGS_A_TERM = 8
"""The number of postings that take about as much memory as one term."""


def term_ranges(
    field: PostingsField, first: int, last: int, budget: int
) -> Iterator[tuple[int, int]]:
    """Yield slices of the ordinals [first, last) of about `budget` postings, or a single term."""
    while first < last:
        stop = min(_end(field, first, budget), last)
        yield first, stop
        first = stop


def live_document_frequencies(
    field: PostingsField, ordinals: range, live: NDArray[np.bool_], budget: int
) -> NDArray[np.int64]:
    """Return for each term of a range how many of the `live` documents have it."""
    counts = [np.empty(0, np.int64)]
    for start, stop in term_ranges(field, ordinals.start, ordinals.stop, budget):
        is_live = live[field.span_doc_ids(start, stop)]
        sizes = field.span_document_frequencies(start, stop)
        counts.append(np.add.reduceat(is_live, np.cumsum(sizes) - sizes, dtype=np.int64))
    return np.concatenate(counts)


def common_term_ranges(
    fields: Sequence[PostingsField], budget: int
) -> Iterator[list[tuple[int, int]]]:
    """Cut the terms of several segments into slices at the same terms, in ascending order.

    Yields for each field the ordinals [first, last) of the slice. A slice has about `budget`
    postings at most, or a single term with more.
    """
    share = max(budget // max(len(fields), 1), 1)
    firsts = [0] * len(fields)
    while any(first < len(field.dictionary) for field, first in zip(fields, firsts, strict=True)):
        stops = [len(field.dictionary) for field in fields]
        ends = []
        for number, (field, first) in enumerate(zip(fields, firsts, strict=True)):
            if first < len(field.dictionary) and (end := _end(field, first, share)) < stops[number]:
                ends.append((field.dictionary[end], number, end))
        if ends:
            term, number, end = min(ends)
            parts = zip(fields, firsts, strict=True)
            stops = [field.dictionary.lower_bound(term, first) for field, first in parts]
            # Not looked up, so that a damaged dictionary cannot cause an endless loop.
            stops[number] = end
        yield list(zip(firsts, stops, strict=True))
        firsts = stops


def _end(field: PostingsField, first: int, budget: int) -> int:
    """Return the end of a slice from `first` with about `budget` postings, at least one term.

    If the terms have few postings, their number bounds the slice: they take memory as well.
    """
    limit = np.uint32(min(int(field.posting_starts[first]) + budget, (1 << 32) - 1))
    end = int(np.searchsorted(field.posting_starts, limit, side="right")) - 1
    return max(min(end, first + budget // POSTINGS_A_TERM), first + 1)
