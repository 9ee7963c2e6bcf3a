"""The lexer: pyvi's tokens in linear time, as spans of the raw text.

pyvi normalises a text to NFC and finds tokens with one regular expression. No token except the line
feed contains white space, and NFC composes nothing across it; so a text can be split into chunks
without white space, and the tokens of a chunk are the same wherever it occurs.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

from index.vietnamese.characters import composed

_ABBREVIATIONS = r"[A-ZĐ]+\.|Tp\.|Mr\.|Mrs\.|Ms\.|Dr\.|ThS\."
_SPECIALS = r"==>|->|\.\.\.|>>|\n"
_URL = r"\w+://\S+"
_DOMAIN = r"@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+"
_EMAIL = rf"[a-zA-Z0-9_.+-]++{_DOMAIN}"
_REST = r"\d+(?:[.,_]\d+)+|[^\w\s]|\w+"

_TOKEN = re.compile(f"{_ABBREVIATIONS}|{_SPECIALS}|{_URL}|{_REST}")
_TOKEN_OR_EMAIL = re.compile(f"{_ABBREVIATIONS}|{_SPECIALS}|{_URL}|{_EMAIL}|{_REST}")
_MAILBOX = re.compile(rf"(?<![a-zA-Z0-9_.+-])[a-zA-Z0-9_.+-]++(?={_DOMAIN})")

_SPAN: Callable[[re.Match[str]], tuple[int, int]] = re.Match.span

_FINAL = frozenset(",;:?!)]\"'”’…")
"""Punctuation that is always a token of its own after letters and digits, unlike a full stop."""

CHUNK = re.compile(r"\S+|\n")
"""A run of characters without white space, or a line feed: the input of `lex`."""


class RawToken(NamedTuple):
    """One of pyvi's tokens: its text in NFC, its span in code points of the raw chunk."""

    text: str
    start: int
    end: int


def lex(chunk: str) -> tuple[RawToken, ...]:
    """Return pyvi's tokens of a chunk (see `CHUNK`).

    Spans ascend and are disjoint. If NFC decomposes one raw character and pyvi splits between the
    parts (composition exclusions, never in Vietnamese), the first token gets the character and the
    spans of the others are empty.

    >>> [token.text for token in lex("TP.HCM,")]
    ['TP.', 'HCM', ',']
    """
    text = composed(chunk)
    if text.isalnum():
        return (RawToken(text, 0, len(chunk)),)
    if text[-1] in _FINAL and text[:-1].isalnum():  # a fast path for most new chunks
        end = len(chunk) - 1
        return (RawToken(text[:-1], 0, end), RawToken(text[-1], end, end + 1))
    spans = _spans(text)
    if text == chunk:
        return tuple([RawToken(text[start:end], start, end) for start, end in spans])
    raw = _raw_offsets(text, chunk)
    return tuple(RawToken(text[start:end], raw[start], raw[end]) for start, end in spans)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text:
        return _spans_with_emails(text)
    return map(_SPAN, _TOKEN.finditer(text))


def _spans_with_emails(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of tokens; match an email address only where a mailbox has a domain.

    pyvi tries to match one at every token, which takes quadratic time on "a.a.a.a.a...".
    """
    position = 0
    for mailbox in _MAILBOX.finditer(text):
        for pattern, end in ((_TOKEN, mailbox.start()), (_TOKEN_OR_EMAIL, mailbox.end())):
            while position < end and (token := pattern.match(text, position)):
                yield token.span()
                position = token.end()
    yield from (token.span() for token in _TOKEN.finditer(text, position))


def _raw_offsets(text: str, chunk: str) -> list[int]:
    """Return for each offset in `text`, the NFC form of `chunk`, the offset in `chunk`.

    Both decompose to the same number of characters, so offsets are matched through NFD.
    """
    raw_of = [0]
    for number, character in enumerate(chunk, start=1):
        raw_of += [number] * len(unicodedata.normalize("NFD", character))
    lengths = (len(unicodedata.normalize("NFD", character)) for character in text)
    return [raw_of[length] for length in accumulate(lengths, initial=0)]
