"""Vietnamese syllables: an onset, a rhyme and one of six tones.

The model is of today's spelling: what may be written, not only what dictionaries hold. It takes
either placement of the tone mark and any case, and gives the canonical lower-case form. Loans that
keep a foreign spelling ("show") are no syllables.
Source: Đoàn Thiện Thuật, "Ngữ âm tiếng Việt" (1977), and the rhymes of loans ("boong", "buýt").
"""

import unicodedata
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from index.vietnamese.forms import canonical, fold


class Tone(Enum):
    """The six tones; the value is the combining mark that writes it."""

    NGANG = ""
    HUYEN = "\N{COMBINING GRAVE ACCENT}"
    SAC = "\N{COMBINING ACUTE ACCENT}"
    HOI = "\N{COMBINING HOOK ABOVE}"
    NGA = "\N{COMBINING TILDE}"
    NANG = "\N{COMBINING DOT BELOW}"


class Parts(NamedTuple):
    """A syllable taken apart. `rhyme` carries its hats and horns, never a tone mark.

    `gi` keeps its i where the rhyme has one of its own ("gì" is gi + i), `qu` its u.
    """

    onset: str
    rhyme: str
    tone: Tone


ONSETS = frozenset("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split())
"""How a syllable may begin; it may also begin with its rhyme."""

RHYMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay   ăc ăm ăn ăng ăp ăt   âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et   ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu   iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot   ooc oong   ô ôc ôi ôm ôn ông ôp ôt   ơ ơi ơm ơn ơp ơt
    oa oac oach oai oam oan oang oanh oao oap oat oay   oăc oăm oăn oăng oăp oăt
    oe oem oen oeo oet   uân uâng uât uây   uê uêch uên uênh uêu   uơ
    u ua uc ui um un ung up ut   uôc uôi uôm uôn uông uôt
    ư ưa ưc ưi ưm ưn ưng ưt ưu   ươc ươi ươm ươn ương ươp ươt ươu
    uy uya uych uyên uyêt uyn uynh uyp uyt uyu
    """.split()
)
RHYMES_IN_Y = frozenset("y yêm yên yêng yêt yêu ych yn ynh yt".split())
"""Written with y for i: "y" after any onset (kỹ, Vy), the others where the syllable has none."""

RHYMES_AFTER_QU = frozenset(
    """
    a ac ach ai an ang anh ao at au ay   ăc ăm ăn ăng ăp ăt   ân âng ât ây   e en eng eo et
    ê êch ên ênh êt êu   i ich in inh it iu   ơ ơi ơn ơt   ôc   y yên yêt yn ynh yt ych
    """.split()
)
_ELSEWHERE = frozenset({"c", "g", "ng"})
_BEFORE_I_AND_E = frozenset({"k", "gh", "ngh"})
"""The same sounds are spelled in one way before e, ê, i and y, in another elsewhere."""

_STOPS = ("c", "ch", "p", "t")
_TONE_OF_MARK = {tone.value: tone for tone in Tone if tone.value}
_VOWELS = frozenset("aăâeêioôơuưy")
_HATTED = frozenset("ăâêôơư")


def is_syllable(text: str) -> bool:
    """Return whether a text is one syllable that Vietnamese spelling allows."""
    return split(text) is not None


@lru_cache(maxsize=1 << 14)
def split(text: str) -> Parts | None:
    """Take a syllable apart; None where the text is none.

    >>> split("tiếng")
    Parts(onset='t', rhyme='iêng', tone=<Tone.SAC: '́'>)
    """
    parts = _cut(text)
    return parts if parts and _may_be(parts) else None


@lru_cache(maxsize=1)
def folded_syllables() -> frozenset[str]:
    """Return all syllables without their marks, some 3,000; made in 20 ms when first asked for.

    >>> "nghieng" in folded_syllables(), "nghai" in folded_syllables()
    (True, False)
    """
    rhymes = RHYMES | RHYMES_IN_Y | RHYMES_AFTER_QU
    names = {fold(onset + rhyme) for onset, rhyme, _ in NAMES}
    return frozenset(names) | frozenset(
        fold((onset[:-1] if onset + rhyme[0] == "gii" else onset) + rhyme)
        for onset in ("", "qu", *ONSETS)
        for rhyme in rhymes
        for tone in (Tone.NGANG, Tone.SAC)
        if _may_be(Parts(onset, rhyme, tone))
    )


def with_tone(text: str, tone: Tone) -> str | None:
    """Return a syllable with this tone instead of its own; None where it cannot have it.

    "tiêc" with sắc is "tiếc"; with huyền it is no syllable.
    """
    parts = _cut(text)
    return written(parts._replace(tone=tone)) if parts else None


def written(parts: Parts) -> str | None:
    """Return a syllable in its canonical form, None where the parts make none.

    >>> written(Parts("ng", "iêng", Tone.SAC)), written(Parts("ngh", "iêng", Tone.SAC))
    (None, 'nghiếng')
    """
    if not _may_be(parts):
        return None
    onset, rhyme, tone = parts
    return canonical((onset[:-1] if onset + rhyme[0] == "gii" else onset) + _toned(rhyme, tone))


def _cut(text: str) -> Parts | None:
    """Cut before the first vowel that belongs to the rhyme; None where there are two tones."""
    decomposed = unicodedata.normalize("NFD", canonical(text.lower()))
    tones = [mark for mark in decomposed if mark in _TONE_OF_MARK]
    if len(tones) > 1:
        return None
    tone = _TONE_OF_MARK[tones[0]] if tones else Tone.NGANG
    bare = unicodedata.normalize("NFC", "".join(m for m in decomposed if m not in _TONE_OF_MARK))
    start = next((place for place, letter in enumerate(bare) if letter in _VOWELS), len(bare))
    onset, rhyme = bare[:start], bare[start:]
    if onset == "q" and rhyme.startswith("u"):
        return Parts("qu", rhyme[1:], tone)
    if onset == "g" and rhyme.startswith("i"):
        own_i = len(rhyme) == 1 or rhyme[1] not in _VOWELS or rhyme.startswith("iê")
        return Parts("gi", rhyme if own_i else rhyme[1:], tone)
    return Parts(onset, rhyme, tone)


def _may_be(parts: Parts) -> bool:
    """Apply the rules: the rhyme fits the onset, the tone fits the coda."""
    onset, rhyme, tone = parts
    if parts in NAMES:
        return True
    if rhyme.endswith(_STOPS) and tone not in (Tone.SAC, Tone.NANG):
        return False
    match onset:
        case "":
            return rhyme in RHYMES_IN_Y or (rhyme in RHYMES and not rhyme.startswith("iê"))
        case "qu":
            return rhyme in RHYMES_AFTER_QU
        case "gi":  # before these the i would be read as part of the rhyme, or is never written
            return rhyme in RHYMES and not rhyme.startswith(("ia", "iu", "ê", "oa", "oe", "uy"))
        case _:
            spelled = _ELSEWHERE if rhyme[:1] in {"e", "ê", "i", "y"} else _BEFORE_I_AND_E
            known = rhyme in RHYMES or rhyme == "y"
            return known and onset in ONSETS and onset not in spelled


def _toned(rhyme: str, tone: Tone) -> str:
    """Put the tone on the vowel that is the peak of the rhyme."""
    hatted = [place for place, letter in enumerate(rhyme) if letter in _HATTED]
    unhatted = 1 if rhyme.startswith(("oa", "oe", "oo", "uy")) else 0
    peak = hatted[-1] if hatted else unhatted
    return rhyme[: peak + 1] + tone.value + rhyme[peak + 1 :]


NAMES = frozenset(
    parts
    for name in "đắk đăk đak lắk lăk lak pắk păk păh kạn kon kông krông crông niê".split()
    if (parts := _cut(name))
)
"""Syllables of names (Đắk Lắk, Bắc Kạn, Kon Tum, Hồng Kông) that break the rules."""
