"""The language model of the query decoder: which syllables occur, and which follow which.

It is counted in the indexed articles themselves, so every interpretation can be found in them, and
new names are known as soon as they are indexed.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import ContextCounts, min_count
from index.models.part import ModelPart
from index.models.trigrams import last_hash
from index.vietnamese.forms import fold

Counts = NDArray[np.int64]

MAX_MEMO_TERMS = 1 << 14
"""Memoised lookups, about 15 MB; decoding a query looks up a few hundred terms."""


class Continuations(NamedTuple):
    """Trigram counts for three consecutive slots with a, b and c candidate terms.

    `counts` (a, b, c): occurrences of each trigram, 0 for pruned ones. `totals` (a, b): occurrences
    of all unpruned trigrams that begin with the two terms. `types` (a, b): the number of these
    trigrams, N1+(ab.) of Chen and Goodman 1999.
    """

    counts: Counts
    totals: Counts
    types: Counts


class LanguageModel(Protocol):
    """Counts of syllables, bigrams and trigrams in the articles' text."""

    @property
    def tokens(self) -> int:
        """The number of syllables in the articles."""
        ...

    @property
    def bigrams(self) -> int:
        """The number of known bigrams."""
        ...

    def counts(self, terms: Sequence[str]) -> Counts:
        """Return how often each term occurs, 0 for an unknown one."""
        ...

    def neighbours(self, terms: Sequence[str]) -> ContextCounts:
        """Return the bigram statistics of each term."""
        ...

    def spelled(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        """Return for each unmarked spelling the terms whose `fold` it is."""
        ...

    def bigram_counts(self, slots: Sequence[Sequence[str]]) -> list[Counts]:
        """Return the bigram counts of each two consecutive slots.

        Each item is an int64 array of shape (terms of the first slot, terms of the second).
        """
        ...

    def trigram_counts(self, slots: Sequence[Sequence[str]]) -> list[Continuations]:
        """Return the trigram counts for each three consecutive slots.

        Empty if no trigram of any of them is known.
        """
        ...


class CountedLanguage:
    """The language model of an index: the sums over its parts. Thread-safe.

    Terms that occur only in deleted articles are unknown to it.
    """

    def __init__(self, parts: Sequence[ModelPart]) -> None:
        self._parts = tuple(parts)
        self.tokens = sum(part.tokens for part in parts)
        # Small parts keep every bigram. Sums below this minimum, which a single table of all
        # articles would have pruned, count as 0.
        self._min_count = min_count(self.tokens) if len(self._parts) > 1 else 1
        self.bigrams = sum(part.bigrams.distinct(self._min_count) for part in parts)
        # Memos: the terms of a spelling; a term's ordinal in each part; its count, the total count
        # of its bigrams, its successors and predecessors. Two threads may look up the same term:
        # they get the same result.
        self._spelled: dict[str, tuple[str, ...]] = {}
        self._ordinals: dict[str, tuple[int, ...]] = {}
        self._statistics: dict[str, tuple[int, int, int, int]] = {}

    def counts(self, terms: Sequence[str]) -> Counts:
        """See `LanguageModel`."""
        return np.array([row[0] for row in self._known(terms)], np.int64)

    def neighbours(self, terms: Sequence[str]) -> ContextCounts:
        """See `LanguageModel`."""
        rows = [row[1:] for row in self._known(terms)]
        return ContextCounts(*np.array(rows, np.int64).reshape(-1, 3).T)

    def spelled(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        """See `LanguageModel`."""
        if len(self._spelled) + len(self._ordinals) > MAX_MEMO_TERMS:
            self._spelled, self._ordinals, self._statistics = {}, {}, {}
        spelled = self._spelled
        self._look_up([spelling for spelling in folded if spelling not in spelled], spelled)
        return [spelled.get(spelling, ()) for spelling in folded]

    def bigram_counts(self, slots: Sequence[Sequence[str]]) -> list[Counts]:
        """See `LanguageModel`."""
        if len(slots) < 2:
            return []
        terms = [term for slot in slots for term in slot]
        if len(terms) == len(slots) and all(slots):  # a path, as for two calls in three
            counts = self._bigram_counts(terms, lambda of: of[:-1] << 32 | of[1:])
            return list(counts.reshape(-1, 1, 1))
        ends = list(accumulate(map(len, slots)))
        spans = [slice(end - len(slot), end) for slot, end in zip(slots, ends, strict=True)]
        grids = list(pairwise(spans))

        def keys(ordinals: Counts) -> Counts:
            firsts = ordinals << 32
            return np.concatenate([(firsts[a, None] | ordinals[b]).ravel() for a, b in grids])

        counts = self._bigram_counts(terms, keys)
        shapes = [(len(first), len(second)) for first, second in pairwise(slots)]
        stops = list(accumulate(first * second for first, second in shapes))
        return [
            counts[stop - first * second : stop].reshape(first, second)
            for stop, (first, second) in zip(stops, shapes, strict=True)
        ]

    def _bigram_counts(self, terms: Sequence[str], keys: Callable[[Counts], Counts]) -> Counts:
        """Return the counts of the bigrams that `keys` makes of the ordinals of terms."""
        if not self._parts:
            return np.zeros_like(keys(np.zeros(len(terms), np.int64)))
        counts = (
            part.bigrams.counts(part.bigrams.rows_of(keys(ordinals)))
            for part, ordinals in zip(self._parts, self._numbered(terms), strict=True)
        )
        total = reduce(np.add, counts)
        if len(self._parts) > 1:  # a single part was pruned by the same minimum
            total[total < self._min_count] = 0
        return total

    def trigram_counts(self, slots: Sequence[Sequence[str]]) -> list[Continuations]:
        """See `LanguageModel`."""
        contexts = [
            (first, second)
            for firsts, seconds in pairwise(slots[:-1])
            for first in firsts
            for second in seconds
        ]
        following = self._following(contexts)
        if not any(following):
            return []
        counts_by_context = iter(following)
        grids = []
        for firsts, seconds, lasts in zip(slots, slots[1:], slots[2:], strict=False):
            shape = (len(firsts), len(seconds))
            continuations = [next(counts_by_context) for _ in range(shape[0] * shape[1])]
            hashes = [last_hash(last) for last in lasts]
            none = [0] * len(hashes)
            counts = [
                [after.get(last, 0) for last in hashes] if after else none
                for after in continuations
            ]
            grids.append(
                Continuations(
                    np.array(counts, np.int64).reshape(*shape, len(lasts)),
                    np.array([sum(after.values()) for after in continuations], np.int64).reshape(
                        shape
                    ),
                    np.array([len(after) for after in continuations], np.int64).reshape(shape),
                )
            )
        return grids

    def _following(self, contexts: Sequence[tuple[str, str]]) -> list[dict[int, int]]:
        """Return for each pair of terms the counts of the third terms, by `last_hash`."""
        tables = [part.trigrams.following(contexts) for part in self._parts]
        if len(tables) == 1:
            return tables[0]
        total: list[Counter[int]] = [Counter() for _ in contexts]
        for table in tables:
            for summed, counts in zip(total, table, strict=True):
                summed.update(counts)
        return [dict(summed) for summed in total]

    def _known(self, terms: Sequence[str]) -> list[tuple[int, int, int, int]]:
        """Return for each term its count and the three `ContextCounts`, memoised."""
        known = self._statistics
        if missing := [term for term in terms if term not in known]:
            total = np.zeros((4, len(missing)), np.int64)
            for part, ordinals in zip(self._parts, self._numbered(missing), strict=True):
                known_here = np.flatnonzero(ordinals >= 0)
                total[0, known_here] += part.frequencies[ordinals[known_here]].astype(np.int64)
                total[1:] += part.bigrams.neighbours(ordinals, self._min_count)
            known.update(zip(missing, zip(*total.tolist(), strict=True), strict=True))
        return [known[term] for term in terms]

    def _numbered(self, terms: Sequence[str]) -> Counts:
        """Return the ordinals of the terms, one row for each part; -1 for unknown ones."""
        known = self._ordinals
        rows = []
        for term in terms:
            numbers = known.get(term)
            if numbers is None:
                numbers = tuple(_ordinal(part, term) for part in self._parts)
                known[term] = numbers
            rows.append(numbers)
        shape = (len(terms), len(self._parts))
        return np.array(rows, np.int64).reshape(shape).T

    def _look_up(self, folded: Sequence[str], spelled: dict[str, tuple[str, ...]]) -> None:
        found: dict[str, dict[str, list[int]]] = {}
        for number, part in enumerate(self._parts):
            for spelling, ordinals in part.spellings.of(folded).items():
                for ordinal in ordinals.tolist():
                    term = part.vocabulary.term(ordinal)
                    # Another spelling may have the same hash.
                    if fold(term) == spelling and part.contains_term(ordinal):
                        terms = found.setdefault(spelling, {})
                        terms.setdefault(term, [-1] * len(self._parts))[number] = ordinal
        for spelling, terms in found.items():
            spelled[spelling] = tuple(sorted(terms))  # the order must not depend on the parts
            self._ordinals.update((term, tuple(numbers)) for term, numbers in terms.items())


def _ordinal(part: ModelPart, term: str) -> int:
    """Return the ordinal of a term that occurs in an article that is not deleted, else -1."""
    ordinal = int(part.vocabulary.ordinals([term])[0])
    return ordinal if ordinal >= 0 and part.contains_term(ordinal) else -1
