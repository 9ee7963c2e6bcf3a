"""Trigram counts: how often three syllables occur in a row. Counted per flush, merged, selected.

Most trigrams add nothing to the bigrams; `trigram_choice` selects those that a finished part keeps.
Terms are stored as hashes, 32 bits for the first two and 16 for the last, so that tables of
different vocabularies can be added.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import Ordinals, min_count
from index.storage.array_file import typed_arrays

MIN_COUNT = 2
"""Occurrences of a trigram; singletons are cut off as by SRILM's default for trigrams. In a larger
index as many as of a bigram, whose counts the gains are computed from."""

MIN_GAIN_NATS = 0.5
"""Gain that a trigram needs in a small part; half a nat is odds of 1.65 : 1. Arbitrary."""

TOKENS_PER_NAT = 8_000_000
"""The required gain grows by a nat with every 8 million tokens, which bounds the table: gains are
weighted by counts, which grow with the index. Arbitrary."""

MAX_MERGED_ROWS = 1 << 18
"""Trigrams that a merge keeps in memory at a time, about: 16 MB."""

_COUNTED_AT_ONCE = 1 << 18  # tokens, whose hashes take 16 MB

_MAX_UINT16 = (1 << 16) - 1
_GAIN_UNIT = 0.1  # nats; gains are compared with a limit; a tenth of a nat is precise enough
LAST_BITS = 16
"""Bits of the last term's hash: a collision matters only among terms that follow the same two."""

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrigramCounts:
    """Trigrams as three aligned arrays, ascending by key, each key once.

    `keys`: int64, hash of the first two terms (32 bits) << 16 | hash of the last. `counts`: int32
    or int64, how often the trigram occurs. `gains`: float64, its gain in nats; see `no_gains`.
    """

    keys: Keys
    counts: NDArray[np.integer[Any]]
    gains: NDArray[np.float64]

    def where(self, chosen: NDArray[np.bool_]) -> "TrigramCounts":
        """Return the rows that a mask chooses."""
        keys = self.keys[chosen]
        gains = self.gains[chosen] if self.gains.any() else no_gains(len(keys))
        return TrigramCounts(keys, self.counts[chosen], gains)


def no_gains(trigrams: int) -> NDArray[np.float64]:
    """Return the gains of trigrams for which none were computed: zeros that take no memory."""
    return np.broadcast_to(np.zeros(1), (trigrams,))


class TrigramLimits(NamedTuple):
    """How often a trigram must occur to be kept, and what it must gain."""

    occurrences: int
    gain: float

    @classmethod
    def of(cls, tokens: int) -> Self:
        """Return the limits of an index with this number of tokens.

        The gain grows in steps, at powers of two, so that a few articles fewer rarely change it.

        >>> TrigramLimits.of(0), TrigramLimits.of(16_000_000)
        (TrigramLimits(occurrences=2, gain=0.5), TrigramLimits(occurrences=3, gain=1.548576))
        """
        step = 1 << tokens.bit_length() - 1 if tokens else 0
        return cls(max(MIN_COUNT, min_count(tokens)), MIN_GAIN_NATS + step / TOKENS_PER_NAT)


def count_trigrams(
    terms: Ordinals, articles: Ordinals, positions: Ordinals, vocabulary: Sequence[str]
) -> TrigramCounts:
    """Count the trigrams of adjacent tokens; none is pruned, and none has a gain yet.

    The first three arguments are those of `count_bigrams`.
    """
    keys = trigram_keys(terms, articles, positions, vocabulary)
    keys.sort()
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
    tokens, keys = len(keys), keys[starts]  # 8 bytes a token less
    counts = np.diff(starts, append=tokens)
    return TrigramCounts(keys, counts, no_gains(len(keys)))


