"""The scores of articles by a sum of features, and what the articles of a block may score at most.

Features are taken many at a time: most queries have some thirty of them and score some hundred
articles, so that one call of NumPy for each would cost more than its numbers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.engines.embedded.budget import WorkBudget
from search.engines.embedded.decay import Decay
from search.engines.embedded.docsets import DocIds, DocSet, Scores
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.term_postings import MAX_IMPACT, Bounds, Dense, Sparse
from search.engines.embedded.weighing import (
    DatesOf,
    Scorer,
    Weighted,
    WeightedFeature,
    weigh_one,
)
from search.plan import Feature

SLACK = 1e-12
"""Relative rounding error allowed when pruning: an article is skipped only if its bound is lower by
more.

A sum of n float64 is off by at most n * 1.1e-16 of it (Higham 2002, 4.2): n is below 2,000.
"""

_SCORED_TOGETHER = 1 << 14
"""Scores, articles times features, that are made at a time: 128 kB. Numbers of articles that are
scored together fit 16 bits."""


def explain(
    reader: PostingsReader,
    features: Sequence[Feature],
    doc_id: int,
    budget: WorkBudget,
    dates: DatesOf,
) -> tuple[float, ...]:
    """Return what each feature adds to the score of one article."""
    here = np.array([doc_id])
    weighted = (weigh_one(reader, f, budget, dates) if budget.allows() else None for f in features)
    return tuple(float(score(reader, here, [one])[0]) if one else 0.0 for one in weighted)


def score(reader: PostingsReader, doc_ids: DocIds, weighted: Weighted) -> Scores:
    """Return the scores of these articles, ascending."""
    return score_above(reader, doc_ids, weighted, 0.0)[1]


def score_above(
    reader: PostingsReader, doc_ids: DocIds, weighted: Weighted, threshold: float
) -> tuple[DocIds, Scores]:
    """Return (doc ids ascending, scores) of the articles that can reach `threshold`.

    Articles below it may be missing. Scores are added feature by feature whatever is made together:
    the sums are the same to the last bit, as a cursor needs them.
    """
    remaining_bound = sum(one.bound for one in weighted)
    threshold -= SLACK * remaining_bound
    totals = np.zeros(len(doc_ids))
    start = 0
    while start < len(weighted):
        stop = start + max(_SCORED_TOGETHER // max(len(doc_ids), 1), 1)
        together = weighted[start:stop]
        for scores in _scores_of_each(reader, doc_ids, together):
            totals += scores
        start = stop
        remaining_bound -= sum(one.bound for one in together)
        if threshold > remaining_bound:
            kept = totals >= threshold - remaining_bound
            doc_ids, totals = doc_ids[kept], totals[kept]
    return doc_ids, totals


def _scores_of_each(
    reader: PostingsReader, doc_ids: DocIds, weighted: Weighted
) -> Sequence[Scores]:
    """Return the scores of the articles by each feature, made together for those of a field."""
    if len(weighted) == 1:
        [one] = weighted
        return [one.scorer.scores_in(doc_ids, norms_of(reader, one).take(doc_ids), one.weight)]
    found: list[Scores] = [_NO_SCORES] * len(weighted)
    by_similarity: dict[str, list[int]] = {}
    for at, one in enumerate(weighted):
        by_similarity.setdefault(one.similarity_key, []).append(at)
    frequencies = _frequencies(reader.size, doc_ids, [one.scorer for one in weighted])
    for places in by_similarity.values():
        first = weighted[places[0]]
        norms = norms_of(reader, first).take(doc_ids)
        if isinstance(first.scorer, Decay):
            for at in places:
                found[at] = weighted[at].scorer.scores_in(doc_ids, norms, weighted[at].weight)
            continue
        weights = np.array([[weighted[at].weight] for at in places])
        scores = first.scorer.similarity.saturate(frequencies[places], norms, weights)
        for at, row in zip(places, scores, strict=True):
            found[at] = row
    return found


_NO_SCORES: Scores = np.empty(0)


def _frequencies(size: int, doc_ids: DocIds, scorers: Sequence[Scorer]) -> NDArray[np.float64]:
    """Return how often each term occurs in each article, a row a term; of a date zeros."""
    frequencies = np.zeros((len(scorers), len(doc_ids)))
    sparse = [(at, one) for at, one in enumerate(scorers) if isinstance(one, Sparse)]
    for row, scorer in zip(frequencies, scorers, strict=True):
        if isinstance(scorer, Dense):
            row[:] = scorer.frequencies.take(doc_ids)
    if sparse:
        # The columns of all articles: looking a doc id up here takes 1 ns, by bisection 40.
        columns = np.full(size, -1, np.int16)
        columns[doc_ids] = np.arange(len(doc_ids), dtype=np.int16)
        column = columns.take(np.concatenate([one.ids for _, one in sparse]))
        there = (column >= 0).nonzero()[0]
        rows = np.repeat(
            np.array([at * len(doc_ids) for at, _ in sparse]), [one.articles for _, one in sparse]
        )
        held = np.concatenate([one.frequencies for _, one in sparse])
        frequencies.ravel()[rows.take(there) + column.take(there)] = held.take(there)
    return frequencies


def norms_of(reader: PostingsReader, one: WeightedFeature) -> Scores:
    """Return the norms of all articles that a feature's scores depend on; a date has none."""
    if not one.similarity_key:
        return np.broadcast_to(0.0, reader.size)
    return reader.norms(one.similarity_key)


def scores_of_all(
    reader: PostingsReader, docset: DocSet, weighted: Weighted
) -> tuple[DocIds, Scores]:
    """Return the articles of a set with their scores, a feature at a time for all articles."""
    totals = np.zeros(docset.size)
    for one in weighted:
        one.scorer.add_scores(totals, norms_of(reader, one), one.weight)
    doc_ids = docset.as_doc_ids()
    return doc_ids, totals.take(doc_ids)


def block_bounds(occupied: NDArray[np.bool_], weighted: Weighted) -> Bounds:
    """Return for each block what an article there can score at most; 0 for those not `occupied`.

    Rare terms count the sum of their impacts in a block, where mostly one article holds them: that
    is never too low, and is made for all of them in one pass.
    """
    bounds = np.zeros(len(occupied), np.float32)
    sparse: list[tuple[Sparse, float]] = []
    for one in weighted:
        if one.weight <= 0:
            continue
        if isinstance(one.scorer, Sparse):
            sparse.append((one.scorer, one.weight * one.scorer.bound / MAX_IMPACT))
        else:
            one.scorer.add_bounds(bounds, one.weight)
    if sparse:
        scales = np.repeat([scale for _, scale in sparse], [term.articles for term, _ in sparse])
        scales *= np.concatenate([term.impacts for term, _ in sparse])
        blocks = np.concatenate([term.ids for term, _ in sparse]) >> 3
        bounds += np.bincount(blocks, scales, len(bounds))
    bounds *= occupied
    return bounds
