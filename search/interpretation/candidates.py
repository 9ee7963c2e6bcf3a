"""Candidates of typed syllables, each with the cost of the slip that leads to it.

Costs are in nats: the negative logarithm of how probable it is that somebody who means the
candidate types this, up to a constant. Only syllables of the indexed articles are candidates.
docs/explanation/interpretation.md says how each cost was found; the optimum is flat.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.input_methods import readings
from search.interpretation.ear_slips import sounding_alike

MARKS_LEFT_OUT = 2.5
"""A syllable that lacks marks in a query that has some; where no syllable has any, 0. Trial half
of the collections, half the marks left out: .996 kept."""
OTHER_TONE = 7.0
"""A tone typed wrongly, of a syllable that occurs as typed: .998 kept with one wrong tone."""
OTHER_MARKS = 10.0
"""Another wrong mark (ă for â) of a syllable that occurs as typed."""
ONE_EDIT = 9.0
"""One key too many, too few, wrong or exchanged, in a syllable that occurs: .992 kept."""
KEYSTROKES = 0.5
"""A Telex or VNI spelling: .995 kept of queries typed so."""
KEYSTROKES_OF_A_WORD = 5.0
"""Such a spelling of what is a common word itself ("cos", "tax")."""
KEYSTROKES_UNLIKELY = 8.0
"""Such a spelling of what occurs itself ("teen"), when no other syllable is unambiguous Telex or
VNI: whoever types in Telex does so throughout."""
OTHER_SPELLING = 3.0
"""Another spelling of the same syllable, as i for y."""

EAR_SLIP = 1.0
"""What a slip of the ear costs beside its class (`ear_slips`), in a syllable that occurs. With 1
clean syllables stay as they were (.9978 of 800 headlines), with 0 .0001 of them change."""

UNKNOWN_OTHER_TONE = 2.0
UNKNOWN_OTHER_MARKS = 4.0
UNKNOWN_EDIT = 4.0
"""The same slips in a syllable that does not occur as typed: something must be wrong with it."""

COMMON = 1e-5
"""The share of all syllables from which on a syllable is a common word; arbitrary."""
RARE = 1e-6
"""Syllables above this share are taken for free of slips of the keyboard: trying edits of all
costs 4 to 11 ms a query and changed more clean syllables than it mended."""

MAX_SLIPS = 12
"""Syllables of a query whose edits are looked up, some 1,000 look-ups each; a query with more
unknown syllables is in another language."""
MAX_SLIP_LETTERS = 20
"""Letters of the longest syllable or foreign word whose edits are looked up; arbitrary."""

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


@dataclass(frozen=True, slots=True)
class _Place:
    """A typed syllable with what decides over the costs of its candidates.

    `occurs`: it stands in the articles as typed. `known`: it does, or where no marks are typed
    anything of its letters does. `keyed`: what its keys mean in Telex or VNI and occurs.
    """

    text: str
    folded: str
    marks_free: bool
    occurs: bool
    known: bool
    common: bool
    rare: bool
    keyed: tuple[str, ...]


def candidates(
    typed: Sequence[str], model: LanguageModel, language: Language
) -> list[dict[str, float]]:
    """Return for each typed syllable its candidates with their costs; itself, at 0, is the first.

    The syllables are canonical and in lower case.
    """
    spelled = model.spelled([fold(text) for text in typed])
    places = _places(typed, spelled, model)
    keyed = any(place.keyed and not place.occurs for place in places)
    costs = [
        _costs(place, terms, keyed=keyed) for place, terms in zip(places, spelled, strict=True)
    ]
    _add_spellings(costs, model, language)
    for place, cost in zip(places, costs, strict=True):
        if place.keyed and not place.occurs:
            _add_half_typed(place, cost, model)
    _add_ear_slips(places, costs, model)
    slips = [at for at, place in enumerate(places) if place.rare and not place.keyed]
    for at in slips[:MAX_SLIPS]:
        _add_slips(places[at], costs[at], model)
    return costs


def _places(
    typed: Sequence[str], spelled: Sequence[Sequence[str]], model: LanguageModel
) -> list[_Place]:
    """Return the typed syllables with what the articles know of them."""
    marks_free = all(text.isascii() for text in typed)
    keyed = [tuple(term for term in readings(text) if term != text) for text in typed]
    groups = [
        [text, *terms, *keys] for text, terms, keys in zip(typed, spelled, keyed, strict=True)
    ]
    counted = iter(model.counts([term for group in groups for term in group]).tolist())
    places = []
    for text, terms, keys in zip(typed, spelled, keyed, strict=True):
        itself, of_letters = next(counted), sum(next(counted) for _ in terms)
        there = of_letters if text.isascii() else itself
        rare = there < RARE * model.tokens
        places.append(
            _Place(
                text,
                fold(text),
                marks_free,
                occurs=itself > 0,
                known=there > 0,
                common=itself > COMMON * model.tokens,
                rare=rare and text.isalpha() and len(text) <= MAX_SLIP_LETTERS,
                keyed=tuple(term for term in keys if next(counted)),
            )
        )
    return places


def _costs(place: _Place, spelled: Sequence[str], *, keyed: bool) -> dict[str, float]:
    """Return the candidates of the same letters, or of the letters that the keys mean.

    `keyed`: another syllable of the query is unambiguous Telex or VNI.
    """
    costs = {place.text: 0.0}
    if place.marks_free:
        costs.update(dict.fromkeys(spelled, 0.0))
    else:
        costs.update((term, _cost_of_marks(place, term)) for term in spelled if term != place.text)
    cost = KEYSTROKES_OF_A_WORD if place.common else KEYSTROKES
    if place.occurs and not keyed:
        cost = KEYSTROKES_UNLIKELY
    costs.update((term, min(cost, costs.get(term, cost))) for term in place.keyed)
    return costs


def _add_spellings(
    places: Sequence[dict[str, float]], model: LanguageModel, language: Language
) -> None:
    """Add the other spellings of all candidates that occur."""
    others = [
        (costs, other, cost + OTHER_SPELLING)
        for costs in places
        for term, cost in costs.items()
        for other in language.variants(term)
    ]
    counts = model.counts([other for _, other, _ in others]).tolist()
    for (costs, other, cost), count in zip(others, counts, strict=True):
        if count:
            costs[other] = min(cost, costs.get(other, math.inf))


def _add_half_typed(place: _Place, costs: dict[str, float], model: LanguageModel) -> None:
    """Add what has marks that the keys lack: "doong" types "dông", and may mean "đông"."""
    for reading, terms in zip(
        place.keyed, model.spelled(list(map(fold, place.keyed))), strict=True
    ):
        for term in terms:
            if all(map(_is_part, _marks(reading), _marks(term))):
                cost = KEYSTROKES + MARKS_LEFT_OUT
                costs[term] = min(cost, costs.get(term, cost))


def _add_ear_slips(
    places: Sequence[_Place], costs: Sequence[dict[str, float]], model: LanguageModel
) -> None:
    """Add what sounds like a syllable that was typed with care, in a query that has marks."""
    heard = [
        (cost, other, slip + (EAR_SLIP if place.occurs else 0.0))
        for place, cost in zip(places, costs, strict=True)
        if not place.marks_free
        for other, slip in sounding_alike(place.text)
    ]
    counts = model.counts([other for _, other, _ in heard]).tolist() if heard else []
    for (cost, other, slip), count in zip(heard, counts, strict=True):
        if count:
            cost[other] = min(slip, cost.get(other, slip))


def _is_part(typed: str, marks: str) -> bool:
    """Return whether all marks typed are among those of a candidate."""
    return not Counter(typed) - Counter(marks)


def _add_slips(place: _Place, costs: dict[str, float], model: LanguageModel) -> None:
    """Add what one slip of the keys away from the letters typed occurs."""
    letters = ONE_EDIT if place.known else UNKNOWN_EDIT
    for terms in model.spelled(_one_edit(place.folded)):
        for term in terms:
            cost = letters + _cost_of_marks(place, term)
            costs[term] = min(cost, costs.get(term, cost))


def _cost_of_marks(place: _Place, term: str) -> float:
    """Return the cost of the marks of a candidate against those typed, wherever they stand."""
    typed_tone, typed_hats = _marks(place.text)
    tone, hats = _marks(term)
    tone_differs, hats_differ = typed_tone not in ("", tone), typed_hats not in ("", hats)
    if hats_differ or (tone_differs and hats != typed_hats):
        return OTHER_MARKS if place.known else UNKNOWN_OTHER_MARKS
    if tone_differs:
        return OTHER_TONE if place.known else UNKNOWN_OTHER_TONE
    if place.marks_free or (tone, hats) == (typed_tone, typed_hats):
        return 0.0
    return MARKS_LEFT_OUT


@lru_cache(maxsize=1 << 14)
def _marks(text: str) -> tuple[str, str]:
    """Return the tones and the other marks (đ among them) of a syllable."""
    marks = [mark for mark in unicodedata.normalize("NFD", text) if mark > "\x7f"]
    tones = "".join(mark for mark in marks if mark in _TONES)
    return tones, "".join(sorted(mark for mark in marks if mark not in _TONES))


def _one_edit(letters: str) -> list[str]:
    """Return what one key too many, too few, wrong or exchanged makes of unmarked letters."""
    cuts = [(letters[:place], letters[place:]) for place in range(len(letters) + 1)]
    edits = {head + tail[1:] for head, tail in cuts if tail}
    edits |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    edits |= {head + key + tail[1:] for head, tail in cuts if tail for key in ascii_lowercase}
    edits |= {head + key + tail for head, tail in cuts for key in ascii_lowercase}
    return list(edits - {letters, ""})
