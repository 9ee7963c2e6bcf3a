"""Which three syllables in a row would be misread from pairs alone? Counted, merged, pruned.

The decoder of queries reads "chu tich nuoc" by a model of pairs. Most triples add nothing to it;
kept are those whose letters it would rather read otherwise, by how much they tell:

    gain(abc) = n(abc) (log p3 - log p2)

p2 is the share that pairs give the triple among all with the same unmarked letters, p3 the share
that it has (cf. Stolcke 1998, "Entropy-based Pruning of Backoff Language Models", for all words).
All triples of the same letters have the gain of the best one: they are weighed against each other.
A table speaks of terms by their hashes, so that tables add up whatever the lexicons.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import Ordinals, PairCounts
from index.storage.array_file import columns
from index.storage.radix_sort import stable_order
from index.vietnamese.forms import fold_all

LEAST_COUNT = 2
"""So often a triple must occur in a run of articles."""
LEAST_GAIN = 0.5
"""So much, in nats, a triple must tell; more in a larger index, which bounds the table."""
TOKENS_A_NAT_MORE = 8_000_000

_LARGEST = (1 << 16) - 1
_GAIN_UNIT = 0.1
_LAST_BITS = 16
_MERGED_AT_ONCE = 1 << 18
"""About how many triples a merge holds in memory at a time."""

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TripleCounts:
    """Three aligned arrays, ascending by key, each key once.

    `keys`: int64, hash of the first two terms (32 bits) << 16 | hash of the last. `counts`: int64,
    how often the triple occurs. `gains`: float64, what it tells, in nats.
    """

    keys: Keys
    counts: NDArray[np.int64]
    gains: NDArray[np.float64]


def least_gain(tokens: int) -> float:
    """Say how much a triple must tell to stay in the table of a segment of so many tokens."""
    return LEAST_GAIN + tokens / TOKENS_A_NAT_MORE


def count_triples(
    terms: Ordinals,
    articles: Ordinals,
    positions: Ordinals,
    pairs: PairCounts,
    lexicon: Sequence[str],
) -> TripleCounts:
    """Count the triples of neighbouring tokens that tell more than the pairs do.

    The first three arguments are those of `count_pairs`, and `pairs` is what it gave.
    """
    packed, width = _packed(terms, articles, positions)
    starts = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1])))
    counts = np.diff(np.append(starts, len(packed))) if len(packed) else starts
    often = counts >= LEAST_COUNT
    rows, counts = packed[starts[often]] if len(packed) else packed, counts[often]
    mask = (1 << width) - 1
    triples = np.array([rows >> 2 * width, rows >> width & mask, rows & mask])
    gains = _gains(triples, counts, pairs, lexicon)
    telling = gains >= LEAST_GAIN
    hashes = _hashes(lexicon)[triples[:, telling]]
    keys = _keys(_context(hashes[0], hashes[1]), hashes[2])
    return _summed(TripleCounts(keys, counts[telling], gains[telling]))


def _packed(terms: Ordinals, articles: Ordinals, positions: Ordinals) -> tuple[Keys, int]:
    """Give every triple as one integer, sorted, and how many bits a term has in it."""
    width = int(terms.max(initial=0)).bit_length()
    if 3 * width > 63:  # a run of articles has not so many terms
        return np.zeros(0, np.int64), 0
    adjacent = (articles[2:] == articles[:-2]) & (positions[2:] == positions[:-2] + 2)
    packed = np.zeros(np.count_nonzero(adjacent), np.int64)
    for shift in range(3):
        packed <<= width
        packed |= terms[shift : len(terms) - 2 + shift][adjacent]
    packed.sort()
    return packed, width


def _gains(
    triples: Keys, counts: NDArray[np.int64], pairs: PairCounts, lexicon: Sequence[str]
) -> NDArray[np.float64]:
    """Give what the triples of each one's letters, (3, n) ordinals, tell more than the pairs.

    The pairs are read from one end to the other, whichever is better: the first on its own, then
    the other one given the term in the middle.
    """
    letters: dict[str, int] = {}
    spelled = (letters.setdefault(form, len(letters)) for form in fold_all(lexicon))
    folded = np.fromiter(spelled, np.int64, len(lexicon))
    first, second = pairs.keys >> 32, pairs.keys & 0xFFFFFFFF
    terms, counted = len(lexicon), pairs.counts
    alone = _shares(folded[first] * terms + folded[second], counted)
    given_second = _shares(folded[first] * terms + second, counted)
    given_first = _shares(first * terms + folded[second], counted)
    ab = np.searchsorted(pairs.keys, triples[0] << 32 | triples[1])
    bc = np.searchsorted(pairs.keys, triples[1] << 32 | triples[2])
    by_pairs = np.maximum(alone[ab] * given_first[bc], alone[bc] * given_second[ab])
    a, b, c = folded[triples]
    same_letters = (a * len(letters) + b) * len(letters) + c
    own = _shares(same_letters, counts)
    told: NDArray[np.float64] = np.log(own / by_pairs)
    told *= counts
    return _of_groups(np.maximum, same_letters, told)


def _shares(groups: Keys, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give what share each count has of its group's."""
    return counts / _of_groups(np.add, groups, counts.astype(np.float64))


