"""Bigram counts: how often one syllable directly follows another; counted per part, merged, pruned.

The query decoder uses them as a bigram model. A table stores no strings: terms are ordinals in the
sorted vocabulary of its part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.native import kernels
from index.storage.array_file import typed_arrays
from index.storage.radix_sort import stable_order

Ordinals = NDArray[np.integer[Any]]

_ESCAPE = 0xFF
"""The value of an 8-bit cell whose count is stored in `bigram_large`."""

_MAX_UNPRUNED_TOKENS = 1_000_000
"""Parts of fewer tokens keep every bigram, so that many small updates add up to the counts of one
build. Arbitrary."""

_MIN_TOKENS_FOR_COUNT_3 = 4_000_000
"""From this size on, a bigram must occur 3 times; at 20 million tokens this costs no relevance."""

_TOKENS_PER_COUNT = 64_000_000
"""Beyond three times this many tokens, the minimum count grows in proportion, which bounds the
table. Arbitrary."""


@dataclass(frozen=True, slots=True)
class BigramCounts:
    """Counts of bigrams: two aligned int64 arrays, sorted by key, without duplicate keys.

    `keys`: `first << 32 | second` of the terms' ordinals. `counts`: occurrences of the bigram.
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "BigramCounts":
        """Return the rows selected by a mask."""
        return BigramCounts(self.keys[chosen], self.counts[chosen])


class ContextCounts(NamedTuple):
    """Statistics of the bigrams of some terms: three aligned arrays.

    `total`: occurrences of all bigrams that begin with the term. `successors` and `predecessors`:
    how many distinct terms follow and precede it.
    """

    total: NDArray[np.int64]
    successors: NDArray[np.int64]
    predecessors: NDArray[np.int64]


def min_count(tokens: int) -> int:
    """Return the count below which bigrams of a part with this number of tokens are pruned.

    >>> min_count(10), min_count(2_000_000), min_count(20_000_000), min_count(640_000_000)
    (1, 2, 3, 10)
    """
    if tokens < _MAX_UNPRUNED_TOKENS:
        return 1
    if tokens < _MIN_TOKENS_FOR_COUNT_3:
        return 2
    return max(3, tokens // _TOKENS_PER_COUNT)


def count_bigrams(terms: Ordinals, articles: Ordinals, positions: Ordinals) -> BigramCounts:
    """Count the pairs of tokens at consecutive positions of the same article.

    The arguments are aligned, as in `FieldTokens`, and sorted by article and position.

    >>> one = np.array
    >>> counted = count_bigrams(one([7, 8, 7, 8]), one([0, 0, 0, 1]), one([0, 1, 2, 3]))
    >>> [(int(key) >> 32, int(key) & 0xFFFFFFFF) for key in counted.keys]
    [(7, 8), (8, 7)]
    """
    adjacent = articles[1:] == articles[:-1]
    adjacent &= positions[1:] == positions[:-1] + 1
    firsts = np.flatnonzero(adjacent)
    # A flush of news has about 30,000 terms: two ordinals fit 32 bits, which sort in half the time.
    half = 32 if int(terms.max(initial=0)) >> 16 else 16
    dtype: type[np.int64 | np.uint32] = np.int64 if half == 32 else np.uint32
    packed: NDArray[np.int64 | np.uint32] = terms[firsts].astype(dtype)
    packed <<= half
    packed |= terms[firsts + 1].astype(dtype)
    del firsts
    packed.sort()
    starts = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1]))[: len(packed)])
    counts = np.diff(starts, append=len(packed))
    keys = packed[starts].astype(np.int64)
    return BigramCounts(keys >> half << 32 | keys & (1 << half) - 1, counts)


def renumber(bigrams: BigramCounts, ordinals: Ordinals) -> BigramCounts:
    """Return the bigrams with each ordinal `t` replaced by `ordinals[t]` (distinct)."""
    wide = ordinals.astype(np.int64)
    keys = (wide[bigrams.keys >> 32] << 32) | wide[bigrams.keys & 0xFFFFFFFF]
    if (wide[1:] > wide[:-1]).all():  # as where vocabularies are merged: the order is the same
        return BigramCounts(keys, bigrams.counts)
    order = stable_order(keys)
    return BigramCounts(keys[order], bigrams.counts[order])


def join_bigrams(parts: Sequence[BigramCounts]) -> BigramCounts:
    """Concatenate the rows of all parts."""
    return BigramCounts(
        np.concatenate([np.empty(0, np.int64), *(part.keys for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.counts for part in parts)]),
    )


