"""What does pyvi's model see in a token, and in tokens side by side?"""

import string
from functools import cache
from typing import NamedTuple

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


class _Pieces(dict[str, tuple[Token, ...]]):
    """Remembers the tokens of the pieces met; forgets all when there are too many.

    A dictionary that fills itself answers in half the time of `lru_cache`. Threads may share it:
    at worst two of them find out the same.
    """

    MOST = 1 << 16
    LONGEST = 64

    def __missing__(self, piece: str) -> tuple[Token, ...]:
        tokens = tuple(_token(*cut) for cut in lex(piece))
        if len(piece) <= self.LONGEST:
            if len(self) >= self.MOST:
                self.clear()
            self[piece] = tokens
        return tokens


tokens_of = _Pieces().__getitem__
"""Give the tokens of a piece (see `lexer.PIECE`)."""


def _token(text: str, start: int, end: int) -> Token:
    weights = model().attributes
    lower = text.lower()
    attribute = lower.partition("\0")[0]  # to CRFsuite a name ends at NUL, as in C
    upper, title = text.isupper(), text.istitle()

    def seen_from(place: str) -> float:
        return (
            weights.get(f"{place}word.lower():{attribute}", 0.0)
            + upper * weights[f"{place}word.isupper()"]
            + title * weights[f"{place}word.istitle()"]
        )

    return Token(
        text,
        start,
        end,
        own=weights["bias"] + seen_from("") + text.isdigit() * weights["word.isdigit()"],
        before=seen_from("-1:"),
        after=seen_from("+1:"),
        syllable=word_lists().syllables.get(lower, 0),
        blocked=text in string.punctuation or text[0].isdigit(),
        title=text[0].istitle(),
    )


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
