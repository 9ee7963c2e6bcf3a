"""Highlights: which terms of a query to highlight, and where they occur in an article."""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from index.article import Article
from index.vietnamese.syllables import Occurrence
from search.plan import Phrase
from search.query.tree import TEXT
from search.results.records import Spans
from search.results.term_search import MAX_FORMS, plain_spans, term_occurrences

STORED_IN: Mapping[str, tuple[str, ...]] = {
    TEXT: ("title", "summary", "body", "author"),
    "title": ("title",),
    "author": ("author",),
}
"""The fields of an article that contain the text of each built-in field of the query language."""

MAX_HIGHLIGHTED_CHARACTERS = 200_000
"""Code points of a text that are searched for highlights: about forty pages, 3 ms."""


@dataclass(frozen=True)
class HighlightQuery:
    """What to highlight in one field: weighted syllables, and phrases as a whole.

    The terms are canonical lower-case syllables; snippets prefer terms with a high weight.
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()

    @cached_property
    def all_terms(self) -> frozenset[str]:
        """All syllables to search for, those of phrases included; cached for all hits."""
        of_phrases = itertools.chain.from_iterable(phrase.terms for phrase in self.phrases)
        return frozenset(self.terms).union(*of_phrases)

    @cached_property
    def is_long(self) -> bool:
        """Whether snippets search for the terms in the beginning of a text only."""
        return len(self.all_terms) > MAX_FORMS

    @cached_property
    def has_slop(self) -> bool:
        """Whether a phrase has slop, so that exact positions are needed."""
        return any(phrase.slop for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class HighlightPart:
    """What one part of a query highlights in a field: weighted syllables, or a whole phrase."""

    field: str
    terms: tuple[tuple[str, float], ...] = ()
    phrase: Phrase | None = None


def highlight_queries(highlight_parts: Sequence[HighlightPart]) -> dict[str, HighlightQuery]:
    """Return what to highlight in each stored field, each term with its highest weight."""
    terms: dict[str, dict[str, float]] = defaultdict(dict)
    phrases: dict[str, list[Phrase]] = defaultdict(list)
    for part in highlight_parts:
        term_weights = terms[part.field]
        for term, weight in part.terms:
            term_weights[term] = max(weight, term_weights.get(term, 0.0))
        if part.phrase is not None:
            phrases[part.field].append(part.phrase)
    queries: dict[str, HighlightQuery] = {}
    for name in terms:
        query = HighlightQuery(terms[name], tuple(phrases[name]))
        for stored in STORED_IN.get(name, (name,)) if query.terms or query.phrases else ():
            existing = queries.get(stored)
            if existing is None:  # one object for all fields: they are then searched as one text
                queries[stored] = query
            else:
                weights = dict(existing.terms)
                for term, weight in query.terms.items():
                    weights[term] = max(weight, weights.get(term, 0.0))
                queries[stored] = HighlightQuery(weights, (*existing.phrases, *query.phrases))
    return queries


class HighlightedTerm(NamedTuple):
    """A highlighted syllable: the span in the text, the term and its weight."""

    start: int
    end: int
    term: str
    weight: float


def stored_text(article: Article, name: str) -> str:
    """Return the text of a field of an article; "" if it has none."""
    value = getattr(article, name, None)
    if isinstance(value, str):
        return value
    value = article.values.get(name, "") if value is None else ""
    return value if isinstance(value, str) else ""


def highlights(article: Article, queries: Mapping[str, HighlightQuery]) -> dict[str, Spans]:
    """Return the spans to highlight in each stored field that has any."""
    return {name: spans(terms) for name, terms in find_highlighted(article, queries).items()}


def spans(terms: Iterable[HighlightedTerm]) -> Spans:
    """Return the spans of highlighted terms."""
    return tuple([(start, end) for start, end, _, _ in terms])


def find_highlighted(
    article: Article,
    queries: Mapping[str, HighlightQuery],
    max_characters: int = MAX_HIGHLIGHTED_CHARACTERS,
) -> dict[str, list[HighlightedTerm]]:
    """Return the syllables to highlight in each stored field that has any, in reading order.

    Of each field `max_characters` are searched.
    """
    found: dict[str, list[HighlightedTerm]] = {}
    for name, query in queries.items():
        text = stored_text(article, name)
        terms = _highlighted_terms(text[:max_characters], query) if text else None
        if terms:
            found[name] = terms
    return found


_new: Callable[[type[HighlightedTerm], tuple[int, int, str, float]], HighlightedTerm] = (
    tuple.__new__
)


def _highlighted_terms(text: str, query: HighlightQuery) -> list[HighlightedTerm]:
    """Return the syllables of a text to highlight, in reading order."""
    weights = query.terms
    occurrences, found = None, plain_spans(text, query.all_terms)
    if found is None:  # tokenised once
        occurrences = term_occurrences(text, query.all_terms, exact_positions=True)
        found = [(start, end, term) for _, term, start, end in occurrences]
    present = {term for _, _, term in found} if query.phrases else frozenset[str]()
    if not any(_may_occur(phrase, present) for phrase in query.phrases):  # as in most articles
        return [
            _new(HighlightedTerm, (start, end, term, weights[term]))
            for start, end, term in found
            if term in weights
        ]
    if occurrences is None:
        exact = query.has_slop
        occurrences = term_occurrences(text, query.all_terms, exact_positions=exact, spans=found)
    weight_at = {o.token_index: query.terms[o.text] for o in occurrences if o.text in query.terms}
    positions = _positions_by_term(occurrences)
    in_prose = None
    for phrase in query.phrases:
        if not _may_occur(phrase, present):
            continue
        if len(phrase.terms) > 1:
            matched = _positions(positions, phrase)
        else:  # an abbreviation
            if in_prose is None:
                in_prose = _positions_by_term(o for o in occurrences if not _in_address(text, o))
            matched = _positions(in_prose, phrase)
        for position in matched:
            weight_at.setdefault(position, 1.0)
    kept = (o for o in occurrences if o.token_index in weight_at)
    return [HighlightedTerm(o.start, o.end, o.text, weight_at[o.token_index]) for o in kept]


def _positions_by_term(occurrences: Iterable[Occurrence]) -> dict[str, list[int]]:
    """Return the positions of each term, ascending."""
    found: dict[str, list[int]] = defaultdict(list)
    for occurrence in occurrences:
        found[occurrence.text].append(occurrence.token_index)
    return found


def _may_occur(phrase: Phrase, present: AbstractSet[str]) -> bool:
    """Return whether a term of each position of a phrase is present."""
    return not any(map(present.isdisjoint, phrase.terms))


def _in_address(text: str, syllable: Occurrence) -> bool:
    """Return whether a syllable is part of an address: in "baochi.vn", "vn" is not Việt Nam."""
    start = syllable.start
    return text[start].islower() and text[start - 1 : start] in {".", "@", "/"}


def _positions(positions: Mapping[str, list[int]], phrase: Phrase) -> set[int]:
    """Return the positions that are part of a match of a phrase, within its slop.

    `positions` are those of each term in the text.
    """
    span = len(phrase.terms) + phrase.slop
    slots = [
        sorted(itertools.chain(*(positions.get(term, ()) for term in dict.fromkeys(terms))))
        for terms in phrase.terms
    ]
    matched: set[int] = set()
    for first in slots[0] if all(slots) else ():
        chain = [first]
        for following in slots[1:]:
            nearest = bisect_right(following, chain[-1])
            if nearest == len(following) or following[nearest] - first >= span:
                break
            chain.append(following[nearest])
        else:
            matched.update(chain)
    return matched
