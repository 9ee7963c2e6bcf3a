"""Comparison of the marks typed so far with those of a completion."""

from unicodedata import normalize

from index.vietnamese.forms import fold
from index.vietnamese.phonology import Tone

TONES = frozenset(tone.value for tone in Tone if tone.value)


def may_become(typed: str, phrase: str) -> bool:
    """Return whether `phrase` has every mark of `typed`, which is a prefix of it when folded.

    Both are canonical and in lower case. The tone mark may be on another letter, since it moves
    while a syllable is being typed.

    >>> may_become("tiê", "tiếng"), may_become("hoa", "hòa"), may_become("hoà", "hoa")
    (True, True, False)
    """
    return typed.isascii() or all(
        _tone(a) in ("", _tone(b)) and all(map(_agrees, _toneless(a), _toneless(b)))
        for a, b in zip(typed.split(), phrase.split(), strict=False)
    )


def _agrees(typed: str, letter: str) -> bool:
    return typed in (letter, fold(letter))


def _tone(syllable: str) -> str:
    return "".join(mark for mark in normalize("NFD", syllable) if mark in TONES)


def _toneless(syllable: str) -> str:
    bare = "".join(mark for mark in normalize("NFD", syllable) if mark not in TONES)
    return normalize("NFC", bare)
