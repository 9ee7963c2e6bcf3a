"""An upper bound of each article's score: one float32 each, at a third of the cost of the score.

If a query has many words, nearly every block contains each of the frequent ones, so that block
maxima prune nothing. A bound per article prunes nearly everything: it is the sum of the rounded
scores of frequent terms and the impacts of rare ones.
"""

from collections.abc import Iterator

import numpy as np

from search.engines.embedded.decay import Decay
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.term_postings import MAX_IMPACT, Bounds, Sparse
from search.engines.embedded.weighing import Weighted

_TERMS_AT_ONCE = 8
"""Frequent terms that are added before the bounds are yielded again; the same speed from 6 to 10
over seven long queries on 188,687 records."""

_EPSILON = float(np.finfo(np.float32).eps)


def article_bounds(reader: PostingsReader, weighted: Weighted) -> Iterator[tuple[Bounds, float]]:
    """Yield ever tighter bounds: an array over all articles, and what later terms may add.

    The first array covers the rare terms, the last one all terms. It is the same array, updated in
    place. Features with a negative weight count as 0. For rounding see `min_bound`.
    """
    adding = [feature for feature in weighted if feature.weight > 0]
    frequent = [feature for feature in adding if not isinstance(feature.scorer, Sparse)]
    frequent.sort(key=lambda feature: isinstance(feature.scorer, Decay))  # a date takes 2 ms
    bounds = _of_rare(reader, adding)
    yield bounds, sum(feature.bound for feature in frequent)
    for start in range(0, len(frequent), _TERMS_AT_ONCE):
        for feature in frequent[start : start + _TERMS_AT_ONCE]:
            if isinstance(feature.scorer, Decay):
                bounds += feature.scorer.scores_of_all(feature.weight).astype(np.float32)
            elif not isinstance(feature.scorer, Sparse):
                norms = reader.float32_norms(feature.similarity_key)
                feature.scorer.add_article_bounds(bounds, norms, feature.weight)
        yield bounds, sum(feature.bound for feature in frequent[start + _TERMS_AT_ONCE :])


def _of_rare(reader: PostingsReader, weighted: Weighted) -> Bounds:
    """Return for each article the sum of the impacts of the rare terms."""
    sparse = [
        (feature.scorer, feature.weight * feature.scorer.bound / MAX_IMPACT)
        for feature in weighted
        if isinstance(feature.scorer, Sparse)
    ]
    if not sparse:
        return np.zeros(reader.size, np.float32)
    impacts = np.repeat([scale for _, scale in sparse], [term.articles for term, _ in sparse])
    impacts *= np.concatenate([term.impacts for term, _ in sparse])
    ids = np.concatenate([term.ids for term, _ in sparse])
    return np.bincount(ids, impacts, reader.size).astype(np.float32)


def min_bound(threshold: float, weighted: Weighted) -> np.float32:
    """Return the lowest bound of an article, or of a block, that may score `threshold`."""
    # Bounds are sums in float32, to which a rare term adds up to eight impacts, one for each
    # article of a block, and a frequent one the result of four operations: allow for rounding.
    rounding = 1 + 8 * (len(weighted) + 1) * _EPSILON
    return np.float32(threshold / rounding)
