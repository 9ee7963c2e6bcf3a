"""What does pyvi's model see in a token, and in tokens side by side?"""

import string
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from index.vietnamese.remembered import Remembered
from index.vietnamese.segmenter.lexer import lex
from index.vietnamese.segmenter.model import model


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


class WordLists(NamedTuple):
    """pyvi's words of two and three syllables.

    `pairs` has every two syllables that are a word (`BIGRAM`), begin one of three syllables
    (`HEAD`), or both; a pair or triple is one integer of the syllables' numbers.
    """

    syllables: dict[str, int]
    pairs: dict[int, int]
    trigrams: frozenset[int]


BIGRAM, HEAD = 1, 2
SYLLABLE_BITS = 13
"""Bits of a syllable's number: `first << SYLLABLE_BITS | second` is the pair's."""


def _tokens_of(piece: str) -> tuple[Token, ...]:
    return tuple(Token(text, start, end, *_features(text)) for text, start, end in lex(piece))


tokens_of = Remembered(_tokens_of).__getitem__
"""Give the tokens of a piece (see `lexer.PIECE`)."""


def _features_of(text: str) -> tuple[float, float, float, int, bool, bool]:
    """Give the fields of a `Token` that depend on its text, from `own` to `title`."""
    attributes = model().attributes
    lower = text.lower()
    own, before, after = _words().get(lower.partition("\0")[0], (0.0, 0.0, 0.0))
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


@cache
def _words() -> dict[str, tuple[float, float, float]]:
    """Give for each token that the model knows what it adds to itself, the next, the previous.

    Tokens are in lower case and cut at a NUL: to CRFsuite a name ends there, as in C.
    """
    places = [f"{place}word.lower():" for place in ("", "-1:", "+1:")]
    weights: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for attribute, weight in model().attributes.items():
        for number, place in enumerate(places):
            if attribute.startswith(place):
                weights[attribute.removeprefix(place)][number] = weight
    return {word: (own, before, after) for word, (own, before, after) in weights.items()}


@cache
def word_lists() -> WordLists:
    """Give pyvi's word lists with their syllables numbered from 1."""
    numbers: dict[str, int] = {}
    pairs = {_numbered(word, numbers): BIGRAM for word in model().bigrams}
    trigrams = frozenset(_numbered(word, numbers) for word in model().trigrams)
    for trigram in trigrams:
        pairs[trigram >> SYLLABLE_BITS] = pairs.get(trigram >> SYLLABLE_BITS, 0) | HEAD
    return WordLists(numbers, pairs, trigrams)


def _numbered(word: str, numbers: dict[str, int]) -> int:
    key = 0
    for syllable in word.split(" "):
        key = key << SYLLABLE_BITS | numbers.setdefault(syllable, len(numbers) + 1)
    return key
