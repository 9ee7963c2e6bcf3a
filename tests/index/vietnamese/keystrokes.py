"""The keystrokes of texts typed in Telex and VNI."""

import re
import unicodedata
from enum import StrEnum

from index.vietnamese.forms import canonical
from index.vietnamese.input_methods import TELEX, VNI, Method
from index.vietnamese.phonology import Tone, is_syllable

_WORD = re.compile(r"[^\W\d_]+")


class ToneKey(StrEnum):
    """The position of the tone key."""

    LAST = "at the end of the syllable"
    VOWEL = "after the vowel that bears it"


def telex(text: str, tone: ToneKey = ToneKey.LAST) -> str:
    """Return the keys that type a text in Telex: "Tiếng Việt" is "Tieengs Vieetj".

    Other words than Vietnamese syllables are unchanged.
    """
    return _typed(text, TELEX, tone)


def vni(text: str, tone: ToneKey = ToneKey.LAST) -> str:
    """Return the keys that type a text in VNI: "Tiếng Việt" is "Tie6ng1 Vie6t5"."""
    return _typed(text, VNI, tone)


def _typed(text: str, method: Method, place: ToneKey) -> str:
    return _WORD.sub(lambda word: _keys_of(word[0], method, place), canonical(text))


def _keys_of(word: str, method: Method, place: ToneKey) -> str:
    """Return the keys of one word, with the case of its letters."""
    if not is_syllable(word):
        return word
    letter_keys = {
        marked: plain + key for key, pairs in method.marks.items() for plain, marked in pairs
    }
    tone_keys = {tone: key for key, tone in method.tones.items()}
    keys, last = "", ""
    for letter in word:
        bare, tone = _without_tone(letter)
        struck = letter_keys.get(bare.lower(), bare.lower())
        if method is TELEX and bare.lower() == "o" and keys.lower().endswith("o"):
            struck = "oo"  # "xoong" is typed "xooong"
        keys += struck.capitalize() if letter.isupper() else struck
        if place is ToneKey.VOWEL:
            keys += tone_keys.get(tone, "")
        else:
            last = tone_keys.get(tone, last)
    keys += last
    return keys.upper() if len(word) > 1 and word.isupper() else keys


def _without_tone(letter: str) -> tuple[str, Tone]:
    """Split a letter into the letter without its tone, and the tone."""
    marks = unicodedata.normalize("NFD", letter)
    tone = next((tone for tone in Tone if tone.value and tone.value in marks), Tone.NGANG)
    return unicodedata.normalize("NFC", marks.replace(tone.value, "", 1)), tone
