"""Slips of the ear: syllables that sound alike somewhere in Vietnam, and what confusing them costs.

The classes and their shares are those of 569 misspellings of one syllable marked by hand (the
shared data's spelling pairs: hỏi and ngã 80, d and gi 21, x and s 17, ch and tr 11, au and âu 15,
ay and ây 9; last consonants some 20). A cost is the negative logarithm of a share.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from index.vietnamese.phonology import Tone, is_syllable, split, written

ONSETS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "d": (("gi", 3.3), ("r", 4.5)),
    "gi": (("d", 3.3), ("r", 4.5)),
    "r": (("d", 4.5), ("gi", 4.5), ("g", 6.0)),
    "x": (("s", 3.5),),
    "s": (("x", 3.5),),
    "ch": (("tr", 4.0),),
    "tr": (("ch", 4.0),),
    "l": (("n", 4.5),),
    "n": (("l", 4.5),),
    "k": (("c", 4.0),),
    "v": (("d", 5.0), ("gi", 5.0)),
}
"""First consonants that are confused, with costs in nats."""

CODAS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "n": (("ng", 4.0), ("nh", 5.0)),
    "ng": (("n", 4.0),),
    "nh": (("n", 5.0),),
    "t": (("c", 4.0),),
    "c": (("t", 4.0),),
    "ch": (("t", 5.0),),
}
"""Last consonants that are confused."""

RHYMES: Mapping[str, tuple[tuple[str, float], ...]] = {
    "au": (("âu", 3.6),),
    "âu": (("au", 3.6),),
    "ay": (("ây", 4.1),),
    "ây": (("ay", 4.1),),
    "ăng": (("ang", 4.3),),
    "ang": (("ăng", 5.0),),
    "ưu": (("iu", 4.5), ("ươu", 4.5)),
    "iu": (("ưu", 5.0),),
}
TONES: Mapping[Tone, tuple[Tone, float]] = {
    Tone.HOI: (Tone.NGA, 2.0),
    Tone.NGA: (Tone.HOI, 2.0),
}


@lru_cache(maxsize=1 << 13)
def sounding_alike(syllable: str) -> tuple[tuple[str, float], ...]:
    """Return the syllables that may have been heard for one that was typed, with costs in nats.

    >>> [text for text, _ in sounding_alike("xử")]
    ['sử', 'xữ']
    """
    costs: dict[str, float] = {}
    for text, cost in _alternatives(syllable):
        if text and text != syllable:
            costs[text] = min(cost, costs.get(text, cost))
    return tuple(costs.items())


def _alternatives(syllable: str) -> Iterator[tuple[str | None, float]]:
    parts = split(syllable)
    if parts is None:
        return
    for onset, cost in ONSETS.get(parts.onset, ()):
        yield written(parts._replace(onset=onset)), cost
    for rhyme, cost in _rhymes(parts.rhyme):
        yield written(parts._replace(rhyme=rhyme)), cost
    if parts.tone in TONES:
        tone, cost = TONES[parts.tone]
        yield written(parts._replace(tone=tone)), cost
    if syllable[:2] in ("cu", "qu"):  # "cuốc" for "quốc"
        other = ("q" if syllable[0] == "c" else "c") + syllable[1:]
        yield (other if is_syllable(other) else None), CU_FOR_QU


CU_FOR_QU = 4.0
"""Cost in nats of c for q; both stand before u."""


def _rhymes(rhyme: str) -> Iterator[tuple[str, float]]:
    yield from RHYMES.get(rhyme, ())
    vowels = rhyme.rstrip("cghnpt")
    for coda, cost in CODAS.get(rhyme[len(vowels) :], ()):
        yield vowels + coda, cost
