"""Ranges of terms that are read together, bounded by their postings."""

from collections.abc import Iterator, Sequence

import numpy as np

from index.embedded.postings import PostingsField

POSTINGS_A_TERM = 8
"""Postings that take as much memory as one term, about."""


def term_ranges(
    field: PostingsField, first: int, last: int, budget: int
) -> Iterator[tuple[int, int]]:
    """Cut ordinals [first, last) into slices of about `budget` postings, or one term with more."""
    while first < last:
        stop = min(_end(field, first, budget), last)
        yield first, stop
        first = stop


def common_term_ranges(
    fields: Sequence[PostingsField], budget: int
) -> Iterator[list[tuple[int, int]]]:
    """Cut the terms of several segments into slices at the same terms, in ascending order.

    Yields for each field the ordinals [first, last) of the slice. A slice has about `budget`
    postings at most, or one term of each field where a single term has more.
    """
    share = max(budget // max(len(fields), 1), 1)
    at = [0] * len(fields)
    while any(first < len(field.dictionary) for field, first in zip(fields, at, strict=True)):
        stops = [len(field.dictionary) for field in fields]
        ends = []
        for number, (field, first) in enumerate(zip(fields, at, strict=True)):
            if first < len(field.dictionary) and (end := _end(field, first, share)) < stops[number]:
                ends.append((field.dictionary[end], number, end))
        if ends:
            term, number, end = min(ends)
            parts = zip(fields, at, strict=True)
            stops = [field.dictionary.lower_bound(term, first) for field, first in parts]
            stops[number] = (
                end  # not looked up: a dictionary out of order would never come to an end
            )
        yield list(zip(at, stops, strict=True))
        at = stops


def _end(field: PostingsField, first: int, budget: int) -> int:
    """Return the ordinal where about `budget` postings from `first` on end, at least the next.

    With terms of few postings each it is the terms that take memory, and end the slice.
    """
    limit = np.uint32(min(int(field.posting_starts[first]) + budget, (1 << 32) - 1))
    end = int(np.searchsorted(field.posting_starts, limit, side="right")) - 1
    return max(min(end, first + budget // POSTINGS_A_TERM), first + 1)
