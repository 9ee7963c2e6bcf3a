"""The features of a token in pyvi's model, summed to scores."""

import string
from typing import NamedTuple, TypeAlias

from index.vietnamese.memo import Memo
from index.vietnamese.segmenter.lexer import CHUNK, lex
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import SecondSyllables, word_lists


class Features(NamedTuple):
    """What a token adds to the scores around it, and whether it may be joined at all.

    `to_self` is added to the score of the token itself, `to_next` and `to_previous` to those of its
    neighbours; higher scores favour joining. `syllable` is its number in the word lists, 0 if it is
    in none; `second_syllables` are those that make words with it (see `word_lists.WordLists`).
    A token may be joined to the previous one only if its `join_level` is at most that token's
    `max_joined`. So a capitalised token is joined to capitalised ones only, and a blocked one
    (punctuation, or beginning with a digit) to none.
    """

    to_self: float
    to_next: float
    to_previous: float
    syllable: int
    second_syllables: SecondSyllables
    join_level: int
    max_joined: int


TokenSpan: TypeAlias = tuple[str, int, int, tuple[str, ...]]
"""A token or a word: (text, start, end, syllables), as in `words.Word`.

[start, end) are code points of the text passed in; the only syllable of a token is the token.
"""

Token: TypeAlias = tuple[
    str, int, int, tuple[str, ...], float, float, float, int, SecondSyllables, int, int
]
"""The `TokenSpan` of one of pyvi's tokens followed by its `Features`. A flat plain tuple, since the
loop of `crf.decode` unpacks it in one step; Python unpacks named tuples more slowly."""

Piece: TypeAlias = tuple[int, tuple[Token, ...]]
"""The text between two spaces: its length plus 1 (the space after it), and its tokens."""

BLOCKED, NONE_JOINED = 2, -1
"""The `join_level` and `max_joined` of a blocked token. Of a capitalised one both are 1, of all
others 0."""


def _as_piece(text: str) -> Piece:
    # Pyright forgets how many features there are after the star; mypy does not.
    return len(text) + 1, tuple(  # pyright: ignore[reportReturnType]
        (token, chunk.start() + start, chunk.start() + end, (token,), *_features(token))
        for chunk in CHUNK.finditer(text)
        for token, start, end in lex(chunk[0])
    )


as_piece = Memo(_as_piece).__getitem__
"""Return the `Piece` of a text between two spaces, memoised."""


def features_of(text: str) -> Features:
    """Return the features of a token, given as its text."""
    attributes = weights().attributes
    lower = text.lower()
    name = lower.partition("\0")[0]  # CRFsuite's names are C strings, which end at NUL
    to_self, to_next, to_previous = weights().of_token(name)
    if text.isupper():
        to_self += attributes["word.isupper()"]
        to_next += attributes["-1:word.isupper()"]
        to_previous += attributes["+1:word.isupper()"]
    if text.istitle():
        to_self += attributes["word.istitle()"]
        to_next += attributes["-1:word.istitle()"]
        to_previous += attributes["+1:word.istitle()"]
    if text.isdigit():
        to_self += attributes["word.isdigit()"]
    syllable = word_lists().syllables.get(lower, 0)
    second_syllables = word_lists().second_syllables(lower)
    join_level = max_joined = int(text[0].istitle())
    if text in string.punctuation or text[0].isdigit():
        join_level, max_joined = BLOCKED, NONE_JOINED
    to_self += attributes["bias"]
    return Features(
        to_self, to_next, to_previous, syllable, second_syllables, join_level, max_joined
    )


_features = Memo(features_of).__getitem__
