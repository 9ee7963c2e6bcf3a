"""The match of a plan as a set of the doc ids of a snapshot."""

from collections.abc import Iterable

import numpy as np

from index.embedded.postings import KEYWORDS
from search.engines.embedded.columns import Columns
from search.engines.embedded.docsets import DocSet, difference, first_of_each, intersection, union
from search.engines.embedded.phrases import phrase_doc_ids
from search.engines.embedded.terms import Terms
from search.planning import plan


class Evaluator:
    """Evaluates the matches of plans over one snapshot, each shared part of them once.

    Made for one request: parts are known by identity, as facets share the plan's own match.
    """

    def __init__(self, terms: Terms, columns: Columns) -> None:
        self._terms = terms
        self._columns = columns
        self._known: dict[int, DocSet] = {}

    def found(self, node: plan.Node) -> DocSet:
        """Return the articles that match; deleted ones never do.

        Raises ValueError for a field that does not exist or cannot be matched so.
        """
        if isinstance(node, plan.Term):  # the terms have a cache of their own
            return self._terms.postings(node.field, node.text).docset
        found = self._known.get(id(node))
        if found is None:
            found = self._known[id(node)] = self._evaluate(node)
        return found

    def _evaluate(self, node: plan.Node) -> DocSet:
        match node:
            case plan.Or(children):
                return union(list(map(self.found, children)), self._terms.size)
            case plan.And(children):
                return intersection([*map(self.found, children)] or [self._terms.everything])
            case plan.Not(child):
                return difference(self._terms.everything, self.found(child))
            case plan.Phrase():
                return self._phrase(node)
            case plan.Prefix(field, text):
                return self._terms.with_prefix(field, text)
            case plan.Term(field, text):
                return self._terms.postings(field, text).docset
            case plan.Keyword(field, values):
                return self._any(field, values)
            case plan.Range(field, minimum, maximum):
                within = self._columns.within(field, minimum, maximum)
                return intersection([self._terms.everything, within])
            case plan.Everything():
                return self._terms.everything

    def _any(self, field: str, terms: Iterable[str]) -> DocSet:
        if field not in KEYWORDS:
            raise ValueError(f"there is no field of labels {field!r}; there are {KEYWORDS}")
        every = [self._terms.postings(field, term).docset for term in terms]
        return union(every, self._terms.size)

    def _phrase(self, phrase: plan.Phrase) -> DocSet:
        segments = self._terms.positions.get(phrase.field)
        if segments is None:
            known = ", ".join(self._terms.positions)
            raise ValueError(f"field {phrase.field!r} keeps no positions; there are {known}")
        parts = [np.empty(0, np.int64)]
        for base, positions in zip(self._terms.bases, segments, strict=True):
            parts.append(phrase_doc_ids(positions, phrase.terms, phrase.slop) + base)
        doc_ids = np.concatenate(parts)
        doc_ids = doc_ids[first_of_each(doc_ids)]
        if self._terms.has_deleted:
            doc_ids = doc_ids[self._terms.live[doc_ids]]
        return DocSet(self._terms.size, doc_ids=doc_ids)
