"""The syllable tokenizer: tokens of letters and digits, with their spans in the raw text.

Vietnamese puts white space between syllables, so a "syllable" here is a token: a maximal run of
letters and digits with their combining marks. Numbers, foreign words and acronyms count as
syllables too; in scripts without spaces, and in Hangul, each character is one. Invisible characters
inside a token belong to its span but not to its text. "º" is not treated as a letter, since people
type it for the degree sign.
"""

import re
from collections.abc import Container
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from index.vietnamese.characters import (
    HANGUL_TAILS,
    INVISIBLE,
    MARKS,
    UNSPACED,
    UNUSUAL,
    plain,
)
from index.vietnamese.forms import canonical
from index.vietnamese.memo import Memo

MAX_TERM_CHARACTERS = 100
"""Code points of a syllable's text; a longer token is truncated. The longest word in an English
dictionary has 45. Arbitrary."""

MAX_RAW_CHARACTERS = 4 * MAX_TERM_CHARACTERS
"""Code points of a token that are read: a letter decomposes to at most four."""


class Syllable(NamedTuple):
    """One token: its canonical lower-case text, and its span in code points of the raw text."""

    text: str
    start: int
    end: int


class Occurrence(NamedTuple):
    """A syllable that was searched for, with its span in code points of the raw text.

    `token_index` is the position among all tokens of the text, from 0.
    """

    token_index: int
    text: str
    start: int
    end: int


def syllables(text: str) -> list[Syllable]:
    """Return the syllables of a text in reading order.

    Spans ascend and are disjoint; `text[start:end]` is the token as written, composed or not.

    >>> syllables("Hoà, F-16")[0]
    Syllable(text='hòa', start=0, end=3)
    """
    pattern = _any_token() if UNUSUAL.search(text) else _USUAL
    return [Syllable(_form(token[0]), *token.span()) for token in pattern.finditer(text)]


def terms(text: str) -> list[str]:
    """Return the texts of `syllables(text)` without their spans, faster."""
    if UNUSUAL.search(text):
        return list(map(_form, _any_token().findall(text)))
    return [_form(text)] if text.isalnum() else list(map(_form, _USUAL.findall(text)))


def occurrences(text: str, wanted: Container[str]) -> list[Occurrence]:
    """Return the tokens of `text` whose canonical text is in `wanted`, in reading order.

    Faster than filtering `syllables(text)`: each distinct raw token is normalised only once.

    >>> [(found.token_index, found.start) for found in occurrences("Giá lúa, giá gạo", {"giá"})]
    [(0, 0), (2, 9)]
    """
    pieces = (_cut() if UNUSUAL.search(text) else _CUT_USUAL).split(text)
    tokens = pieces[1::2]
    meant = {token: form for token in set(tokens) if (form := _form(token)) in wanted}
    found = [i for i, token in enumerate(tokens) if token in meant] if meant else ()
    if not found:
        return []
    ends = list(accumulate(map(len, pieces[: 2 * found[-1] + 2])))
    return [Occurrence(i, meant[tokens[i]], ends[2 * i], ends[2 * i + 1]) for i in found]


def _form_of(token: str) -> str:
    return canonical(plain(token[:MAX_RAW_CHARACTERS]).lower())[:MAX_TERM_CHARACTERS]


_form = Memo(_form_of).__getitem__

_LETTER = rf"[^\W_ªº{UNSPACED}]"
_ANY_TOKEN = (
    rf"{_LETTER}+(?:(?:[{INVISIBLE}]*[{MARKS}])+{_LETTER}*|[{INVISIBLE}]+{_LETTER}+)*"
    rf"|(?=[{UNSPACED}])[^\W_](?:[{INVISIBLE}]*[{MARKS}{HANGUL_TAILS}])*"
)


@cache
def _any_token() -> re.Pattern[str]:
    """Return the pattern of a token; compiled on first use, which takes 8 ms."""
    return re.compile(_ANY_TOKEN)


@cache
def _cut() -> re.Pattern[str]:
    return re.compile(f"({_ANY_TOKEN})")


# In a text with no `UNUSUAL` character they find what the others do, in half the time.
_USUAL, _CUT_USUAL = re.compile(r"\w+"), re.compile(r"(\w+)")
