"""The language model that queries are decoded with: which syllables there are, which follow which.

All of it is counted in the indexed articles themselves, so an interpretation is always
something that can be found, and names of yesterday are known today.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import ContextCounts, min_count
from index.models.part import ModelPart
from index.models.trigrams import last_hash
from index.vietnamese.forms import fold

Counts = NDArray[np.int64]

MAX_MEMO_TERMS = 1 << 16
"""Look-ups that are kept: some 15 MB; a decoded query asks for a few hundred terms."""


class Continuations(NamedTuple):
    """What follows two adjacent terms, of three places with a, b and c terms.

    `counts` (a, b, c): how often each term of the third place does, in the trigrams that were
    kept. `totals` (a, b): how often anything does. `types` (a, b): how many different terms do,
    N1+(ab.) of Chen and Goodman 1999.
    """

    counts: Counts
    totals: Counts
    types: Counts


class LanguageModel(Protocol):
    """Counts of syllables, bigrams and trigrams in the articles' text."""

    @property
    def tokens(self) -> int:
        """How many syllables the articles have, all in all."""
        ...

    @property
    def bigrams(self) -> int:
        """How many different bigrams are known."""
        ...

    def counts(self, terms: Sequence[str]) -> Counts:
        """Return how often each term occurs; 0 for one that does not."""
        ...

    def neighbours(self, terms: Sequence[str]) -> ContextCounts:
        """Return what the known bigrams tell of each term."""
        ...

    def spelled(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        """Return for each unmarked spelling the terms that are written so but for their marks."""
        ...

    def bigram_counts(self, places: Sequence[Sequence[str]]) -> list[Counts]:
        """Return for each place but the last how often a term there precedes one of the next.

        One array of shape (terms here, terms at the next place) for each.
        """
        ...

    def trigram_counts(self, places: Sequence[Sequence[str]]) -> list[Continuations]:
        """Return for each three places in a row what follows the terms of the first two.

        Empty where no trigram is known of any of them.
        """
        ...


class CountedLanguage:
    """The language model of an index: the sums over its parts. Safe for many threads.

    Terms that only deleted articles hold are unknown to it.
    """

    def __init__(self, parts: Sequence[ModelPart]) -> None:
        self._parts = tuple(parts)
        self.tokens = sum(part.tokens for part in parts)
        # Small parts keep every bigram; what one table of all articles would not keep counts 0.
        self._min_count = min_count(self.tokens)
        self.bigrams = sum(len(part.bigrams) for part in parts)
        # Memos: the terms of a spelling; a term's ordinal in each part; its count, its bigrams'
        # counts, its successors and predecessors. Two threads may both look a term up: the
        # answers are equal.
        self._spelled: dict[str, tuple[str, ...]] = {}
        self._ordinals: dict[str, tuple[int, ...]] = {}
        self._statistics: dict[str, tuple[int, int, int, int]] = {}

    def counts(self, terms: Sequence[str]) -> Counts:
        """See `LanguageModel`."""
        return np.array([row[0] for row in self._known(terms)], np.int64)

    def neighbours(self, terms: Sequence[str]) -> ContextCounts:
        """See `LanguageModel`; a bigram counts once for each part that has it."""
        rows = [row[1:] for row in self._known(terms)]
        return ContextCounts(*np.array(rows, np.int64).reshape(-1, 3).T)

    def spelled(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        """See `LanguageModel`."""
        if len(self._spelled) + len(self._ordinals) > MAX_MEMO_TERMS:
            self._spelled, self._ordinals, self._statistics = {}, {}, {}
        spelled = self._spelled
        self._look_up([spelling for spelling in folded if spelling not in spelled], spelled)
        return [spelled.get(spelling, ()) for spelling in folded]

    def bigram_counts(self, places: Sequence[Sequence[str]]) -> list[Counts]:
        """See `LanguageModel`."""
        ends = list(accumulate(map(len, places)))
        spans = [slice(end - len(place), end) for place, end in zip(places, ends, strict=True)]
        grids = list(pairwise(spans))
        total = [np.zeros((a.stop - a.start, b.stop - b.start), np.int64) for a, b in grids]
        if not grids:
            return total
        every = self._numbered([term for place in places for term in place])
        for part, ordinals in zip(self._parts, every, strict=True):
            keys = [(ordinals[a, None] << 32 | ordinals[b]).ravel() for a, b in grids]
            counts = part.bigrams.counts(part.bigrams.rows_of(np.concatenate(keys)))
            at = 0
            for grid in total:
                grid += counts[at : at + grid.size].reshape(grid.shape)
                at += grid.size
        if len(self._parts) > 1:  # one part has none of them: it is pruned by as much
            for grid in total:
                grid[grid < self._min_count] = 0
        return total

    def trigram_counts(self, places: Sequence[Sequence[str]]) -> list[Continuations]:
        """See `LanguageModel`."""
        contexts = [
            (first, second)
            for firsts, seconds in pairwise(places[:-1])
            for first in firsts
            for second in seconds
        ]
        following = self._following(contexts)
        if not any(following):
            return []
        counts_by_context = iter(following)
        grids = []
        for firsts, seconds, lasts in zip(places, places[1:], places[2:], strict=False):
            shape = (len(firsts), len(seconds))
            continuations = [next(counts_by_context) for _ in range(shape[0] * shape[1])]
            hashes = [last_hash(last) for last in lasts]
            counts = [[after.get(last, 0) for last in hashes] for after in continuations]
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
        """Return the counts of what follows each pair of terms, by the hash of the last term."""
        tables = [part.trigrams.following(contexts) for part in self._parts]
        if len(tables) == 1:
            return tables[0]
        total: list[Counter[int]] = [Counter() for _ in contexts]
        for table in tables:
            for summed, counts in zip(total, table, strict=True):
                summed.update(counts)
        return [dict(summed) for summed in total]

    def _known(self, terms: Sequence[str]) -> list[tuple[int, int, int, int]]:
        """Return the statistics of terms."""
        known = self._statistics
        if missing := [term for term in terms if term not in known]:
            total = np.zeros((4, len(missing)), np.int64)
            for part, ordinals in zip(self._parts, self._numbered(missing), strict=True):
                known_here = np.flatnonzero(ordinals >= 0)
                total[0, known_here] += part.frequencies[ordinals[known_here]].astype(np.int64)
                total[1:] += part.bigrams.neighbours(ordinals)
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
                    # Another spelling may share the hash; a deleted article's term is unknown.
                    if fold(term) == spelling and part.holds_term(ordinal):
                        terms = found.setdefault(spelling, {})
                        terms.setdefault(term, [-1] * len(self._parts))[number] = ordinal
        for spelling, terms in found.items():
            spelled[spelling] = tuple(sorted(terms))  # as one part has them: the parts change
            self._ordinals.update((term, tuple(numbers)) for term, numbers in terms.items())


def _ordinal(part: ModelPart, term: str) -> int:
    """Return the ordinal of a term that an article holds which is not deleted, else -1."""
    ordinal = int(part.vocabulary.ordinals([term])[0])
    return ordinal if ordinal >= 0 and part.holds_term(ordinal) else -1
