"""Highlights: what a query highlights in each stored field, and where an article holds it."""

import itertools
from bisect import bisect_left, bisect_right
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
from search.results.term_search import is_plain, term_occurrences, term_spans

STORED_IN: Mapping[str, tuple[str, ...]] = {
    TEXT: ("title", "summary", "body", "author"),
    "title": ("title",),
    "author": ("author",),
}
"""The fields of an article that hold the text of each built-in field of the query language."""

MAX_HIGHLIGHTED_CHARACTERS = 200_000
"""Code points of a text that are looked through: some forty pages, and 3 ms."""


@dataclass(frozen=True)
class HighlightQuery:
    """What to highlight in one field: syllables, each with its weight, and phrases as a whole.

    The terms are canonical lower-case syllables; a weight says how much a reader wants to see it.
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()

    @cached_property
    def all_terms(self) -> frozenset[str]:
        """All syllables that are looked for; the same for every hit of a query."""
        of_phrases = itertools.chain.from_iterable(phrase.terms for phrase in self.phrases)
        return frozenset(self.terms).union(*of_phrases)

    @cached_property
    def has_slop(self) -> bool:
        """Whether words may stand between those of a phrase, so that exact positions are needed."""
        return any(phrase.slop for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class HighlightPart:
    """What one part of a query highlights in a field of the query language.

    Syllables, each with its weight, or a phrase where it stands together.
    """

    field: str
    terms: tuple[tuple[str, float], ...] = ()
    phrase: Phrase | None = None


def highlight_queries(highlight_parts: Sequence[HighlightPart]) -> dict[str, HighlightQuery]:
    """Return what to highlight in each stored field; the highest weight of a term counts."""
    terms: dict[str, dict[str, float]] = defaultdict(dict)
    phrases: dict[str, list[Phrase]] = defaultdict(list)
    for part in highlight_parts:
        known = terms[part.field]
        for term, weight in part.terms:
            known[term] = max(weight, known.get(term, 0.0))
        if part.phrase is not None:
            phrases[part.field].append(part.phrase)
    queries: dict[str, HighlightQuery] = {}
    for name in terms:
        more = HighlightQuery(terms[name], tuple(phrases[name]))
        for stored in STORED_IN.get(name, (name,)) if more.terms or more.phrases else ():
            before = queries.get(stored)
            if before is None:  # the same object: fields of one query are searched together
                queries[stored] = more
            else:
                weights = dict(before.terms)
                for term, weight in more.terms.items():
                    weights[term] = max(weight, weights.get(term, 0.0))
                queries[stored] = HighlightQuery(weights, (*before.phrases, *more.phrases))
    return queries


class HighlightedTerm(NamedTuple):
    """A highlighted syllable: its span in the text, its term and weight."""

    start: int
    end: int
    term: str
    weight: float


def stored_text(article: Article, name: str) -> str:
    """Return the text of a field of an article; "" for one that holds none."""
    value = getattr(article, name, None)
    if value is None:
        value = article.values.get(name, "")
    return value if isinstance(value, str) else ""


def highlights(article: Article, queries: Mapping[str, HighlightQuery]) -> dict[str, Spans]:
    """Return the spans to highlight in each stored field that has any."""
    return {name: spans(terms) for name, terms in find_highlighted(article, queries).items()}


def spans(terms: Iterable[HighlightedTerm]) -> Spans:
    """Return the spans of highlighted terms."""
    return tuple([(start, end) for start, end, _, _ in terms])


def find_highlighted(
    article: Article, queries: Mapping[str, HighlightQuery]
) -> dict[str, list[HighlightedTerm]]:
    """Return the syllables to highlight in each stored field that has any, in reading order.

    Fields of the same query are searched as one text: most are short, and a search costs as much
    to begin as 500 characters cost.
    """
    together: dict[int | str, list[tuple[str, str]]] = {}
    for name, query in queries.items():
        if text := stored_text(article, name):
            # A phrase with slop would reach over the token between two fields.
            alone = query.has_slop or _FIELD_END in query.all_terms
            group = name if alone else id(query)
            together.setdefault(group, []).append((name, text[:MAX_HIGHLIGHTED_CHARACTERS]))
    found: dict[str, list[HighlightedTerm]] = {}
    for parts in together.values():
        joined = _BETWEEN_FIELDS.join([text for _, text in parts])
        terms = _highlighted_terms(joined, queries[parts[0][0]])
        first = start = 0
        for name, text in parts:
            end = start + len(text)
            last = bisect_left(terms, (end,), first)
            if last > first:
                here = terms[first:last]
                found[name] = _shifted(here, start) if start else here
            first, start = last, end + len(_BETWEEN_FIELDS)
    return {name: found[name] for name in queries if name in found}


_FIELD_END = "zqxj"
_BETWEEN_FIELDS = f"\n{_FIELD_END}\n"
"""Stands between fields that are searched as one text: a token, so that no phrase spans two."""

_new: Callable[[type[HighlightedTerm], tuple[int, int, str, float]], HighlightedTerm] = (
    tuple.__new__
)


def _shifted(terms: Sequence[HighlightedTerm], start: int) -> list[HighlightedTerm]:
    """Return terms with their spans counted from `start`."""
    return [
        _new(HighlightedTerm, (first - start, end - start, text, weight))
        for first, end, text, weight in terms
    ]


def _highlighted_terms(text: str, query: HighlightQuery) -> list[HighlightedTerm]:
    """Return the syllables of a text to highlight, in reading order."""
    weights = query.terms
    # A text that has to be tokenised is tokenised once.
    there = None if is_plain(text) else term_occurrences(text, query.all_terms)
    if there is None:
        found = term_spans(text, query.all_terms)
    else:
        found = [(start, end, term) for _, term, start, end in there]
    present = {term for _, _, term in found}
    if not any(_may_stand(phrase, present) for phrase in query.phrases):  # as in most articles
        return [
            _new(HighlightedTerm, (start, end, term, weights[term]))
            for start, end, term in found
            if term in weights
        ]
    if there is None:
        exact = query.has_slop
        there = term_occurrences(text, query.all_terms, exact_positions=exact, spans=found)
    at = {o.token_index: query.terms[o.text] for o in there if o.text in query.terms}
    by_term, in_prose = _by_term(there), None
    for phrase in query.phrases:
        if not _may_stand(phrase, present):
            continue
        standing = by_term
        if len(phrase.terms) == 1:  # an abbreviation
            if in_prose is None:
                in_prose = _by_term(o for o in there if not _in_address(text, o))
            standing = in_prose
        for position in _positions(standing, phrase):
            at.setdefault(position, 1.0)
    kept = (o for o in there if o.token_index in at)
    return [HighlightedTerm(o.start, o.end, o.text, at[o.token_index]) for o in kept]


def _by_term(there: Iterable[Occurrence]) -> dict[str, list[int]]:
    """Return the positions of each term, ascending."""
    found: dict[str, list[int]] = defaultdict(list)
    for one in there:
        found[one.text].append(one.token_index)
    return found


def _may_stand(phrase: Phrase, present: AbstractSet[str]) -> bool:
    """Return whether a term of each position of a phrase is present."""
    return not any(map(present.isdisjoint, phrase.terms))


def _in_address(text: str, syllable: Occurrence) -> bool:
    """Return whether a syllable is a part of "baochi.vn": "vn" is no Việt Nam there."""
    start = syllable.start
    return text[start].islower() and text[start - 1 : start] in {".", "@", "/"}


def _positions(there: Mapping[str, list[int]], phrase: Phrase) -> set[int]:
    """Return the positions that are part of an occurrence of a phrase, within its slop.

    `there` has the positions of each term.
    """
    span = len(phrase.terms) + phrase.slop
    where = [
        sorted(itertools.chain(*(there.get(term, ()) for term in dict.fromkeys(terms))))
        for terms in phrase.terms
    ]
    positions: set[int] = set()
    for first in where[0] if all(where) else ():
        chain = [first]
        for following in where[1:]:
            nearest = bisect_right(following, chain[-1])
            if nearest == len(following) or following[nearest] - first >= span:
                break
            chain.append(following[nearest])
        else:
            positions.update(chain)
    return positions
