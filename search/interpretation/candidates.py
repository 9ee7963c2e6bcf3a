"""Which syllables may have been meant by one that was typed, and how unlikely is each slip?

Costs are in nats: the negative logarithm of how probable it is that somebody who means the
candidate types this, up to a constant. Only syllables of the indexed articles are candidates.
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

MARKS_LEFT_OUT = 2.5
"""For a syllable that lacks marks in a query that has some; where no syllable has any, 0."""
OTHER_TONE = 7.0
OTHER_MARKS = 10.0
ONE_EDIT = 9.0
KEYSTROKES = 0.5
KEYSTROKES_OF_A_WORD = 5.0
"""For a Telex or VNI reading of what is a common word itself ("cos", "tax")."""
KEYSTROKES_UNLIKELY = 8.0
"""For such a reading of what occurs itself ("teen"), where no syllable of the query can but be
keystrokes: whoever types in Telex does so throughout."""
OTHER_SPELLING = 3.0
"""For another spelling of the same syllable, as i for y."""

UNKNOWN_OTHER_TONE = 2.0
UNKNOWN_OTHER_MARKS = 4.0
UNKNOWN_EDIT = 4.0

COMMON = 1e-5
"""The share of all syllables from which on a syllable is a common word."""
RARE = 1e-6
"""Syllables above this share are taken for free of slips of the keyboard."""

SLIPS = 12
"""So many syllables of a query are searched for slips; a query with more is something else."""
LONGEST_SLIP = 20
"""Letters of the longest syllable or foreign word that is searched for slips."""

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


@dataclass(frozen=True, slots=True)
class _Place:
    """A typed syllable with what decides over the costs of its candidates.

    `occurs`: it stands in the articles as typed. `known`: it does, or where no marks are typed
    anything of its letters does. `readings`: what its keys mean in Telex or VNI and occurs.
    """

    text: str
    folded: str
    marks_free: bool
    occurs: bool
    known: bool
    common: bool
    rare: bool
    readings: tuple[str, ...]


def candidates(
    typed: Sequence[str], model: LanguageModel, language: Language
) -> list[dict[str, float]]:
    """Give for each typed syllable its candidates with their costs; itself, at 0, is the first.

    The syllables are canonical and in lower case.
    """
    spelled = model.spelled([fold(text) for text in typed])
    places = _places(typed, spelled, model)
    keyed = any(place.readings and not place.occurs for place in places)
    costs = [
        _costs(place, terms, keyed=keyed) for place, terms in zip(places, spelled, strict=True)
    ]
    _add_spellings(costs, model, language)
    for place, cost in zip(places, costs, strict=True):
        if place.readings and not place.occurs:
            _add_half_typed(place, cost, model)
    slips = [at for at, place in enumerate(places) if place.rare and not place.readings]
    for at in slips[:SLIPS]:
        _add_slips(places[at], costs[at], model)
    return costs


def _places(
    typed: Sequence[str], spelled: Sequence[Sequence[str]], model: LanguageModel
) -> list[_Place]:
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
        places.append(
            _Place(
                text,
                fold(text),
                marks_free,
                occurs=itself > 0,
                known=there > 0,
                common=itself > COMMON * model.tokens,
                rare=there < RARE * model.tokens and text.isalpha() and len(text) <= LONGEST_SLIP,
                readings=tuple(term for term in keys if next(counted)),
            )
        )
    return places


def _costs(place: _Place, spelled: Sequence[str], *, keyed: bool) -> dict[str, float]:
    """Give the candidates of the same letters; `keyed`: the query has syllables that are but keys.

    The letters may be those that the keys mean.
    """
    costs = {place.text: 0.0}
    if place.marks_free:
        costs.update(dict.fromkeys(spelled, 0.0))
    else:
        costs.update((term, _cost_of_marks(place, term)) for term in spelled if term != place.text)
    cost = KEYSTROKES_OF_A_WORD if place.common else KEYSTROKES
    if place.occurs and not keyed:
        cost = KEYSTROKES_UNLIKELY
    costs.update((term, min(cost, costs.get(term, cost))) for term in place.readings)
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
        place.readings, model.spelled(list(map(fold, place.readings))), strict=True
    ):
        for term in terms:
            if all(map(_is_part, _marks(reading), _marks(term))):
                cost = KEYSTROKES + MARKS_LEFT_OUT
                costs[term] = min(cost, costs.get(term, cost))


def _is_part(typed: str, marks: str) -> bool:
    """Say whether all marks typed are among those of a candidate."""
    return not Counter(typed) - Counter(marks)


def _add_slips(place: _Place, costs: dict[str, float], model: LanguageModel) -> None:
    letters = ONE_EDIT if place.known else UNKNOWN_EDIT
    for terms in model.spelled(_one_edit(place.folded)):
        for term in terms:
            cost = letters + _cost_of_marks(place, term)
            costs[term] = min(cost, costs.get(term, cost))


def _cost_of_marks(place: _Place, term: str) -> float:
    """Compare the marks of a candidate with those typed, wherever they stand."""
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
    """Give the tones and the other marks (đ among them) of a syllable."""
    marks = [mark for mark in unicodedata.normalize("NFD", text) if mark > "\x7f"]
    tones = "".join(mark for mark in marks if mark in _TONES)
    return tones, "".join(sorted(mark for mark in marks if mark not in _TONES))


def _one_edit(letters: str) -> list[str]:
    """Give what one key too many, too few, wrong or exchanged makes of unmarked letters."""
    cuts = [(letters[:place], letters[place:]) for place in range(len(letters) + 1)]
    edits = {head + tail[1:] for head, tail in cuts if tail}
    edits |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    edits |= {head + key + tail[1:] for head, tail in cuts if tail for key in ascii_lowercase}
    edits |= {head + key + tail for head, tail in cuts for key in ascii_lowercase}
    return list(edits - {letters, ""})
