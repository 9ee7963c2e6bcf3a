"""Which passage of a text is shown, and which of its syllables are marked.

Everything works on the stored text as it was written, in code points.
"""

import html
import itertools
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from index.article import Article
from index.vietnamese.syllables import Occurrence, occurrences
from search.planning.plan import Phrase
from search.results.records import Spans

SNIPPET_LENGTH = 260
"""Code points of a snippet, about two lines on a desktop screen."""

LONGEST_MARKED = 200_000
"""Code points of a text that are looked through; some forty pages."""

_LEAD = 80  # how far before the first match a sentence may begin for the snippet to begin there
_SENTENCE_END = re.compile(r"[.!?…:]['\"”’)]*\s+|\n\s*")
_SPACE = re.compile(r"\s+")
_TIE = 1e-9  # so that of two passages that show the same, the first is taken
_ADJACENT = 0.5  # what a term counts more where the one marked before it stands right beside it
_REPEATED = 0.1  # what a second occurrence of a term in a passage counts, against the first


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


@dataclass(frozen=True, slots=True)
class _Found:
    """A marked syllable: its place in the text, its term and weight."""

    start: int
    end: int
    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Passage:
    """A part [start, end) of a text, how much it shows, and all that is marked in the text."""

    text: str
    start: int = 0
    end: int = 0
    gain: float = 0.0
    found: tuple[_Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a hit: a snippet, as escaped HTML with `<mark>`, and spans by field."""

    snippet: str
    highlights: Mapping[str, Spans]


def show(article: Article, marks: Mapping[str, Marks]) -> Shown:
    """Find what to mark in an article and cut the passage that shows the most.

    `marks` is keyed by stored field. The passage is of the summary or the body; an article none
    of whose syllables is to be marked shows its beginning.
    """
    found = _found(article, marks)
    best = _Passage(article.summary or article.body)
    for name in ("summary", "body"):
        passage = _densest(getattr(article, name), found.get(name, ()))
        best = passage if passage.gain > best.gain else best
    return Shown(_cut(best), _spans(found))


def highlights(article: Article, marks: Mapping[str, Marks]) -> dict[str, Spans]:
    """Find the spans to mark in each stored field that has any."""
    return _spans(_found(article, marks))


def _found(article: Article, marks: Mapping[str, Marks]) -> dict[str, list[_Found]]:
    return {name: _find(getattr(article, name), wanted) for name, wanted in marks.items()}


def _spans(found: Mapping[str, Sequence[_Found]]) -> dict[str, Spans]:
    return {
        name: tuple((place.start, place.end) for place in places)
        for name, places in found.items()
        if places
    }


def _cut(passage: _Passage) -> str:
    """Write a passage, widened to whole words and sentences, as HTML."""
    start, end = _widened(passage)
    spans = tuple(
        (found.start - start, found.end - start)
        for found in passage.found
        if start <= found.start and found.end <= end
    )
    before = "… " if start else ""
    after = " …" if passage.text[end:].strip() else ""
    return f"{before}{mark(passage.text[start:end], spans)}{after}"


def mark(text: str, spans: Spans) -> str:
    """Escape a text for HTML and put `<mark>` around spans.

    Spans with nothing but white space or one sign between them become one.
    """
    parts: list[str] = []
    at = 0
    for start, end in spans:
        gap = text[at:start]
        if parts and (len(gap) == 1 or gap.isspace()):
            parts[-1:] = [html.escape(gap)]
        else:
            parts.extend((html.escape(gap), "<mark>"))
        parts.extend((html.escape(text[start:end]), "</mark>"))
        at = end
    parts.append(html.escape(text[at:]))
    return "".join(parts)


def _find(text: str, marks: Marks) -> list[_Found]:
    """Find the syllables to mark, in reading order."""
    there = occurrences(text[:LONGEST_MARKED], marks.wanted) if text else []
    weights = {o.place: marks.terms[o.text] for o in there if o.text in marks.terms}
    for phrase in marks.phrases:
        standing = there
        if len(phrase.terms) == 1:  # an abbreviation
            standing = [o for o in there if not _in_address(text, o)]
        for place in _places(standing, phrase):
            weights.setdefault(place, 1.0)
    return [_Found(o.start, o.end, o.text, weights[o.place]) for o in there if o.place in weights]


def _in_address(text: str, syllable: Occurrence) -> bool:
    """Say whether a syllable is a part of "baochi.vn": "vn" is no Việt Nam there."""
    start = syllable.start
    return text[start].islower() and text[start - 1 : start] in {".", "@", "/"}


def _places(there: Sequence[Occurrence], phrase: Phrase) -> set[int]:
    """Find the places that are part of an occurrence of a phrase, stretched by its slop."""
    reach = len(phrase.terms) + phrase.slop
    where = [[o.place for o in there if o.text in terms] for terms in phrase.terms]
    places: set[int] = set()
    for first in where[0] if all(where) else ():
        chain = [first]
        for following in where[1:]:
            nearest = bisect_right(following, chain[-1])
            if nearest == len(following) or following[nearest] - first >= reach:
                break
            chain.append(following[nearest])
        else:
            places.update(chain)
    return places


class _Window:
    """What a run of marked syllables shows, as it moves over a text.

    It shows its distinct terms by their weight, a part of that more for terms side by side, and a
    tenth for what it shows again.
    """

    def __init__(self) -> None:
        self.gain = 0.0
        self._times: Counter[tuple[str, ...]] = Counter()

    def add(self, key: tuple[str, ...], weight: float) -> None:
        """Let a term, or two side by side, in."""
        self.gain += weight * (_REPEATED if self._times[key] else 1)
        self._times[key] += 1

    def remove(self, key: tuple[str, ...], weight: float) -> None:
        """Let a term, or two side by side, out."""
        self._times[key] -= 1
        self.gain -= weight * (_REPEATED if self._times[key] else 1)


def _densest(text: str, found: Sequence[_Found]) -> _Passage:
    """Find the run of marked syllables within a snippet's length that shows the most."""
    best, window, first = _Passage(text), _Window(), 0
    beside = [False, *(b.start - a.end == 1 for a, b in pairwise(found)), False]
    for last, entering in enumerate(found):
        window.add((entering.term,), entering.weight)
        if beside[last] and last > first:
            window.add(*_pair(found[last - 1], entering))
        while entering.end - found[first].start > SNIPPET_LENGTH - _LEAD and first < last:
            window.remove((found[first].term,), found[first].weight)
            if beside[first + 1]:
                window.remove(*_pair(found[first], found[first + 1]))
            first += 1
        if window.gain > best.gain + _TIE:
            best = _Passage(text, found[first].start, entering.end, window.gain)
    return replace(best, found=tuple(found))


def _pair(first: _Found, second: _Found) -> tuple[tuple[str, ...], float]:
    return (first.term, second.term), _ADJACENT * min(first.weight, second.weight)


def _widened(passage: _Passage) -> tuple[int, int]:
    """Widen a passage to a snippet: from a sentence's beginning if one is near, whole words."""
    text, start = passage.text, passage.start
    begin = max(0, min(start - _LEAD, len(text) - SNIPPET_LENGTH))
    sentences = [found.end() for found in _SENTENCE_END.finditer(text, begin, start)]
    if sentences and begin == start - _LEAD:
        begin = sentences[0]
    elif begin:
        space = _SPACE.search(text, begin, start)
        begin = space.end() if space else start
    longest = min(len(text), begin + SNIPPET_LENGTH)
    if longest == len(text):
        return begin, longest
    spaces = [found.start() for found in _SPACE.finditer(text, passage.end, longest + 1)]
    return begin, spaces[-1] if spaces else longest
