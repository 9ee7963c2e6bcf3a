"""The terms that words with wildcards stand for: `ngh*p`, and `ngh*` within a phrase."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from search.engines.contract import TermCount
from search.interpretation.context import Context
from search.interpretation.interpretation import Candidate, Interpretation
from search.query.wildcards import Pattern, phrase_slots
from search.warnings import QueryWarning, warning

MAX_PATTERN_TERMS = 100
"""The most frequent terms that a pattern stands for. Each is a list of positions to merge in a
phrase, and in a cluster a clause, of which it takes 1,024: a query may have eight patterns."""

MAX_PATTERN_TERMS_SCORED = 8
"""The most frequent ones that score in a phrase, where mostly a few stand beside the others."""

_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]*")

TermsWithPrefix = Mapping[tuple[str, str], Sequence[TermCount]]


class PatternTerms(NamedTuple):
    """The terms that match a pattern, most frequent first, and a warning where some are cut."""

    terms: tuple[str, ...]
    warnings: tuple[QueryWarning, ...] = ()


def pattern_beginnings(pattern: Pattern, context: Context, *, literal: bool) -> list[str]:
    """Return the beginnings of terms among which those of a pattern are.

    Letters without marks may have any, so that their first consonants alone are sure.
    """
    beginning = pattern.beginning
    if literal or not beginning.isascii():
        return [beginning]
    found = _CONSONANTS.match(beginning)
    consonants = [found[0]] if found and found[0] else []
    return list(dict.fromkeys([beginning, *context.marked_forms(beginning), *consonants]))


def pattern_terms(
    field: str, pattern: Pattern, context: Context, listed: TermsWithPrefix, *, literal: bool
) -> PatternTerms:
    """Return the terms of a field that a pattern stands for, among those `listed` by beginning."""
    beginnings = pattern_beginnings(pattern, context, literal=literal)
    every = itertools.chain(*(listed.get((field, beginning), ()) for beginning in beginnings))
    counted = {one.term: one.document_frequency for one in every}
    found = sorted(filter(pattern.matches, counted), key=lambda term: (-counted[term], term))
    if len(found) <= MAX_PATTERN_TERMS:
        return PatternTerms(tuple(found))
    cut = warning("wildcard_cut", text=pattern.text, terms=MAX_PATTERN_TERMS)
    return PatternTerms(tuple(found[:MAX_PATTERN_TERMS]), (cut,))


class PhraseSlots(NamedTuple):
    """The terms that match in each slot of a phrase, and the interpretation that scores."""

    terms: tuple[tuple[str, ...], ...]
    scored: Interpretation
    warnings: tuple[QueryWarning, ...] = ()


def with_patterns(
    phrase: str, interpretation: Interpretation, found: Mapping[Pattern, PatternTerms]
) -> PhraseSlots:
    """Return the slots of a phrase: the terms of its patterns, else the candidates interpreted.

    A pattern without terms stands for its own letters, which no article has.
    """
    syllables = zip(
        interpretation.typed, interpretation.best, interpretation.candidates, strict=True
    )
    typed, best, scored = [], [], []
    slots: list[tuple[str, ...]] = []
    warnings: list[QueryWarning] = []
    for slot in phrase_slots(phrase):
        if isinstance(slot, Pattern):
            terms = found[slot].terms or (slot.beginning,)
            warnings += found[slot].warnings
            candidates = tuple(Candidate(term, 1.0) for term in terms[:MAX_PATTERN_TERMS_SCORED])
            typed.append(slot.beginning)
            best.append(terms[0])
        else:
            one, likeliest, candidates = next(syllables)
            terms = tuple(candidate.text for candidate in candidates)
            typed.append(one)
            best.append(likeliest)
        slots.append(terms)
        scored.append(candidates)
    read = replace(interpretation, typed=tuple(typed), best=tuple(best), candidates=tuple(scored))
    return PhraseSlots(tuple(slots), read, tuple(warnings))
