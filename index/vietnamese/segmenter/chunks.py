"""The chunks of a batch of texts, cut by NumPy; a short one is packed into one 64-bit key.

The key of a chunk (see `lexer.CHUNK`) of at most eight characters, all of them in `_ALPHABET`, is
the bytes of its characters' codes: of a Vietnamese text, 99 in 100 chunks have one. No two chunks
share a key, so what was found for a key holds for its chunk.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.segmenter.integer_map import Longs

Bytes = NDArray[np.uint8]

END_KEY = 2
"""The key of the chunk that stands before the first text and after each."""

NO_KEY = -1
"""The key of all chunks that do not fit one."""

_SPACE, _LINE_FEED, _END, _OTHER = 0, 1, END_KEY, 0xFF
_MARKS = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b"  # the five tones first
_LETTERS = "".join(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel in "aăâeêioôơuưy"
    for tone in ("", *_MARKS[:5])
)
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_ALPHABET = "".join(dict.fromkeys(f"{_ASCII}đĐ{_LETTERS}{_LETTERS.upper()}{_MARKS}“”‘’–—…•·°²½«»₫"))


class Chunks(NamedTuple):
    """The chunks of a batch in reading order, with an END before the first text and after each.

    `joined[starts[n] : ends[n]]` is chunk n, a line feed for an END. `keys` are int64.
    """

    joined: str
    keys: Longs
    starts: Longs
    ends: Longs


def chunks_of(texts: Sequence[str]) -> Chunks:
    """Cut the texts into their chunks."""
    joined = "\n".join(("", *texts, " " * 8))
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = _codes().take(points, mode="clip")
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes[0] = codes[np.cumsum(lengths + 1)] = _END
    alone = (codes == _LINE_FEED) | (codes == _END)
    inside = codes > _END
    starts = inside | alone
    starts[1:] &= ~inside[:-1] | alone[1:]
    ends = inside | alone
    ends[:-1] &= ~inside[1:] | alone[:-1]
    first, last = np.flatnonzero(starts), np.flatnonzero(ends)
    return Chunks(joined, _keys(codes, first, last), first, last + 1)


def _keys(codes: Bytes, first: Longs, last: Longs) -> Longs:
    """Return eight codes at each start as one integer, those after the end cleared."""
    eights = np.ndarray(len(codes) - 7, "V8", codes, strides=(1,))
    keys = eights[first].view("<i8")
    sizes = last - first
    keys &= _MASKS.take(sizes, mode="clip")
    keys[sizes >= 8] = NO_KEY
    return keys


_MASKS = np.array([(1 << 8 * size) - 1 for size in range(1, 8)] + [-1], np.int64)


def has_key(keys: Longs) -> NDArray[np.bool_]:
    """Return whether each key stands for one chunk: whether all its characters have a code."""
    codes = keys.view(np.uint8).reshape(-1, 8)
    keyed: NDArray[np.bool_] = np.all(codes != _OTHER, axis=1)
    return keyed


@cache
def _codes() -> Bytes:
    """Return the code of each character; the last stands for all that follow."""
    codes = np.full(0x3002, _OTHER, np.uint8)
    codes[[point for point in range(len(codes)) if chr(point).isspace()]] = _SPACE
    codes[ord("\n")] = _LINE_FEED
    codes[[ord(character) for character in _ALPHABET]] = range(_END + 1, _END + 1 + len(_ALPHABET))
    return codes
