"""Highlights: what a query marks in each stored field, and where it stands in an article."""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from index.article import Article
from index.vietnamese.syllables import Occurrence
from search.plan import Phrase
from search.query.tree import TEXT
from search.results.records import Spans
from search.results.term_search import term_occurrences

STORED_IN: Mapping[str, tuple[str, ...]] = {
    TEXT: ("title", "summary", "body", "author"),
    "title": ("title",),
    "author": ("author",),
}
"""The fields of an article that hold the text of each built-in field of the query language."""

MAX_MARKED_LENGTH = 200_000
"""Code points of a text that are looked through: some forty pages, and 3 ms."""


@dataclass(frozen=True)
class Marks:
    """What to mark in one field: syllables, each with its weight, and phrases as a whole.

    The terms are canonical lower-case syllables; a weight says how much a reader wants to see it.
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()

    @cached_property
    def wanted(self) -> frozenset[str]:
        """All syllables that are looked for; the same for every hit of a query."""
        places = itertools.chain.from_iterable(phrase.terms for phrase in self.phrases)
        return frozenset(self.terms).union(*places)

    @cached_property
    def stretched(self) -> bool:
        """Whether words may stand between those of a phrase, so that they have to be counted."""
        return any(phrase.slop for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one part of a query wants marked in a field of the query language.

    Syllables, each with its weight, or a phrase where it stands together.
    """

    field: str
    terms: tuple[tuple[str, float], ...] = ()
    phrase: Phrase | None = None


def marks_by_stored_field(wanted: Sequence[Mark]) -> dict[str, Marks]:
    """Return what to mark in each field of an article; the highest weight of a term counts."""
    terms: dict[str, dict[str, float]] = defaultdict(dict)
    phrases: dict[str, list[Phrase]] = defaultdict(list)
    for mark in wanted:
        known = terms[mark.field]
        for term, weight in mark.terms:
            known[term] = max(weight, known.get(term, 0.0))
        if mark.phrase is not None:
            phrases[mark.field].append(mark.phrase)
    marks: dict[str, Marks] = {}
    with_terms = [mark.field for mark in wanted if mark.phrase is None]
    for name in dict.fromkeys((*with_terms, *terms)):
        more = Marks(terms[name], tuple(phrases[name]))
        for stored in STORED_IN.get(name, (name,)) if more.terms or more.phrases else ():
            before = marks.get(stored, Marks())
            marks[stored] = Marks({**before.terms, **more.terms}, (*before.phrases, *more.phrases))
    return marks


class Marked(NamedTuple):
    """A marked syllable: its place in the text, its term and weight."""

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


def highlights(article: Article, marks: Mapping[str, Marks]) -> dict[str, Spans]:
    """Return the spans to mark in each stored field that has any."""
    found = {
        name: find_marked(stored_text(article, name), wanted) for name, wanted in marks.items()
    }
    return {name: spans(marked) for name, marked in found.items() if marked}


def spans(marked: Iterable[Marked]) -> Spans:
    """Return the spans of marked syllables."""
    return tuple((place.start, place.end) for place in marked)


def find_marked(text: str, marks: Marks) -> list[Marked]:
    """Return the syllables to mark, in reading order."""
    if not text:
        return []
    there = term_occurrences(text[:MAX_MARKED_LENGTH], marks.wanted, exact_places=marks.stretched)
    if not marks.phrases:
        return [Marked(o.start, o.end, o.text, marks.terms[o.text]) for o in there]
    weights = {o.token_index: marks.terms[o.text] for o in there if o.text in marks.terms}
    for phrase in marks.phrases:
        standing = there
        if len(phrase.terms) == 1:  # an abbreviation
            standing = [o for o in there if not _in_address(text, o)]
        for place in _places(standing, phrase):
            weights.setdefault(place, 1.0)
    kept = (o for o in there if o.token_index in weights)
    return [Marked(o.start, o.end, o.text, weights[o.token_index]) for o in kept]


def _in_address(text: str, syllable: Occurrence) -> bool:
    """Return whether a syllable is a part of "baochi.vn": "vn" is no Việt Nam there."""
    start = syllable.start
    return text[start].islower() and text[start - 1 : start] in {".", "@", "/"}


def _places(there: Sequence[Occurrence], phrase: Phrase) -> set[int]:
    """Return the places that are part of an occurrence of a phrase, stretched by its slop."""
    span = len(phrase.terms) + phrase.slop
    where = [[o.token_index for o in there if o.text in terms] for terms in phrase.terms]
    places: set[int] = set()
    for first in where[0] if all(where) else ():
        chain = [first]
        for following in where[1:]:
            nearest = bisect_right(following, chain[-1])
            if nearest == len(following) or following[nearest] - first >= span:
                break
            chain.append(following[nearest])
        else:
            places.update(chain)
    return places
