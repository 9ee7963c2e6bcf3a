"""What the decoder knows of the language: which syllables there are, and which follow which.

All of it is counted in the indexed articles themselves, so a reading is always something that can
be found, and names of yesterday are known today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.pairs import Ordinals, PairTable
from index.spellings import Spellings
from index.vietnamese.forms import fold


class LanguageModel(Protocol):
    """Counts of syllables and of pairs of them in the articles' text."""

    @property
    def tokens(self) -> int:
        """How many syllables the articles have, all in all."""
        ...

    def counts(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Say how often each term occurs; 0 for one that does not."""
        ...

    def spelled(self, folded: Sequence[str]) -> list[list[str]]:
        """Give for each unmarked spelling the terms that are written so but for their marks."""
        ...

    def pair_counts(self, places: Sequence[Sequence[str]]) -> list[NDArray[np.int64]]:
        """Give for each place but the last how often a term there precedes one of the next place.

        One array of shape (terms here, terms at the next place) for each.
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
    spellings: Spellings
    tokens: int


class IndexLanguage:
    """The language model of an index: the sums over its segments."""

    def __init__(self, segments: Sequence[SegmentLanguage]) -> None:
        self._segments = tuple(segments)
        self.tokens = sum(segment.tokens for segment in segments)

    def counts(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """See `LanguageModel`."""
        total = np.zeros(len(terms), np.int64)
        for segment in self._segments:
            ordinals = segment.lexicon.ordinals(terms)
            known = np.flatnonzero(ordinals >= 0)
            total[known] += segment.frequencies[ordinals[known]]
        return total

    def spelled(self, folded: Sequence[str]) -> list[list[str]]:
        """See `LanguageModel`."""
        found: list[dict[str, None]] = [{} for _ in folded]
        for segment in self._segments:
            for place, ordinals in enumerate(segment.spellings.of(folded)):
                for ordinal in ordinals.tolist():
                    term = segment.lexicon.term(ordinal)
                    if fold(term) == folded[place]:
                        found[place][term] = None
        return [list(terms) for terms in found]

    def pair_counts(self, places: Sequence[Sequence[str]]) -> list[NDArray[np.int64]]:
        """See `LanguageModel`."""
        ends = np.cumsum([0] + [len(place) for place in places]).tolist()
        spans = [slice(start, end) for start, end in pairwise(ends)]
        grids = list(pairwise(spans))
        total = [np.zeros((a.stop - a.start, b.stop - b.start), np.int64) for a, b in grids]
        for segment in self._segments:
            ordinals = segment.lexicon.ordinals([term for place in places for term in place])
            first = [np.repeat(ordinals[a], b.stop - b.start) for a, b in grids]
            second = [np.tile(ordinals[b], a.stop - a.start) for a, b in grids]
            if not grids:
                continue
            rows = segment.pairs.rows(np.concatenate(first), np.concatenate(second))
            counts, _ = segment.pairs.numbers(rows)
            cuts = np.cumsum([grid.size for grid in total])[:-1]
            for grid, part in zip(total, np.split(counts, cuts), strict=True):
                grid += part.reshape(grid.shape)
        return total
