"""Which articles match? The match of a plan as a mask over all numbers of a snapshot."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from search import plan
from search.matching.columns import Columns
from search.matching.positions import phrase_documents
from search.matching.terms import Terms

Mask = NDArray[np.bool_]


class Matcher:
    """Evaluates the match of a plan over one snapshot."""

    def __init__(self, terms: Terms, columns: Columns) -> None:
        self._terms = terms
        self._columns = columns

    def mask(self, node: plan.Node) -> Mask:
        """Give for each number whether the article matches; deleted ones never do.

        Raises ValueError for a field or column that does not exist.
        """
        match node:
            case plan.Or(children):
                return self._either(children)
            case plan.And(children):
                return self._every(children)
            case plan.Not(child):
                mask = self.mask(child)
                np.logical_not(mask, out=mask)
                return self._only_live(mask)
            case plan.Everything():
                return self._terms.live.copy()
            case plan.Published(since, until):
                return self._only_live(self._columns.published_in(since, until))
            case _:
                return self._either((node,))

    def _either(self, children: Sequence[plan.Node]) -> Mask:
        mask = np.zeros(self._terms.size, np.bool_)
        for child in children:
            match child:
                case plan.Term(field, text):
                    mask[self._terms.decoded(field, text).numbers] = True
                case plan.Keyword(field, values):
                    self._mark_terms(mask, field, values)
                case plan.Prefix(field, text):
                    self._mark_terms(mask, field, self._terms.with_prefix(field, text))
                case plan.Phrase():
                    self._mark_phrase(mask, child)
                case _:
                    mask |= self.mask(child)
        return mask

    def _every(self, children: Sequence[plan.Node]) -> Mask:
        if not children:
            return self._terms.live.copy()
        mask = self.mask(children[0])
        for child in children[1:]:
            mask &= self.mask(child)
        return mask

    def _only_live(self, mask: Mask) -> Mask:
        if self._terms.has_deleted:
            mask &= self._terms.live
        return mask

    def _mark_terms(self, mask: Mask, field: str, terms: Iterable[str]) -> None:
        for term in terms:
            mask[self._terms.decoded(field, term).numbers] = True

    def _mark_phrase(self, mask: Mask, phrase: plan.Phrase) -> None:
        for segment, base in zip(self._terms.segments, self._terms.bases, strict=True):
            field = segment.fields.get(phrase.field)
            if field is None or not field.has_positions:
                raise ValueError(f"field {phrase.field!r} knows no phrases")
            numbers = phrase_documents(field, phrase.terms, phrase.slop)
            mask[numbers + np.int32(base)] = True
        self._only_live(mask)
