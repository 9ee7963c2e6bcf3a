"""Evaluation of the match of a plan: a tree of nodes to a docset."""

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np

from search import plan
from search.engines.embedded.article_ids import FIELD as ID
from search.engines.embedded.article_ids import ArticleIds
from search.engines.embedded.budget import WorkBudget
from search.engines.embedded.call_postings import CallPostings
from search.engines.embedded.columns import Columns
from search.engines.embedded.docsets import (
    DocSet,
    Scores,
    difference,
    empty,
    first_of_each,
    intersection,
    union,
)
from search.engines.embedded.phrases import phrase_doc_ids
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.weighing import WeightedFeature, weigh
from search.engines.embedded.weighted_sets import at_least, weigh_sets

MAX_BIGRAMS_OF_A_PHRASE = 4
"""A phrase of two steps with up to this many pairs of alternatives is evaluated as a union of
bigrams, which are cached; with more, the positions of all alternatives of a step are merged.
Arbitrary."""

_LOOK_UP_ONE_IN = 4
"""With fewer than one article in this many, sums of weights are computed article by article: a
query of three words and eighteen exclusions took 14 ms with sums over all articles, and takes 0.8
ms."""


class Evaluator:
    """Evaluates the matches of plans over one commit; nodes that they share only once.

    One per request: results are memoised by id(node), because facets share the plan's match object.
    """

    def __init__(
        self, reader: PostingsReader, columns: Columns, ids: ArticleIds, budget: WorkBudget
    ) -> None:
        self._reader = reader
        self._postings = CallPostings(reader, budget)
        self._columns = columns
        self._ids = ids
        self.budget = budget
        # Keyed by identity; the node or feature is kept in the value so that its id is not reused.
        self._docsets: dict[int, tuple[plan.Node, DocSet]] = {}
        # Keyed by value: suggestions repeat the phrases of the query, which no other cache has.
        self._phrases: dict[plan.Phrase, DocSet] = {}
        self._sums: dict[tuple[int, int], tuple[DocSet, Scores]] = {}
        self._weighed: dict[int, tuple[Sequence[plan.Feature], list[WeightedFeature]]] = {}

    def evaluate(self, node: plan.Node) -> DocSet:
        """Return the articles that match; deleted ones never do.

        Raises ValueError for a field that does not exist or does not support this kind of match.
        """
        if isinstance(node, plan.Term):  # the terms have a cache of their own
            return self._term(node.field, node.text)
        cached = self._docsets.get(id(node))
        if cached is None:
            cached = self._docsets[id(node)] = node, self._compute(node)
        return cached[1]

    def weighed(self, features: Sequence[plan.Feature]) -> list[WeightedFeature]:
        """Return the features that can add to a score, in descending order of their bounds."""
        cached = self._weighed.get(id(features))
        if cached is None:
            parts = weigh(self._postings, features, self._columns.numeric)
            cached = self._weighed[id(features)] = features, parts
        return cached[1]

    def _compute(self, node: plan.Node) -> DocSet:
        match node:
            case plan.Or(children):
                return union(list(map(self.evaluate, children)), self._reader.size)
            case plan.And(children):
                return self._all_of(children)
            case plan.AtLeast():
                return self._at_least(node)
            case plan.Not(child):
                return difference(self._reader.everything, self.evaluate(child))
            case plan.Everything():
                return self._reader.everything
            case _:
                return self._evaluate_leaf(node)

    def _evaluate_leaf(
        self, node: plan.Term | plan.Phrase | plan.Prefix | plan.Keyword | plan.Range
    ) -> DocSet:
        match node:
            case plan.Phrase():
                found = self._phrases.get(node)
                if found is None:
                    found = self._phrases[node] = self._phrase(node)
                return found
            case plan.Prefix(field, text):
                if not self.budget.allows():
                    return empty(self._reader.size)
                return self._reader.with_prefix(field, text, self.budget)
            case plan.Term(field, text):
                return self._term(field, text)
            case plan.Keyword(field, values):
                return self._any(field, values)
            case plan.Range(field, minimum, maximum):
                within = self._columns.within(field, minimum, maximum)
                return intersection([self._reader.everything, within])

    def _term(self, field: str, text: str) -> DocSet:
        if not self.budget.allows():
            return empty(self._reader.size)
        return self._postings.term(field, text).docset

    def _at_least(self, node: plan.AtLeast, within: DocSet | None = None) -> DocSet:
        minimum = node.minimum - plan.AT_LEAST_SLACK * sum(node.weights)
        if within is None:
            return at_least(list(map(self.evaluate, node.children)), node.weights, minimum)
        # A widened match is evaluated twice, with two minimums but the same sums.
        key, doc_ids = (id(node.children), id(within)), within.as_doc_ids()
        cached = self._sums.get(key)
        if cached is None:
            sums = weigh_sets(list(map(self.evaluate, node.children)), node.weights, doc_ids)
            cached = self._sums[key] = within, sums  # keeps `within`, so that its id is not reused
        return DocSet(within.size, doc_ids=doc_ids[cached[1] >= minimum])

    def _all_of(self, children: Sequence[plan.Node]) -> DocSet:
        """Return what matches all children; without budget, all those evaluated until then.

        Sums of weights are evaluated last, and only over what matches the other children.
        """
        if not any(isinstance(child, plan.AtLeast) for child in children):
            docsets = list(map(self.evaluate, children))
            if not self.budget.exhausted:
                return intersection(docsets or [self._reader.everything])
        found: list[DocSet] = []
        for child in sorted(children, key=lambda child: isinstance(child, plan.AtLeast)):
            if isinstance(child, plan.AtLeast) and found and not self.budget.exhausted:
                within = intersection(found)
                # With many articles, as in a query that excludes words, bitsets are faster.
                if within.count() * _LOOK_UP_ONE_IN < within.size:
                    found = [self._at_least(child, within)]
                    continue
            docset = self.evaluate(child)
            if self.budget.exhausted and found:
                break
            found.append(docset)
        return intersection(found or [self._reader.everything])

    def _bigrams(self, pairs: Sequence[tuple[str, str]]) -> DocSet:
        """Return the articles that contain any of the bigrams."""
        found = []
        for first, second in pairs:
            if self.budget.allows():
                found.append(self._postings.bigram(first, second).docset)
        return union(found, self._reader.size)

    def _any(self, field: str, terms: Iterable[str]) -> DocSet:
        if field == ID:
            # These are usually the ids of a page, which are cached: looking them up as terms takes
            # ten times as long.
            doc_ids = {doc_id for doc_id in map(self._ids.doc_id, terms) if doc_id >= 0}
            return DocSet(self._reader.size, doc_ids=np.array(sorted(doc_ids), np.int64))
        labels = self._reader.layout.labels
        if field not in labels:
            known = ", ".join(labels)
            raise ValueError(f"there is no field of labels {field!r}; there are {known}")
        docsets = [self._term(labels[field], term) for term in terms]
        return union(docsets, self._reader.size)

    def _phrase(self, phrase: plan.Phrase) -> DocSet:
        if len(phrase.terms) == 1:  # "-nguoi" in all its spellings: positions are not needed
            docsets = [self._term(phrase.field, term) for term in dict.fromkeys(phrase.terms[0])]
            return union(docsets, self._reader.size)
        if phrase.field == "text" and len(phrase.terms) == 2 and not phrase.slop:
            firsts, seconds = map(dict.fromkeys, phrase.terms)
            pairs = list(product(firsts, seconds))
            if len(pairs) <= MAX_BIGRAMS_OF_A_PHRASE:
                return self._bigrams(pairs)
        segments = self._reader.positions.get(phrase.field)
        if segments is None:
            known = ", ".join(self._reader.positions)
            raise ValueError(f"field {phrase.field!r} keeps no positions; there are {known}")
        parts = [np.empty(0, np.int64)]
        for base, positions in zip(self._reader.bases, segments, strict=True):
            found = phrase_doc_ids(positions, phrase.terms, phrase.slop, self.budget)
            parts.append(found + base)
        doc_ids = np.concatenate(parts)
        doc_ids = doc_ids[first_of_each(doc_ids)]
        if self._reader.has_deleted:
            doc_ids = doc_ids[self._reader.live[doc_ids]]
        return DocSet(self._reader.size, doc_ids=doc_ids)
