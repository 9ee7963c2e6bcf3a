"""Syllables of a text: tokens of letters and digits, with their spans in the raw text.

Vietnamese puts white space between syllables, so a syllable is what other languages call a token:
a maximal run of letters and digits with the combining marks on them. Numbers, foreign words and
acronyms are syllables here as well; of scripts without spaces each character is one. Invisible
characters inside a token belong to its span and not to its text. "º" is no letter: people write
it for a degree.
"""

import re
from collections.abc import Container
from itertools import accumulate
from typing import NamedTuple

from index.vietnamese.characters import INVISIBLE, MARKS, UNSPACED, UNUSUAL, plain
from index.vietnamese.forms import canonical
from index.vietnamese.memo import Memo

MAX_TERM_CHARACTERS = 100
"""Code points of the text of a syllable; the rest of a longer token is left out of it. The longest
word of a dictionary has 45. Arbitrary."""

MAX_RAW_CHARACTERS = 4 * MAX_TERM_CHARACTERS
"""Code points of a token that are read: letters decompose to four at most."""


class Syllable(NamedTuple):
    """One token: `text` canonical and lower case, [start, end) in code points of the raw text."""

    text: str
    start: int
    end: int


class Occurrence(NamedTuple):
    """A syllable that was looked for: the number of its place in the text, text and span."""

    place: int
    text: str
    start: int
    end: int


def syllables(text: str) -> list[Syllable]:
    """Return the syllables of a text in reading order.

    Spans ascend, are disjoint and refer to the text as given: `text[start:end]` is the token as
    it was written, whether composed or decomposed.

    >>> syllables("Hoà, F-16")[0]
    Syllable(text='hòa', start=0, end=3)
    """
    return [Syllable(_form(token[0]), *token.span()) for token in _TOKEN.finditer(text)]


def terms(text: str) -> list[str]:
    """Return the texts of `syllables(text)` without their spans, faster."""
    if text.isalnum() and not UNUSUAL.search(text):
        return [_form(text)]
    return list(map(_form, _TOKEN.findall(text)))


def occurrences(text: str, wanted: Container[str]) -> list[Occurrence]:
    """Return those of `syllables(text)` whose text is wanted, several times faster.

    `text` is cut once; what a raw token means is asked once for all its occurrences.
    """
    pieces = (_CUT if UNUSUAL.search(text) else _CUT_USUAL).split(text)
    tokens = pieces[1::2]
    meant = {token: form for token in set(tokens) if (form := _form(token)) in wanted}
    places = [place for place, token in enumerate(tokens) if token in meant] if meant else ()
    if not places:
        return []
    ends = list(accumulate(map(len, pieces[: 2 * places[-1] + 2])))
    return [
        Occurrence(place, meant[tokens[place]], ends[2 * place], ends[2 * place + 1])
        for place in places
    ]


def _form_of(token: str) -> str:
    return canonical(plain(token[:MAX_RAW_CHARACTERS]).lower())[:MAX_TERM_CHARACTERS]


_form = Memo(_form_of).__getitem__

_LETTER = rf"[^\W_ªº{UNSPACED}]"
_TOKEN = re.compile(
    rf"{_LETTER}+(?:(?:[{INVISIBLE}]*[{MARKS}])+{_LETTER}*|[{INVISIBLE}]+{_LETTER}+)*"
    rf"|(?=[{UNSPACED}])[^\W_](?:[{INVISIBLE}]*[{MARKS}])*"
)
_CUT = re.compile(f"({_TOKEN.pattern})")
_CUT_USUAL = re.compile(r"(\w+)")
"""Cuts a text without anything `UNUSUAL` as `_CUT` does, in half the time."""
