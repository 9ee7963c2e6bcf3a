"""Trigram counts, pruned by weighted difference from the bigram model.

The query decoder restores marks ("chu tich nuoc") by a bigram model, to which most trigrams add
nothing. A trigram is kept where bigrams would prefer another one with the same unmarked letters, or
underestimate it clearly. Its gain is the weighted difference of Seymore and Rosenfeld 1996,
"Scalable backoff language models":

    gain(abc) = n(abc) (log p3 - log p2)

p3 is the trigram's relative frequency among all with the same unmarked letters, p2 the bigrams'
estimate of it. Trigrams of the same letters are kept or pruned together, since the decoder compares
them: each has the gain of the best one. Terms are stored as hashes, 32 bits for the first two and
16 for the last, so that tables of different vocabularies can be added.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import BigramCounts, Ordinals
from index.storage.array_file import typed_arrays
from index.storage.radix_sort import stable_order
from index.vietnamese.forms import fold_each

MIN_COUNT = 2
"""Occurrences of a trigram in a run of articles; singletons are cut off as by SRILM's default for
trigrams."""

MIN_GAIN_NATS = 0.5
"""Gain that a trigram needs in a small part; half a nat is odds of 1.65 : 1. Arbitrary."""

TOKENS_PER_NAT = 8_000_000
"""The required gain grows by a nat with every 8 million tokens, which bounds the table: gains are
weighted by counts, which grow with the index. Arbitrary."""

MAX_MERGED_ROWS = 1 << 18
"""Trigrams that a merge holds in memory at a time, about: 16 MB."""

_MAX_UINT16 = (1 << 16) - 1
_GAIN_UNIT = 0.1  # nats; gains are compared with `min_gain`, a tenth of a nat is precise enough
_LAST_BITS = 16  # a collision matters only among the terms that follow the same two

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrigramCounts:
    """Trigrams as three aligned arrays, ascending by key, each key once.

    `keys`: int64, hash of the first two terms (32 bits) << 16 | hash of the last. `counts`: int64,
    how often the trigram occurs. `gains`: float64, its gain in nats.
    """

    keys: Keys
    counts: NDArray[np.int64]
    gains: NDArray[np.float64]


def min_gain(tokens: int) -> float:
    """Return the gain below which trigrams of a part with this number of tokens are pruned.

    >>> min_gain(0), min_gain(16_000_000)
    (0.5, 2.5)
    """
    return MIN_GAIN_NATS + tokens / TOKENS_PER_NAT


def count_trigrams(
    terms: Ordinals,
    articles: Ordinals,
    positions: Ordinals,
    bigrams: BigramCounts,
    vocabulary: Sequence[str],
) -> TrigramCounts:
    """Count the trigrams of adjacent tokens, and keep those of at least `MIN_GAIN_NATS`.

    The first three arguments are those of `count_bigrams`, and `bigrams` is its result.
    """
    packed, width = _packed(terms, articles, positions)
    starts = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1])))
    counts = np.diff(np.append(starts, len(packed))) if len(packed) else starts
    frequent = counts >= MIN_COUNT
    rows, counts = packed[starts[frequent]] if len(packed) else packed, counts[frequent]
    del packed, starts, frequent  # 30 MB of a run, when `_gains` takes most
    if not len(rows):
        return join_trigrams([])
    mask = (1 << width) - 1
    trigrams = np.array([rows >> 2 * width, rows >> width & mask, rows & mask])
    gains = _gains(trigrams, counts, bigrams, vocabulary)
    kept = gains >= MIN_GAIN_NATS
    hashes = _hashes(vocabulary)[trigrams[:, kept]]
    keys = _keys(_context(hashes[0], hashes[1]), hashes[2])
    return _summed(TrigramCounts(keys, counts[kept], gains[kept]))


def trigram_keys(
    terms: Ordinals, articles: Ordinals, positions: Ordinals, vocabulary: Sequence[str]
) -> Keys:
    """Return the key of every three adjacent tokens, in reading order.

    The arguments are those of `count_trigrams`.
    """
    adjacent = (articles[2:] == articles[:-2]) & (positions[2:] == positions[:-2] + 2)
    hashes = _hashes(vocabulary)[terms]
    first, second, last = (hashes[at : len(terms) - 2 + at] for at in range(3))
    return _keys(_context(first[adjacent], second[adjacent]), last[adjacent])


def _packed(terms: Ordinals, articles: Ordinals, positions: Ordinals) -> tuple[Keys, int]:
    """Return every trigram packed into one integer, ascending, and the bits of a term in it."""
    width = int(terms.max(initial=0)).bit_length()
    if 3 * width > 63:  # over 2 million terms, as no run of real text has: keep no trigrams
        return np.zeros(0, np.int64), 0
    adjacent = (articles[2:] == articles[:-2]) & (positions[2:] == positions[:-2] + 2)
    packed = np.zeros(np.count_nonzero(adjacent), np.int64)
    for shift in range(3):
        packed <<= width
        packed |= terms[shift : len(terms) - 2 + shift][adjacent]
    packed.sort()
    return packed, width


def _gains(
    trigrams: Keys, counts: NDArray[np.int64], bigrams: BigramCounts, vocabulary: Sequence[str]
) -> NDArray[np.float64]:
    """Return the gains of trigrams, given as (3, n) ordinals, over the bigrams.

    The bigrams' estimate is the higher one of p(ab) p(c | b) and p(bc) p(a | b), each among the
    bigrams of the same unmarked letters.
    """
    # Spellings are told apart by Python's 64-bit hashes, which a text cannot be written to meet:
    # a dictionary of them would take 150 bytes a term.
    spelled = np.fromiter(map(hash, fold_each(vocabulary)), np.int64, len(vocabulary))
    letters, folded = np.unique(spelled, return_inverse=True)
    first = (bigrams.keys >> 32).astype(np.int32)
    second = (bigrams.keys & 0xFFFFFFFF).astype(np.int32)
    terms, counted = len(vocabulary), bigrams.counts
    ab = np.searchsorted(bigrams.keys, trigrams[0] << 32 | trigrams[1])
    bc = np.searchsorted(bigrams.keys, trigrams[1] << 32 | trigrams[2])
    # Of the shares of all bigrams, one after another, only those of these trigrams are kept.
    p_pair = _shares(folded[first] * terms + folded[second], counted)
    p_ab, p_bc = p_pair[ab], p_pair[bc]
    del p_pair
    p_a_given_b = _shares(folded[first] * terms + second, counted)[ab]
    p_c_given_b = _shares(first.astype(np.int64) * terms + folded[second], counted)[bc]
    by_bigrams = np.maximum(p_ab * p_c_given_b, p_bc * p_a_given_b)
    a, b, c = folded[trigrams]
    same_letters = (a * len(letters) + b) * len(letters) + c
    p_trigram = _shares(same_letters, counts)
    gains: NDArray[np.float64] = np.log(p_trigram / by_bigrams)
    gains *= counts
    return _reduce_by_group(np.maximum, same_letters, gains)


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


def trigram_arrays(trigrams: TrigramCounts) -> dict[str, NDArray[Any]]:
    """Return a table as the arrays of its file, 10 bytes a trigram.

    `trigram_contexts` (uint32) and `trigram_lasts` (uint16) are the two parts of the keys,
    `trigram_counts` (uint16, at most 65,535: only ratios of small counts matter) and
    `trigram_gains` (uint16, in tenths of a nat).
    """
    counts = np.minimum(trigrams.counts, _MAX_UINT16)
    gains = np.minimum(np.round(trigrams.gains / _GAIN_UNIT), _MAX_UINT16)
    return {
        "trigram_contexts": (trigrams.keys >> _LAST_BITS).astype(np.uint32),
        "trigram_lasts": (trigrams.keys & _MAX_UINT16).astype(np.uint16),
        "trigram_counts": counts.astype(np.uint16),
        "trigram_gains": gains.astype(np.uint16),
    }


_COLUMNS: dict[str, type[np.generic]] = {
    "trigram_contexts": np.uint32,
    "trigram_lasts": np.uint16,
    "trigram_counts": np.uint16,
    "trigram_gains": np.uint16,
}


class TrigramTable:
    """The trigrams of one part, over its memory-mapped arrays without a copy."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `trigram_arrays`; raises ValueError where they are inconsistent."""
        self._contexts, self._lasts, self._counts, self._gains = typed_arrays(arrays, _COLUMNS)
        sizes = {len(self._contexts), len(self._lasts), len(self._counts), len(self._gains)}
        if len(sizes) != 1 or (self._contexts[1:] < self._contexts[:-1]).any():
            message = "the trigram table is damaged: its columns are inconsistent"
            raise ValueError(f"{message}; build the index again")

    def __len__(self) -> int:
        return len(self._contexts)

    def trigrams(self, low: int, high: int) -> TrigramCounts:
        """Return the rows with contexts from `low` up to but not including `high`."""
        start = int(self._contexts.searchsorted(np.uint32(low)))
        stop = int(self._contexts.searchsorted(np.uint32(high - 1), side="right"))
        keys = _keys(self._contexts[start:stop].astype(np.int64), self._lasts[start:stop])
        gains = self._gains[start:stop] * _GAIN_UNIT
        return TrigramCounts(keys, self._counts[start:stop].astype(np.int64), gains)

    def rows_of(self, keys: Keys) -> NDArray[np.int64]:
        """Return the row of each key (see `trigram_keys`), -1 where there is none."""
        own = _keys(self._contexts.astype(np.int64), self._lasts)
        row = np.searchsorted(own, keys)
        found = own.take(row, mode="clip") == keys if len(own) else np.zeros(keys.shape, np.bool_)
        return np.where(found, row, -1)

    def without(
        self, rows: NDArray[np.int64], removed: NDArray[np.int64], min_gain_nats: float
    ) -> "TrigramTable":
        """Return a copy with `removed` taken from the counts of rows (ascending, each once).

        Gains shrink with the counts. The copy is about what the articles left would be counted to:
        trigrams are kept and pruned in each run of articles, and these begin elsewhere then.
        """
        counts, gains = self._counts.astype(np.int64), self._gains.astype(np.float64)
        before = counts[rows]
        counts[rows] = np.maximum(before - removed, 0)
        gains[rows] *= counts[rows] / np.maximum(before, 1)
        stays = (counts >= MIN_COUNT) & (gains * _GAIN_UNIT >= min_gain_nats)
        return TrigramTable(
            {
                "trigram_contexts": self._contexts[stays],
                "trigram_lasts": self._lasts[stays],
                "trigram_counts": counts[stays].astype(np.uint16),
                "trigram_gains": np.round(gains[stays]).astype(np.uint16),
            }
        )

    def following(self, contexts: Sequence[tuple[str, str]]) -> list[dict[int, int]]:
        """Return for each pair of terms the counts of the third terms, by `last_hash`."""
        terms = [term for context in contexts for term in context]
        wanted = _context(*_hashes(terms).reshape(-1, 2).T)
        starts = np.searchsorted(self._contexts, wanted.astype(np.uint32)).tolist()
        ends = np.searchsorted(self._contexts, wanted.astype(np.uint32), side="right").tolist()
        return [
            dict(zip(self._lasts[a:b].tolist(), self._counts[a:b].tolist(), strict=True))
            for a, b in zip(starts, ends, strict=True)
        ]


