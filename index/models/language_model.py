"""What the decoder knows of the language: which syllables there are, and which follow which.

All of it is counted in the indexed articles themselves, so a reading is always something that can
be found, and names of yesterday are known today.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import Ordinals, PairTable
from index.models.spellings import Spellings
from index.models.trigrams import TripleTable
from index.vietnamese.forms import fold

REMEMBERED = 1 << 16
"""Look-ups kept at most: some 15 MB."""


class LanguageModel(Protocol):
    """Counts of syllables and of pairs of them in the articles' text."""

    @property
    def tokens(self) -> int:
        """How many syllables the articles have, all in all."""
        ...

    def counts(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Say how often each term occurs; 0 for one that does not."""
        ...

    @property
    def pairs(self) -> int:
        """How many different pairs of adjacent syllables are known."""
        ...

    def neighbours(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], ...]:
        """Give for each term the sum of its pairs' counts, its successors, its predecessors.

        The sum is over the known pairs in which the term is first; the others are numbers of
        different terms.
        """
        ...

    def spelled(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        """Give for each unmarked spelling the terms that are written so but for their marks."""
        ...

    def pair_counts(self, places: Sequence[Sequence[str]]) -> list[NDArray[np.int64]]:
        """Give for each place but the last how often a term there precedes one of the next place.

        One array of shape (terms here, terms at the next place) for each.
        """
        ...

    def following(self, pairs: Sequence[tuple[str, str]]) -> list[dict[int, int]]:
        """Give for each pair of terms how often what follows it in telling triples.

        The keys are those of `trigrams.last_hash`; triples that tell nothing are not there.
        """
        ...


class Lexicon(Protocol):
    """The terms of one segment, numbered in ascending order."""

    def ordinals(self, terms: Sequence[str]) -> Ordinals:
        """Give the number of each term, -1 for one that the segment lacks."""
        ...

    def term(self, ordinal: int) -> str:
        """Give the term of a number."""
        ...


@dataclass(frozen=True, slots=True)
class SegmentLanguage:
    """What one segment knows: `frequencies` are the collection frequencies by ordinal."""

    lexicon: Lexicon
    frequencies: NDArray[np.integer]
    pairs: PairTable
    triples: TripleTable
    spellings: Spellings
    tokens: int


class IndexLanguage:
    """The language model of an index: the sums over its segments. Safe for many threads."""

    def __init__(self, segments: Sequence[SegmentLanguage]) -> None:
        self._segments = tuple(segments)
        self.tokens = sum(segment.tokens for segment in segments)
        self.pairs = sum(len(segment.pairs) for segment in segments)
        # What was looked up lately: the terms of a spelling, a term's ordinal in each segment, and
        # its count, its pairs' counts, its successors and predecessors.
        self._spelled: dict[str, tuple[str, ...]] = {}
        self._ordinals: dict[str, tuple[int, ...]] = {}
        self._statistics: dict[str, tuple[int, int, int, int]] = {}

    def counts(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """See `LanguageModel`."""
        return np.array([row[0] for row in self._known(terms)], np.int64)

    def neighbours(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], ...]:
        """See `LanguageModel`; a pair counts once for each segment that has it."""
        rows = [row[1:] for row in self._known(terms)]
        return tuple(np.array(rows, np.int64).reshape(-1, 3).T)

    def spelled(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        """See `LanguageModel`."""
        if len(self._spelled) + len(self._ordinals) > REMEMBERED:
            self._spelled, self._ordinals, self._statistics = {}, {}, {}
        spelled = self._spelled
        self._look_up([spelling for spelling in folded if spelling not in spelled], spelled)
        return [spelled.get(spelling, ()) for spelling in folded]

    def pair_counts(self, places: Sequence[Sequence[str]]) -> list[NDArray[np.int64]]:
        """See `LanguageModel`."""
        ends = list(accumulate(map(len, places)))
        spans = [slice(end - len(place), end) for place, end in zip(places, ends, strict=True)]
        grids = list(pairwise(spans))
        total = [np.zeros((a.stop - a.start, b.stop - b.start), np.int64) for a, b in grids]
        if not grids:
            return total
        every = self._numbered([term for place in places for term in place])
        for segment, ordinals in zip(self._segments, every, strict=True):
            keys = [(ordinals[a, None] << 32 | ordinals[b]).ravel() for a, b in grids]
            counts, _ = segment.pairs.numbers(segment.pairs.rows_of(np.concatenate(keys)))
            at = 0
            for grid in total:
                grid += counts[at : at + grid.size].reshape(grid.shape)
                at += grid.size
        return total

    def following(self, pairs: Sequence[tuple[str, str]]) -> list[dict[int, int]]:
        """See `LanguageModel`."""
        tables = [segment.triples.following(pairs) for segment in self._segments]
        if len(tables) == 1:
            return tables[0]
        total: list[Counter[int]] = [Counter() for _ in pairs]
        for table in tables:
            for counted, more in zip(total, table, strict=True):
                counted.update(more)
        return [dict(counted) for counted in total]

    def _known(self, terms: Sequence[str]) -> list[tuple[int, int, int, int]]:
        """Give the statistics of terms."""
        known = self._statistics
        if missing := [term for term in terms if term not in known]:
            total = np.zeros((4, len(missing)), np.int64)
            for segment, ordinals in zip(self._segments, self._numbered(missing), strict=True):
                there = np.flatnonzero(ordinals >= 0)
                total[0, there] += segment.frequencies[ordinals[there]]
                total[1:] += segment.pairs.neighbours(ordinals)
            known.update(zip(missing, zip(*total.tolist(), strict=True), strict=True))
        return [known[term] for term in terms]

    def _numbered(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Give the ordinals of the terms, one row for each segment."""
        known = self._ordinals
        rows = []
        for term in terms:
            numbers = known.get(term)
            if numbers is None:
                numbers = tuple(
                    int(segment.lexicon.ordinals([term])[0]) for segment in self._segments
                )
                known[term] = numbers
            rows.append(numbers)
        shape = (len(terms), len(self._segments))
        return np.array(rows, np.int64).reshape(shape).T

    def _look_up(self, folded: Sequence[str], spelled: dict[str, tuple[str, ...]]) -> None:
        found: list[dict[str, list[int]]] = [{} for _ in folded]
        for number, segment in enumerate(self._segments):
            for spelling, terms, ordinals in zip(
                folded, found, segment.spellings.of(folded), strict=True
            ):
                for ordinal in ordinals.tolist():
                    term = segment.lexicon.term(ordinal)
                    if fold(term) == spelling:
                        terms.setdefault(term, [-1] * len(self._segments))[number] = ordinal
        for spelling, terms in zip(folded, found, strict=True):
            if terms:  # of the hundreds of edits of a syllable few are spellings
                spelled[spelling] = tuple(terms)
            self._ordinals.update((term, tuple(numbers)) for term, numbers in terms.items())
