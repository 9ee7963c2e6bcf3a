"""What does pyvi's model see in a token?"""

import string
from typing import TypeAlias

from index.vietnamese.remembered import Remembered
from index.vietnamese.segmenter.lexer import PIECE, lex
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import word_lists

Features: TypeAlias = tuple[float, float, float, int, bool, bool]
"""What a token adds to the scores around it: (own, before, after, syllable, blocked, title).

A score above 0 speaks for joining: `own` counts for the token itself, `before` for the token
after it (which it stands before) and `after` for the token before it. `syllable` numbers it in
the word lists, 0 where it is in none. A `blocked` token is joined to nothing; a `title` one (by
its first letter) only to a title before it. Plain tuples, as their fields are what Python takes
out fastest.
"""

Token: TypeAlias = tuple[str, int, int, Features]
"""One of pyvi's tokens: (text, start, end, features), `text` in NFC, as in `lexer.Cut`.

[start, end) are code points of the text that was asked about.
"""


def _tokens_of(text: str) -> tuple[Token, ...]:
    return tuple(
        (cut, piece.start() + start, piece.start() + end, _features(cut))
        for piece in PIECE.finditer(text)
        for cut, start, end in lex(piece[0])
    )


tokens_of = Remembered(_tokens_of).__getitem__
"""Give the tokens of a text, best a short one that will come again."""


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
    return (
        own + attributes["bias"],
        before,
        after,
        word_lists().syllables.get(lower, 0),
        text in string.punctuation or text[0].isdigit(),
        text[0].istitle(),
    )


_features = Remembered(features_of).__getitem__
