"""The terms that match words with wildcards: `ngh*p`, and `ngh*` within a phrase."""

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
"""The most frequent terms that match a pattern. In a phrase each is a list of positions to merge,
and in a cluster a clause: a query may have 1,024 of these, and eight patterns."""

MAX_PATTERN_TERMS_SCORED = 8
"""The most frequent of them, which score in a phrase: usually only a few occur next to the other
words. Arbitrary."""

_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]*")

TermsWithPrefix = Mapping[tuple[str, str], Sequence[TermCount]]


class PatternTerms(NamedTuple):
    """The terms that match a pattern, most frequent first, and a warning if some are omitted."""

    terms: tuple[str, ...]
    warnings: tuple[QueryWarning, ...] = ()


def pattern_beginnings(pattern: Pattern, context: Context, *, literal: bool) -> list[str]:
    """Return the prefixes of terms among which all matches of a pattern are.

    Letters without marks may have any in the term, so only the first consonants are certain.
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
    """Return the terms of a field that match a pattern, among those `listed` by prefix."""
    beginnings = pattern_beginnings(pattern, context, literal=literal)
    counts = itertools.chain(*(listed.get((field, beginning), ()) for beginning in beginnings))
    counted = {count.term: count.document_frequency for count in counts}
    found = sorted(filter(pattern.matches, counted), key=lambda term: (-counted[term], term))
    if len(found) <= MAX_PATTERN_TERMS:
        return PatternTerms(tuple(found))
    cut = warning("wildcard_cut", text=pattern.text, terms=MAX_PATTERN_TERMS)
    return PatternTerms(tuple(found[:MAX_PATTERN_TERMS]), (cut,))


class PhraseSlots(NamedTuple):
    """The terms that match in each slot of a phrase, and the interpretation for scoring."""

    terms: tuple[tuple[str, ...], ...]
    scored: Interpretation
    warnings: tuple[QueryWarning, ...] = ()


def with_patterns(
    phrase: str, interpretation: Interpretation, found: Mapping[Pattern, PatternTerms]
) -> PhraseSlots:
    """Return the slots of a phrase: the terms of its patterns, else the candidates interpreted.

    A pattern without terms becomes its own letters, so that the phrase matches nothing.
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
            syllable, likeliest, candidates = next(syllables)
            terms = tuple(candidate.text for candidate in candidates)
            typed.append(syllable)
            best.append(likeliest)
        slots.append(terms)
        scored.append(candidates)
    result = replace(interpretation, typed=tuple(typed), best=tuple(best), candidates=tuple(scored))
    return PhraseSlots(tuple(slots), result, tuple(warnings))
