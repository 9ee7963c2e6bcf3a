"""The k best articles by a sum of features: exact, but most articles are never looked at.

Bounds by block-max (Ding and Suel 2011, "Faster Top-k Document Retrieval Using Block-Max
Indexes"), for all blocks at once: the sum of the terms' block maxima bounds what an article of a
block can score. The articles of the blocks with the highest bounds are scored first; the k-th best
of their scores is the threshold. Of the other blocks only those whose bound reaches it are scored.
"""

from typing import NamedTuple

import numpy as np

from search.engines.embedded.docsets import DocIds, DocSet, Scores, difference, doc_ids_in
from search.engines.embedded.ordering import lowest_of_best, top_indices
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.scoring import (
    block_bounds,
    score,
    score_above,
    scores_of_all,
    scores_of_many,
)
from search.engines.embedded.term_postings import Bounds, Dense
from search.engines.embedded.weighing import Weighted

_SAMPLED_BLOCKS = 512
"""Block bounds, at least, that are sampled to choose the first blocks: with 2,048 an AND of two
takes a third longer, with 8,192 all queries do."""

_FULL_PASS_ONE_IN = 2
"""Where more than one article in this many is left, a full pass over all articles is cheaper: 159
features of 73,491 of 188,687 articles take 14 ms instead of 22, 147 of 127,025 take 19 and 18."""

_UNPRUNED_ONE_IN = 6
"""Where more than one article in this many is left, they are scored a feature at a time, without
dropping those that cannot reach the threshold any more: that would save less than it costs."""


def top_k(
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
    if docset.count() <= _max_scored(reader, docset):
        doc_ids, scores = _score_all(reader, docset, weighted)
    else:
        doc_ids, scores = _candidates(reader, docset, weighted, count)
    order = top_indices(scores, count)
    return doc_ids[order], scores[order]


class Scored(NamedTuple):
    """At least all articles of a set that score `threshold` or more, by ascending doc id.

    `threshold` is minus infinity where the whole set is here.
    """

    doc_ids: DocIds
    scores: Scores
    threshold: float

    def top_k(self, count: int, docset: DocSet) -> tuple[DocIds, Scores] | None:
        """Return the `count` best of a subset of the set; None where fewer of them are here."""
        known = (self.scores >= self.threshold) & docset.contains(self.doc_ids)
        if np.count_nonzero(known) < count and self.threshold > -np.inf:
            return None
        doc_ids, scores = self.doc_ids[known], self.scores[known]
        order = top_indices(scores, count)
        return doc_ids[order], scores[order]


def score_around(
    reader: PostingsReader, docset: DocSet, seeds: DocSet, weighted: Weighted, count: int
) -> Scored:
    """Return articles of which `Scored.top_k` can take the `count` best of a set.

    Mostly it can take those of any set between `seeds` and the whole set, too. `seeds` are a part
    of the set that holds many of its best articles.
    """
    max_scored = _max_scored(reader, docset)
    if docset.count() <= max_scored:
        return Scored(*_score_all(reader, docset, weighted), -np.inf)
    if count <= seeds.count() <= max_scored:
        doc_ids, scores = _around(reader, docset, seeds, weighted, count)
    else:
        doc_ids, scores = _candidates(reader, docset, weighted, count)
    return Scored(doc_ids, scores, lowest_of_best(scores, count))


def _max_scored(reader: PostingsReader, docset: DocSet) -> int:
    """Return how large a set may be to be scored whole, without bounds."""
    limits = reader.limits
    return max(limits.max_scored, docset.size // limits.max_scored_one_in)


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


def _score_all(reader: PostingsReader, docset: DocSet, weighted: Weighted) -> tuple[DocIds, Scores]:
    doc_ids = docset.as_doc_ids()
    return doc_ids, score(reader, doc_ids, weighted)


def _candidates(
    reader: PostingsReader, docset: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Return articles, ascending, that include the `count` best, and their scores."""
    blocks = docset.as_bits().view(np.uint8)
    bounds = block_bounds(blocks.astype(np.bool_), weighted)
    first_bound = _first_bound(bounds, max(reader.limits.min_first_blocks, count // 2))
    first = doc_ids_in(blocks, np.flatnonzero(bounds >= first_bound))
    scores = score(reader, first, weighted)
    threshold = lowest_of_best(scores, count)
    if threshold <= 0.0:  # fewer than `count` were scored: no block can be left out
        return _score_all(reader, docset, weighted)
    min_bound = _min_bound(threshold, weighted)
    if min_bound >= first_bound:
        return first, scores
    others = doc_ids_in(blocks, np.flatnonzero((bounds >= min_bound) & (bounds < first_bound)))
    return _with_others(reader, docset, weighted, (first, scores), others, threshold)


def _around(
    reader: PostingsReader, docset: DocSet, seeds: DocSet, weighted: Weighted, count: int
) -> tuple[DocIds, Scores]:
    """Do as `_candidates`, but score `seeds` first: their k-th best score is the threshold."""
    first = seeds.as_doc_ids()
    scores = score(reader, first, weighted)
    threshold = lowest_of_best(scores, count)
    if threshold <= 0.0:  # fewer than `count` were scored: no block can be left out
        return _score_all(reader, docset, weighted)
    blocks = difference(docset, seeds).as_bits().view(np.uint8)
    bounds = block_bounds(blocks.astype(np.bool_), weighted)
    others = doc_ids_in(blocks, np.flatnonzero(bounds >= _min_bound(threshold, weighted)))
    return _with_others(reader, docset, weighted, (first, scores), others, threshold)


def _min_bound(threshold: float, weighted: Weighted) -> np.float32:
    """Return the lowest bound of a block that may hold an article that scores `threshold`."""
    # Bounds are float32 sums, to which a rare term adds up to eight impacts, one for each article
    # of the block: allow for their rounding.
    rounding = 1 + 8 * (len(weighted) + 1) * float(np.finfo(np.float32).eps)
    return np.float32(threshold / rounding)


def _with_others(
    reader: PostingsReader,
    docset: DocSet,
    weighted: Weighted,
    scored: tuple[DocIds, Scores],
    others: DocIds,
    threshold: float,
) -> tuple[DocIds, Scores]:
    """Score others, too, and return the articles that reach a threshold, ascending.

    Where the others are many, all articles of the set are returned.
    """
    if len(others) * _FULL_PASS_ONE_IN > docset.size:
        return scores_of_all(reader, docset, weighted)
    if len(others) * _UNPRUNED_ONE_IN > docset.size:
        other_ids, other_scores = others, scores_of_many(reader, others, weighted)
    else:
        other_ids, other_scores = score_above(reader, others, weighted, threshold)
    doc_ids = np.concatenate([scored[0], other_ids])
    scores = np.concatenate([scored[1], other_scores])
    kept = np.flatnonzero(scores >= threshold)
    kept = kept[np.argsort(doc_ids[kept])]
    return doc_ids[kept], scores[kept]


def _first_bound(bounds: Bounds, wanted: int) -> np.float32:
    """Return a bound that about `wanted` blocks reach, estimated from a sample."""
    step = len(bounds) // _SAMPLED_BLOCKS + 1
    sample = bounds[::step]
    at = len(sample) - min(wanted // step + 1, len(sample))
    bound: np.float32 = np.partition(sample, at)[at]
    return max(bound, np.finfo(np.float32).tiny)  # blocks without articles have the bound 0