def trigram_keys(
    terms: Ordinals, articles: Ordinals, positions: Ordinals, vocabulary: Sequence[str]
) -> Keys:
    """Return the key of every three adjacent tokens, in reading order.

    The arguments are those of `count_trigrams`.
    """
    adjacent = (articles[2:] == articles[:-2]) & (positions[2:] == positions[:-2] + 2)
    hashes = term_hashes(vocabulary)
    keys = np.empty(np.count_nonzero(adjacent), np.int64)
    filled = 0
    for start in range(0, len(adjacent), _COUNTED_AT_ONCE):
        firsts = start + np.flatnonzero(adjacent[start : start + _COUNTED_AT_ONCE])
        first, second, last = (hashes[terms[firsts + offset]] for offset in range(3))
        keys[filled : filled + len(firsts)] = packed_keys(context_hash(first, second), last)
        filled += len(firsts)
    return keys


def trigram_arrays(trigrams: TrigramCounts) -> dict[str, NDArray[Any]]:
    """Return a table as the arrays of its file, 10 bytes a trigram.

    `trigram_contexts` (uint32) and `trigram_lasts` (uint16) are the two parts of the keys,
    `trigram_counts` (uint16, at most 65,535: only ratios of small counts matter) and
    `trigram_gains` (uint16, in tenths of a nat).
    """
    counts = np.minimum(trigrams.counts, _MAX_UINT16).astype(np.uint16)
    gains = np.zeros(len(counts), np.uint16)
    if trigrams.gains.any():
        rounded = np.round(trigrams.gains / _GAIN_UNIT)
        gains = np.minimum(rounded, _MAX_UINT16, out=rounded).astype(np.uint16)
    return {
        "trigram_contexts": (trigrams.keys >> LAST_BITS).astype(np.uint32),
        "trigram_lasts": (trigrams.keys & _MAX_UINT16).astype(np.uint16),
        "trigram_counts": counts,
        "trigram_gains": gains,
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
        """Take the arrays of `trigram_arrays`; raises ValueError if they are inconsistent."""
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
        keys = packed_keys(self._contexts[start:stop].astype(np.int64), self._lasts[start:stop])
        gains = self._gains[start:stop] * _GAIN_UNIT
        return TrigramCounts(keys, self._counts[start:stop].astype(np.int32), gains)

    def rows_of(self, keys: Keys) -> NDArray[np.int64]:
        """Return the row of each key (see `trigram_keys`), -1 where there is none."""
        return rows_in(packed_keys(self._contexts.astype(np.int64), self._lasts), keys)

    def without(
        self,
        rows: NDArray[np.int64],
        removed: NDArray[np.int64],
        limits: TrigramLimits,
        chosen: NDArray[np.bool_] | None = None,
    ) -> "TrigramTable":
        """Return a copy with `removed` subtracted from the counts of rows (ascending, each once).

        Gains shrink with the counts. Rows that fall below the limits are dropped, except those that
        were below them before: these were kept for the sake of other parts. Rows that the mask
        `chosen` leaves out are dropped, too.
        """
        before, gained = self._counts[rows].astype(np.int64), self._gains[rows] * _GAIN_UNIT
        left = np.maximum(before - removed, 0)
        gains = gained * left / np.maximum(before, 1)
        drops = (left == 0) | ((left < limits.occurrences) & (before >= limits.occurrences))
        drops |= (gains < limits.gain) & (gained >= limits.gain)
        counts, every = self._counts.copy(), self._gains.copy()
        counts[rows], every[rows] = left, np.round(gains / _GAIN_UNIT)
        stays = np.ones(len(self), np.bool_) if chosen is None else chosen.copy()
        stays[rows[drops]] = False
        return TrigramTable(
            {
                "trigram_contexts": self._contexts[stays],
                "trigram_lasts": self._lasts[stays],
                "trigram_counts": counts[stays],
                "trigram_gains": every[stays],
            }
        )

    def following(self, contexts: Sequence[tuple[str, str]]) -> list[dict[int, int]]:
        """Return for each pair of terms the counts of the third terms, by `last_hash`."""
        terms = [term for context in contexts for term in context]
        wanted = context_hash(*term_hashes(terms).reshape(-1, 2).T)
        starts = np.searchsorted(self._contexts, wanted.astype(np.uint32)).tolist()
        ends = np.searchsorted(self._contexts, wanted.astype(np.uint32), side="right").tolist()
        return [
            dict(zip(self._lasts[a:b].tolist(), self._counts[a:b].tolist(), strict=True))
            if a < b
            else {}
            for a, b in zip(starts, ends, strict=True)
        ]


class MergedTrigrams(NamedTuple):
    """Some rows of a merged table, and which of them other parts of the index have as well."""

    rows: TrigramCounts
    known: NDArray[np.bool_]


def merge_trigram_tables(
    tables: Sequence[TrigramTable],
    least_count: int,
    others: Sequence[TrigramTable] = (),
    rows_at_once: int = MAX_MERGED_ROWS,
) -> Iterator[MergedTrigrams]:
    """Yield the sum of tables that count different articles, without gains.

    Trigrams are left out that occur less than `least_count` times, unless one of the `others` has
    them. Each item has one range of contexts, which bounds the memory: contexts are hashes and so
    evenly distributed.
    """
    ranges = sum(map(len, tables)) // rows_at_once + 1
    bounds = np.linspace(0, 1 << 32, ranges + 1).astype(np.int64).tolist()
    for low, high in pairwise(bounds):
        summed = _summed([table.trigrams(low, high) for table in tables])
        known = np.zeros(len(summed.keys), np.bool_)
        for other in others:
            known |= rows_in(other.trigrams(low, high).keys, summed.keys) >= 0
        kept = known | (summed.counts >= least_count)
        yield MergedTrigrams(summed.where(kept), known[kept])


def rows_in(own: NDArray[np.integer[Any]], wanted: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return the row of each wanted key among ascending keys, -1 where there is none."""
    if not len(own):
        return np.full(wanted.shape, -1, np.int64)
    row = np.searchsorted(own, wanted)
    return np.where(own.take(row, mode="clip") == wanted, row, -1)


def join_trigrams(parts: Sequence[TrigramCounts]) -> TrigramCounts:
    """Concatenate the rows of all parts, whose gains are not computed yet."""
    keys = np.concatenate([np.empty(0, np.int64), *(part.keys for part in parts)])
    counts = np.concatenate([np.empty(0, np.int32), *(part.counts for part in parts)])
    return TrigramCounts(keys, counts, no_gains(len(keys)))


def _summed(parts: Sequence[TrigramCounts]) -> TrigramCounts:
    """Return the rows of all parts, those of equal keys added up."""
    every = join_trigrams(parts)
    order = np.argsort(every.keys, kind="stable")
    keys, counts = every.keys[order], every.counts[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
    summed = np.add.reduceat(counts, starts, dtype=counts.dtype) if len(starts) else counts
    return TrigramCounts(keys[starts], summed, no_gains(len(starts)))


def last_hash(term: str) -> int:
    """Return the 16-bit hash that stands for a term as the last of a trigram."""
    return crc32(term.encode("utf-8", "surrogatepass")) & _MAX_UINT16


def term_hashes(terms: Sequence[str]) -> Keys:
    """Return a hash of 32 bits of each term."""
    encoded = (term.encode("utf-8", "surrogatepass") for term in terms)
    return np.fromiter(map(crc32, encoded), np.int64, len(terms))


def context_hash(first: Keys, second: Keys) -> Keys:
    """Mix the hashes of two terms into 32 bits; the order of the terms matters."""
    return (first * 0x9E3779B1 + second) & 0xFFFFFFFF


def packed_keys(contexts: Keys, lasts: NDArray[np.integer[Any]]) -> Keys:
    """Return the keys of trigrams: the hash of the first two terms, 16 bits of the last one."""
    return contexts << LAST_BITS | (lasts.astype(np.int64) & _MAX_UINT16)
