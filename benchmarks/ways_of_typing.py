"""Ways of typing: the same query without marks, in Telex, with a typo, shortened ...

Each way is a function of a text and a random generator, which is seeded by the query, so that all
runs use the same queries.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from random import Random

from index.vietnamese import Language
from index.vietnamese.forms import canonical
from index.vietnamese.segmenter import words
from tests.index.vietnamese.keystrokes import telex, vni

Way = Callable[[str, Random], str]

_WORD = re.compile(r"[^\W\d_]+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_ADJACENT_KEYS = {
    key: neighbours
    for row in (
        "q:wa w:qes e:wrd r:etf t:ryg y:tuh u:yij i:uok o:ipl p:ol",
        "a:qsz s:adwx d:sfec f:dgrv g:fhtb h:gjyn j:hkum k:jlim l:kop",
        "z:asx x:zsdc c:xdfv v:cfgb b:vghn n:bhjm m:njk",
    )
    for key, neighbours in (entry.split(":") for entry in row.split())
}
"""The adjacent keys of each key on a keyboard."""

_SIMILAR_ONSETS = {
    "ch": ("tr",), "tr": ("ch",), "s": ("x",), "x": ("s",), "l": ("n",), "n": ("l",),
    "d": ("gi", "r"), "gi": ("d", "r"), "r": ("d", "gi"),
}  # fmt: skip
_SIMILAR_CODAS = {"n": "ng", "ng": "n", "t": "c", "c": "t"}
"""Onsets and codas that sound alike in some dialect."""
_ONSET = re.compile(r"(?P<onset>ch|tr|gi(?=[^\W\d_])|[sxlnrd])(?=[aeiouyà-ỹ])", re.IGNORECASE)
_CODA = re.compile(r"(?<=[aeiouyà-ỹ])(?P<coda>ng|[ntc])$", re.IGNORECASE)


_IN_CHAT = {"không": "ko", "được": "đc", "người": "ng", "nước": "nc", "gì": "j", "với": "vs"}


def without_marks(text: str, chance: Random | None = None) -> str:
    """Remove all marks, but keep the case."""
    bare = (char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return "".join(bare).replace("đ", "d").replace("Đ", "D")


def half_the_marks(text: str, chance: Random) -> str:
    """Remove the marks of about half of the syllables."""
    return _each(text, lambda word: without_marks(word) if chance.random() < 0.5 else word)


def without_tones(text: str, chance: Random) -> str:
    """Remove the tone marks only."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))


def typo(text: str, chance: Random) -> str:
    """Make one typo: a missing, extra or adjacent key, or two keys transposed."""
    words = [word for word in _WORD.finditer(_composed(text)) if len(word[0]) > 1]
    if not words:
        return text
    word = chance.choice(words)
    return text_with(_composed(text), word, _with_typo(word[0], chance))


def wrong_tone(text: str, chance: Random) -> str:
    """Replace the tone of one syllable that has one."""
    text = _composed(text)
    words = [w for w in _WORD.finditer(text) if without_tones(w[0], chance) != w[0]]
    if not words:
        return text
    word = chance.choice(words)
    letters = unicodedata.normalize("NFD", word[0])
    tone = next(char for char in letters if char in _TONES)
    other = chance.choice(sorted(_TONES - {tone}))
    return text_with(text, word, _composed(letters.replace(tone, other)))


def typo_without_marks(text: str, chance: Random) -> str:
    """Make one typo, and remove all marks."""
    return without_marks(typo(text, chance))


def all_joined(text: str, chance: Random | None = None) -> str:
    """Remove all marks and all spaces."""
    return without_marks("".join(_composed(text).split()))


def one_joined(text: str, chance: Random) -> str:
    """Remove the spaces within one word of several syllables."""
    text = _composed(text)
    compounds = [word for word in words(text) if " " in text[word.start : word.end].strip()]
    if not compounds:
        return text
    word = chance.choice(compounds)
    joined = "".join(text[word.start : word.end].split())
    return text[: word.start] + joined + text[word.end :]


def doubled_keys(text: str, chance: Random) -> str:
    """Double two letters."""
    text = _composed(text)
    letters = [at for at, char in enumerate(text) if char.isalpha()]
    for at in sorted(chance.sample(letters, min(2, len(letters))), reverse=True):
        text = text[: at + 1] + text[at:]
    return text


