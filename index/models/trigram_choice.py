"""Which trigrams are kept: those that tell more than the bigrams.

The query decoder restores marks ("chu tich nuoc") by a bigram model, to which most trigrams add
nothing. A trigram is kept where bigrams would prefer another one with the same unmarked letters, or
underestimate it clearly. Its gain is the weighted difference of Seymore and Rosenfeld 1996,
"Scalable backoff language models":

    gain(abc) = n(abc) (log p3 - log p2)

p3 is the trigram's relative frequency among all with the same unmarked letters, p2 the bigrams'
estimate of it. Trigrams of the same letters are kept or pruned together, since the decoder compares
them: each has the gain of the best one. They are chosen when the counts of all articles have been
added up: the choice depends on the articles, not on the steps that wrote them.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

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

_WEIGHED_AT_ONCE = 1 << 17  # trigrams, whose gains are computed in 16 MB


def choose_trigrams(
    counted: TrigramCounts,
    bigrams: BigramCounts,
    vocabulary: Sequence[str],
    tokens: int,
    known: NDArray[np.bool_] | None = None,
) -> TrigramCounts:
    """Return the trigrams that tell more than the bigrams of the same articles, with their gains.

    `bigrams` are named by ordinals in `vocabulary`; `tokens` has the index. Those that are `known`
    to other parts of it are kept whatever they gain, for the sums to be those of one part.
    """
    if known is None:
        known = np.zeros(len(counted.keys), np.bool_)
    limits = TrigramLimits.of(tokens)
    frequent = np.flatnonzero(counted.counts >= limits.occurrences)
    gains = np.zeros(len(counted.keys))
    gains[frequent] = _gains(counted.where(frequent), bigrams, vocabulary)
    return TrigramCounts(counted.keys, counted.counts, gains).where(known | (gains >= limits.gain))


def _gains(
    trigrams: TrigramCounts, bigrams: BigramCounts, vocabulary: Sequence[str]
) -> NDArray[np.float64]:
    """Return the gains of trigrams over the bigrams, 0 where these have been pruned."""
    count = len(trigrams.keys)
    if not len(bigrams.keys):
        return np.zeros(count)
    estimates = _Estimates(bigrams, vocabulary)
    rows = np.empty((2, count), np.int32)
    letters = np.empty(count, np.int64)
    for start in range(0, count, _WEIGHED_AT_ONCE):
        some = slice(start, start + _WEIGHED_AT_ONCE)
        rows[:, some] = estimates.bigrams_of(trigrams.keys[some])
        letters[some] = estimates.letters_of(*rows[:, some])
    gains = np.zeros(count)
    parts = count // _WEIGHED_AT_ONCE + 1
    for part in range(parts):  # those of the same letters are in the same part
        chosen = np.flatnonzero((letters % parts == part) & (letters >= 0))
        same, counts = letters[chosen], trigrams.counts[chosen]
        log_odds = np.log(_shares(same, counts) / estimates.of(*rows[:, chosen]))
        of_each = log_odds * counts.astype(np.float64)
        gains[chosen] = _reduce_by_group(np.maximum, same, of_each)
    return gains


class _Estimates:
    """What bigrams tell of trigrams: the higher one of p(ab) p(c | b) and p(bc) p(a | b).

    Each is among the bigrams of the same unmarked letters.
    """

    def __init__(self, bigrams: BigramCounts, vocabulary: Sequence[str]) -> None:
        first, second = bigrams.keys >> 32, bigrams.keys & 0xFFFFFFFF
        hashes = term_hashes(vocabulary)
        self._contexts = _SortedKeys.of(context_hash(hashes[first], hashes[second]))
        self._followed = _SortedKeys.of(packed_keys(first, hashes[second]))
        # Spellings are told apart by Python's 64-bit hashes, which a text cannot be written to
        # meet: a dictionary of them would take 150 bytes a term.
        spelled = np.fromiter(map(hash, fold_each(vocabulary)), np.int64, len(vocabulary))
        letters, folded = np.unique(spelled, return_inverse=True)
        terms, counts = len(vocabulary), bigrams.counts
        self._letters = len(letters)
        self._second = second
        self._folded = folded[first], folded[second]
        self._p_pair = _shares(folded[first] * terms + folded[second], counts)
        self._p_first = _shares(folded[first] * terms + second, counts)
        self._p_second = _shares(first * terms + folded[second], counts)

    def bigrams_of(self, keys: Keys) -> tuple[Keys, Keys]:
        """Return the rows of the bigrams ab and bc of each trigram, -1 where one is missing.

        Of bigrams that share a hash the first one is taken.
        """
        ab = self._contexts.rows(keys >> LAST_BITS)
        bc = self._followed.rows(packed_keys(self._second[ab], keys))
        known = (ab >= 0) & (bc >= 0)
        return np.where(known, ab, -1), np.where(known, bc, -1)

    def letters_of(self, ab: NDArray[np.int32], bc: NDArray[np.int32]) -> Keys:
        """Return a number for the unmarked letters of each trigram, -1 where it has no bigrams."""
        first, second = self._folded
        letters: Keys = (first[ab] * self._letters + second[ab]) * self._letters + second[bc]
        return np.where(ab >= 0, letters, -1)

    def of(self, ab: NDArray[np.int32], bc: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the estimates of the trigrams of these bigrams."""
        forward, backward = self._p_pair[ab] * self._p_second[bc], self._p_pair[bc]
        return np.maximum(forward, backward * self._p_first[ab])


class _SortedKeys(NamedTuple):
    """Keys in ascending order, and the row that each had before."""

    keys: Keys
    order: NDArray[np.int64]

    @classmethod
    def of(cls, keys: Keys) -> Self:
        """Sort keys; of equal ones the first stays first."""
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], order)

    def rows(self, wanted: Keys) -> NDArray[np.int64]:
        """Return the first row of each wanted key, -1 where there is none."""
        found = rows_in(self.keys, wanted)
        return np.where(found >= 0, self.order[found], found)


def _shares(groups: Keys, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each count in the sum of its group's."""
    return counts / _reduce_by_group(np.add, groups, counts.astype(np.float64))


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
