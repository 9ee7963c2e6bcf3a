"""The features that pyvi's model sees in a token, summed up to scores."""

import string
from typing import NamedTuple, TypeAlias

from index.vietnamese.memo import Memo
from index.vietnamese.segmenter.lexer import CHUNK, lex
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import Seconds, word_lists


class Features(NamedTuple):
    """What a token adds to the scores around it, and what decides whether it may be joined.

    A score above 0 speaks for joining. `own` counts for the token itself, `before` for the token
    after it (which it stands before) and `after` for the token before it. `syllable` numbers it in
    the word lists, 0 where it is in none, and `seconds` are the syllables that make words with it
    (see `word_lists.WordLists`). A token is joined to the one before it only where its `level` is
    not above that one's `reach`: a title one (by its first letter) to a title one, a blocked one
    (punctuation, or a digit first) to none.
    """

    own: float
    before: float
    after: float
    syllable: int
    seconds: Seconds
    level: int
    reach: int


Fields: TypeAlias = tuple[str, int, int, tuple[str, ...]]
"""A token or a word: (text, start, end, syllables), as in `words.Word`.

[start, end) are code points of the text that was asked about; a token is its only syllable.
"""

Token: TypeAlias = tuple[
    str, int, int, tuple[str, ...], float, float, float, int, Seconds, int, int
]
"""The `Fields` of one of pyvi's tokens, and its `Features`: flat and a plain tuple, since the loop
of `crf.decode` takes it apart in one step. Python unpacks named tuples more slowly."""

Part: TypeAlias = tuple[int, tuple[Token, ...]]
"""The length of a text and one for the space behind it, and the text's tokens."""

BLOCKED, NO_REACH = 2, -1
"""The level and the reach of a blocked token; they are 1 of a title one and else 0."""


def _as_part(text: str) -> Part:
    # Pyright forgets how many features there are behind the star; mypy does not.
    return len(text) + 1, tuple(  # pyright: ignore[reportReturnType]
        (token, chunk.start() + start, chunk.start() + end, (token,), *_features(token))
        for chunk in CHUNK.finditer(text)
        for token, start, end in lex(chunk[0])
    )


as_part = Memo(_as_part).__getitem__
"""Return the `Part` that a text is, best a short text that will come again."""


def features_of(text: str) -> Features:
    """Return what pyvi's model sees in a token."""
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
    syllable, seconds = word_lists().syllables.get(lower, 0), word_lists().seconds(lower)
    level = reach = int(text[0].istitle())
    if text in string.punctuation or text[0].isdigit():
        level, reach = BLOCKED, NO_REACH
    return Features(own + attributes["bias"], before, after, syllable, seconds, level, reach)


_features = Memo(features_of).__getitem__