def _of_groups(reduce: np.ufunc, groups: Keys, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give for each value what all values of its group come to."""
    if not len(values):
        return values
    order = stable_order(groups)
    firsts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    reduced = np.empty(len(values))
    sizes = np.diff(firsts, append=len(values))
    reduced[order] = np.repeat(reduce.reduceat(values[order], firsts), sizes)
    return reduced


def triple_arrays(triples: TripleCounts) -> dict[str, NDArray[Any]]:
    """Lay out a table as arrays for its file, 10 bytes a triple.

    `triple_contexts` (uint32) and `triple_lasts` (uint16) are the two parts of the keys,
    `triple_counts` (uint16, at most 65,535) and `triple_gains` (uint16, in tenths of a nat).
    """
    counts = np.minimum(triples.counts, _LARGEST)
    gains = np.minimum(np.round(triples.gains / _GAIN_UNIT), _LARGEST)
    return {
        "triple_contexts": (triples.keys >> _LAST_BITS).astype(np.uint32),
        "triple_lasts": (triples.keys & _LARGEST).astype(np.uint16),
        "triple_counts": counts.astype(np.uint16),
        "triple_gains": gains.astype(np.uint16),
    }


_COLUMNS: dict[str, type[np.generic]] = {
    "triple_contexts": np.uint32,
    "triple_lasts": np.uint16,
    "triple_counts": np.uint16,
    "triple_gains": np.uint16,
}


class TripleTable:
    """The triples of one segment, read from its (memory-mapped) arrays; nothing is copied."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `triple_arrays`; raises ValueError where they contradict."""
        self._contexts, self._lasts, self._counts, self._gains = columns(arrays, _COLUMNS)
        sizes = {len(self._contexts), len(self._lasts), len(self._counts), len(self._gains)}
        if len(sizes) != 1 or (self._contexts[1:] < self._contexts[:-1]).any():
            message = "the table of triples is damaged: its columns contradict each other"
            raise ValueError(f"{message}; build the index again")

    def __len__(self) -> int:
        return len(self._contexts)

    def triples(self, low: int, high: int) -> TripleCounts:
        """Give the rows with contexts from `low` up to but not including `high`."""
        start = int(self._contexts.searchsorted(np.uint32(low)))
        stop = int(self._contexts.searchsorted(np.uint32(high - 1), side="right"))
        keys = _keys(self._contexts[start:stop].astype(np.int64), self._lasts[start:stop])
        gains = self._gains[start:stop] * _GAIN_UNIT
        return TripleCounts(keys, self._counts[start:stop].astype(np.int64), gains)

    def following(self, pairs: Sequence[tuple[str, str]]) -> list[dict[int, int]]:
        """Give for each pair of terms the counts of what follows it, by `last_hash`."""
        wanted = _context(*_hashes([t for pair in pairs for t in pair]).reshape(-1, 2).T)
        starts = np.searchsorted(self._contexts, wanted.astype(np.uint32)).tolist()
        ends = np.searchsorted(self._contexts, wanted.astype(np.uint32), side="right").tolist()
        return [
            dict(zip(self._lasts[a:b].tolist(), self._counts[a:b].tolist(), strict=True))
            for a, b in zip(starts, ends, strict=True)
        ]


def merge_triples(tables: Sequence[TripleTable], least: float) -> Iterator[TripleCounts]:
    """Add up tables that count different articles; keep what tells `least` nats.

    Gives the result range by range of contexts, which are hashes and lie evenly, so that memory is
    bounded by it.
    """
    ranges = sum(map(len, tables)) // _MERGED_AT_ONCE + 1
    bounds = np.linspace(0, 1 << 32, ranges + 1).astype(np.int64).tolist()
    for low, high in pairwise(bounds):
        summed = _summed(join_triples([table.triples(low, high) for table in tables]))
        kept = summed.gains >= least
        yield TripleCounts(summed.keys[kept], summed.counts[kept], summed.gains[kept])


def join_triples(parts: Sequence[TripleCounts]) -> TripleCounts:
    """Give the rows of all parts one after another."""
    return TripleCounts(
        np.concatenate([part.keys for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.gains for part in parts]),
    )


def _summed(triples: TripleCounts) -> TripleCounts:
    """Add up the rows of equal keys, in any order."""
    keys, at = np.unique(triples.keys, return_inverse=True)
    counts = np.bincount(at, triples.counts, len(keys)).astype(np.int64)
    return TripleCounts(keys, counts, np.bincount(at, triples.gains, len(keys)).astype(float))


def last_hash(term: str) -> int:
    """Give the hash by which a table knows the last term of a triple."""
    return crc32(term.encode("utf-8", "surrogatepass")) & _LARGEST


def _hashes(terms: Sequence[str]) -> Keys:
    encoded = (term.encode("utf-8", "surrogatepass") for term in terms)
    return np.fromiter(map(crc32, encoded), np.int64, len(terms))


def _context(first: Keys, second: Keys) -> Keys:
    """Mix the hashes of two terms, which differ by their order; 32 bits."""
    return (first * 0x9E3779B1 + second) & 0xFFFFFFFF


def _keys(contexts: Keys, lasts: NDArray[np.integer[Any]]) -> Keys:
    return contexts << _LAST_BITS | (lasts.astype(np.int64) & _LARGEST)
