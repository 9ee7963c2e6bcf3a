"""What does a sequence of raw Telex or VNI keys mean, and how is a text typed in them?

Keyboards of Vietnamese are Latin ones; an input method turns "tieengs" (Telex) or "tie6ng1" (VNI)
into "tiếng". Where it is off, a search engine receives the keys. As the input methods do, this
takes the tone key and the keys of hats and horns anywhere after their vowel, and "uow" for ươ.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from index.vietnamese.forms import canonical
from index.vietnamese.phonology import Tone, is_syllable, with_tone


class ToneKey(StrEnum):
    """Where the key of the tone is struck."""

    LAST = "at the end of the syllable"
    VOWEL = "after the vowel that bears it"


@dataclass(frozen=True, slots=True)
class _Method:
    """The keys of an input method: tones, and marks as (plain letter, marked letter) pairs."""

    tones: Mapping[str, Tone]
    marks: Mapping[str, tuple[tuple[str, str], ...]]


_TELEX = _Method(
    {"f": Tone.HUYEN, "s": Tone.SAC, "r": Tone.HOI, "x": Tone.NGA, "j": Tone.NANG},
    {
        "w": (("u", "ư"), ("o", "ơ"), ("a", "ă")),
        "a": (("a", "â"),),
        "e": (("e", "ê"),),
        "o": (("o", "ô"),),
        "d": (("d", "đ"),),
    },
)
_VNI = _Method(
    {"1": Tone.SAC, "2": Tone.HUYEN, "3": Tone.HOI, "4": Tone.NGA, "5": Tone.NANG},
    {
        "6": (("a", "â"), ("e", "ê"), ("o", "ô")),
        "7": (("u", "ư"), ("o", "ơ")),
        "8": (("a", "ă"),),
        "9": (("d", "đ"),),
    },
)
_VOWELS = frozenset("aăâeêioôơuưy")
_WORD = re.compile(r"[^\W\d_]+")
_State = tuple[str, Tone]
"""The letters so far, with their hats and horns, and the tone."""

MAX_LETTERS = 7
"""The longest syllables are "nghiêng" and its like."""

MAX_KEYS = 10
"""Those in either method with all their keys, as in "nghie6ng2"."""


@lru_cache(maxsize=1 << 14)
def readings(typed: str) -> tuple[str, ...]:
    """Give the syllables that the keys of one syllable can mean, canonical, likeliest first.

    "tieengs", "tieesng" and "tie61ng" give ("tiếng",). Empty where the keys are no syllable
    ("mp3", "text", "covid19") or carry marks already. A syllable without marks stands for itself
    too ("nam"). What an English word would turn into is given ("teen": "tên"), since only who
    knows the vocabulary of the texts can tell.
    """
    keys = typed.lower()
    if not keys.isascii() or len(keys) > MAX_KEYS:
        return ()
    methods = (_TELEX, _VNI) if keys.isalpha() else (_VNI,)
    found = (
        with_tone(letters, tone) for method in methods for letters, tone in _states(keys, method)
    )
    return tuple(dict.fromkeys(syllable for syllable in found if syllable))


def telex(text: str, tone: ToneKey = ToneKey.LAST) -> str:
    """Give the keys that type a text in Telex: "Tiếng Việt" is "Tieengs Vieetj".

    What is no Vietnamese syllable stays as it is.
    """
    return _typed(text, _TELEX, tone)


def vni(text: str, tone: ToneKey = ToneKey.LAST) -> str:
    """Give the keys that type a text in VNI: "Tiếng Việt" is "Tie6ng1 Vie6t5"."""
    return _typed(text, _VNI, tone)


def _states(keys: str, method: _Method) -> list[_State]:
    """Strike the keys one by one; more than one state where a key may mean several things."""
    states: list[_State] = [("", Tone.NGANG)]
    for key in keys:
        struck = (after for state in states for after in _struck(*state, key, method))
        states = [state for state in dict.fromkeys(struck) if len(state[0]) <= MAX_LETTERS]
    return states


def _struck(letters: str, tone: Tone, key: str, method: _Method) -> Iterator[_State]:
    """Give what one more key can make of the letters; nothing where it makes no sense."""
    vowel_seen = not _VOWELS.isdisjoint(letters)
    if key in method.tones and vowel_seen:
        if tone is Tone.NGANG:
            yield letters, method.tones[key]
    elif key == "o" and letters.endswith("ô"):
        yield letters[:-1] + "oo", tone  # a third o takes the hat off again: "xooong"
    else:
        marked = list(_marked(letters, method.marks.get(key, ())))
        yield from ((after, tone) for after in marked)
        if key == "w" and not marked:
            yield letters + "ư", tone
        elif key.isalpha() and not (marked and letters.endswith(key)):
            yield letters + key, tone


def _marked(letters: str, marks: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Give the letters with one of the marks on one of them, or the horns on both of "uo"."""
    if ("u", "ư") in marks and "uo" in letters:
        yield letters.replace("uo", "ươ")
    for plain, marked in marks:
        for place, letter in enumerate(letters):
            if letter == plain:
                yield letters[:place] + marked + letters[place + 1 :]


def _typed(text: str, method: _Method, place: ToneKey) -> str:
    return _WORD.sub(lambda word: _keys_of(word[0], method, place), canonical(text))


def _keys_of(word: str, method: _Method, place: ToneKey) -> str:
    """Give the keys of one word, in capitals where the word is."""
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
        if method is _TELEX and bare.lower() == "o" and keys.lower().endswith("o"):
            struck = "oo"  # "xoong" is struck "xooong"
        keys += struck.capitalize() if letter.isupper() else struck
        if place is ToneKey.VOWEL:
            keys += tone_keys.get(tone, "")
        else:
            last = tone_keys.get(tone, last)
    keys += last
    return keys.upper() if len(word) > 1 and word.isupper() else keys


def _without_tone(letter: str) -> tuple[str, Tone]:
    """Split a letter into itself without a tone, and the tone."""
    marks = unicodedata.normalize("NFD", letter)
    tone = next((tone for tone in Tone if tone.value and tone.value in marks), Tone.NGANG)
    return unicodedata.normalize("NFC", marks.replace(tone.value, "", 1)), tone
