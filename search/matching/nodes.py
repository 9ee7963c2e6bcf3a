"""Which articles match? The match of a plan as a set of the numbers of a snapshot."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from search import plan
from search.matching.columns import Columns
from search.matching.phrases import with_phrase
from search.matching.positions import Positions
from search.matching.sets import Found, bits_of_mask, intersection, union, without
from search.matching.terms import Terms


class Matcher:
    """Evaluates the match of a plan over one snapshot."""

    def __init__(
        self,
        terms: Terms,
        columns: Columns,
        positions: Mapping[str, Sequence[Positions]],
    ) -> None:
        """Take the positions of the fields that keep them, a segment each."""
        self._terms = terms
        self._columns = columns
        self._positions = positions

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
                return self._any(field, self._terms.with_prefix(field, text))
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
        segments = self._positions.get(phrase.field)
        if segments is None:
            known = ", ".join(self._positions)
            raise ValueError(f"field {phrase.field!r} keeps no positions; there are {known}")
        parts = [np.empty(0, np.int64)]
        for base, positions in zip(self._terms.bases, segments, strict=True):
            parts.append(with_phrase(positions, phrase.terms, phrase.slop) + base)
        numbers = np.concatenate(parts)
        if self._terms.has_deleted:
            numbers = numbers[self._terms.live[numbers]]
        return Found(self._terms.size, numbers=numbers)
