"""How people type: the same query without marks, in Telex, with a slip, shortened ...

Every way is a function of a text and a source of chance, and seeded by the query, so that a run
asks what the run before asked.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from random import Random

from index.vietnamese import Language
from index.vietnamese.forms import canonical
from tests.index.vietnamese.keystrokes import telex, vni

Way = Callable[[str, Random], str]

_WORD = re.compile(r"[^\W\d_]+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_BESIDE = {
    key: neighbours
    for row in (
        "q:wa w:qes e:wrd r:etf t:ryg y:tuh u:yij i:uok o:ipl p:ol",
        "a:qsz s:adwx d:sfec f:dgrv g:fhtb h:gjyn j:hkum k:jlim l:kop",
        "z:asx x:zsdc c:xdfv v:cfgb b:vghn n:bhjm m:njk",
    )
    for key, neighbours in (entry.split(":") for entry in row.split())
}
"""The keys beside each key of a keyboard."""


def without_marks(text: str, chance: Random | None = None) -> str:
    """Leave out all marks, keep the case."""
    bare = (char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return "".join(bare).replace("đ", "d").replace("Đ", "D")


def half_the_marks(text: str, chance: Random) -> str:
    """Leave out the marks of every other syllable, by chance."""
    return _each(text, lambda word: without_marks(word) if chance.random() < 0.5 else word)


def without_tones(text: str, chance: Random) -> str:
    """Leave out the tones, keep the hats."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))


def slip(text: str, chance: Random) -> str:
    """Strike one key too few, too many, beside the right one, or two in the wrong order."""
    words = [word for word in _WORD.finditer(_composed(text)) if len(word[0]) > 1]
    if not words:
        return text
    word = chance.choice(words)
    return text_with(_composed(text), word, _slipped(word[0], chance))


def wrong_tone(text: str, chance: Random) -> str:
    """Return one syllable that has a tone another one."""
    text = _composed(text)
    words = [w for w in _WORD.finditer(text) if without_tones(w[0], chance) != w[0]]
    if not words:
        return text
    word = chance.choice(words)
    letters = unicodedata.normalize("NFD", word[0])
    tone = next(char for char in letters if char in _TONES)
    other = chance.choice(sorted(_TONES - {tone}))
    return text_with(text, word, _composed(letters.replace(tone, other)))


def no_marks_and_slip(text: str, chance: Random) -> str:
    """Make a slip, and leave out the marks."""
    return without_marks(slip(text, chance))


def other_tone_placement(text: str, chance: Random) -> str:
    """Put tones on the other vowel: hòa for hoà and hoà for hòa."""
    return _each(text, _tone_moved)


def other_spelling(text: str, chance: Random) -> str:
    """Write i for y and y for i where both are in use."""
    language = Language.default()

    def other(word: str) -> str:
        spellings = language.variants(canonical(word.lower()))
        found = spellings[0] if spellings else word
        return found.capitalize() if word[:1].isupper() and spellings else found

    return _each(text, other)


def decomposed(text: str, chance: Random) -> str:
    """Send marks as combining characters (NFD)."""
    return unicodedata.normalize("NFD", text)


WAYS: Mapping[str, Way] = {
    "as written": lambda text, _: text,
    "no marks": without_marks,
    "half the marks": half_the_marks,
    "no tones": without_tones,
    "Telex": lambda text, _: telex(text),
    "VNI": lambda text, _: vni(text),
    "one slip": slip,
    "one wrong tone": wrong_tone,
    "no marks and a slip": no_marks_and_slip,
    "NFD": decomposed,
    "tone placement": other_tone_placement,
    "CAPITALS": lambda text, _: text.upper(),
    "lower case": lambda text, _: text.lower(),
    "i for y": other_spelling,
}


def typed(way: str, qid: str, text: str) -> str:
    """Type a query in one of the WAYS, the same on every run."""
    return WAYS[way](text, random.Random(f"{way} {qid}"))


def text_with(text: str, word: re.Match[str], replacement: str) -> str:
    """Put a replacement in the place of one word."""
    return text[: word.start()] + replacement + text[word.end() :]


def _slipped(word: str, chance: Random) -> str:
    kind = chance.choice(("too few", "too many", "beside", "exchanged"))
    if kind == "exchanged":
        at = chance.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    at = chance.randrange(len(word))
    if kind == "too few":
        return word[:at] + word[at + 1 :]
    key = chance.choice(_BESIDE.get(without_marks(word[at]).lower(), "aeo"))
    return word[:at] + key + word[at + (kind == "beside") :]


def _tone_moved(word: str) -> str:
    """Move the tone of a final oa, oe or uy to the other vowel."""
    letters = unicodedata.normalize("NFD", word)
    for tone in _TONES:
        moved = re.sub(f"(?<![qQ])([oO])({tone})([aAeE])$", r"\1\3\2", letters)
        moved = re.sub(f"(?<![qQ])([uU])({tone})([yY])$", r"\1\3\2", moved)
        if moved == letters:
            moved = re.sub(f"(?<![qQ])([oO])([aAeE])({tone})$", r"\1\3\2", letters)
            moved = re.sub(f"(?<![qQ])([uU])([yY])({tone})$", r"\1\3\2", moved)
        if moved != letters:
            return _composed(moved)
    return word


def _each(text: str, change: Callable[[str], str]) -> str:
    return _WORD.sub(lambda word: change(word[0]), _composed(text))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
