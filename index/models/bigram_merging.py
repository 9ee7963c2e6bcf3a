"""Bigrams of several parts: added up where these become one, compared where they stay apart."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import (
    BigramCounts,
    BigramTable,
    Ordinals,
    merge_bigrams,
    prune_bigrams,
    renumber,
)

MAX_MERGED_ROWS = 1 << 19
"""Bigrams that a merge keeps in memory at a time, about: 20 MB."""


def merge_bigram_tables(
    tables: Sequence[BigramTable],
    ordinals: Sequence[Ordinals],
    terms: int,
    min_count: int,
    rows_at_once: int = MAX_MERGED_ROWS,
) -> Iterator[BigramCounts]:
    """Yield the sum of the tables of several parts, without counts below `min_count`.

    `ordinals[i]`, ascending, maps the ordinals of table i to those of the merged vocabulary of
    `terms` terms. Each item is one range of first terms, which bounds the memory.
    """
    rows = np.zeros(terms, np.int64)
    for table, names in zip(tables, ordinals, strict=True):
        rows[names] += table.row_lengths()
    ranges = np.cumsum(rows) // rows_at_once
    bounds = [0, *(np.flatnonzero(np.diff(ranges)) + 1).tolist(), terms]
    for low, high in pairwise(bounds):
        parts = []
        for table, names in zip(tables, ordinals, strict=True):
            first, last = np.searchsorted(names, (low, high)).tolist()
            parts.append(renumber(table.bigrams(first, last), names))
        yield prune_bigrams(merge_bigrams(parts), min_count)


def known_bigrams(
    bigrams: BigramCounts, others: Sequence[tuple["BigramTable", Ordinals]]
) -> NDArray[np.bool_]:
    """Return a mask of the bigrams of a part that another part has, too.

    `others`: the table of each other part, and the ordinals of this part's terms in its vocabulary,
    -1 for terms that it does not have.
    """
    first, second = bigrams.keys >> 32, bigrams.keys & 0xFFFFFFFF
    known = np.zeros(len(bigrams.keys), np.bool_)
    for table, ordinals in others:
        wide = ordinals.astype(np.int64)
        both = np.flatnonzero((wide[first] >= 0) & (wide[second] >= 0))
        known[both] |= table.rows_of(wide[first[both]] << 32 | wide[second[both]]) >= 0
    return known
