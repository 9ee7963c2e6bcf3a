"""Which articles match? The match of a plan as a set of the numbers of a snapshot."""

from collections.abc import Iterable

import numpy as np

from search.engines.embedded.columns import Columns
from search.engines.embedded.docsets import (
    Found,
    bits_of_mask,
    distinct,
    intersection,
    union,
    without,
)
from search.engines.embedded.phrases import phrase_documents
from search.engines.embedded.terms import Terms
from search.planning import plan


class Matcher:
    """Evaluates the match of a plan over one snapshot."""

    def __init__(self, terms: Terms, columns: Columns) -> None:
        self._terms = terms
        self._columns = columns

    def found(self, node: plan.Node) -> Found:
        """Give the articles that match; deleted ones never do.

        Raises ValueError for a field or column that does not exist.
        """
        match node:
            case plan.Term(field, text):
                return self._terms.decoded(field, text).found
            case plan.Or(children):
                return union(list(map(self.found, children)), self._terms.size)
            case plan.And(children):
                return intersection([*map(self.found, children)] or [self._terms.everything])
            case plan.Not(child):
                return without(self._terms.everything, self.found(child))
            case plan.Phrase():
                return self._phrase(node)
            case plan.Prefix(field, text):
                return self._terms.found_with_prefix(field, text)
            case plan.Keyword(field, values):
                return self._any(field, values)
            case plan.Published(since, until):
                mask = self._columns.published_in(since, until)
                dated = Found(self._terms.size, bits=bits_of_mask(mask))
                return intersection([self._terms.everything, dated])
            case plan.Everything():
                return self._terms.everything

    def _any(self, field: str, terms: Iterable[str]) -> Found:
        every = [self._terms.decoded(field, term).found for term in terms]
        return union(every, self._terms.size)

    def _phrase(self, phrase: plan.Phrase) -> Found:
        segments = self._terms.positions.get(phrase.field)
        if segments is None:
            known = ", ".join(self._terms.positions)
            raise ValueError(f"field {phrase.field!r} keeps no positions; there are {known}")
        parts = [np.empty(0, np.int64)]
        for base, positions in zip(self._terms.bases, segments, strict=True):
            parts.append(phrase_documents(positions, phrase.terms, phrase.slop) + base)
        numbers = np.concatenate(parts)
        numbers = numbers[distinct(numbers)]
        if self._terms.has_deleted:
            numbers = numbers[self._terms.live[numbers]]
        return Found(self._terms.size, numbers=numbers)
