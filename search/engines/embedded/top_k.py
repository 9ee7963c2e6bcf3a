"""The k best articles by a sum of features: exact, but most articles are never scored.

Block-max pruning (Ding and Suel 2011, "Faster Top-k Document Retrieval Using Block-Max Indexes")
for all blocks at once: the sum of the terms' block maxima bounds the scores in a block. The
articles of the blocks with the highest bounds are scored first; the k-th best of their scores is
the threshold. Of the other blocks only those whose bound reaches it are scored.
If a query has many features, or block bounds leave many articles, each article has a bound of its
own (`article_bounds`).
"""

from typing import NamedTuple

import numpy as np

from index.native import kernels
from search.engines.embedded.article_bounds import article_bounds, min_bound
from search.engines.embedded.docsets import DocIds, DocSet, Scores, difference, doc_ids_in
from search.engines.embedded.ordering import (
    indices_of_high,
    lowest_of_best,
    nth_lowest,
    top_indices,
)
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.scoring import (
    block_bounds,
    score,
    score_above,
    scores_of_all,
)
from search.engines.embedded.term_postings import Bounds, Dense
from search.engines.embedded.weighing import Weighted

_SAMPLED_BLOCKS = 512
"""At least this many block bounds are sampled to choose the first blocks: with 2,048 an AND of two
takes a third longer, with 8,192 all queries do."""

_FULL_PASS_ONE_IN = 2
"""If more than one article in this many is left, a full pass over all articles is cheaper. For 159
features and 73,491 articles left of 188,687 the full pass takes 22 ms instead of 14, for 147
features and 127,025 articles 18 ms instead of 19."""

_BOUNDED_ONE_IN = 12
"""If block bounds leave more than one article in this many, bounds per article are computed as
well: they take about as long as scoring that many."""

_SCORED_ONE_IN = 64
"""If bounds per article leave fewer than one article in this many, these are scored: that takes
less time than tighter bounds."""

_MIN_LIKELY_ARTICLES = 64
"""At least this many articles with the highest bounds are scored to find a threshold for the
others; as fast with 24 to 64."""

_STEPS_PER_THRESHOLD = 4
"""Bounds are refined this many times before some articles are scored for a new threshold: with 2 or
3 a long query takes up to a fifth longer."""


_MIN_POSITIVE: np.float32 = np.finfo(np.float32).tiny


