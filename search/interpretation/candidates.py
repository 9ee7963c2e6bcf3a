"""Candidates of typed syllables, each with its cost in the noisy channel.

Costs are in nats: -log P(typed | meant), up to a constant. Candidates are syllables that occur in
the indexed articles, and what was typed. docs/explanation/interpretation.md has the measurement of
each cost; the optimum is flat.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.input_methods import syllables_from_keys
from search.interpretation.error_model import confusable, confusion_cost
from search.interpretation.typos import ONE_EDIT, UNKNOWN_EDIT, edits, syllables_near

MARKS_LEFT_OUT = 2.5
"""Cost of marks left out in a query that has some; in a query without marks it is 0. With half the
marks left out 0.996 of nDCG@10 is kept (on the half of the queries that was not used for
tuning)."""
OTHER_TONE = 7.0
"""A wrong tone in a syllable that occurs as typed: 0.998 of nDCG@10 kept with one wrong tone."""
OTHER_MARKS = 10.0
"""Another wrong mark (ă for â) of a syllable that occurs as typed."""
KEYSTROKES = 0.5
"""Telex or VNI keys: queries typed this way keep 0.995 of nDCG@10."""
KEYSTROKES_OF_A_WORD = 5.0
"""Telex or VNI keys that are themselves a common word ("cos", "tax")."""
KEYSTROKES_UNLIKELY = 8.0
"""Telex or VNI keys that themselves occur ("teen"), if no other syllable is unambiguous Telex or
VNI: people use an input method for the whole query."""
DOUBLED_KEYS = 3.0
"""Repeated letters, however many, in a syllable that does not occur as typed. Less than any edit,
since the syllable is still recognisable: short queries with two doubled keys keep 0.973 of nDCG@10,
0.898 without it."""
LISTED_MISSPELLING = 0.5
"""A syllable of a word in the list of misspellings. Arbitrary, small."""
CHAT_SPELLING = 2.0
"""The meaning of a syllable in chat messages ("ko" for "không"); arbitrary, lower than any typo, so
that the neighbouring syllables decide."""
OTHER_SPELLING = 3.0
"""Another spelling of the same syllable, such as i for y."""


UNKNOWN_OTHER_TONE = 2.0
"""`OTHER_TONE` in a syllable that does not occur as typed: something must be wrong with it."""
UNKNOWN_OTHER_MARKS = 4.0
"""`OTHER_MARKS` in a syllable that does not occur as typed."""

MIN_COMMON_SHARE = 1e-5
"""A syllable is a common word above this share of all occurrences of syllables; arbitrary."""
MAX_RARE_SHARE = 1e-6
"""Edits are looked up for syllables below this share. For all syllables it takes 4 to 11 ms per
query, and changed more correct syllables than it corrected."""

MAX_MISSPELLED_SYLLABLES = 12
"""Syllables of a run whose edits are looked up, about 400 lookups or 1 ms each. A query with more
unknown syllables is probably in another language."""
MAX_MISSPELLED_SYLLABLES_OF_A_QUERY = MAX_MISSPELLED_SYLLABLES
"""The same for all runs and phrases of a query together, at least one for each."""
MIN_MISSPELLED_LETTERS = 2
"""Minimum letters of such a syllable: a single letter is one edit away from any other."""
MAX_MISSPELLED_LETTERS = 20
"""Maximum letters of such a syllable or foreign word; arbitrary."""

_DOUBLED = re.compile(r"(\w)\1+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


class Candidates(NamedTuple):
    """The candidates of each syllable with their costs.

    `is_partial`: the edits of some misspelled syllables were not looked up.
    """

    lattice: list[dict[str, float]]
    is_partial: bool


@dataclass(frozen=True, slots=True)
class _Slot:
    """A typed syllable with the properties that the costs of its candidates depend on.

    `marks_free`: no syllable of the query has marks. `occurs`: some article has it as typed.
    `known`: it occurs, or, if it has no marks, any syllable with its letters does. `common`,
    `rare`: by its share of occurrences. `keystroke_meanings`: the occurring syllables that its keys
    type in Telex or VNI.
    """

    text: str
    folded: str
    marks_free: bool
    occurs: bool
    known: bool
    common: bool
    rare: bool
    keystroke_meanings: tuple[str, ...]


def candidates(
    typed: Sequence[str],
    model: LanguageModel,
    language: Language,
    suspect: Sequence[bool],
    max_misspelled: int = MAX_MISSPELLED_SYLLABLES,
    chat_meanings: Sequence[str] = (),
) -> Candidates:
    """Return for each typed syllable its candidates with costs; the first is itself, at 0.

    The syllables are canonical and in lower case. Edits and confusions are looked up for rare
    syllables and for those that are `suspect` (see `error_model.suspects`), `max_misspelled` at
    most.
    """
    spelled = model.spelled([fold(text) for text in typed])
    slots = _slots(typed, spelled, model)
    is_keystrokes = any(slot.keystroke_meanings and not slot.occurs for slot in slots)
    costs = [
        _costs(slot, terms, query_is_keystrokes=is_keystrokes)
        for slot, terms in zip(slots, spelled, strict=True)
    ]
    _add_spellings(costs, model, language)
    for slot, slot_costs in zip(slots, costs, strict=True):
        if slot.keystroke_meanings and not slot.occurs:
            _add_marks_beyond_keys(slot, slot_costs, model)
    misspelled = [
        i
        for i, slot in enumerate(slots)
        if (slot.rare and not slot.keystroke_meanings)
        or (suspect[i] and not slot.marks_free and len(slot.text) >= MIN_MISSPELLED_LETTERS)
    ]
    for i in misspelled[:max_misspelled]:
        _add_misspellings(slots[i], costs[i], model)
    for slot, slot_costs in zip(slots, costs, strict=True):
        if not slot.occurs:
            _add_undoubled(slot, slot_costs, model)
    for i, meant in language.misspelling_corrections(typed).items():
        if model.counts([meant])[0]:
            costs[i][meant] = LISTED_MISSPELLING
    if chat_meanings:
        _add_chat_meanings(costs, chat_meanings, model)
    return Candidates(costs, is_partial=len(misspelled) > max_misspelled)


def with_syllables_near(
    lattice: Sequence[dict[str, float]], doubtful: Iterable[int], model: LanguageModel
) -> list[dict[str, float]]:
    """Return a lattice with the syllables one edit away from each doubtful one added.

    Most typos make another syllable ("tay gan nha" for "tay ban nha") and can only be detected by
    their neighbours, which the decoder considers. What may be Telex or VNI keys is not changed.
    """
    extended = list(lattice)
    for i in doubtful:
        typed = next(iter(lattice[i]))
        if not set(syllables_from_keys(typed)) - {typed}:
            near = _spelled(syllables_near(fold(typed)), ONE_EDIT, model)
            # Candidates already in the lattice keep their order (what was typed first) and cost.
            extended[i] = {**lattice[i], **near, **lattice[i]}
    return extended


def _spelled(added: Mapping[str, float], one_edit: float, model: LanguageModel) -> dict[str, float]:
    """Return the terms of unmarked spellings with the costs of their edits."""
    return {
        term: one_edit + cost
        for cost, terms in zip(added.values(), model.spelled(list(added)), strict=True)
        for term in terms
    }


def _slots(
    typed: Sequence[str], spelled: Sequence[Sequence[str]], model: LanguageModel
) -> list[_Slot]:
    """Return the typed syllables with the properties of `_Slot`."""
    marks_free = all(text.isascii() for text in typed)
    from_keys = [
        tuple(term for term in syllables_from_keys(text) if term != text) for text in typed
    ]
    groups = [
        [text, *terms, *keys] for text, terms, keys in zip(typed, spelled, from_keys, strict=True)
    ]
    counted = iter(model.counts([term for group in groups for term in group]).tolist())
    slots = []
    for text, terms, keys in zip(typed, spelled, from_keys, strict=True):
        count, count_of_spelling = next(counted), sum(next(counted) for _ in terms)
        evidence = count_of_spelling if text.isascii() else count
        rare = evidence < MAX_RARE_SHARE * model.tokens
        slots.append(
            _Slot(
                text,
                fold(text),
                marks_free,
                occurs=count > 0,
                known=evidence > 0,
                common=count > MIN_COMMON_SHARE * model.tokens,
                rare=rare
                and text.isalpha()
                and MIN_MISSPELLED_LETTERS <= len(text) <= MAX_MISSPELLED_LETTERS,
                keystroke_meanings=tuple(term for term in keys if next(counted)),
            )
        )
    return slots


def _costs(slot: _Slot, spelled: Sequence[str], *, query_is_keystrokes: bool) -> dict[str, float]:
    """Return the candidates with the same letters, or with those that the keys type.

    `query_is_keystrokes`: a syllable of the query, perhaps this one, is unambiguous Telex or VNI.
    """
    costs = {slot.text: 0.0}
    if slot.marks_free:
        costs.update(dict.fromkeys(spelled, 0.0))
    else:
        costs.update((term, _cost_of_marks(slot, term)) for term in spelled if term != slot.text)
    cost = KEYSTROKES_OF_A_WORD if slot.common else KEYSTROKES
    if slot.occurs and not query_is_keystrokes:
        cost = KEYSTROKES_UNLIKELY
    for term in slot.keystroke_meanings:
        _add(costs, term, cost)
    return costs


def _add(costs: dict[str, float], term: str, cost: float) -> None:
    """Add a candidate, with the lower of two costs."""
    costs[term] = min(cost, costs.get(term, cost))


def _add_spellings(
    slots: Sequence[dict[str, float]], model: LanguageModel, language: Language
) -> None:
    """Add the other spellings of all candidates, if they occur."""
    others = [
        (costs, other, cost + OTHER_SPELLING)
        for costs in slots
        for term, cost in costs.items()
        for other in language.variants(term)
    ]
    counts = model.counts([other for _, other, _ in others]).tolist()
    for (costs, other, cost), count in zip(others, counts, strict=True):
        if count:
            _add(costs, other, cost)


def _add_marks_beyond_keys(slot: _Slot, costs: dict[str, float], model: LanguageModel) -> None:
    """Add candidates with more marks than the keys type: "đông" for "doong", which types "dông"."""
    spelled = model.spelled(list(map(fold, slot.keystroke_meanings)))
    for meaning, terms in zip(slot.keystroke_meanings, spelled, strict=True):
        for term in terms:
            if all(map(_is_part, _marks(meaning), _marks(term))):
                cost = KEYSTROKES + MARKS_LEFT_OUT
                _add(costs, term, cost)


def _add_chat_meanings(
    costs: Sequence[dict[str, float]], meanings: Sequence[str], model: LanguageModel
) -> None:
    """Add the meanings of syllables in chat messages, if some article contains them."""
    counts = model.counts(meanings).tolist()
    for cost, meant, count in zip(costs, meanings, counts, strict=True):
        if count:
            _add(cost, meant, CHAT_SPELLING)


def _is_part(typed: str, marks: str) -> bool:
    """Return whether a candidate has all the marks typed."""
    return not Counter(typed) - Counter(marks)


def _add_misspellings(slot: _Slot, costs: dict[str, float], model: LanguageModel) -> None:
    """Add the confusable syllables, and for a rare one those at edit distance 1."""
    if not slot.marks_free:
        for term in () if slot.text.isascii() else costs:
            costs[term] = min(costs[term], confusion_cost(slot.text, term, known=slot.known))
        similar = confusable(slot.text, known=slot.known)
        counts = model.counts([term for term, _ in similar]).tolist()
        for (term, cost), count in zip(similar, counts, strict=True):
            if count:
                _add(costs, term, cost)
    if not slot.rare:
        return
    one_edit = ONE_EDIT if slot.known else UNKNOWN_EDIT
    for term, cost in _spelled(edits(slot.folded), one_edit, model).items():
        _add(costs, term, cost + _cost_of_marks(slot, term))


def _add_undoubled(slot: _Slot, costs: dict[str, float], model: LanguageModel) -> None:
    """Add the candidates of the syllable without repeated letters."""
    single = _DOUBLED.sub(r"\1", slot.text)
    if single == slot.text or not slot.text.isalpha():  # 2,000,000 is not 20
        return
    meant = replace(slot, text=single)
    [terms] = model.spelled([fold(single)])
    for term in terms:
        cost = DOUBLED_KEYS + _cost_of_marks(meant, term)
        _add(costs, term, cost)


def _cost_of_marks(slot: _Slot, term: str) -> float:
    """Return the cost of a candidate's marks, given those typed, wherever in the syllable."""
    typed_tone, typed_vowel_marks = _marks(slot.text)
    tone, vowel_marks = _marks(term)
    tone_differs = typed_tone not in ("", tone)
    vowel_marks_differ = typed_vowel_marks not in ("", vowel_marks)
    if vowel_marks_differ or (tone_differs and vowel_marks != typed_vowel_marks):
        return OTHER_MARKS if slot.known else UNKNOWN_OTHER_MARKS
    if tone_differs:
        return OTHER_TONE if slot.known else UNKNOWN_OTHER_TONE
    if slot.marks_free or (tone, vowel_marks) == (typed_tone, typed_vowel_marks):
        return 0.0
    return MARKS_LEFT_OUT


@lru_cache(maxsize=1 << 14)
def _marks(text: str) -> tuple[str, str]:
    """Return the tones and the other marks (đ among them) of a syllable."""
    marks = [mark for mark in unicodedata.normalize("NFD", text) if mark > "\x7f"]
    tones = "".join(mark for mark in marks if mark in _TONES)
    return tones, "".join(sorted(mark for mark in marks if mark not in _TONES))
