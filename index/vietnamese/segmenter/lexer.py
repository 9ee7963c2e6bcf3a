"""pyvi's tokens of a text, found in linear time, as spans of the raw text.

pyvi brings a text to NFC and finds tokens by one pattern. No token but the line feed holds white
space and NFC composes nothing across it, so a text may be taken in chunks without white space,
and what was found for a chunk holds wherever the chunk occurs.
"""

import re
import unicodedata
from collections.abc import Iterator
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

_FINAL = frozenset(",;:?!)]\"'”’…")
"""Marks that are tokens of their own after letters and digits; a full stop may be part of one."""

CHUNK = re.compile(r"\S+|\n")
"""A run of characters without white space, or a line feed: what `lex` takes."""


class RawToken(NamedTuple):
    """One of pyvi's tokens: `text` in NFC, [start, end) in code points of the raw chunk."""

    text: str
    start: int
    end: int


def lex(chunk: str) -> tuple[RawToken, ...]:
    """Return pyvi's tokens of a chunk (see `CHUNK`).

    Spans ascend and are disjoint. Where NFC takes one raw character apart and pyvi cuts between
    the parts (composition exclusions, never Vietnamese), the first token has the character and
    the others' spans are empty.

    >>> [token.text for token in lex("TP.HCM,")]
    ['TP.', 'HCM', ',']
    """
    text = composed(chunk)
    if text.isalnum():
        return (RawToken(text, 0, len(chunk)),)
    if text[-1] in _FINAL and text[:-1].isalnum():  # most chunks that are met for the first time
        end = len(chunk) - 1
        return (RawToken(text[:-1], 0, end), RawToken(text[-1], end, end + 1))
    spans = _spans(text)
    if text == chunk:
        return tuple(RawToken(text[start:end], start, end) for start, end in spans)
    raw = _raw_offsets(text, chunk)
    return tuple(RawToken(text[start:end], raw[start], raw[end]) for start, end in spans)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text:
        return _spans_with_emails(text)
    return (token.span() for token in _TOKEN.finditer(text))


def _spans_with_emails(text: str) -> Iterator[tuple[int, int]]:
    """Try an email only inside a mailbox that has a domain.

    pyvi tries one at every token, which takes quadratic time on "a.a.a.a.a...".
    """
    position = 0
    for mailbox in _MAILBOX.finditer(text):
        for pattern, end in ((_TOKEN, mailbox.start()), (_TOKEN_OR_EMAIL, mailbox.end())):
            while position < end and (token := pattern.match(text, position)):
                yield token.span()
                position = token.end()
    yield from (token.span() for token in _TOKEN.finditer(text, position))


def _raw_offsets(text: str, chunk: str) -> list[int]:
    """Return for each offset in `text`, the NFC of `chunk`, the offset in `chunk`.

    Both decompose to equally many characters, one raw character after the other.
    """
    raw_of = [0]
    for number, character in enumerate(chunk, start=1):
        raw_of += [number] * len(unicodedata.normalize("NFD", character))
    lengths = (len(unicodedata.normalize("NFD", character)) for character in text)
    return [raw_of[length] for length in accumulate(lengths, initial=0)]
