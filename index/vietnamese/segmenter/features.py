"""What does pyvi's model see in a token?"""

import string
from collections.abc import Mapping
from typing import TypeAlias

from index.vietnamese.memo import Remembered
from index.vietnamese.segmenter.lexer import PIECE, lex
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import word_lists

Seconds: TypeAlias = Mapping[int, tuple[bool, frozenset[int]]]

Features: TypeAlias = tuple[float, float, float, int, Seconds, int, int]
"""What a token adds to the scores around it: (own, before, after, syllable, seconds, level, reach).

A score above 0 speaks for joining: `own` counts for the token itself, `before` for the token
after it (which it stands before) and `after` for the token before it. `syllable` numbers it in
the word lists, 0 where it is in none, and `seconds` are the syllables that make words with it
(see `word_lists.WordLists`). A token is joined to the one before it only where its `level` is
not above that one's `reach`: a title one (by its first letter) to a title one, a blocked one
(punctuation, or a digit first) to none. Plain tuples, as their fields are what Python takes out
fastest.
"""

Fields: TypeAlias = tuple[str, int, int, tuple[str, ...]]
"""A token or a word: (text, start, end, syllables), `text` in NFC, as in `lexer.Cut`.

[start, end) are code points of the text that was asked about; a token is its only syllable.
"""

Token: TypeAlias = tuple[
    str, int, int, tuple[str, ...], float, float, float, int, Seconds, int, int
]
"""The `Fields` of one of pyvi's tokens, and its `Features`: flat, to be taken apart in one step."""

Part: TypeAlias = tuple[int, tuple[Token, ...]]
"""The length of a text and one for the space behind it, and the text's tokens."""

BLOCKED, NO_REACH = 2, -1
"""The level and the reach of a blocked token; they are 1 of a title one and else 0."""

NO_SECONDS: Seconds = {}


def _as_part(text: str) -> Part:
    return len(text) + 1, tuple(
        (cut, piece.start() + start, piece.start() + end, (cut,), *_features(cut))
        for piece in PIECE.finditer(text)
        for cut, start, end in lex(piece[0])
    )


as_part = Remembered(_as_part).__getitem__
"""Give the `Part` that a text is, best a short text that will come again."""


def features_of(text: str) -> Features:
    """Say what pyvi's model sees in a token."""
    attributes = weights().attributes
    lower = text.lower()
    name = lower.partition("\0")[0]  # to CRFsuite a name ends at NUL, as in C
    own, before, after = weights().tokens.get(name, (0.0, 0.0, 0.0))
    if text.isupper():
        own += attributes["word.isupper()"]
        before += attributes["-1:word.isupper()"]
        after += attributes["+1:word.isupper()"]
    if text.istitle():
        own += attributes["word.istitle()"]
        before += attributes["-1:word.istitle()"]
        after += attributes["+1:word.istitle()"]
    if text.isdigit():
        own += attributes["word.isdigit()"]
    syllable = word_lists().syllables.get(lower, 0)
    seconds = word_lists().seconds.get(syllable, NO_SECONDS)
    level = reach = int(text[0].istitle())
    if text in string.punctuation or text[0].isdigit():
        level, reach = BLOCKED, NO_REACH
    return own + attributes["bias"], before, after, syllable, seconds, level, reach


_features = Remembered(features_of).__getitem__