def merge_bigrams(tables: Sequence[BigramCounts]) -> BigramCounts:
    """Return the sum of tables that count different articles."""
    every = join_bigrams(tables)
    if not len(every.keys):
        return every
    order = stable_order(every.keys)
    keys, counts = every.keys[order], every.counts[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return BigramCounts(keys[starts], np.add.reduceat(counts, starts))


def prune_bigrams(bigrams: BigramCounts, min_count: int) -> BigramCounts:
    """Return the bigrams that occur at least `min_count` times."""
    return bigrams.where(bigrams.counts >= min_count)


def bigram_arrays(bigrams: BigramCounts, terms: int) -> dict[str, NDArray[Any]]:
    """Return the table of a part with `terms` terms as arrays for its file, 5 bytes per bigram.

    `bigram_starts` (uint32, terms + 1): the first row of each first term. `bigram_seconds`
    (uint32): the second terms, ascending for each first term. `bigram_counts` (uint8): the counts,
    or 255 if the count is in `bigram_large` (uint64), which has the numbers of these rows,
    ascending, and then their counts. `bigram_known` (uint8), in parts that were written beside
    others: the result of `known_bigrams`, one bit per row.
    """
    starts = np.searchsorted(bigrams.keys, np.arange(terms + 1, dtype=np.int64) << 32)
    large = np.flatnonzero(bigrams.counts >= _ESCAPE)
    return {
        "bigram_starts": starts.astype(np.uint32),
        "bigram_seconds": (bigrams.keys & 0xFFFFFFFF).astype(np.uint32),
        "bigram_counts": np.minimum(bigrams.counts, _ESCAPE).astype(np.uint8),
        "bigram_large": np.concatenate([large, bigrams.counts[large]]).astype(np.uint64),
    }


_COLUMNS: dict[str, type[np.generic]] = {
    "bigram_starts": np.uint32,
    "bigram_seconds": np.uint32,
    "bigram_counts": np.uint8,
    "bigram_large": np.uint64,
}


def _count_ordinals(ordinals: NDArray[np.uint32], size: int) -> NDArray[np.int64]:
    return np.bincount(ordinals, minlength=size)


class BigramTable:
    """The bigrams of one part, read from its (memory-mapped) arrays."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `bigram_arrays`. Raises ValueError if they are inconsistent."""
        self._starts, self._seconds, self._counts, large = typed_arrays(arrays, _COLUMNS)
        half = len(large) // 2
        self._large_rows = large[:half].astype(np.int64)
        self._large_counts = large[half : 2 * half].astype(np.int64)
        self._known: NDArray[np.bool_] | None = None
        if "bigram_known" in arrays:
            self._known = _bits(arrays["bigram_known"], len(self._seconds))
        self._contexts: dict[int, ContextCounts] = {}  # by the least count; a memo
        ascending = (self._starts[1:] >= self._starts[:-1]).all()
        escaped = np.flatnonzero(self._counts == _ESCAPE)
        if (
            {len(self._seconds), len(self._counts)} != {int(self._starts.max(initial=0))}
            or self._starts[:1].any()
            or not ascending
            or self._seconds.max(initial=0) > max(self.terms - 1, 0)
            or not np.array_equal(self._large_rows, escaped)
        ):
            message = "the bigram table is damaged: its columns are inconsistent"
            raise ValueError(f"{message}; build the index again")

    def __len__(self) -> int:
        return len(self._seconds)

    def distinct(self, least: int = 1) -> int:
        """Return the number of bigrams that the other parts do not have; see `neighbours`."""
        return len(self) if self._known is None else int(self._sums(least).successors.sum())

    @property
    def terms(self) -> int:
        """The number of terms in the part's vocabulary."""
        return len(self._starts) - 1

    def rows_of(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each key `first << 32 | second`, -1 if it has none.

        The result has the shape of `keys`. Ordinals outside the vocabulary are allowed (-1 for an
        unknown term): their keys have no row.
        """
        if kernels:
            found_rows = kernels.bigram_rows(self._starts, self._seconds, keys.ravel())
            return found_rows.reshape(keys.shape)
        row = np.searchsorted(self._keys, keys)
        row[row == len(self)] = 0
        found = self._keys[row] == keys if len(self) else np.zeros(keys.shape, np.bool_)
        return np.where(found, row, -1)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """`first << 32 | second` of each row: 8 bytes per bigram; not for compiled code."""
        # In place: allocating another array of all rows takes longer than filling it.
        keys = np.repeat(np.arange(self.terms, dtype=np.int64) << 32, self.row_lengths())
        keys |= self._seconds
        return keys

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the count of each row, 0 for row -1; int64, same shape as `rows`."""
        if not len(self):
            return np.zeros(rows.shape, np.int64)
        counts: NDArray[np.int64] = np.where(rows >= 0, self._counts[rows], 0).astype(np.int64)
        escaped = np.flatnonzero(counts.ravel() == _ESCAPE)
        if len(escaped):
            large = np.searchsorted(self._large_rows, rows.ravel()[escaped])
            counts.ravel()[escaped] = self._large_counts[large]
        return counts

    def neighbours(self, terms: Ordinals, least: int = 1) -> ContextCounts:
        """Return the statistics of each term's bigrams: int64, aligned with `terms`.

        They are 0 for ordinals outside the vocabulary. If `bigram_known` says which bigrams other
        parts have, too, successors and predecessors are those of bigrams that only this part has
        and that occur at least `least` times; rarer ones of this part alone are not in the total.
        """
        inside = (terms >= 0) & (terms < self.terms)
        if not inside.any():
            return ContextCounts(*(np.zeros(terms.shape, np.int64) for _ in range(3)))
        known_terms = np.where(inside, terms, 0)
        sums = (column[known_terms] for column in self._sums(least))
        return ContextCounts(*(np.where(inside, each, 0).astype(np.int64) for each in sums))

    def _sums(self, least: int) -> ContextCounts:
        """Return the statistics of all terms."""
        sums = self._contexts.get(least)
        if sums is None:
            if self._known is None:
                count = kernels.count_ordinals if kernels else _count_ordinals
                seconds = count(self._seconds, self.terms)
                sums = ContextCounts(self._totals(), self.row_lengths(), seconds)
            else:
                sums = self._sums_beside_others(self._known, least)
            self._contexts[least] = sums
        return sums

    def _sums_beside_others(self, known: NDArray[np.bool_], least: int) -> ContextCounts:
        own = ~known & (self._counts >= min(least, _ESCAPE))
        counts = self.counts(np.arange(len(self)))
        counts[~(known | own)] = 0
        totals, successors = (
            np.diff(np.concatenate([np.zeros(1, np.int64), np.cumsum(each)])[self._starts])
            for each in (counts, own)
        )
        return ContextCounts(
            totals, successors, np.bincount(self._seconds[own], minlength=self.terms)
        )

    def _totals(self) -> NDArray[np.int64]:
        """Return the sum of the counts of each first term's rows."""
        # No copy of all counts in 64 bits: it would take 8 bytes per bigram, and most of the time.
        starts = self._starts[:-1].astype(np.int64)
        totals = np.add.reduceat(np.append(self._counts, np.uint8(0)), starts, dtype=np.int64)
        totals[self._starts[1:] == starts] = 0  # for a term without rows, reduceat takes the next
        firsts = np.searchsorted(starts, self._large_rows, side="right") - 1
        np.add.at(totals, firsts, self._large_counts.astype(np.int64) - _ESCAPE)
        return totals

    def bigrams(self, first: int, last: int) -> BigramCounts:
        """Return the bigrams whose first terms are the ordinals [first, last)."""
        rows = np.arange(self._starts[first], self._starts[last], dtype=np.int64)
        starts = self._starts[first : last + 1].astype(np.int64)
        firsts = np.repeat(np.arange(first, last, dtype=np.int64), starts[1:] - starts[:-1])
        keys = (firsts << 32) | self._seconds[rows].astype(np.int64)
        return BigramCounts(keys, self.counts(rows))

    def without(
        self, rows: NDArray[np.int64], removed: NDArray[np.int64], min_count: int
    ) -> "BigramTable":
        """Return a copy with `removed` subtracted from the counts of `rows`.

        `rows` ascend without duplicates. Those left with a count below `min_count` are dropped. If
        the table was pruned by the same minimum, the copy equals a table counted from the remaining
        articles.
        """
        left = self.counts(rows) - removed
        left[left < min_count] = 0
        counts = self._counts.copy()
        counts[rows] = np.minimum(left, _ESCAPE)
        stays = np.ones(len(self), np.bool_)
        stays[rows] = left > 0
        large = np.flatnonzero(counts == _ESCAPE)
        large_counts = self.counts(large)
        large_counts[np.isin(large, rows)] = left[np.isin(rows, large)]
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(stays)])
        known = self._known
        bits = {} if known is None else {"bigram_known": np.packbits(known[stays])}
        return BigramTable(
            {
                **bits,
                "bigram_starts": before[self._starts].astype(np.uint32),
                "bigram_seconds": self._seconds[stays],
                "bigram_counts": counts[stays],
                "bigram_large": np.concatenate([before[large], large_counts]).astype(np.uint64),
            }
        )

    def row_lengths(self) -> NDArray[np.int64]:
        """Return the number of rows of each first term."""
        starts = self._starts.astype(np.int64)
        return starts[1:] - starts[:-1]


def _bits(packed: NDArray[Any], count: int) -> NDArray[np.bool_]:
    if packed.dtype != np.uint8 or len(packed) != -(-count // 8):
        raise ValueError("the bigram table is damaged: not a bit for each row")
    return np.unpackbits(packed, count=count).astype(np.bool_)
