"""The selection of trigrams: those that are informative beyond the bigrams.

The query decoder restores marks ("chu tich nuoc") by a bigram model, to which most trigrams add
nothing. A trigram is kept where bigrams would prefer another one with the same unmarked letters, or
underestimate it clearly. Its gain is the weighted difference of Seymore and Rosenfeld 1996,
"Scalable backoff language models":

    gain(abc) = n(abc) (log p3 - log p2)

p3 is the trigram's relative frequency among all with the same unmarked letters, p2 the bigrams'
estimate of it. Trigrams of the same letters are kept or pruned together, since the decoder compares
them: each has the gain of the best one. They are selected once the counts of all articles have been
added up, so that the selection does not depend on the order of writes.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import BigramCounts
from index.models.trigrams import (
    LAST_BITS,
    Keys,
    TrigramCounts,
    TrigramLimits,
    context_hash,
    packed_keys,
    rows_in,
    term_hashes,
)
from index.storage.radix_sort import stable_order
from index.vietnamese.forms import fold_each

_WEIGHED_AT_ONCE = 1 << 16  # trigrams, whose gains are computed in 8 MB

_NO_PART = 255  # of a trigram that is too rare or whose bigrams were pruned


def choose_trigrams(
    counted: TrigramCounts,
    bigrams: BigramCounts,
    vocabulary: Sequence[str],
    tokens: int,
    known: NDArray[np.bool_] | None = None,
) -> TrigramCounts:
    """Return the trigrams that are informative beyond the bigrams, with their gains.

    `bigrams` are named by ordinals in `vocabulary`; `tokens` is the number of tokens in
    the index. Those that are `known` to other parts of it are kept regardless of their gain, so
    that the sums over the parts equal those of a single part.

    It takes 34 bytes per bigram and 18 per trigram beside its arguments, at the peak of the memory
    of a build.
    """
    limits = TrigramLimits.of(tokens)
    gains = _gains(counted, bigrams, vocabulary, limits.occurrences)
    kept = gains >= limits.gain
    if known is not None:
        kept |= known
    return TrigramCounts(counted.keys, counted.counts, gains).where(kept)


def _gains(
    trigrams: TrigramCounts, bigrams: BigramCounts, vocabulary: Sequence[str], least_count: int
) -> NDArray[np.float64]:
    """Return the gains over the bigrams, 0 where these have been pruned or a trigram is rarer."""
    count = len(trigrams.keys)
    if not len(bigrams.keys):
        return np.zeros(count)
    estimates = _Estimates(bigrams, vocabulary)
    rows, part_of = np.empty((2, count), np.int32), np.empty(count, np.uint8)
    parts = min(count // _WEIGHED_AT_ONCE + 1, _NO_PART)
    for start in range(0, count, _WEIGHED_AT_ONCE):
        some = slice(start, start + _WEIGHED_AT_ONCE)
        rows[:, some] = estimates.bigrams_of(trigrams.keys[some])
        weighed = (rows[0, some] >= 0) & (trigrams.counts[some] >= least_count)
        part_of[some] = np.where(weighed, estimates.letters_of(*rows[:, some]) % parts, _NO_PART)
    gains = np.zeros(count)
    for part in range(parts):  # those of the same letters are in the same part
        chosen = np.flatnonzero(part_of == part)
        of_chosen, counts = rows[:, chosen], trigrams.counts[chosen]
        letters = estimates.letters_of(*of_chosen)
        log_odds = np.log(counts / _sums(letters, counts) / estimates.of(*of_chosen))
        of_each = log_odds * counts.astype(np.float64)
        gains[chosen] = _reduce_by_group(np.maximum, letters, of_each)
    return gains


class _Estimates:
    """Estimates of trigrams by bigrams: the higher of p(ab) p(c | b) and p(bc) p(a | b).

    Probabilities are those among the bigrams of the same unmarked letters.
    """

    def __init__(self, bigrams: BigramCounts, vocabulary: Sequence[str]) -> None:
        self._bigrams = bigrams
        # Spellings are compared by Python's 64-bit hashes, which are seeded, so that no text can be
        # written to collide: a dictionary of them would take 150 bytes per term.
        spelled = np.fromiter(map(hash, fold_each(vocabulary)), np.int64, len(vocabulary))
        letters, self._folded = np.unique(spelled, return_inverse=True)
        self._letters = len(letters)
        self._contexts, self._followed = self._sorted_keys(term_hashes(vocabulary))
        count = len(bigrams.keys)
        # In the narrowest type that can represent the greatest sum.
        sums = np.empty((3, count), np.min_scalar_type(int(bigrams.counts.sum())))
        for rows in self._rows_by_letters():
            for column, of_rows in zip(sums, self._sums_of(rows), strict=True):
                column[rows] = of_rows
        self._of_pair, self._of_first, self._of_second = sums

    def _sorted_keys(self, hashes: Keys) -> tuple["_SortedKeys", "_SortedKeys"]:
        """Return the bigrams by the hash of both terms, and by the first and the second's hash."""
        count = len(self._bigrams.keys)
        contexts, followed = np.empty(count, np.uint32), np.empty(count, np.int64)
        for start in range(0, count, _WEIGHED_AT_ONCE):
            some = slice(start, start + _WEIGHED_AT_ONCE)
            keys = self._bigrams.keys[some]
            first, last = keys >> 32, hashes[keys & 0xFFFFFFFF]
            contexts[some] = context_hash(hashes[first], last)
            followed[some] = packed_keys(first, last)
        return _SortedKeys.of(contexts), _SortedKeys.of(followed)

    def _rows_by_letters(self) -> Iterator[NDArray[np.int64]]:
        """Yield the rows of the bigrams whose first terms have the same unmarked letters, in parts.

        Those of the same letters are in the same part; most parts have `_WEIGHED_AT_ONCE` rows.
        """
        terms = np.argsort(self._folded, kind="stable")
        starts = np.searchsorted(self._bigrams.keys, np.arange(len(terms) + 1) << 32)
        lengths = np.diff(starts)[terms]
        part = (np.cumsum(lengths) - lengths) // _WEIGHED_AT_ONCE
        folded = self._folded[terms]
        is_first = np.diff(folded, prepend=-1) != 0
        part = part[np.flatnonzero(is_first)][np.cumsum(is_first) - 1]
        bounds = np.flatnonzero(np.diff(part, prepend=-1, append=-1)).tolist()
        for low, high in pairwise(bounds):
            sizes = lengths[low:high]
            ahead = starts[terms[low:high]] - (np.cumsum(sizes) - sizes)
            yield np.repeat(ahead, sizes) + np.arange(int(sizes.sum()))

    def _sums_of(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.float64]]:
        """Yield the sums of groups that have all their bigrams among the rows.

        The groups are bigrams with the same letters; the same first letters and second term; the
        same first term and second letters.
        """
        keys, counts = self._bigrams.keys[rows], self._bigrams.counts[rows]
        first, second = keys >> 32, keys & 0xFFFFFFFF
        terms, folded = len(self._folded), self._folded
        yield _sums(folded[first] * terms + folded[second], counts)
        yield _sums(folded[first] * terms + second, counts)
        yield _sums(first * terms + folded[second], counts)

    def bigrams_of(self, keys: Keys) -> tuple[Keys, Keys]:
        """Return the rows of the bigrams ab and bc of each trigram, -1 where one is missing.

        Of bigrams that share a hash the first one is taken.
        """
        ab = self._contexts.rows(keys >> LAST_BITS)
        bc = self._followed.rows(packed_keys(self._bigrams.keys[ab] & 0xFFFFFFFF, keys))
        known = (ab >= 0) & (bc >= 0)
        return np.where(known, ab, -1), np.where(known, bc, -1)

    def letters_of(self, ab: NDArray[np.int32], bc: NDArray[np.int32]) -> Keys:
        """Return a number for the unmarked letters of each trigram, any where it has no bigrams."""
        pairs, seconds = self._bigrams.keys[ab], self._bigrams.keys[bc] & 0xFFFFFFFF
        letters: Keys = self._folded[pairs >> 32] * self._letters
        letters += self._folded[pairs & 0xFFFFFFFF]
        letters *= self._letters
        letters += self._folded[seconds]
        return letters

    def of(self, ab: NDArray[np.int32], bc: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the estimates of the trigrams of these bigrams."""
        counts = self._bigrams.counts
        forward = counts[ab] / self._of_pair[ab] * (counts[bc] / self._of_second[bc])
        backward = counts[bc] / self._of_pair[bc] * (counts[ab] / self._of_first[ab])
        higher: NDArray[np.float64] = np.maximum(forward, backward)
        return higher


class _SortedKeys(NamedTuple):
    """Keys in ascending order, and the row that each had before."""

    keys: NDArray[np.integer[Any]]
    order: NDArray[np.int32]

    @classmethod
    def of(cls, keys: NDArray[np.integer[Any]]) -> Self:
        """Sort keys; of equal ones the first stays first."""
        order = stable_order(keys).astype(np.int32)
        return cls(keys[order], order)

    def rows(self, wanted: Keys) -> NDArray[np.int64]:
        """Return the first row of each wanted key, -1 where there is none."""
        found = rows_in(self.keys, wanted.astype(self.keys.dtype))
        return np.where(found >= 0, self.order[found], found)


def _sums(groups: Keys, counts: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """Return for each count the sum of its group's."""
    return _reduce_by_group(np.add, groups, counts.astype(np.float64))


def _reduce_by_group(
    reduce: np.ufunc, groups: Keys, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Reduce the values of each group, and return for each value the result of its group."""
    if not len(values):
        return values
    order = stable_order(groups)
    firsts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    reduced = np.empty(len(values))
    sizes = np.diff(firsts, append=len(values))
    reduced[order] = np.repeat(reduce.reduceat(values[order], firsts), sizes)
    return reduced
