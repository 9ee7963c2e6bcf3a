"""What is marked in the hits of a query: syllables by their weight, phrases as a whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from search.planning.plan import Phrase
from search.query.tree import TEXT
from search.results.snippets import Marks

STORED_IN: Mapping[str, tuple[str, ...]] = {
    TEXT: ("title", "summary", "body", "author"),
    "title": ("title",),
    "author": ("author",),
}
"""The fields of an article that are read for each field of the query language."""


class Marking:
    """Gathers, field by field of the query language, what a query looks for."""

    def __init__(self) -> None:
        self._terms: dict[str, dict[str, float]] = defaultdict(dict)
        self._phrases: dict[str, list[Phrase]] = defaultdict(list)

    def terms(self, field: str, weights: Iterable[tuple[str, float]]) -> None:
        """Have syllables marked; of the weights of one, the highest counts."""
        known = self._terms[field]
        for term, weight in weights:
            known[term] = max(weight, known.get(term, 0.0))

    def phrase(self, field: str, phrase: Phrase) -> None:
        """Have a phrase marked where it stands together."""
        self._phrases[field].append(phrase)

    def by_stored_field(self) -> dict[str, Marks]:
        """Give what to mark in each field of an article."""
        marks: dict[str, Marks] = {}
        for field, stored in STORED_IN.items():
            terms, phrases = self._terms[field], tuple(self._phrases[field])
            for name in stored if terms or phrases else ():
                before = marks.get(name, Marks())
                marks[name] = Marks({**before.terms, **terms}, (*before.phrases, *phrases))
        return marks
