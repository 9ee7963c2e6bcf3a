"""The best articles by a sum of features: exact, but most articles are never looked at.

Bounds by block-max (Ding and Suel 2011, "Faster Top-k Document Retrieval Using Block-Max
Indexes"), for all blocks at once: the sum of the terms' block maxima bounds what an article of a
block can score. The articles of the most promising blocks are scored first; of the others only
those are scored whose block may hold more than the lowest of the best so far.
"""

from typing import NamedTuple

import numpy as np

from search.engines.embedded.docsets import DocIds, DocSet, Scores, difference, doc_ids_in
from search.engines.embedded.ordering import best, lowest_of_best
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.scoring import block_bounds, score, score_above, scores_of_all
from search.engines.embedded.term_postings import Bounds, Dense
from search.engines.embedded.weighing import Weighted

_SAMPLED_BLOCKS = 512
"""Blocks whose bounds are sorted to estimate the threshold of the first look.

With 2,048 an AND of two takes a third longer, with 8,192 all queries do.
"""


_ALL_ARTICLES_ONE_IN = 6
"""Where more than one article in this many remains, all are scored, without picking them out.

Picking costs about six times as much per article: with this 300 frequent terms take 75 ms, without
it 450.
"""


def best_of(
    reader: PostingsReader, docset: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Return the `count` best articles of a set and their scores, best first.

    Of equal ones the lower doc id comes first.
    """
    if not weighted:
        doc_ids = docset.as_doc_ids()[:count]
        return doc_ids, np.zeros(len(doc_ids))
    champions = _champions(docset, weighted, count)
    if champions is not None:
        return champions
    limits = reader.limits
    if docset.count() <= max(limits.max_scored, docset.size // limits.max_scored_one_in):
        doc_ids, scores = _all(reader, docset, weighted)
    else:
        doc_ids, scores = _candidates(reader, docset, weighted, count)
    order = best(scores, count)
    return doc_ids[order], scores[order]


class Best(NamedTuple):
    """Articles, ascending, with their scores: all of a set that score `least` or more, at least."""

    doc_ids: DocIds
    scores: Scores
    least: float

    def first(self, count: int, docset: DocSet) -> tuple[DocIds, Scores] | None:
        """Return the best articles of a set within the set; None where not all are known."""
        known = (self.scores >= self.least) & docset.contains(self.doc_ids)
        if np.count_nonzero(known) < count and self.least > -np.inf:
            return None
        doc_ids, scores = self.doc_ids[known], self.scores[known]
        order = best(scores, count)
        return doc_ids[order], scores[order]


def best_around(
    reader: PostingsReader, docset: DocSet, seeds: DocSet, weighted: Weighted, count: int
) -> Best:
    """Return the `count` best articles of a set, and mostly those of sets between it and `seeds`.

    `seeds` are a part of the set that holds many of its best articles.
    """
    limits = reader.limits
    most = max(limits.max_scored, docset.size // limits.max_scored_one_in)
    if docset.count() <= most:
        return Best(*_all(reader, docset, weighted), -np.inf)
    if count <= seeds.count() <= most:
        doc_ids, scores = _around(reader, docset, seeds, weighted, count)
    else:
        doc_ids, scores = _candidates(reader, docset, weighted, count)
    return Best(doc_ids, scores, lowest_of_best(scores, count))


def _champions(docset: DocSet, weighted: Weighted, count: int) -> tuple[DocIds, Scores] | None:
    """Return the precomputed best articles of a single dense term whose articles are the set.

    None for anything else.
    """
    _, postings, weight, _ = weighted[0]
    if len(weighted) > 1 or not isinstance(postings, Dense) or postings.bits is not docset.bits:
        return None
    if weight <= 0 or count > postings.limits.champions:
        return None
    doc_ids, frequencies, norms = postings.champions
    # Scored as everywhere else: a cursor compares scores to the last bit.
    scores = postings.similarity.saturate(frequencies[:count], norms[:count], weight)
    return doc_ids[:count], scores


def _all(reader: PostingsReader, docset: DocSet, weighted: Weighted) -> tuple[DocIds, Scores]:
    doc_ids = docset.as_doc_ids()
    return doc_ids, score(reader, doc_ids, weighted)


def _candidates(
    reader: PostingsReader, docset: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Return articles, ascending, among which the best are, and their scores."""
    blocks = docset.as_bits().view(np.uint8)
    bounds = block_bounds(blocks.astype(np.bool_), weighted)
    first_bound = _threshold(bounds, max(reader.limits.min_first_blocks, count // 2))
    first = doc_ids_in(blocks, np.flatnonzero(bounds >= first_bound))
    scores = score(reader, first, weighted)
    threshold = lowest_of_best(scores, count)
    if threshold <= 0.0:
        return _all(reader, docset, weighted)
    min_bound = _min_bound(threshold, weighted)
    if min_bound >= first_bound:
        return first, scores
    others = doc_ids_in(blocks, np.flatnonzero((bounds >= min_bound) & (bounds < first_bound)))
    return _with_others(reader, docset, weighted, (first, scores), others, threshold)


def _around(
    reader: PostingsReader, docset: DocSet, seeds: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Return as `_candidates`; what `seeds`, among them, score says what is looked at besides."""
    first = seeds.as_doc_ids()
    scores = score(reader, first, weighted)
    threshold = lowest_of_best(scores, count)
    if threshold <= 0.0:
        return _all(reader, docset, weighted)
    blocks = difference(docset, seeds).as_bits().view(np.uint8)
    bounds = block_bounds(blocks.astype(np.bool_), weighted)
    others = doc_ids_in(blocks, np.flatnonzero(bounds >= _min_bound(threshold, weighted)))
    return _with_others(reader, docset, weighted, (first, scores), others, threshold)


def _min_bound(threshold: float, weighted: Weighted) -> np.float32:
    """Return the bound that a block needs to hold an article of a score."""
    # Bounds are sums of float32, eight for a rare term: they may be too low by their rounding.
    rounded = 1 + 8 * (len(weighted) + 1) * float(np.finfo(np.float32).eps)
    return np.float32(threshold / rounded)


def _with_others(
    reader: PostingsReader,
    docset: DocSet,
    weighted: Weighted,
    first: tuple[DocIds, Scores],
    others: DocIds,
    threshold: float,
) -> tuple[DocIds, Scores]:
    """Return what of scored articles, and of others not scored yet, reaches a threshold."""
    if len(others) * _ALL_ARTICLES_ONE_IN > docset.size:
        return scores_of_all(reader, docset, weighted)
    rest_ids, rest_scores = score_above(reader, others, weighted, threshold)
    doc_ids = np.concatenate([first[0], rest_ids])
    scores = np.concatenate([first[1], rest_scores])
    kept = np.flatnonzero(scores >= threshold)
    kept = kept[np.argsort(doc_ids[kept])]
    return doc_ids[kept], scores[kept]


def _threshold(bounds: Bounds, wanted: int) -> np.float32:
    """Return a bound that about `wanted` blocks reach, estimated from a sample."""
    step = len(bounds) // _SAMPLED_BLOCKS + 1
    sample = bounds[::step]
    at = len(sample) - min(wanted // step + 1, len(sample))
    threshold: np.float32 = np.partition(sample, at)[at]
    return max(threshold, np.finfo(np.float32).tiny)
