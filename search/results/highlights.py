"""Highlights: what a query marks in each stored field, and where it stands in an article."""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from index.article import Article
from index.vietnamese.syllables import Occurrence
from search.plan import Phrase
from search.query.tree import TEXT
from search.results.records import Spans
from search.results.term_search import term_occurrences, term_spans

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
    for name in terms:
        more = Marks(terms[name], tuple(phrases[name]))
        for stored in STORED_IN.get(name, (name,)) if more.terms or more.phrases else ():
            before = marks.get(stored)
            if before is None:  # the same object: fields of the same marks are searched together
                marks[stored] = more
            else:
                weights = dict(before.terms)
                for term, weight in more.terms.items():
                    weights[term] = max(weight, weights.get(term, 0.0))
                marks[stored] = Marks(weights, (*before.phrases, *more.phrases))
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
    return {name: spans(marked) for name, marked in find_marked(article, marks).items()}


def spans(marked: Iterable[Marked]) -> Spans:
    """Return the spans of marked syllables."""
    return tuple([(start, end) for start, end, _, _ in marked])


def find_marked(article: Article, marks: Mapping[str, Marks]) -> dict[str, list[Marked]]:
    """Return the syllables to mark in each stored field that has any, in reading order.

    Fields of the same marks are searched as one text: most are short, and a search costs as much
    to begin as 500 characters cost.
    """
    together: dict[int | str, list[tuple[str, str]]] = {}
    for name, wanted in marks.items():
        if text := stored_text(article, name):
            group = name if _FIELD_END in wanted.wanted else id(wanted)
            together.setdefault(group, []).append((name, text[:MAX_MARKED_LENGTH]))
    found: dict[str, list[Marked]] = {}
    for parts in together.values():
        joined = _BETWEEN_FIELDS.join([text for _, text in parts])
        marked = iter(_marked(joined, marks[parts[0][0]]))
        place, start = next(marked, None), 0
        for name, text in parts:
            end = start + len(text)
            here: list[Marked] = []
            while place is not None and place.start < end:
                if place.start >= start:  # else it is what stands between two fields
                    here.append(_shifted(place, start) if start else place)
                place = next(marked, None)
            if here:
                found[name] = here
            start = end + len(_BETWEEN_FIELDS)
    return {name: found[name] for name in marks if name in found}


_FIELD_END = "zqxj"
_BETWEEN_FIELDS = f"\n{_FIELD_END}\n"
"""Stands between fields that are searched as one text: a token, so that no phrase spans two."""

_new: Callable[[type[Marked], tuple[int, int, str, float]], Marked] = tuple.__new__


def _shifted(place: Marked, start: int) -> Marked:
    first, end, term, weight = place
    return _new(Marked, (first - start, end - start, term, weight))


def _marked(text: str, marks: Marks) -> list[Marked]:
    """Return the syllables of a text to mark, in reading order."""
    if not marks.phrases:
        weights = marks.terms
        found = term_spans(text, marks.wanted)
        return [_new(Marked, (start, end, term, weights[term])) for start, end, term in found]
    there = term_occurrences(text, marks.wanted, exact_places=marks.stretched)
    at = {o.token_index: marks.terms[o.text] for o in there if o.text in marks.terms}
    for phrase in marks.phrases:
        standing = there
        if len(phrase.terms) == 1:  # an abbreviation
            standing = [o for o in there if not _in_address(text, o)]
        for place in _places(standing, phrase):
            at.setdefault(place, 1.0)
    kept = (o for o in there if o.token_index in at)
    return [Marked(o.start, o.end, o.text, at[o.token_index]) for o in kept]


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