def similar_onset(text: str, chance: Random) -> str:
    """Replace one onset by another that sounds like it."""
    return _with_similar(text, _ONSET, lambda onset: chance.choice(_SIMILAR_ONSETS[onset]), chance)


def similar_coda(text: str, chance: Random) -> str:
    """Replace one coda by another that sounds like it."""
    return _with_similar(text, _CODA, _SIMILAR_CODAS.__getitem__, chance)


def last_letter_missing(text: str, chance: Random) -> str:
    """Remove the last letter of one syllable."""
    text = _composed(text)
    found = [word for word in _WORD.finditer(text) if len(word[0]) > 2]
    if not found:
        return text
    word = chance.choice(found)
    return text_with(text, word, word[0][:-1])


def other_tone_placement(text: str, chance: Random) -> str:
    """Move tone marks to the other vowel: hòa for hoà and hoà for hòa."""
    return _each(text, _tone_moved)


def other_spelling(text: str, chance: Random) -> str:
    """Replace i by y, or y by i, where both spellings are in use."""
    language = Language.default()

    def other(word: str) -> str:
        spellings = language.variants(canonical(word.lower()))
        found = spellings[0] if spellings else word
        return found.capitalize() if word[:1].isupper() and spellings else found

    return _each(text, other)


def chat_spelling(text: str, chance: Random) -> str:
    """Replace syllables by their chat abbreviations."""
    return _each(text, lambda word: _IN_CHAT.get(word.lower(), word))


def decomposed(text: str, chance: Random) -> str:
    """Decompose marks to combining characters (NFD)."""
    return unicodedata.normalize("NFD", text)


WAYS: Mapping[str, Way] = {
    "as written": lambda text, _: text,
    "no marks": without_marks,
    "half the marks": half_the_marks,
    "no tones": without_tones,
    "Telex": lambda text, _: telex(text),
    "VNI": lambda text, _: vni(text),
    "one slip": typo,
    "one wrong tone": wrong_tone,
    "no marks and a slip": typo_without_marks,
    "NFD": decomposed,
    "tone placement": other_tone_placement,
    "CAPITALS": lambda text, _: text.upper(),
    "lower case": lambda text, _: text.lower(),
    "i for y": other_spelling,
    "all joined, no marks": all_joined,
    "one joined word": one_joined,
    "doubled keys": doubled_keys,
    "first consonant by ear": similar_onset,
    "last consonant by ear": similar_coda,
    "last letter missing": last_letter_missing,
    "chat spelling": chat_spelling,
}
"""By name; a "slip" is a typo. The names seed the generators (see `typed`), so renaming one would
change the queries."""


def typed(way: str, qid: str, text: str) -> str:
    """Return a query typed in one of the WAYS; the same on every run."""
    return WAYS[way](text, random.Random(f"{way} {qid}"))


def text_with(text: str, word: re.Match[str], replacement: str) -> str:
    """Return the text with one word replaced."""
    return text[: word.start()] + replacement + text[word.end() :]


def _with_similar(
    text: str, part: re.Pattern[str], other: Callable[[str], str], chance: Random
) -> str:
    """Replace the onset or coda (`part`) of one syllable by one that sounds like it."""
    text = _composed(text)
    found = [(word, at) for word in _WORD.finditer(text) if (at := _part(word[0], part))]
    if not found:
        return text
    word, at = chance.choice(found)
    similar = other(at[0].lower())
    similar = similar.capitalize() if at[0][0].isupper() else similar
    return text_with(text, word, word[0][: at.start()] + similar + word[0][at.end() :])


def _part(word: str, part: re.Pattern[str]) -> re.Match[str] | None:
    return part.match(word) if part is _ONSET else part.search(word)


def _with_typo(word: str, chance: Random) -> str:
    kind = chance.choice(("missing", "extra", "adjacent", "transposed"))
    if kind == "transposed":
        at = chance.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    at = chance.randrange(len(word))
    if kind == "missing":
        return word[:at] + word[at + 1 :]
    key = chance.choice(_ADJACENT_KEYS.get(without_marks(word[at]).lower(), "aeo"))
    return word[:at] + key + word[at + (kind == "adjacent") :]


def _tone_moved(word: str) -> str:
    """Move the tone mark of a final oa, oe or uy to the other vowel."""
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
