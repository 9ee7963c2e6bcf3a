"""The chunks of text met so far: numbered, with what the decoder needs of them as arrays."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.segmenter import crf
from index.vietnamese.segmenter.chunks import END_KEY, Chunks, are_words, has_key
from index.vietnamese.segmenter.features import BLOCKED, NONE_JOINED, Features, features_of
from index.vietnamese.segmenter.growable_array import GrowableArray, JaggedArray
from index.vietnamese.segmenter.integer_map import IntegerMap, Ints
from index.vietnamese.segmenter.lexer import RawToken, lex
from index.vietnamese.segmenter.vocabulary import Vocabulary
from index.vietnamese.segmenter.word_lists import SYLLABLE_BITS

END = 0
"""The number of the chunk that stands before and after every text, of its token and its text."""

JOIN_LEVEL_BIT = SYLLABLE_BITS
MAX_JOINED_BIT = JOIN_LEVEL_BIT + 2

MAX_CHUNKS = 1 << 17
"""Chunks, and different tokens, that one memo holds before a new one is begun.
Arbitrary; it bounds the memory of a thread."""

MAX_CHARACTERS = 1 << 21
"""Characters of the chunks and tokens that one memo holds, for texts of very long words."""


class NewChunk(NamedTuple):
    """A chunk that is new to a memo, as it was prepared, and its tokens.

    `is_word`: it is one token of usual letters and digits (see `chunks.are_words`).
    """

    chunk: str
    tokens: Sequence[RawToken]
    is_word: bool


class ChunkMemo:
    """Numbers chunks by first occurrence, and keeps their tokens.

    A token of a chunk has a number of its own, even where two chunks hold the same text:
    `chunk_tokens` has a row of these for each chunk (they ascend from 0 without a gap), with the
    number that each one's text has in `texts`. A memo belongs to one thread, and whoever owns it
    takes a new one when it `is_full`.
    """

    def __init__(
        self, max_chunks: int = MAX_CHUNKS, prepare: Callable[[str], str] | None = None
    ) -> None:
        """Take a function that changes a chunk, character by character, before it is cut.

        It leaves usual letters and digits as they are.
        """
        self.texts = Vocabulary()
        self.chunk_tokens = JaggedArray()
        self._max_chunks = max_chunks
        self._prepare = prepare
        self._by_key = IntegerMap()  # chunks that a key stands for
        self._by_text: dict[str, int] = {}  # all others
        self._features = GrowableArray(np.float64)
        self._features_known = 0
        self._chunks = 0
        self._characters = 0
        self._learn([NewChunk("", (RawToken("", 0, 0),), is_word=False)])  # END

    def number(self, chunks: Chunks) -> tuple[Ints, list[NewChunk]]:
        """Return the number of each chunk; learn and return those that were never met before."""
        numbers = self._by_key.find(chunks.keys)
        numbers[chunks.keys == END_KEY] = END
        missing = np.flatnonzero(numbers < 0)
        if not len(missing):
            return numbers, []
        bounds = zip(chunks.starts[missing].tolist(), chunks.ends[missing].tolist(), strict=True)
        texts = [chunks.joined[start:end] for start, end in bounds]
        is_word = dict(zip(texts, are_words(chunks.keys[missing]).tolist(), strict=True))
        unknown = [text for text in is_word if text not in self._by_text]
        new = [_word(text) if is_word[text] else self._lexed(text) for text in unknown]
        named = dict(zip(unknown, range(self._chunks, self._chunks + len(new)), strict=True))
        if new:
            numbers[missing] = [self._by_text[t] if t in self._by_text else named[t] for t in texts]
            self._keep(chunks.keys[missing], numbers[missing], texts, named)
            self._learn(new)
        else:
            numbers[missing] = list(map(self._by_text.__getitem__, texts))
        return numbers, new

    def _lexed(self, chunk: str) -> NewChunk:
        prepared = self._prepare(chunk) if self._prepare else chunk
        return NewChunk(prepared, lex(prepared) if prepared else (), is_word=False)

    def _keep(
        self, keys: NDArray[np.int64], numbers: Ints, texts: Sequence[str], named: dict[str, int]
    ) -> None:
        """Keep the numbers of new chunks: by key where there is one and it finds room."""
        keyed = np.flatnonzero(has_key(keys))
        keys, first = np.unique(keys[keyed], return_index=True)
        kept = self._by_key.add(keys, numbers[keyed[first]])
        by_key = {texts[place] for place in keyed[first[kept]].tolist()}
        for text, number in named.items():
            if text not in by_key:
                self._by_text[text] = number

    @property
    def is_full(self) -> bool:
        """Whether this memo has taken as much memory as it should."""
        return (
            max(self._chunks, len(self.texts)) > self._max_chunks
            or self._characters + self.texts.characters > MAX_CHARACTERS
        )

    def features(self) -> NDArray[np.float64]:
        """Return for each of the `texts` a row of its `Features`.

        A row is `to_self`, `to_next`, `to_previous` and one integer that packs the rest: the
        syllable, `join_level` at `JOIN_LEVEL_BIT`, `max_joined` + 1 at `MAX_JOINED_BIT`.
        """
        new = self.texts.texts[self._features_known :]
        self._features.extend(chain.from_iterable(map(_row, new)))
        self._features_known += len(new)
        return self._features.array().reshape(-1, 4)

    def _learn(self, new: Sequence[NewChunk]) -> None:
        """Take new chunks into the arrays."""
        number = self.texts.__getitem__
        self.chunk_tokens.extend([[number(token[0]) for token in each.tokens] for each in new])
        self._chunks += len(new)
        self._characters += sum(len(each.chunk) for each in new)


def _word(text: str) -> NewChunk:
    """Return what `ChunkMemo._lexed` does of a word, without looking into it."""
    return NewChunk(text, (RawToken(text, 0, len(text)),), is_word=True)


def _row(text: str) -> tuple[float, float, float, int]:
    features = features_of(text) if text else _end_of_text()
    packed = (
        features.syllable
        | features.join_level << JOIN_LEVEL_BIT
        | (features.max_joined + 1) << MAX_JOINED_BIT
    )
    return features.to_self, features.to_next, features.to_previous, packed


def _end_of_text() -> Features:
    """Return the features of END: a token that begins a word, whatever stands beside it.

    It takes from its neighbours the scores that they cannot have at the end of a text. With it
    between them, the texts of a batch are decoded as one.
    """
    weight = crf.chain()
    return Features(float("-inf"), weight.first, weight.last, 0, {}, BLOCKED, NONE_JOINED)
