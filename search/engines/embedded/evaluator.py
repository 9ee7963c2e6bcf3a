"""The match of a plan as a set of the doc ids of a snapshot."""

from collections.abc import Iterable

import numpy as np

from search.engines.embedded.budget import WorkBudget
from search.engines.embedded.columns import Columns
from search.engines.embedded.docsets import (
    DocSet,
    at_least,
    difference,
    empty,
    first_of_each,
    intersection,
    union,
)
from search.engines.embedded.phrases import phrase_doc_ids
from search.engines.embedded.terms import Terms
from search.planning import plan


class Evaluator:
    """Evaluates the matches of plans over one snapshot, each shared part of them once.

    Made for one request: parts are known by identity, as facets share the plan's own match.
    """

    def __init__(self, terms: Terms, columns: Columns, budget: WorkBudget) -> None:
        self._terms = terms
        self._columns = columns
        self._budget = budget
        self._known: dict[int, DocSet] = {}

    def found(self, node: plan.Node) -> DocSet:
        """Return the articles that match; deleted ones never do.

        Raises ValueError for a field that does not exist or cannot be matched so.
        """
        if isinstance(node, plan.Term):  # the terms have a cache of their own
            return self._term(node.field, node.text)
        found = self._known.get(id(node))
        if found is None:
            found = self._known[id(node)] = self._evaluate(node)
        return found

    def _evaluate(self, node: plan.Node) -> DocSet:
        match node:
            case plan.Or(children):
                return union(list(map(self.found, children)), self._terms.size)
            case plan.And(children):
                return self._all_of(children)
            case plan.AtLeast():
                return self._at_least(node)
            case plan.Not(child):
                return difference(self._terms.everything, self.found(child))
            case plan.Everything():
                return self._terms.everything
            case _:
                return self._evaluate_leaf(node)

    def _evaluate_leaf(
        self, node: plan.Term | plan.Phrase | plan.Prefix | plan.Keyword | plan.Range
    ) -> DocSet:
        match node:
            case plan.Phrase():
                return self._phrase(node)
            case plan.Prefix(field, text):
                if not self._budget.allows():
                    return empty(self._terms.size)
                return self._terms.with_prefix(field, text, self._budget)
            case plan.Term(field, text):
                return self._term(field, text)
            case plan.Keyword(field, values):
                return self._any(field, values)
            case plan.Range(field, minimum, maximum):
                within = self._columns.within(field, minimum, maximum)
                return intersection([self._terms.everything, within])

    def _term(self, field: str, text: str) -> DocSet:
        if not self._budget.allows():
            return empty(self._terms.size)
        return self._terms.postings(field, text, self._budget).docset

    def _at_least(self, node: plan.AtLeast, within: DocSet | None = None) -> DocSet:
        slack = plan.AT_LEAST_SLACK * sum(node.weights)
        docsets = [self.found(child) for child in node.children]
        return at_least(docsets, node.weights, node.minimum - slack, within)

    def _all_of(self, children: Iterable[plan.Node]) -> DocSet:
        """Return what matches all; where the budget ends, what matches those before its end.

        Sums of weights are evaluated last, over what matches the other children alone.
        """
        found: list[DocSet] = []
        for child in sorted(children, key=lambda child: isinstance(child, plan.AtLeast)):
            if isinstance(child, plan.AtLeast) and found and not self._budget.exhausted:
                found = [self._at_least(child, intersection(found))]
                continue
            docset = self.found(child)
            if self._budget.exhausted and found:
                break
            found.append(docset)
        return intersection(found or [self._terms.everything])

    def _any(self, field: str, terms: Iterable[str]) -> DocSet:
        labels = self._terms.layout.labels
        if field not in labels:
            known = ", ".join(labels)
            raise ValueError(f"there is no field of labels {field!r}; there are {known}")
        every = [self._term(labels[field], term) for term in terms]
        return union(every, self._terms.size)

    def _phrase(self, phrase: plan.Phrase) -> DocSet:
        segments = self._terms.positions.get(phrase.field)
        if segments is None:
            known = ", ".join(self._terms.positions)
            raise ValueError(f"field {phrase.field!r} keeps no positions; there are {known}")
        parts = [np.empty(0, np.int64)]
        for base, positions in zip(self._terms.bases, segments, strict=True):
            found = phrase_doc_ids(positions, phrase.terms, phrase.slop, self._budget)
            parts.append(found + base)
        doc_ids = np.concatenate(parts)
        doc_ids = doc_ids[first_of_each(doc_ids)]
        if self._terms.has_deleted:
            doc_ids = doc_ids[self._terms.live[doc_ids]]
        return DocSet(self._terms.size, doc_ids=doc_ids)
