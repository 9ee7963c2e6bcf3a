"""The chunks of a batch of texts, cut by NumPy; a short one is packed into one 64-bit key.

A chunk of `lexer.CHUNK` is cut further where this changes no token: marks before and after a word
are chunks of their own. What must be taken apart is then "Nội" alone, not also "“Nội", "Nội," and
"Nội.”": half as many different chunks in 35,000 news articles.

The key of a chunk of at most eight characters, all of them in `_ALPHABET`, is the bytes of its
characters' codes: of a Vietnamese text, 99 in 100 chunks have one. No two chunks share a key, so
what was found for a key holds for its chunk.
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
"""The key of the chunk that stands before the first text and after each."""

NO_KEY = -1
"""The key of all chunks that do not fit one."""

MAX_MARKS = 3
"""Marks that are cut off at each end of a word; further ones, which are rare, stay with it."""

_SPACE, _LINE_FEED, _END, _OTHER = 0, 1, END_KEY, 0xFF
_MARKS = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b"  # the five tones first
_LETTERS = "".join(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel in "aăâeêioôơuưy"
    for tone in ("", *_MARKS[:5])
)
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZĐ"  # what an abbreviation of the lexer has
_WORD = f"{_CAPITALS}0123456789abcdefghijklmnopqrstuvwxyzđ{_LETTERS}{_LETTERS.upper()}"
_WORD_CHARACTERS = "".join(dict.fromkeys(_WORD))  # of one token, and NFC as they stand
_OPENING, _QUOTES, _CLOSING = "([“‘«", "\"'", ",;:?!)]”’…%»"
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_GROUPS = f"{_OPENING}{_QUOTES}{_CLOSING}.{_WORD_CHARACTERS}{_ASCII}{_MARKS}–—•·°²½₫"
_ALPHABET = "".join(dict.fromkeys(_GROUPS))

_CODE_OF = {character: code for code, character in enumerate(_ALPHABET, _END + 1)}
# Groups of characters have codes in a row, so that comparing two bounds finds them.
_CLOSING_CODES = (_CODE_OF['"'], _CODE_OF["."])
_OPENING_CODES = (_CODE_OF[_OPENING[0]], _CODE_OF[_CLOSING[0]])
_CAPITAL_CODES = (_CODE_OF["A"], _CODE_OF["Đ"] + 1)
_WORD_CODES = (_CODE_OF["A"], _CODE_OF[_WORD_CHARACTERS[-1]] + 1)

_ADDRESS = re.compile(rf":[{INVISIBLE}]*/[{INVISIBLE}]*/\S*")
"""What of an address may be a token to its end, also when invisible characters are left out."""


class Chunks(NamedTuple):
    """The chunks of a batch in reading order, with an END before the first text and after each.

    `joined[starts[n] : ends[n]]` is chunk n, a line feed for an END. `keys` are int64.
    """

    joined: str
    keys: Longs
    starts: Longs
    ends: Longs


def chunks_of(texts: Sequence[str]) -> Chunks:
    """Cut the texts into their chunks.

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
    """Return whether each code is one of a group, in one comparison of bytes that wrap around."""
    low, high = bounds
    found: Flags = codes - np.uint8(low) < np.uint8(high - low)
    return found


def _opening(codes: Bytes, inside: Flags) -> Flags:
    """Return the first marks of each run of characters that are tokens whatever follows them."""
    marks = _within(codes, _OPENING_CODES)
    found = marks.copy()
    found[1:] &= ~inside[:-1]
    for _ in range(1, MAX_MARKS):
        found[1:] |= found[:-1] & marks[1:]
    return found


def _closing(codes: Bytes, inside: Flags, joined: str) -> Flags:
    """Return the last marks of each run of characters that are tokens whatever precedes them.

    A full stop may belong to an abbreviation or to "...", any mark to an address.
    """
    marks = _within(codes, _CLOSING_CODES)
    stops = codes == _CODE_OF["."]
    stops[1:] &= ~_may_precede_abbreviation(codes)[:-1]
    marks |= stops
    found = marks.copy()
    found[:-1] &= ~inside[1:]
    for _ in range(1, MAX_MARKS):
        found[:-1] |= found[1:] & marks[:-1]
    colons = np.flatnonzero(codes[:-1] == _CODE_OF[":"])
    following = codes[colons + 1]
    if ((following == _CODE_OF["/"]) | (following == _OTHER)).any():
        for address in _ADDRESS.finditer(joined):
            found[slice(*address.span())] = False
    return found


def _may_precede_abbreviation(codes: Bytes) -> Flags:
    """Return which characters a full stop may not be cut from.

    Capitals (`lexer` takes "TP." as one token), the last letters of Tp, Mr, Ms, Mrs, Dr and ThS, a
    full stop, and what is not known: it may stand for one of these, or for nothing.
    """
    capitals = _within(codes, _CAPITAL_CODES)
    found: Flags = (codes == _CODE_OF["p"]) | (codes == _CODE_OF["r"]) | (codes == _CODE_OF["s"])
    found[1:] &= capitals[:-1] | (codes[:-1] == _CODE_OF["r"]) | (codes[:-1] == _OTHER)
    found |= capitals | (codes == _CODE_OF["."]) | (codes == _OTHER)
    return found


def _keys(codes: Bytes, first: Longs, last: Longs) -> Longs:
    """Return eight codes at each start as one integer, those after the end cleared."""
    eights = np.ndarray(len(codes) - 7, "V8", codes, strides=(1,))
    keys = eights[first].view("<i8")
    sizes = last - first
    keys &= _MASKS.take(sizes, mode="clip")
    keys[sizes >= 8] = NO_KEY
    return keys


_MASKS = np.array([(1 << 8 * size) - 1 for size in range(1, 8)] + [-1], np.int64)


def has_key(keys: Longs) -> Flags:
    """Return whether each key stands for one chunk: whether all its characters have a code."""
    codes = keys.view(np.uint8).reshape(-1, 8)
    keyed: Flags = np.all(codes != _OTHER, axis=1)
    return keyed


def are_words(keys: Longs) -> Flags:
    """Return which keys stand for words: tokens of letters and digits, in NFC as they stand.

    >>> are_words(chunks_of(["Hà 24h 1,5"]).keys).tolist()
    [False, True, True, False, False]
    """
    codes = keys.view(np.uint8).reshape(-1, 8)
    found: Flags = np.all(_within(codes, _WORD_CODES) | (codes == 0), axis=1)
    return found


@cache
def _codes() -> Bytes:
    """Return the code of each character; the last stands for all that follow."""
    codes = np.full(0x3002, _OTHER, np.uint8)
    codes[[point for point in range(len(codes)) if chr(point).isspace()]] = _SPACE
    codes[ord("\n")] = _LINE_FEED
    codes[list(map(ord, _CODE_OF))] = list(_CODE_OF.values())
    return codes