def merge_trigram_tables(
    tables: Sequence[TrigramTable], min_gain_nats: float, rows_at_once: int = MAX_MERGED_ROWS
) -> Iterator[TrigramCounts]:
    """Yield the sum of tables that count different articles, pruned below `min_gain_nats`.

    Each item has one range of contexts, which bounds the memory: contexts are hashes and so evenly
    distributed.
    """
    ranges = sum(map(len, tables)) // rows_at_once + 1
    bounds = np.linspace(0, 1 << 32, ranges + 1).astype(np.int64).tolist()
    for low, high in pairwise(bounds):
        summed = _summed(join_trigrams([table.trigrams(low, high) for table in tables]))
        kept = summed.gains >= min_gain_nats
        yield TrigramCounts(summed.keys[kept], summed.counts[kept], summed.gains[kept])


def join_trigrams(parts: Sequence[TrigramCounts]) -> TrigramCounts:
    """Concatenate the rows of all parts."""
    return TrigramCounts(
        np.concatenate([np.empty(0, np.int64), *(part.keys for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.counts for part in parts)]),
        np.concatenate([np.empty(0), *(part.gains for part in parts)]),
    )


def _summed(trigrams: TrigramCounts) -> TrigramCounts:
    """Return the rows, given in any order, with those of equal keys added up."""
    keys, at = np.unique(trigrams.keys, return_inverse=True)
    counts = np.bincount(at, trigrams.counts, len(keys)).astype(np.int64)
    return TrigramCounts(keys, counts, np.bincount(at, trigrams.gains, len(keys)).astype(float))


def last_hash(term: str) -> int:
    """Return the 16-bit hash that stands for a term as the last of a trigram."""
    return crc32(term.encode("utf-8", "surrogatepass")) & _MAX_UINT16


def _hashes(terms: Sequence[str]) -> Keys:
    encoded = (term.encode("utf-8", "surrogatepass") for term in terms)
    return np.fromiter(map(crc32, encoded), np.int64, len(terms))


def _context(first: Keys, second: Keys) -> Keys:
    """Mix the hashes of two terms into 32 bits; the order of the terms matters."""
    return (first * 0x9E3779B1 + second) & 0xFFFFFFFF


def _keys(contexts: Keys, lasts: NDArray[np.integer[Any]]) -> Keys:
    return contexts << _LAST_BITS | (lasts.astype(np.int64) & _MAX_UINT16)
