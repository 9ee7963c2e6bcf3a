"""What does pyvi's model see in a token?"""

import string
from typing import NamedTuple

from index.vietnamese.remembered import Remembered
from index.vietnamese.segmenter.lexer import lex
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import word_lists


class Token(NamedTuple):
    """One of pyvi's tokens and what it adds to the scores around it.

    `text` is in NFC; [start, end) are code points of the raw piece. A score above 0 speaks for
    joining: `own` counts for the token itself, `before` for the token after it (which it stands
    before) and `after` for the token before it. `syllable` numbers it in the word lists, 0 where
    it is in none. A `blocked` token is joined to nothing; a `title` one (by its first letter)
    only to a title before it.
    """

    text: str
    start: int
    end: int
    own: float
    before: float
    after: float
    syllable: int
    blocked: bool
    title: bool


def _tokens_of(piece: str) -> tuple[Token, ...]:
    return tuple(Token(text, start, end, *_features(text)) for text, start, end in lex(piece))


tokens_of = Remembered(_tokens_of).__getitem__
"""Give the tokens of a piece (see `lexer.PIECE`)."""


def _features_of(text: str) -> tuple[float, float, float, int, bool, bool]:
    """Give the fields of a `Token` that depend on its text, from `own` to `title`."""
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


_features = Remembered(_features_of).__getitem__
