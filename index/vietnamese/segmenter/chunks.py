"""Splitting a batch of texts into chunks with NumPy, and packing short chunks into 64-bit keys.

A chunk of `lexer.CHUNK` is split further where this changes no token: punctuation before and after
a word becomes chunks of its own. The lexer then sees "Nội" only, not also "“Nội", "Nội," and
"Nội.”": half as many distinct chunks in 35,000 news articles.

A chunk of at most eight characters, all in `_ALPHABET`, has a key: one byte per character, its
code. 99 % of the chunks of Vietnamese text have one. No two chunks share a key.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.characters import INVISIBLE
from index.vietnamese.segmenter.integer_map import Longs

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

END_KEY = 2
"""The key of the sentinel chunk before the first text and after each text."""

NO_KEY = -1
"""The key of a chunk of more than eight characters."""

MAX_PUNCTUATION = 3
"""Punctuation characters that are split off at each end of a word; more are rare and stay with
it."""

_SPACE, _LINE_FEED, _END, _OTHER = 0, 1, END_KEY, 0xFF
_MARKS = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b"  # the five tones first
_LETTERS = "".join(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel in "aăâeêioôơuưy"
    for tone in ("", *_MARKS[:5])
)
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZĐ"  # the letters of the lexer's abbreviations
_WORD = f"{_CAPITALS}0123456789abcdefghijklmnopqrstuvwxyzđ{_LETTERS}{_LETTERS.upper()}"
_WORD_CHARACTERS = "".join(dict.fromkeys(_WORD))  # a run of them is one token, and is in NFC
_OPENING, _QUOTES, _CLOSING = "([“‘«", "\"'", ",;:?!)]”’…%»"
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_GROUPS = f"{_OPENING}{_QUOTES}{_CLOSING}.{_WORD_CHARACTERS}{_ASCII}{_MARKS}–—•·°²½₫"
_ALPHABET = "".join(dict.fromkeys(_GROUPS))

_CODE_OF = {character: code for code, character in enumerate(_ALPHABET, _END + 1)}
# Each group of characters has consecutive codes, so membership is a range check.
_CLOSING_CODES = (_CODE_OF['"'], _CODE_OF["."])
_OPENING_CODES = (_CODE_OF[_OPENING[0]], _CODE_OF[_CLOSING[0]])
_CAPITAL_CODES = (_CODE_OF["A"], _CODE_OF["Đ"] + 1)
_WORD_CODES = (_CODE_OF["A"], _CODE_OF[_WORD_CHARACTERS[-1]] + 1)

_ADDRESS = re.compile(rf":[{INVISIBLE}]*/[{INVISIBLE}]*/\S*")
"""The part of a URL that pyvi may take as one token, up to its end; invisible characters, which are
removed before, may be in between."""


class Chunks(NamedTuple):
    """The chunks of a batch in reading order, with an END before the first text and after each.

    `joined[starts[n] : ends[n]]` is chunk n (for an END, a line feed). The three arrays are int64
    and of the same length.
    """

    joined: str
    keys: Longs
    starts: Longs
    ends: Longs


def chunks_of(texts: Sequence[str]) -> Chunks:
    """Split the texts into chunks.

    >>> found = chunks_of(["“Hà Nội”, A.B."])
    >>> [found.joined[a:b] for a, b in zip(found.starts, found.ends, strict=True)][1:-1]
    ['“', 'Hà', 'Nội', '”', ',', 'A.B.']
    """
    joined = "\n".join(("", *texts, " " * 8))
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = _codes().take(points, mode="clip")
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes[0] = codes[np.cumsum(lengths + 1)] = _END
    inside = codes > _END
    alone = (codes == _LINE_FEED) | (codes == _END)
    alone |= _opening(codes, inside)
    alone |= _closing(codes, inside, joined)
    starts = inside | alone
    ends = starts.copy()
    starts[1:] &= ~inside[:-1] | alone[1:] | alone[:-1]
    ends[:-1] &= ~inside[1:] | alone[:-1] | alone[1:]
    first, last = np.flatnonzero(starts), np.flatnonzero(ends)
    return Chunks(joined, _keys(codes, first, last), first, last + 1)


def _within(codes: Bytes, bounds: tuple[int, int]) -> Flags:
    """Return whether each code is in a range: one comparison, since unsigned bytes wrap around."""
    low, high = bounds
    found: Flags = codes - np.uint8(low) < np.uint8(high - low)
    return found


def _opening(codes: Bytes, inside: Flags) -> Flags:
    """Return a mask of the opening punctuation that begins a chunk and can be split off."""
    punctuation = _within(codes, _OPENING_CODES)
    found = punctuation.copy()
    found[1:] &= ~inside[:-1]
    for _ in range(1, MAX_PUNCTUATION):
        found[1:] |= found[:-1] & punctuation[1:]
    return found


def _closing(codes: Bytes, inside: Flags, joined: str) -> Flags:
    """Return a mask of the closing punctuation that ends a chunk and can be split off.

    Not a full stop that may belong to an abbreviation or to "...", and nothing in a URL.
    """
    punctuation = _within(codes, _CLOSING_CODES)
    stops = codes == _CODE_OF["."]
    stops[1:] &= ~_may_own_full_stop(codes)[:-1]
    punctuation |= stops
    found = punctuation.copy()
    found[:-1] &= ~inside[1:]
    for _ in range(1, MAX_PUNCTUATION):
        found[:-1] |= found[1:] & punctuation[:-1]
    colons = np.flatnonzero(codes[:-1] == _CODE_OF[":"])
    following = codes[colons + 1]
    if ((following == _CODE_OF["/"]) | (following == _OTHER)).any():
        for address in _ADDRESS.finditer(joined):
            found[slice(*address.span())] = False
    return found


def _may_own_full_stop(codes: Bytes) -> Flags:
    """Return a mask of the characters from which a following full stop must not be split.

    Capitals (to the lexer, "TP." is one token), the last letters of Tp, Mr, Ms, Mrs, Dr and ThS, a
    full stop, and characters without a code, which `prepare` may replace by one of these or remove.
    """
    capitals = _within(codes, _CAPITAL_CODES)
    found: Flags = (codes == _CODE_OF["p"]) | (codes == _CODE_OF["r"]) | (codes == _CODE_OF["s"])
    found[1:] &= capitals[:-1] | (codes[:-1] == _CODE_OF["r"]) | (codes[:-1] == _OTHER)
    found |= capitals | (codes == _CODE_OF["."]) | (codes == _OTHER)
    return found


def _keys(codes: Bytes, first: Longs, last: Longs) -> Longs:
    """Return the key of each chunk: its codes as the low bytes of one integer, zero after them."""
    eights = np.ndarray(len(codes) - 7, "V8", codes, strides=(1,))
    keys = eights[first].view("<i8")
    sizes = last - first
    keys &= _MASKS.take(sizes, mode="clip")
    keys[sizes >= 8] = NO_KEY
    return keys


_MASKS = np.array([(1 << 8 * size) - 1 for size in range(1, 8)] + [-1], np.int64)


def has_key(keys: Longs) -> Flags:
    """Return whether each key identifies a chunk: whether all its characters have a code."""
    codes = keys.view(np.uint8).reshape(-1, 8)
    keyed: Flags = np.all(codes != _OTHER, axis=1)
    return keyed


def are_words(keys: Longs) -> Flags:
    """Return whether each key is that of a word: one token of letters and digits, in NFC.

    >>> are_words(chunks_of(["Hà 24h 1,5"]).keys).tolist()
    [False, True, True, False, False]
    """
    codes = keys.view(np.uint8).reshape(-1, 8)
    found: Flags = np.all(_within(codes, _WORD_CODES) | (codes == 0), axis=1)
    return found


@cache
def _codes() -> Bytes:
    """Return the code of each code point; the last entry is for all higher ones."""
    codes = np.full(0x3002, _OTHER, np.uint8)
    codes[[point for point in range(len(codes)) if chr(point).isspace()]] = _SPACE
    codes[ord("\n")] = _LINE_FEED
    codes[list(map(ord, _CODE_OF))] = list(_CODE_OF.values())
    return codes
