"""Character classes (combining marks, invisible, unspaced scripts) and Unicode normalisation."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from index.vietnamese.memo import Memo

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
"""All Unicode blocks with combining marks; scanning the other blocks would add 15 ms to import."""


def _class(codes: Iterable[int]) -> str:
    """Return ascending code points as the body of an `re` character class."""
    return "".join(_ranges(codes))


def _ranges(codes: Iterable[int]) -> Iterator[str]:
    every = list(codes)
    start = every[0]
    for code, following in pairwise([*every, 0]):
        if following != code + 1:
            yield f"{chr(start)}-{chr(code)}"
            start = following


_MARKED_CODES = [
    code
    for code in chain.from_iterable(_BLOCKS_WITH_MARKS)
    if unicodedata.category(chr(code)).startswith("M")
]
MARKS = _class(_MARKED_CODES)
"""All combining marks, as the body of an `re` character class (`re` has no `\\p{M}`)."""

_REORDERED = _class(code for code in _MARKED_CODES if unicodedata.combining(chr(code)))

INVISIBLE = (
    "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff"
)
"""Characters that do not show inside a word: soft hyphen, zero-width space and joiners, word
joiner, direction and variation marks (Unicode: Default_Ignorable_Code_Point), as the body of a
character class."""

HANGUL_TAILS = "\u1160-\u11ff\ud7b0-\ud7fb"
"""Vowels and final consonants of decomposed Hangul (NFD), as the body of a character class."""

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aad\u3005-\u3007\u3038-\u303b"
    "\u3040-\u30ff\u3105-\u318e\u3190-\u31bf\u31f0-\u31ff\u3220-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c"
    "\ua960-\ua97c\ua9e0-\ua9fe\uaa60-\uaadf\uac00-\ud7a3\ud7b0-\ud7fb\uf900-\ufaff\uff66-\uffdc"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""Scripts that are written without spaces (Thai, Lao, Burmese, Khmer, the Tai scripts, Yi, kana,
Chinese characters), and Hangul, where particles are attached to the word. The body of a character
class."""

_SPECIAL_CLASS = (
    f"{INVISIBLE}\u00b2\u00b3\u00b5\u00b9\u0132\u0133\u013f\u0140\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3"
    "\u02b0-\u02b8\u02e0-\u02e4\u03d0-\u03d6\u03f0-\u03f9\u0587\u0675-\u0678\u06dd\u0e33\u0eb3\u0edc\u0edd\u0f77\u0f79\u10fc"
    "\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf\u1e9a-\u1e9b\u2070-\u209c\u2100-\u218f\u2460-\u249b"
    "\u24ea-\u24ff\u2776-\u2793\u2c7c\u2c7d\u2d6f\u3038-\u303a\u3192-\u3195\u3220-\u33ff"
    "\ua69c\ua69d\ua770\ua7f2-\ua7f4\ua7f8\ua7f9\uab5c-\uab5f\uab69\ufb00-\ufdff\ufe70-\ufefc"
    "\uff10-\uff9f\U00010780-\U000107ba\U0001d400-\U0001d7ff\U0001e030-\U0001e06d"
    "\U0001ee00-\U0001eeff\U0001f100-\U0001f10c\U0001fbf0-\U0001fbf9"
)
_SPECIAL = re.compile(f"[{_SPECIAL_CLASS}]")  # all characters that `plain` may change

UNUSUAL = re.compile(
    f"[_ªºÐðƉɖ{_SPECIAL_CLASS}\u0300-\u1dff\u20d0-\u20ff\u2c00-\uffff\U00010000-\U0010ffff]"
)
"""A character that composed (NFC) Vietnamese text does not contain: underscore, eth, combining
marks, unspaced scripts, and all characters that `plain` may change. In a text with no match,
every maximal run of letters and digits is a token."""

MAX_MARKS = 30
"""Consecutive combining marks that are left to `unicodedata.normalize`; longer runs are sorted
first. It sorts a run in quadratic time: 16,000 pairs in the wrong order take 0.8 s. The limit is
that of Unicode's Stream-Safe Text Format (UAX 15)."""

_LONG_RUN = re.compile(f"[{_REORDERED}]{{{MAX_MARKS + 1},}}")


def plain(text: str) -> str:
    """Return the text without invisible characters and with plain letters and digits.

    Full-width and styled letters, ligatures, subscripts and superscripts are replaced by the
    letters and digits that NFKC maps them to. Other characters are kept, and so are those that
    NFKC maps to anything but letters and digits (½). Idempotent.

    >>> plain("công ngh\u00adiệp, CO₂, ＵＳＢ, proﬁle, m²")
    'công nghiệp, CO2, USB, profile, m2'
    """
    if text.isascii():
        return text
    return _SPECIAL.sub(lambda found: _plain_form(found[0]), text)


def _plain_form_of(character: str) -> str:
    if _INVISIBLE.fullmatch(character):
        return ""
    meant = unicodedata.normalize("NFKC", character)
    if len(meant) > 1 and UNSPACED_CHARACTER.fullmatch(character):
        return character  # its replacement would be split into one token per character
    return meant if character.isalnum() and meant.isalnum() else character


_INVISIBLE = re.compile(f"[{INVISIBLE}]")
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
"""One character of a script without spaces."""
_plain_form = Memo(_plain_form_of).__getitem__


def composed(text: str) -> str:
    """Return the text in NFC, in linear time for any input."""
    return unicodedata.normalize("NFC", _with_sorted_marks(text))


def decomposed(text: str) -> str:
    """Return the text in NFD, in linear time for any input."""
    return unicodedata.normalize("NFD", _with_sorted_marks(text))


def _with_sorted_marks(text: str) -> str:
    """Return the text with long runs of marks in canonical order (Unicode's combining classes)."""
    if len(text) <= MAX_MARKS or text.isascii():
        return text
    return _LONG_RUN.sub(lambda run: _sorted(run[0]), text)


def _sorted(marks: str) -> str:
    each = "".join(unicodedata.normalize("NFD", mark) for mark in marks)
    return "".join(sorted(each, key=unicodedata.combining))
