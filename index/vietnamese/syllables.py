"""Where do the syllables of a text stand? Tokens of letters and digits, spans in the raw text.

Vietnamese puts white space between syllables, so a syllable is what other languages call a token:
a maximal run of letters and digits with the combining marks on them. Numbers, foreign words and
acronyms are syllables here as well.
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from index.vietnamese.forms import canonical
from index.vietnamese.memo import Memo

LONGEST = 100
"""Code points of the longest text of a syllable; the rest of a longer token is left out of it."""


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
    """Give the syllables of a text in reading order.

    Spans ascend, are disjoint and refer to the text as given: `text[start:end]` is the token as
    it was written, whether composed or decomposed.
    """
    return [Syllable(_form(token[0]), *token.span()) for token in _TOKEN.finditer(text)]


def terms(text: str) -> list[str]:
    """Give the texts of `syllables(text)` without their spans, faster."""
    if text.isalnum():
        return [_form(text)]
    return list(map(_form, _TOKEN.findall(text)))


def occurrences(text: str, wanted: Container[str]) -> list[Occurrence]:
    """Give those of `syllables(text)` whose text is wanted, several times faster than by looking.

    `text` is cut once; what a raw token means is asked once for all its occurrences.
    """
    chunks = (_CUT if _UNUSUAL.search(text) else _CUT_USUAL).split(text)
    tokens = chunks[1::2]
    meant = {token: form for token in set(tokens) if (form := _form(token)) in wanted}
    places = [place for place, token in enumerate(tokens) if token in meant] if meant else ()
    if not places:
        return []
    ends = list(accumulate(map(len, chunks[: 2 * places[-1] + 2])))
    return [
        Occurrence(place, meant[tokens[place]], ends[2 * place], ends[2 * place + 1])
        for place in places
    ]


def _form_of(token: str) -> str:
    return canonical(token.lower())[:LONGEST]


_form = Memo(_form_of).__getitem__


_BLOCKS_WITH_MARKS = (
    range(0x300, 0x3100),
    range(0xA600, 0xAC00),
    range(0xFB00, 0xFE30),
    range(0x10000, 0x12000),
    range(0x16A00, 0x17000),
    range(0x1BC00, 0x1BD00),
    range(0x1CF00, 0x1D300),
    range(0x1DA00, 0x1EA00),
)
"""All blocks of Unicode with combining marks; to look through the rest takes 15 ms at import."""


def _marks() -> Iterator[str]:
    """Give the ranges of combining marks, which `re` has no class for."""
    codes = chain.from_iterable(_BLOCKS_WITH_MARKS)
    marks = [code for code in codes if unicodedata.category(chr(code)).startswith("M")]
    start = marks[0]
    for mark, following in pairwise([*marks, 0]):
        if following != mark + 1:
            yield f"{chr(start)}-{chr(mark)}"
            start = following


_MARK = "".join(_marks())
_TOKEN = re.compile(rf"[^\W_]+(?:[{_MARK}]+[^\W_]*)*")
_CUT = re.compile(f"({_TOKEN.pattern})")

_UNUSUAL = re.compile("[_\u0300-\u1dff\u20d0-\u20ff\u2c00-\uffff\U00010000-\U0010ffff]")
"""What a token of Vietnamese composed as usual has not: a line below, all combining marks."""
_CUT_USUAL = re.compile(r"(\w+)")
"""Cuts a text without any of these as `_CUT` does, in half the time."""
