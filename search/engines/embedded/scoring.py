"""The scores of articles by a sum of features, and upper bounds of the scores in each block.

Features are added in batches: most queries have about thirty of them and score about a hundred
articles, so that one NumPy call for each would take longer than the arithmetic.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.native import kernels
from search.engines.embedded.call_postings import CallPostings
from search.engines.embedded.decay import Decay
from search.engines.embedded.docsets import DocIds, DocSet, Scores
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.term_postings import MAX_IMPACT, Bounds, Dense, Sparse
from search.engines.embedded.weighing import (
    DatesOf,
    Weighted,
    WeightedFeature,
    weigh_one,
)
from search.plan import Feature

SLACK = 1e-12
"""Relative rounding error allowed for when pruning: an article is skipped only if its bound is
lower than the threshold by more than this.

A sum of n float64 has a relative error of at most n * 1.1e-16 (Higham 2002, 4.2); n is below 2,000.
"""

_MAX_SCORES_AT_ONCE = 1 << 14
"""Scores that are computed at a time, articles times features: 128 kB. Arbitrary."""

_MIN_FEATURES_AT_ONCE = 4
"""At least this many features are added before articles are dropped, however many articles there
are. Arbitrary."""

_MIN_FEATURES_TO_BATCH = 8
"""Fewer features are added one by one: a batch would cost a third more."""


def explain(
    postings: CallPostings, features: Sequence[Feature], doc_id: int, dates: DatesOf
) -> tuple[float, ...]:
    """Return what each feature adds to the score of one article."""
    doc_ids = np.array([doc_id])
    allows, reader = postings.budget.allows, postings.reader
    weighted = (weigh_one(postings, f, dates) if allows() else None for f in features)
    return tuple(
        float(score(reader, doc_ids, [feature])[0]) if feature else 0.0 for feature in weighted
    )


def score(reader: PostingsReader, doc_ids: DocIds, weighted: Weighted) -> Scores:
    """Return the scores of these articles, ascending."""
    if kernels:
        scores = kernels.scores(doc_ids, weighted, reader.size)
        if scores is not None:
            return scores
    return score_above(reader, doc_ids, weighted, 0.0)[1]


def score_above(
    reader: PostingsReader, doc_ids: DocIds, weighted: Weighted, threshold: float
) -> tuple[DocIds, Scores]:
    """Return (doc ids ascending, scores) of the articles that can reach `threshold`.

    Articles below it may be missing. Scores are added in the order of the features, whatever the
    size of a batch: the sums are the same to the last bit, as cursors require.
    """
    remaining_bound = sum([feature.bound for feature in weighted])
    threshold -= SLACK * remaining_bound
    totals = _Totals(reader, doc_ids)
    if len(weighted) < _MIN_FEATURES_TO_BATCH:
        for feature in weighted:
            totals.add_one(feature)
            remaining_bound -= feature.bound
            if threshold > remaining_bound:
                totals.drop_below(threshold - remaining_bound)
        return totals.doc_ids, totals.scores
    start = 0
    while start < len(weighted):
        batch_size = max(_MAX_SCORES_AT_ONCE // max(len(totals.doc_ids), 1), _MIN_FEATURES_AT_ONCE)
        batch = weighted[start : start + batch_size]
        totals.add(batch)
        start += len(batch)
        remaining_bound -= sum([feature.bound for feature in batch])
        if threshold > remaining_bound:
            totals.drop_below(threshold - remaining_bound)
    return totals.doc_ids, totals.scores


class _Totals:
    """The scores of some articles (ascending doc ids) as features are added."""

    def __init__(self, reader: PostingsReader, doc_ids: DocIds) -> None:
        self._reader = reader
        self._index_of: NDArray[np.signedinteger[Any]] | None = None
        self.doc_ids = doc_ids
        self.scores: Scores = np.zeros(len(doc_ids))
        self._norms: dict[str, Scores] = {}

    def add_one(self, feature: WeightedFeature) -> None:
        """Add one feature."""
        scorer = feature.scorer
        if isinstance(scorer, Decay):
            self.scores += scorer.scores_in(self.doc_ids, feature.weight)
            return
        norms = self._norms_of_articles(feature.similarity_key)
        self.scores += scorer.scores_in(self.doc_ids, norms, feature.weight)

    def _norms_of_articles(self, key: str) -> Scores:
        """Return the norms of the articles; terms of one field share them."""
        norms = self._norms.get(key)
        if norms is None:
            norms = self._norms[key] = self._reader.norms(key).take(self.doc_ids)
        return norms

    def add(self, weighted: Weighted) -> None:
        """Add a batch of features, in their order."""
        sparse: list[tuple[Sparse, WeightedFeature]] = []
        dense: list[tuple[Dense, WeightedFeature]] = []
        for feature in weighted:
            if isinstance(feature.scorer, Sparse):
                sparse.append((feature.scorer, feature))
            elif isinstance(feature.scorer, Dense):
                dense.append((feature.scorer, feature))
        found, rows = self._of_sparse(sparse), self._of_dense(dense)
        for feature in weighted:
            if isinstance(feature.scorer, Sparse):
                indices, scores = found[id(feature)]
                self.scores[indices] += scores
            elif isinstance(feature.scorer, Dense):
                self.scores += rows[id(feature)]
            else:
                self.scores += feature.scorer.scores_in(self.doc_ids, feature.weight)

    def _of_sparse(
        self, sparse: Sequence[tuple[Sparse, WeightedFeature]]
    ) -> dict[int, tuple[NDArray[np.signedinteger[Any]], Scores]]:
        """Return for each sparse term the indices of the articles with it, and its scores."""
        if not sparse:
            return {}
        if self._index_of is None:  # a lookup in this array takes 1 ns, bisection 40
            dtype = np.int16 if len(self.doc_ids) < 1 << 15 else np.int32
            self._index_of = np.full(self._reader.size, -1, dtype)
            self._index_of[self.doc_ids] = np.arange(len(self.doc_ids), dtype=dtype)
        sparse = sorted(sparse, key=lambda pair: pair[1].similarity_key)
        ids = np.concatenate([term.ids for term, _ in sparse])
        indices = self._index_of.take(ids)
        present = (indices >= 0).nonzero()[0]
        ids, indices = ids.take(present), indices.take(present)
        frequencies = np.concatenate([term.frequencies for term, _ in sparse]).take(present)
        ends = present.searchsorted(np.cumsum([term.articles for term, _ in sparse])).tolist()
        bounds = [0, *ends]
        weights = np.repeat([feature.weight for _, feature in sparse], np.diff(bounds))
        found = {}
        for _, group in groupby(range(len(sparse)), lambda i: sparse[i][1].similarity_key):
            members = list(group)
            term, feature = sparse[members[0]]
            part = slice(bounds[members[0]], bounds[members[-1] + 1])
            norms = self._reader.norms(feature.similarity_key).take(ids[part])
            scores = term.similarity.saturate(frequencies[part], norms, weights[part])
            for i in members:
                start, end = bounds[i], bounds[i + 1]
                term_scores = scores[start - part.start : end - part.start]
                found[id(sparse[i][1])] = indices[start:end], term_scores
        return found

    def _of_dense(self, dense: Sequence[tuple[Dense, WeightedFeature]]) -> dict[int, Scores]:
        """Return the scores of the articles by each dense term, computed field by field."""
        found: dict[int, Scores] = {}
        ordered = sorted(dense, key=lambda pair: pair[1].similarity_key)
        for key, group in groupby(ordered, lambda pair: pair[1].similarity_key):
            terms = list(group)
            frequencies = np.array([term.frequencies_in(self.doc_ids) for term, _ in terms])
            weights = np.array([[feature.weight] for _, feature in terms])
            scores = terms[0][0].similarity.saturate(
                frequencies, self._norms_of_articles(key), weights
            )
            found.update(
                (id(feature), row) for (_, feature), row in zip(terms, scores, strict=True)
            )
        return found

    def drop_below(self, threshold: float) -> None:
        """Drop the articles whose score so far is below a threshold."""
        kept = (self.scores >= threshold).nonzero()[0]
        if len(kept) < len(self.doc_ids):
            self.doc_ids, self.scores = self.doc_ids.take(kept), self.scores.take(kept)
            self._index_of, self._norms = None, {}


def norms_of(reader: PostingsReader, feature: WeightedFeature) -> Scores:
    """Return the norms of all articles that a feature's scores depend on; a date has none."""
    if not feature.similarity_key:
        return np.broadcast_to(0.0, reader.size)
    return reader.norms(feature.similarity_key)