def top_k(
    reader: PostingsReader, docset: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Return the `count` best articles of a set and their scores, best first.

    Of equal scores the lower doc id comes first.
    """
    if not weighted:
        doc_ids = docset.as_doc_ids()[:count]
        return doc_ids, np.zeros(len(doc_ids))
    champions = _champions(docset, weighted, count)
    if champions is not None:
        return champions
    if kernels:
        best = kernels.best(docset, weighted, count, reader.size)
        if best is not None:
            return best
    if docset.count() <= _max_scored(reader, docset):
        doc_ids, scores = _score_all(reader, docset, weighted)
    else:
        doc_ids, scores = _candidates(reader, docset, weighted, count)
    order = top_indices(scores, count)
    return doc_ids[order], scores[order]


class Scored(NamedTuple):
    """Scored articles of a set by ascending doc id: at least all that score `threshold` or more.

    `threshold` is minus infinity if the whole set was scored.
    """

    doc_ids: DocIds
    scores: Scores
    threshold: float

    def top_k(self, count: int, docset: DocSet) -> tuple[DocIds, Scores] | None:
        """Return the `count` best of a subset of the set; None if too few of them were scored."""
        known = (self.scores >= self.threshold) & docset.contains(self.doc_ids)
        if np.count_nonzero(known) < count and self.threshold > -np.inf:
            return None
        doc_ids, scores = self.doc_ids[known], self.scores[known]
        order = top_indices(scores, count)
        return doc_ids[order], scores[order]


def score_around(
    reader: PostingsReader, docset: DocSet, seeds: DocSet, weighted: Weighted, count: int
) -> Scored:
    """Score enough articles for `Scored.top_k` to return the `count` best of a set.

    Usually they are enough for any set between `seeds` and the whole set, too. `seeds` is a subset
    that contains many of the best articles.
    """
    if kernels:
        best = kernels.best(docset, weighted, count, reader.size)
        if best is not None:
            doc_ids, scores = best
            order = doc_ids.argsort()
            return Scored(doc_ids[order], scores[order], lowest_of_best(scores, count) or -np.inf)
    max_scored = _max_scored(reader, docset)
    if docset.count() <= max_scored:
        return Scored(*_score_all(reader, docset, weighted), -np.inf)
    if len(weighted) <= reader.limits.max_block_features and count <= seeds.count() <= max_scored:
        doc_ids, scores = _around(reader, docset, seeds, weighted, count)
    else:
        doc_ids, scores = _candidates(reader, docset, weighted, count)
    return Scored(doc_ids, scores, lowest_of_best(scores, count))


def _max_scored(reader: PostingsReader, docset: DocSet) -> int:
    """Return how large a set may be to be scored exhaustively, without bounds."""
    limits = reader.limits
    return max(limits.max_scored, docset.size // limits.max_scored_one_in)


def _champions(docset: DocSet, weighted: Weighted, count: int) -> tuple[DocIds, Scores] | None:
    """Return the champions of a single dense term if the set is that of its articles, else None."""
    _, postings, weight, _ = weighted[0]
    if len(weighted) > 1 or not isinstance(postings, Dense) or postings.bits is not docset.bits:
        return None
    if weight <= 0 or count > postings.limits.champions:
        return None
    doc_ids, frequencies, norms = postings.champions
    # Scored by the same function as elsewhere: cursors compare scores to the last bit.
    scores = postings.similarity.saturate(frequencies[:count], norms[:count], weight)
    return doc_ids[:count], scores


def _score_all(reader: PostingsReader, docset: DocSet, weighted: Weighted) -> tuple[DocIds, Scores]:
    doc_ids = docset.as_doc_ids()
    return doc_ids, score(reader, doc_ids, weighted)


def _candidates(
    reader: PostingsReader, docset: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Return articles, ascending, that include the `count` best, and their scores."""
    is_wide = docset.count() * _BOUNDED_ONE_IN > docset.size
    if is_wide and len(weighted) > reader.limits.max_block_features:
        nothing = np.empty(0, np.int64), np.empty(0)
        return _with_others(reader, docset, weighted, nothing, docset.as_doc_ids(), count)
    blocks = docset.as_bits().view(np.uint8)
    bounds = block_bounds(blocks.astype(np.bool_), weighted)
    first_bound = _first_bound(bounds, max(reader.limits.min_first_blocks, count // 2))
    first = doc_ids_in(blocks, (bounds >= first_bound).nonzero()[0])
    scores = score(reader, first, weighted)
    threshold = lowest_of_best(scores, count)
    if threshold <= 0.0:  # fewer than `count` were scored: no block can be left out
        return _score_all(reader, docset, weighted)
    lowest = min_bound(threshold, weighted)
    if lowest >= first_bound:
        return _reaching(threshold, first, scores)
    others = doc_ids_in(blocks, ((bounds >= lowest) & (bounds < first_bound)).nonzero()[0])
    return _with_others(reader, docset, weighted, (first, scores), others, count)


def _around(
    reader: PostingsReader, docset: DocSet, seeds: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Return what `_candidates` does, with the k-th best score of `seeds` as the threshold."""
    first = seeds.as_doc_ids()
    scores = score(reader, first, weighted)
    threshold = lowest_of_best(scores, count)
    if threshold <= 0.0:  # fewer than `count` were scored: no block can be left out
        return _score_all(reader, docset, weighted)
    blocks = difference(docset, seeds).as_bits().view(np.uint8)
    bounds = block_bounds(blocks.astype(np.bool_), weighted)
    others = doc_ids_in(blocks, (bounds >= min_bound(threshold, weighted)).nonzero()[0])
    return _with_others(reader, docset, weighted, (first, scores), others, count)


def _with_others(
    reader: PostingsReader,
    docset: DocSet,
    weighted: Weighted,
    scored: tuple[DocIds, Scores],
    others: DocIds,
    count: int,
) -> tuple[DocIds, Scores]:
    """Return scored articles that include the `count` best, ascending.

    `others` are those still to be scored. If they are many, the whole set may be returned.
    """
    if len(others) * _BOUNDED_ONE_IN > docset.size:
        scored, others = _likely(reader, weighted, scored, others, count)
    threshold = lowest_of_best(scored[1], count)
    if threshold <= 0.0 or len(others) * _FULL_PASS_ONE_IN > docset.size:
        return scores_of_all(reader, docset, weighted)
    doc_ids, scores = _merged(scored, score_above(reader, others, weighted, threshold))
    return _reaching(threshold, doc_ids, scores)


def _reaching(threshold: float, doc_ids: DocIds, scores: Scores) -> tuple[DocIds, Scores]:
    """Return the articles that score `threshold` or more."""
    kept = (scores >= threshold).nonzero()[0]
    return doc_ids.take(kept), scores.take(kept)


def _likely(
    reader: PostingsReader,
    weighted: Weighted,
    scored: tuple[DocIds, Scores],
    others: DocIds,
    count: int,
) -> tuple[tuple[DocIds, Scores], DocIds]:
    """Score the most promising others and prune the rest by bounds; return both, disjoint."""
    for step, (bounds, remaining) in enumerate(article_bounds(reader, weighted)):
        other_bounds = bounds.take(others)
        if step % _STEPS_PER_THRESHOLD == 0:
            # Those with the highest bounds: their scores prune nearly all others.
            first = indices_of_high(other_bounds, max(_MIN_LIKELY_ARTICLES, 2 * count))
            doc_ids = others[first]
            scored = _merged(scored, (doc_ids, score(reader, doc_ids, weighted)))
            other_bounds[first] = -np.inf
        other_bounds += np.float32(remaining)
        others = others[other_bounds >= min_bound(lowest_of_best(scored[1], count), weighted)]
        if len(others) * _SCORED_ONE_IN <= reader.size:
            break
    return scored, others


def _merged(first: tuple[DocIds, Scores], second: tuple[DocIds, Scores]) -> tuple[DocIds, Scores]:
    """Return the articles of two disjoint sets, ascending, with their scores."""
    doc_ids, scores = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    order = np.argsort(doc_ids)
    return doc_ids[order], scores[order]


def _first_bound(bounds: Bounds, count: int) -> np.float32:
    """Return a bound that about `count` blocks reach, estimated from a sample."""
    step = len(bounds) // _SAMPLED_BLOCKS + 1
    sample = bounds[::step]
    i = len(sample) - min(count // step + 1, len(sample))
    bound: np.float32 = nth_lowest(sample, i)
    return max(bound, _MIN_POSITIVE)  # blocks without articles have the bound 0
