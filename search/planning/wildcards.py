"""The terms that words with wildcards stand for: `ngh*p`, and `ngh*` within a phrase."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from search.engines.contract import TermCount
from search.interpretation.context import Context
from search.interpretation.interpretation import Candidate, Interpretation
from search.query.wildcards import Pattern, phrase_places
from search.warnings import QueryWarning, warning

MAX_PATTERN_TERMS = 100
"""The most frequent terms that a pattern stands for. Each is a list of positions to merge in a
phrase, and in a cluster a clause, of which it takes 1,024: a query may have eight patterns."""

MAX_PATTERN_TERMS_SCORED = 8
"""The most frequent ones that score in a phrase, where mostly a few stand beside the others."""

_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]*")

TermsWithPrefix = Mapping[tuple[str, str], Sequence[TermCount]]


class PatternTerms(NamedTuple):
    """The terms that a pattern stands for, the most frequent first, and what is to be told."""

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
    told = warning("wildcard_cut", text=pattern.text, terms=MAX_PATTERN_TERMS)
    return PatternTerms(tuple(found[:MAX_PATTERN_TERMS]), (told,))


class PhrasePlaces(NamedTuple):
    """The terms that match at each place of a phrase, and the interpretation that scores."""

    terms: tuple[tuple[str, ...], ...]
    scored: Interpretation
    warnings: tuple[QueryWarning, ...] = ()


def with_patterns(
    phrase: str, interpretation: Interpretation, found: Mapping[Pattern, PatternTerms]
) -> PhrasePlaces:
    """Return the places of a phrase, given the interpretation of those that are no patterns.

    A pattern without terms stands for its own letters, which no article has.
    """
    syllables = zip(
        interpretation.typed, interpretation.best, interpretation.candidates, strict=True
    )
    typed, best, scored = [], [], []
    places: list[tuple[str, ...]] = []
    told: list[QueryWarning] = []
    for place in phrase_places(phrase):
        if isinstance(place, Pattern):
            terms = found[place].terms or (place.beginning,)
            told += found[place].warnings
            candidates = tuple(Candidate(term, 1.0) for term in terms[:MAX_PATTERN_TERMS_SCORED])
            typed.append(place.beginning)
            best.append(terms[0])
        else:
            one, likeliest, candidates = next(syllables)
            terms = tuple(candidate.text for candidate in candidates)
            typed.append(one)
            best.append(likeliest)
        places.append(terms)
        scored.append(candidates)
    read = replace(interpretation, typed=tuple(typed), best=tuple(best), candidates=tuple(scored))
    return PhrasePlaces(tuple(places), read, tuple(told))