def scores_of_all(
    reader: PostingsReader, docset: DocSet, weighted: Weighted
) -> tuple[DocIds, Scores]:
    """Return the articles of a set with their scores, a feature at a time for all articles."""
    totals = np.zeros(docset.size)
    for feature in weighted:
        feature.scorer.add_scores(totals, norms_of(reader, feature), feature.weight)
    doc_ids = docset.as_doc_ids()
    return doc_ids, totals.take(doc_ids)


def block_bounds(occupied: NDArray[np.bool_], weighted: Weighted) -> Bounds:
    """Return an upper bound of the scores in each block; 0 for blocks that are not `occupied`.

    A rare term adds the sum of its impacts in a block, which usually has one article with it: that
    is never too low, and is computed for all rare terms in one pass.
    """
    bounds = np.zeros(len(occupied), np.float32)
    sparse: list[tuple[Sparse, float]] = []
    for feature in weighted:
        if feature.weight <= 0:
            continue
        if isinstance(feature.scorer, Sparse):
            sparse.append((feature.scorer, feature.weight * feature.scorer.bound / MAX_IMPACT))
        else:
            feature.scorer.add_bounds(bounds, feature.weight)
    if sparse:
        scales = np.array([scale for _, scale in sparse], np.float32)
        impacts = np.repeat(scales, [term.articles for term, _ in sparse])
        impacts *= np.concatenate([term.impacts for term, _ in sparse])
        np.add.at(bounds, np.concatenate([term.ids for term, _ in sparse]) >> 3, impacts)
    bounds *= occupied
    return bounds
