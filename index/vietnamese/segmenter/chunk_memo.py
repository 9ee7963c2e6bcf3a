"""A memo of the chunks seen so far: their numbers, tokens and CRF features, as arrays."""

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
"""The number of the sentinel chunk before and after every text, and of its token and its text."""

JOIN_LEVEL_BIT = SYLLABLE_BITS
"""The lowest bit of `join_level` in packed features (see `ChunkMemo.features`)."""

MAX_JOINED_BIT = JOIN_LEVEL_BIT + 2
"""The lowest bit of `max_joined` + 1 in packed features."""

MAX_CHUNKS = 1 << 17
"""Chunks, or distinct tokens, after which a memo is full. It bounds the memory of a thread.
Arbitrary."""

MAX_CHARACTERS = 1 << 21
"""Characters of chunks and tokens after which a memo is full, for texts of very long words.
Arbitrary."""


class NewChunk(NamedTuple):
    """A chunk that is new to a memo, after `prepare`, and its tokens.

    `is_word`: whether it is a single token of common letters and digits (see `chunks.are_words`).
    """

    chunk: str
    tokens: Sequence[RawToken]
    is_word: bool


class ChunkMemo:
    """Numbers chunks by first occurrence, and stores their tokens.

    `chunk_tokens` has a row for each chunk: for each of its tokens, the number of the token's text
    in `texts`. The position of a token in the concatenated rows is the token's own number, so
    equal tokens of different chunks have different numbers. Not thread-safe; the owner starts a
    new memo when this one `is_full`.
    """

    def __init__(
        self, max_chunks: int = MAX_CHUNKS, prepare: Callable[[str], str] | None = None
    ) -> None:
        """Take a function that is applied to each chunk before it is split into tokens.

        It must map characters independently of each other, and not change common letters and
        digits (see `chunks.are_words`).
        """
        self.texts = Vocabulary()
        self.chunk_tokens = JaggedArray()
        self._max_chunks = max_chunks
        self._prepare = prepare
        self._by_key = IntegerMap()  # numbers of chunks that have a key
        self._by_text: dict[str, int] = {}  # numbers of all others
        self._features = GrowableArray(np.float64)
        self._features_known = 0
        self._chunks = 0
        self._characters = 0
        self._learn([NewChunk("", (RawToken("", 0, 0),), is_word=False)])  # END

    def number(self, chunks: Chunks) -> tuple[Ints, list[NewChunk]]:
        """Return the number of each chunk, and the chunks that are new, which are added."""
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
        """Store the numbers of new chunks, by key if there is one and the map has room for it."""
        keyed = np.flatnonzero(has_key(keys))
        keys, first = np.unique(keys[keyed], return_index=True)
        kept = self._by_key.add(keys, numbers[keyed[first]])
        by_key = {texts[place] for place in keyed[first[kept]].tolist()}
        for text, number in named.items():
            if text not in by_key:
                self._by_text[text] = number

    @property
    def is_full(self) -> bool:
        """Whether the memo has reached its memory limit."""
        return (
            max(self._chunks, len(self.texts)) > self._max_chunks
            or self._characters + self.texts.characters > MAX_CHARACTERS
        )

    def features(self) -> NDArray[np.float64]:
        """Return the `Features` of all `texts`: a float64 array with one row per text.

        The columns are `to_self`, `to_next`, `to_previous` and an integer that packs the rest:
        `syllable`, `join_level` from `JOIN_LEVEL_BIT`, `max_joined` + 1 from `MAX_JOINED_BIT`.
        """
        new = self.texts.texts[self._features_known :]
        self._features.extend(chain.from_iterable(map(_row, new)))
        self._features_known += len(new)
        return self._features.array().reshape(-1, 4)

    def _learn(self, new: Sequence[NewChunk]) -> None:
        """Add new chunks to the arrays."""
        number = self.texts.__getitem__
        self.chunk_tokens.extend([[number(token[0]) for token in each.tokens] for each in new])
        self._chunks += len(new)
        self._characters += sum(len(each.chunk) for each in new)


def _word(text: str) -> NewChunk:
    """Return the same as `ChunkMemo._lexed` for a word, without running the lexer."""
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
    """Return the features of END, a token that is labelled B whatever its neighbours are.

    It adds `Chain.first` and `Chain.last` to the scores of its neighbours. With it between them,
    the texts of a batch can be decoded as one sequence.
    """
    weight = crf.chain()
    return Features(float("-inf"), weight.first, weight.last, 0, {}, BLOCKED, NONE_JOINED)
