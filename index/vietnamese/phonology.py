"""The structure of Vietnamese syllables: an onset, a rhyme and one of six tones.

The rules are those of today's spelling: they accept every syllable that may be written, not only
those in dictionaries. Input may have either placement of the tone mark and any case; output is
canonical and lower case. Loanwords in a foreign spelling ("show") are not syllables.
Source: Đoàn Thiện Thuật, "Ngữ âm tiếng Việt" (1977), plus the rhymes of loanwords ("boong",
"buýt").
"""

import unicodedata
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from index.vietnamese.forms import canonical, fold_all


class Tone(Enum):
    """The six tones; the value is the combining mark that writes it."""

    NGANG = ""
    HUYEN = "\N{COMBINING GRAVE ACCENT}"
    SAC = "\N{COMBINING ACUTE ACCENT}"
    HOI = "\N{COMBINING HOOK ABOVE}"
    NGA = "\N{COMBINING TILDE}"
    NANG = "\N{COMBINING DOT BELOW}"


class Parts(NamedTuple):
    """The parts of a syllable. `rhyme` keeps its diacritics, but never has a tone mark.

    The onset `qu` includes its u, and `gi` its i; a rhyme that begins with an i of its own keeps
    that too ("gì" is gi + i).
    """

    onset: str
    rhyme: str
    tone: Tone


ONSETS = frozenset("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split())
"""The onsets; a syllable may also have none."""

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
"""Rhymes spelled with y for i: "y" after any onset (kỹ, Vy), the others only without an onset."""

RHYMES_AFTER_QU = frozenset(
    """
    a ac ach ai an ang anh ao at au ay   ăc ăm ăn ăng ăp ăt   ân âng ât ây   e en eng eo et
    ê êch ên ênh êt êu   i ich in inh it iu   ơ ơi ơn ơt   ôc   y yên yêt yn ynh yt ych
    """.split()
)
_ELSEWHERE = frozenset({"c", "g", "ng"})
_BEFORE_I_AND_E = frozenset({"k", "gh", "ngh"})
"""The same onsets in the spelling used before e, ê, i and y (k, gh, ngh) and in that used before
all other vowels (c, g, ng)."""

_STOPS = ("c", "ch", "p", "t")
_TONE_OF_MARK = {tone.value: tone for tone in Tone if tone.value}
_VOWELS = frozenset("aăâeêioôơuưy")
_MARKED_VOWELS = frozenset("ăâêôơư")


def is_syllable(text: str) -> bool:
    """Return whether a text is a single syllable that Vietnamese spelling allows."""
    return split(text) is not None


@lru_cache(maxsize=1 << 14)
def split(text: str) -> Parts | None:
    """Return the parts of a syllable; None if the text is not one.

    >>> split("tiếng")
    Parts(onset='t', rhyme='iêng', tone=<Tone.SAC: '́'>)
    """
    parts = _split(text)
    return parts if parts and _is_valid(parts) else None


@lru_cache(maxsize=1)
def folded_syllables() -> frozenset[str]:
    """Return all syllables without their marks, about 3,000. Takes 3 ms on the first call.

    >>> "nghieng" in folded_syllables(), "nghai" in folded_syllables()
    (True, False)
    """
    rhymes = RHYMES | RHYMES_IN_Y | RHYMES_AFTER_QU
    marked = [onset + rhyme for onset, rhyme, _ in NAME_SYLLABLES]
    marked += [
        (onset[:-1] if onset + rhyme[0] == "gii" else onset) + rhyme
        for onset in ("", "qu", *ONSETS)
        for rhyme in rhymes  # each goes with one tone at least
        if _may_follow(onset, rhyme)
    ]
    return frozenset(fold_all(marked))


def with_tone(text: str, tone: Tone) -> str | None:
    """Return a syllable with its tone replaced; None if the result is not a syllable.

    >>> with_tone("tiêc", Tone.SAC), with_tone("tiêc", Tone.HUYEN)
    ('tiếc', None)
    """
    parts = _split(text)
    return written(parts._replace(tone=tone)) if parts else None


def written(parts: Parts) -> str | None:
    """Return the syllable that the parts make, in canonical form; None if it is not valid.

    >>> written(Parts("ng", "iêng", Tone.SAC)), written(Parts("ngh", "iêng", Tone.SAC))
    (None, 'nghiếng')
    """
    if not _is_valid(parts):
        return None
    onset, rhyme, tone = parts
    return canonical((onset[:-1] if onset + rhyme[0] == "gii" else onset) + _toned(rhyme, tone))


def _split(text: str) -> Parts | None:
    """Split before the first vowel of the rhyme; return None if there are two tone marks."""
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


def _is_valid(parts: Parts) -> bool:
    """Return whether the rhyme may follow the onset, and the tone may go with the coda."""
    onset, rhyme, tone = parts
    if parts in NAME_SYLLABLES:
        return True
    if rhyme.endswith(_STOPS) and tone not in (Tone.SAC, Tone.NANG):
        return False
    return _may_follow(onset, rhyme)


def _may_follow(onset: str, rhyme: str) -> bool:
    """Return whether a rhyme may follow an onset, with the tones that its coda allows."""
    match onset:
        case "":
            return rhyme in RHYMES_IN_Y or (rhyme in RHYMES and not rhyme.startswith("iê"))
        case "qu":
            return rhyme in RHYMES_AFTER_QU
        case "gi":  # before these, "gi" does not occur, or its i would belong to the rhyme
            return rhyme in RHYMES and not rhyme.startswith(("ia", "iu", "ê", "oa", "oe", "uy"))
        case _:
            spelled = _ELSEWHERE if rhyme[:1] in {"e", "ê", "i", "y"} else _BEFORE_I_AND_E
            known = rhyme in RHYMES or rhyme == "y"
            return known and onset in ONSETS and onset not in spelled


def _toned(rhyme: str, tone: Tone) -> str:
    """Return the rhyme with the tone mark on its main vowel."""
    marked = [index for index, letter in enumerate(rhyme) if letter in _MARKED_VOWELS]
    unmarked = 1 if rhyme.startswith(("oa", "oe", "oo", "uy")) else 0
    main = marked[-1] if marked else unmarked
    return rhyme[: main + 1] + tone.value + rhyme[main + 1 :]


NAME_SYLLABLES = frozenset(
    parts
    for name in "đắk đăk đak lắk lăk lak pắk păk păh kạn kon kông krông crông niê".split()
    if (parts := _split(name))
)
"""Syllables of names (Đắk Lắk, Bắc Kạn, Kon Tum, Hồng Kông) that break the rules."""
