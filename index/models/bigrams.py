"""How often do two syllables stand side by side? Counted per segment, merged with it, pruned.

The ranking formula needs the true document frequency of a pair of syllables, and the decoder of
queries needs the counts as a bigram model; both read the same small table. A table speaks of terms
by their ordinals in its segment's lexicon of "text" (terms ascending), so it holds no strings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.storage.array_file import columns
from index.storage.radix_sort import stable_order

Ordinals = NDArray[np.integer[Any]]

_ESCAPE = 0xFF
"""An 8-bit cell with this value says: the number stands among the large ones."""

_MERGED_AT_ONCE = 1 << 19
"""About how many pairs a merge holds in memory at a time."""


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Counts of adjacent pairs: three aligned arrays, ascending by key, each key once.

    `keys`: int64, `first << 32 | second` of the terms' ordinals. `counts`: int64, how often the
    pair occurs. `documents`: int64, in how many articles, from 1 to the count.
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]
    documents: NDArray[np.int64]


def least_count(tokens: int) -> int:
    """Say how often a pair must occur to stay in the table of a segment of so many tokens.

    Small segments keep every pair, so that many small updates add up to what one build counts;
    3 costs no relevance at 20 million tokens; beyond that the table's size stays bounded.
    """
    if tokens < 1_000_000:
        return 1
    if tokens < 4_000_000:
        return 2
    return max(3, tokens // 64_000_000)


def count_pairs(terms: Ordinals, articles: Ordinals, positions: Ordinals) -> PairCounts:
    """Count the pairs of tokens that follow each other directly in an article.

    The arguments are those of `FieldTokens`: aligned, by article and position ascending.
    """
    adjacent = articles[1:] == articles[:-1]
    adjacent &= positions[1:] == positions[:-1] + 1
    places = np.flatnonzero(adjacent)
    # By second and then by first term, both stable: the articles of a pair keep their order.
    places = places[stable_order(terms[places + 1])]
    places = places[stable_order(terms[places])]
    keys = terms[places].astype(np.int64) << 32
    keys |= terms[places + 1]
    article = articles[places]
    del places
    new_pair = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new_pair[1:])
    new_article = new_pair.copy()
    new_article[1:] |= article[1:] != article[:-1]
    starts = np.flatnonzero(new_pair)
    counts = np.diff(starts, append=len(keys))
    documents = np.add.reduceat(new_article, starts, dtype=np.int64)
    return PairCounts(keys[starts], counts, documents)


def renumber(pairs: PairCounts, ordinals: Ordinals) -> PairCounts:
    """Give the same pairs with term `t` renamed to `ordinals[t]`; no two terms become one."""
    wide = ordinals.astype(np.int64)
    keys = (wide[pairs.keys >> 32] << 32) | wide[pairs.keys & 0xFFFFFFFF]
    order = np.argsort(keys)
    return PairCounts(keys[order], pairs.counts[order], pairs.documents[order])


def join_pairs(parts: Sequence[PairCounts]) -> PairCounts:
    """Give the rows of all parts one after another."""
    return PairCounts(
        np.concatenate([part.keys for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.documents for part in parts]),
    )


def merge_pairs(tables: Sequence[PairCounts]) -> PairCounts:
    """Add up tables that count different articles."""
    every = join_pairs(tables)
    order = np.argsort(every.keys, kind="stable")
    return _summed(every.keys[order], every.counts[order], every.documents[order])


def subtract_pairs(pairs: PairCounts, removed: PairCounts) -> PairCounts:
    """Take the pairs of deleted articles out again; what a pruned table lacks stays away."""
    at = np.searchsorted(pairs.keys, removed.keys)
    known = at < len(pairs.keys)
    known[known] = pairs.keys[at[known]] == removed.keys[known]
    counts, documents = pairs.counts.copy(), pairs.documents.copy()
    counts[at[known]] -= removed.counts[known]
    documents[at[known]] -= removed.documents[known]
    left = (counts > 0) & (documents > 0)
    return PairCounts(pairs.keys[left], counts[left], documents[left])


def prune_pairs(pairs: PairCounts, least: int) -> PairCounts:
    """Keep the pairs that occur at least so often."""
    kept = pairs.counts >= least
    return PairCounts(pairs.keys[kept], pairs.counts[kept], pairs.documents[kept])


def _summed(
    keys: NDArray[np.int64], counts: NDArray[np.int64], documents: NDArray[np.int64]
) -> PairCounts:
    """Add up the rows of equal keys; keys ascend."""
    if not len(keys):
        return PairCounts(keys, counts, documents)
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return PairCounts(
        keys[starts], np.add.reduceat(counts, starts), np.add.reduceat(documents, starts)
    )


def pair_arrays(pairs: PairCounts, terms: int) -> dict[str, NDArray[Any]]:
    """Lay out the table of a segment with so many terms as arrays for its file, 6 bytes a pair.

    `pair_starts` (uint32, terms + 1) gives each first term its rows, `pair_seconds` (uint32) the
    second terms ascending, `pair_counts` and `pair_documents` (uint8) the numbers; what does not
    fit stands in `pair_large` (uint32): all rows concerned, ascending, then their counts, then
    their document frequencies.
    """
    starts = np.searchsorted(pairs.keys, np.arange(terms + 1, dtype=np.int64) << 32)
    large = np.flatnonzero(pairs.counts >= _ESCAPE)
    return {
        "pair_starts": starts.astype(np.uint32),
        "pair_seconds": (pairs.keys & 0xFFFFFFFF).astype(np.uint32),
        "pair_counts": np.minimum(pairs.counts, _ESCAPE).astype(np.uint8),
        "pair_documents": np.minimum(pairs.documents, _ESCAPE).astype(np.uint8),
        "pair_large": np.concatenate(
            [large, pairs.counts[large], pairs.documents[large]], dtype=np.uint32, casting="unsafe"
        ),
    }


_COLUMNS: dict[str, type[np.generic]] = {
    "pair_starts": np.uint32,
    "pair_seconds": np.uint32,
    "pair_counts": np.uint8,
    "pair_documents": np.uint8,
    "pair_large": np.uint32,
}


class PairTable:
    """The pairs of one segment, read from its (memory-mapped) arrays."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `pair_arrays`; raises ValueError where they contradict each other."""
        found = columns(arrays, _COLUMNS)
        self._starts, self._seconds, self._counts, self._documents, large = found
        self._large = large[: len(large) // 3 * 3].reshape(3, -1)
        rows = {len(self._seconds), len(self._counts), len(self._documents)}
        ascending = (self._starts[1:] >= self._starts[:-1]).all()
        escaped = np.flatnonzero(self._counts == _ESCAPE)
        if (
            rows != {int(self._starts.max(initial=0))}
            or self._starts[:1].any()
            or not ascending
            or self._seconds.max(initial=0) > max(self.terms - 1, 0)
            or not np.array_equal(self._large[0], escaped)
        ):
            message = "the pair table is damaged: its columns contradict each other"
            raise ValueError(f"{message}; build the index again")

    def __len__(self) -> int:
        return len(self._seconds)

    @property
    def terms(self) -> int:
        """How many terms the segment's lexicon has."""
        return len(self._starts) - 1

    def rows(self, first: Ordinals, second: Ordinals) -> NDArray[np.int64]:
        """Find the row of each pair of ordinals, -1 where there is none; any shape.

        Ordinals outside the lexicon (-1 for a term that it lacks) have no pairs.
        """
        return self.rows_of(first.astype(np.int64) << 32 | second)

    def rows_of(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find the row of each key `first << 32 | second`, -1 where there is none; any shape."""
        row = np.searchsorted(self._keys, keys)
        row[row == len(self)] = 0
        found = self._keys[row] == keys if len(self) else np.zeros(keys.shape, np.bool_)
        return np.where(found, row, -1)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """Give `first << 32 | second` of each row: 8 bytes a pair, once asked for."""
        firsts = np.repeat(np.arange(self.terms, dtype=np.int64), self.row_lengths())
        keys: NDArray[np.int64] = firsts << 32 | self._seconds
        return keys

    def numbers(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give counts and document frequencies of rows; 0 for row -1."""
        if not len(self):
            return np.zeros(rows.shape, np.int64), np.zeros(rows.shape, np.int64)
        there = rows >= 0
        at = np.where(there, rows, 0)
        counts = np.where(there, self._counts[at], 0).astype(np.int64)
        documents = np.where(there, self._documents[at], 0).astype(np.int64)
        escaped = np.flatnonzero(counts.ravel() == _ESCAPE)
        if len(escaped):
            large = np.searchsorted(self._large[0], at.ravel()[escaped])
            counts.ravel()[escaped] = self._large[1][large]
            documents.ravel()[escaped] = self._large[2][large]
        return counts, documents

    def neighbours(self, terms: Ordinals) -> tuple[NDArray[np.int64], ...]:
        """Sum up each term's rows: counts as a first term, rows as a first, rows as a second.

        0 for ordinals outside the lexicon.
        """
        inside = (terms >= 0) & (terms < self.terms)
        if not inside.any():
            return tuple(np.zeros(terms.shape, np.int64) for _ in range(3))
        at = np.where(inside, terms, 0)
        successors = self._starts[at + 1].astype(np.int64) - self._starts[at]
        sums = (self._totals[at], successors, self._predecessors[at])
        return tuple(np.where(inside, each, 0).astype(np.int64) for each in sums)

    @cached_property
    def _totals(self) -> NDArray[np.int64]:
        """Give for each first term the sum of its rows' counts."""
        counts = self._counts.astype(np.int64)
        counts[self._large[0]] = self._large[1]
        return np.diff(np.append(0, np.cumsum(counts))[self._starts])

    @cached_property
    def _predecessors(self) -> NDArray[np.int64]:
        """Give for each term in how many rows it is the second."""
        return np.bincount(self._seconds, minlength=self.terms)

    def pairs(self, first: int, last: int) -> PairCounts:
        """Give the rows of the first terms from `first` up to but not including `last`."""
        rows = np.arange(self._starts[first], self._starts[last], dtype=np.int64)
        starts = self._starts[first : last + 1].astype(np.int64)
        firsts = np.repeat(np.arange(first, last, dtype=np.int64), starts[1:] - starts[:-1])
        keys = (firsts << 32) | self._seconds[rows].astype(np.int64)
        return PairCounts(keys, *self.numbers(rows))

    def row_lengths(self) -> NDArray[np.int64]:
        """Say how many rows each first term has."""
        starts = self._starts.astype(np.int64)
        return starts[1:] - starts[:-1]


def merge_tables(
    tables: Sequence[PairTable], ordinals: Sequence[Ordinals], terms: int, least: int
) -> Iterator[PairCounts]:
    """Add up the tables of segments that become one and keep what occurs at least `least` times.

    `ordinals[i]`, ascending, names the terms of table i in the merged lexicon of `terms` terms.
    Gives the result slice by slice of first terms, so that memory is bounded by it.
    """
    rows = np.zeros(terms, np.int64)
    for table, names in zip(tables, ordinals, strict=True):
        rows[names] += table.row_lengths()
    slices = np.cumsum(rows) // _MERGED_AT_ONCE
    bounds = [0, *(np.flatnonzero(np.diff(slices)) + 1).tolist(), terms]
    for low, high in pairwise(bounds):
        parts = []
        for table, names in zip(tables, ordinals, strict=True):
            first, last = np.searchsorted(names, (low, high)).tolist()
            parts.append(renumber(table.pairs(first, last), names))
        yield prune_pairs(merge_pairs(parts), least)
