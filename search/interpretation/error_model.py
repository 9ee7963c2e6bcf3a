"""The error model: confusions of a syllable with their costs, and which syllables to suspect.

A confusion exchanges one part of a syllable for one that sounds alike; its cost is -log of its
share of misspellings in real text (`index.vietnamese.confusions`), in nats.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

from index.models.language_model import LanguageModel
from index.vietnamese import Language, phonology
from index.vietnamese.confusions import (
    NUCLEUS,
    Confusion,
    Parts,
    confusions,
    default_confusions,
    parts,
)
from index.vietnamese.forms import fold
from index.vietnamese.phonology import ONSETS, RHYMES, Tone, written
from index.vietnamese.segmenter.word_lists import begins_word

CONFUSION = 1.0
"""Added to the cost of a confusion in a syllable that occurs as typed, which is probably meant.
Measured on halves of the misspellings: docs/explanation/interpretation.md."""
UNKNOWN_CONFUSION = -2.0
"""The same in a syllable that does not occur as typed, which is probably wrong."""
MIN_COST = 0.5
"""Minimum cost of a confusion; arbitrary."""
MAX_CONFUSIONS = 2
"""Parts of one syllable that may be confused at once; arbitrary."""

MIN_LIFT = 1.5
"""Minimum lift, c(ab) N / (c(a) c(b)), of two neighbours that go together: `python -m
benchmarks.misspellings`, docs/explanation/interpretation.md."""


def suspects(typed: Sequence[str], model: LanguageModel, language: Language) -> list[bool]:
    """Return for each syllable whether it is suspect: it goes with neither of its neighbours.

    Neighbours go together if they co-occur in the articles more than by chance, or are a word of
    the segmenter's list, since small corpora lack most words. A listed misspelling is always
    suspect; a single syllable that occurs never is, since it has no neighbours.
    """
    suspect = [len(typed) > 1 or not model.counts(typed)[0]] * len(typed)
    for i, together in enumerate(_go_together(typed, model)):
        if together:
            suspect[i] = suspect[i + 1] = False
    for i in language.misspelling_corrections(typed):
        suspect[i] = True
    return suspect


def doubtful(path: Sequence[str], model: LanguageModel) -> list[int]:
    """Return the indices of syllables of a path that do not go with one of their neighbours."""
    apart = [i for i, together in enumerate(_go_together(path, model)) if not together]
    return sorted({*apart, *(i + 1 for i in apart)})


def _go_together(path: Sequence[str], model: LanguageModel) -> Iterator[bool]:
    """Yield for each pair of neighbours whether they go together; see `suspects`."""
    counts, tokens = model.counts(path).tolist(), max(model.tokens, 1)
    for i, grid in enumerate(model.bigram_counts([[text] for text in path])):
        chance = counts[i] * counts[i + 1] / tokens
        # The word list comes last: reading it takes a tenth of the first search of a process.
        yield grid.item() > max(1, MIN_LIFT * chance) or begins_word(path[i], path[i + 1])


@lru_cache(maxsize=1 << 11)
def confusable(text: str, *, known: bool) -> tuple[tuple[str, float], ...]:
    """Return the syllables that differ in one confusable part, with the cost of each confusion.

    >>> costs = dict(confusable("chuẩn", known=True))
    >>> "chẩn" in costs, "chuồn" in costs  # the vowels differ; the vowels and the tone
    (True, False)
    >>> costs = dict(confusable("dục", known=True))
    >>> costs["giục"] < costs["rục"] < costs["chục"]  # seen often; heard alike; seen once
    True
    """
    syllable = parts(text)
    if syllable is None:
        return ()
    known_confusions, base = default_confusions(), CONFUSION if known else UNKNOWN_CONFUSION
    costs: dict[str, float] = {}
    for kind in _INVENTORY:
        part = getattr(syllable, kind)
        for meant in dict.fromkeys((*known_confusions.meant(kind, part), *_near(kind, part))):
            form = _written(syllable._replace(**{kind: meant}))
            cost = max(MIN_COST, base + known_confusions.cost(Confusion(kind, part, meant)))
            if form and form != text:
                costs[form] = min(cost, costs.get(form, cost))
    for same in _same_sound(syllable):
        if form := _written(same):
            cost = max(MIN_COST, base + known_confusions.sound_alike_cost)
            costs[form] = min(cost, costs.get(form, cost))
    return tuple(costs.items())


def _same_sound(syllable: Parts) -> Iterator[Parts]:
    """Yield the parts of another spelling of the same sound: "qu" and "cu" before a vowel.

    >>> list(_same_sound(Parts("c", "uô", "c", "")))
    [Parts(onset='qu', nucleus='ô', coda='c', tone='')]
    """
    onset, nucleus = syllable.onset, syllable.nucleus
    if onset in ("c", "k", "q") and nucleus[0] == "u" and len(nucleus) > 1:
        yield syllable._replace(onset="qu", nucleus=nucleus[1:])
    if onset == "qu":
        yield syllable._replace(onset="c", nucleus=f"u{nucleus}")


_NUCLEI = tuple(sorted({found["nucleus"] for rhyme in RHYMES if (found := NUCLEUS.match(rhyme))}))
_INVENTORY = {
    "onset": ("", "qu", *sorted(ONSETS)),
    "nucleus": _NUCLEI,
    "coda": ("", "c", "ch", "m", "n", "ng", "nh", "p", "t"),
    "tone": tuple(tone.value for tone in Tone),
}
"""All possible parts of syllables, by kind."""


@lru_cache(maxsize=1 << 9)
def _near(kind: str, part: str) -> tuple[str, ...]:
    """Return the parts of a kind that differ from `part` in one letter.

    Cached, since this took half the time of `confusable`.
    """
    return tuple(other for other in _INVENTORY[kind] if other != part and _is_near(part, other))


def _is_near(part: str, other: str) -> bool:
    """Return whether two parts differ in one letter, whatever its marks."""
    shorter, longer = fold(part), fold(other)
    if len(shorter) > len(longer):
        shorter, longer = longer, shorter
    if len(shorter) == len(longer):
        return sum(a != b for a, b in zip(shorter, longer, strict=True)) <= 1
    return len(longer) == len(shorter) + 1 and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))
    )


_BEFORE_E_AND_I = {"c": "k", "g": "gh", "ng": "ngh"}
_ELSEWHERE = {value: key for key, value in _BEFORE_E_AND_I.items()}


def _written(syllable: Parts) -> str | None:
    """Return the syllable made of parts, with the onset spelled as before its nucleus."""
    spelling = _BEFORE_E_AND_I if syllable.nucleus[0] in "eêiy" else _ELSEWHERE
    onset = spelling.get(syllable.onset, syllable.onset)
    if syllable.onset == "g" and syllable.nucleus[0] == "i":
        onset = "gi"
    return written(phonology.Parts(onset, syllable.nucleus + syllable.coda, Tone(syllable.tone)))


@lru_cache(maxsize=1 << 13)
def confusion_cost(text: str, term: str, *, known: bool) -> float:
    """Return the cost of a term that was confused with what was typed; inf for too many parts."""
    found = confusions(text, term)
    if not found or len(found) > MAX_CONFUSIONS:
        return math.inf
    costs = sum(map(default_confusions().cost, found))
    return max(MIN_COST, costs + (CONFUSION if known else UNKNOWN_CONFUSION))
