"""Which pieces of text were met so far? Numbered, with what the decoder asks of them as arrays."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.segmenter import crf as decoder
from index.vietnamese.segmenter.chunks import END_KEY, Pieces, is_told
from index.vietnamese.segmenter.features import BLOCKED, NO_REACH, Features, features_of
from index.vietnamese.segmenter.growable_array import Growing, Rows
from index.vietnamese.segmenter.integer_map import IntegerMap, Ints
from index.vietnamese.segmenter.lexer import Cut, lex
from index.vietnamese.segmenter.vocabulary import Vocabulary
from index.vietnamese.segmenter.word_lists import SYLLABLE_BITS

END = 0
"""The number of the piece that stands before and behind every text, of its cut and its token."""

LEVEL_BIT = SYLLABLE_BITS
REACH_BIT = LEVEL_BIT + 2


class Met(NamedTuple):
    """A piece that is new to a lexicon, and its tokens."""

    piece: str
    cuts: Sequence[Cut]


class Lexicon(dict[str, int]):
    """Gives every piece a number when it is first met, and remembers the pieces' tokens.

    A *cut* is one token of one piece. `cuts` has for each piece a row with the numbers that its
    cuts' texts have in `tokens`; `starts` and `ends` are aligned with all these. As a dictionary
    it holds the pieces that no key tells. A lexicon belongs to one thread, and whoever owns it
    takes a new one when it `is_full`.
    """

    MOST_PIECES = 1 << 17
    MOST_CHARACTERS = 1 << 21

    def __init__(self) -> None:
        super().__init__()
        self.tokens = Vocabulary()
        self.cuts = Rows()
        self.starts = Growing(np.int32)
        self.ends = Growing(np.int32)
        self._told = IntegerMap()
        self._features = Growing(np.float64)
        self._features_known = 0
        self._size = 0
        self._characters = 0
        self._new: list[Met] = []
        self._add("", (Cut("", 0, 0),))
        self._learn()

    def number(self, pieces: Pieces) -> tuple[Ints, list[Met]]:
        """Give the number of each piece; learn and give those that were never met before."""
        numbers = self._told.find(pieces.keys)
        numbers[pieces.keys == END_KEY] = END
        missing = np.flatnonzero(numbers < 0)
        if not len(missing):
            return numbers, []
        bounds = zip(pieces.starts[missing].tolist(), pieces.ends[missing].tolist(), strict=True)
        texts = [pieces.joined[start:end] for start, end in bounds]
        numbers[missing] = list(map(self.__getitem__, texts))
        if self._new:
            told = np.flatnonzero(is_told(pieces.keys[missing]))
            keys, first = np.unique(pieces.keys[missing[told]], return_index=True)
            kept = self._told.add(keys, numbers[missing[told[first]]])
            for place in told[first[kept]].tolist():
                del self[texts[place]]
        return numbers, self._learn()

    def __missing__(self, piece: str) -> int:
        return self._add(piece, lex(piece))

    def _add(self, piece: str, cuts: tuple[Cut, ...]) -> int:
        number = self[piece] = self._size
        self._size += 1
        self._characters += len(piece)
        self._new.append(Met(piece, cuts))
        return number

    @property
    def is_full(self) -> bool:
        """Say whether this lexicon has taken as much memory as it should."""
        return (
            max(self._size, len(self.tokens)) > self.MOST_PIECES
            or self._characters + self.tokens.characters > self.MOST_CHARACTERS
        )

    def features(self) -> NDArray[np.float64]:
        """Give for each of the `tokens` own, before, after and what else is in its `Features`.

        The last is an integer: the syllable, the level at `LEVEL_BIT`, at `REACH_BIT` reach + 1.
        """
        new = self.tokens.texts[self._features_known :]
        self._features.extend(chain.from_iterable(map(_row, new)))
        self._features_known += len(new)
        return self._features.array().reshape(-1, 4)

    def _learn(self) -> list[Met]:
        """Take the new pieces into the arrays."""
        met, self._new = self._new, []
        if met:
            texts, starts, ends = zip(*chain.from_iterable(cuts for _, cuts in met), strict=True)
            numbers = map(self.tokens.__getitem__, texts)
            self.cuts.extend([[next(numbers) for _ in cuts] for _, cuts in met])
            self.starts.extend(starts)
            self.ends.extend(ends)
        return met


def _row(text: str) -> tuple[float, float, float, int]:
    own, before, after, syllable, _, level, reach = features_of(text) if text else _end_of_text()
    return own, before, after, syllable | level << LEVEL_BIT | (reach + 1) << REACH_BIT


def _end_of_text() -> Features:
    """Give a token that is certainly B and takes from its neighbours what they cannot have.

    With it between them, the texts of a batch are decoded as one.
    """
    weight = decoder.chain()
    return (float("-inf"), weight.first, weight.last, 0, {}, BLOCKED, NO_REACH)
