"""A decoded term in memory: which articles contain it, and what it can add to their scores.

The *impact* of a term in an article is its `saturate(tf)` there, in 255ths of its highest value in
any article, rounded up. The *block-max* is the highest impact in a block of `docsets` (Ding and
Suel 2011, "Faster Top-k Document Retrieval Using Block-Max Indexes"). A block is not scored if the
sum of its block maxima is too low.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.native import kernels
from search.engines.embedded.docsets import (
    Bits,
    DocIds,
    DocSet,
    Scores,
    bits_of,
    common,
    doc_ids_in,
    first_of_each,
)
from search.engines.embedded.limits import DEFAULT_LIMITS, Limits
from search.engines.embedded.ordering import top_indices
from search.ranking import BM25, Frequencies, Similarity

BlockMax = NDArray[np.uint8]
Bounds = NDArray[np.float32]

Row = tuple[NDArray[np.int32] | None, Frequencies, NDArray[np.uint8], Scores, float, float]
"""The arguments of `index.native` for a term: doc ids (None for a dense one), frequencies, impacts
or block maxima, norms, k1 + 1 and delta."""

MAX_IMPACT = 255
"""The impact in the article where a term scores highest: the largest byte."""

_OBJECT_BYTES = 700
"""Approximate memory of the objects around the arrays, measured with `sys.getsizeof`."""


class Champions(NamedTuple):
    """The best articles of a term, best first, with the inputs of their scores."""

    doc_ids: DocIds
    frequencies: Frequencies
    norms: Scores


@dataclass(frozen=True, slots=True)
class Sparse:
    """A term that few of the articles with doc ids below `size` contain.

    `ids` are their doc ids in 32 bits; `frequencies` and `impacts` are aligned with them. `bound`
    is the largest `saturate(tf)`, of which impacts are 255ths. `norms` are those of all articles.
    """

    size: int
    ids: NDArray[np.int32]
    frequencies: Frequencies
    impacts: NDArray[np.uint8]
    bound: float
    similarity: Similarity
    norms: Scores
    row: "Row | None"

    @property
    def articles(self) -> int:
        """The number of articles that contain the term."""
        return len(self.ids)

    @property
    def doc_ids(self) -> DocIds:
        """The articles, ascending; a new array."""
        return self.ids.astype(np.int64)

    @property
    def docset(self) -> DocSet:
        """A new set of the articles, so that what it caches is not kept with the term."""
        return DocSet(self.size, doc_ids=self.doc_ids)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        arrays = (self.ids, self.frequencies, self.impacts)
        return sum(array.nbytes for array in arrays) + _OBJECT_BYTES

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles, ascending, with their norms."""
        if np.array_equal(doc_ids, self.ids):  # the usual case in a search for this term alone
            return self.similarity.saturate(self.frequencies, norms, weight)
        frequencies = np.zeros(len(doc_ids), self.frequencies.dtype)
        # Look the smaller set up in the larger one.
        if len(doc_ids) < self.articles:
            there, places = common(doc_ids.astype(np.int32), self.ids)
            frequencies[there] = self.frequencies.take(places)
        elif self.articles:
            there, places = common(self.ids, doc_ids)
            frequencies[places] = self.frequencies.take(there)
        return self.similarity.saturate(frequencies, norms, weight)

    def add_scores(self, totals: Scores, norms: Scores, weight: float, _scratch: Scores) -> None:
        """Add `weight * saturate(tf)` to the totals of all articles, whose norms are given."""
        scores = self.similarity.saturate(self.frequencies, norms.take(self.ids), weight)
        totals[self.ids] += scores


@dataclass(frozen=True)
class Dense:
    """A term that many of the articles with doc ids below `size` contain, `articles` of them.

    `frequencies` has one number for each article, `bits` is the set of articles, `block_max` has
    one number for each block. `norms` are those of all articles (see `PostingsReader.norms`),
    shared with other terms. For the other attributes see `Sparse`.
    """

    size: int
    articles: int
    frequencies: Frequencies
    bits: Bits
    bound: float
    block_max: BlockMax
    similarity: Similarity
    norms: Scores
    limits: Limits
    row: "Row | None"

    @property
    def doc_ids(self) -> DocIds:
        """The articles, ascending."""
        return self.docset.as_doc_ids()

    @property
    def docset(self) -> DocSet:
        """A new set of the articles, so that what it caches is not kept with the term."""
        return DocSet(self.size, bits=self.bits, total=self.articles)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        arrays = (self.frequencies, self.bits, self.block_max)
        return sum(array.nbytes for array in arrays) + self.limits.champions * 24 + _OBJECT_BYTES

    @cached_property
    def champions(self) -> Champions:
        """The champion list: the articles the term scores highest (Manning et al. 2008, 7.1.3).

        Computed on first use: only queries for this term alone need it. If as many blocks as there
        are champions have a higher maximum, a block cannot contain one.
        """
        count = self.limits.champions
        cumulative = np.cumsum(np.bincount(self.block_max, minlength=MAX_IMPACT + 1)[::-1])
        lowest = max(MAX_IMPACT - int(np.searchsorted(cumulative, count)), 1)
        blocks = np.flatnonzero(self.block_max >= lowest)
        doc_ids = doc_ids_in(self.bits.view(np.uint8), blocks)
        scores = self.scores_in(doc_ids, self.norms.take(doc_ids), 1.0)
        doc_ids = doc_ids[top_indices(scores, count)]
        return Champions(doc_ids, self.frequencies.take(doc_ids), self.norms.take(doc_ids))

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles with their norms."""
        return self.similarity.saturate(self.frequencies.take(doc_ids), norms, weight)

    def add_scores(self, totals: Scores, norms: Scores, weight: float, scratch: Scores) -> None:
        """Add `weight * saturate(tf)` to the totals of all articles, whose norms are given.

        `scratch` is overwritten: allocating 188,687 scores for each term took most of the time.
        """
        totals += self.similarity.saturate(self.frequencies, norms, weight, out=scratch)

    def add_article_bounds(
        self, bounds: Bounds, norms: Bounds, weight: float, scratch: Bounds
    ) -> None:
        """Add `weight * saturate(tf)`, rounded, to the bounds of all articles with their norms.

        `scratch`, two rows of the same length, is overwritten. In float32 a term takes 110 us
        instead of 220.
        """
        frequencies, scores = scratch
        np.copyto(frequencies, self.frequencies)
        bounds += self.similarity.saturate(frequencies, norms, weight, out=scores)

    def add_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add `weight` times the block maxima to `bounds` (float32, one per block), in place."""
        bounds += self.block_max * np.float32(weight * self.bound / MAX_IMPACT)


TermPostings = Sparse | Dense


def term_postings(
    doc_ids: DocIds,
    frequencies: NDArray[np.integer[Any]],
    norms: Scores,
    similarity: Similarity,
    limits: Limits = DEFAULT_LIMITS,
) -> TermPostings:
    """Return a term, dense if it is frequent; `norms` are those of all articles."""
    size = len(norms)
    if not len(doc_ids):  # half of all lookups: most syllables are in no author's name
        return Sparse(size, _NO_IDS, _NO_BYTES, _NO_BYTES, 0.0, similarity, norms, None)
    is_dense = len(doc_ids) * limits.dense_one_in >= size
    if kernels and isinstance(similarity, BM25):
        counts = frequencies.astype(np.int32, copy=False)
        articles, counts, impacts, bound = kernels.weigh(
            doc_ids, counts, norms, similarity.k1 + 1, similarity.delta, is_dense
        )
        if is_dense:
            return _dense(len(doc_ids), counts, articles, bound, impacts, similarity, norms, limits)
        return _sparse(articles, counts, impacts, bound, similarity, norms)
    saturated = similarity.saturate(frequencies, norms.take(doc_ids))
    bound = float(saturated.max())
    frequencies = frequencies.astype(np.min_scalar_type(int(frequencies.max())))
    # Divide first: the highest quotient is exactly 1, so that no impact is above the maximum.
    impacts = np.ceil(saturated / (bound or 1.0) * MAX_IMPACT).astype(np.uint8)
    if not is_dense:
        return _sparse(doc_ids.astype(np.int32), frequencies, impacts, bound, similarity, norms)
    every = np.zeros(size, frequencies.dtype)
    every[doc_ids] = frequencies
    bits = bits_of(doc_ids, size)
    block_max = np.zeros(bits.nbytes, np.uint8)
    blocks = doc_ids >> 3
    firsts = np.flatnonzero(first_of_each(blocks))
    block_max[blocks.take(firsts)] = np.maximum.reduceat(impacts, firsts)
    return _dense(len(doc_ids), every, bits, bound, block_max, similarity, norms, limits)


def _sparse(
    ids: NDArray[np.int32],
    frequencies: Frequencies,
    impacts: NDArray[np.uint8],
    bound: float,
    similarity: Similarity,
    norms: Scores,
) -> Sparse:
    row = _row(ids, frequencies, impacts, norms, similarity)
    return Sparse(len(norms), ids, frequencies, impacts, bound, similarity, norms, row)


def _dense(
    articles: int,
    frequencies: Frequencies,
    bits: Bits,
    bound: float,
    block_max: BlockMax,
    similarity: Similarity,
    norms: Scores,
    limits: Limits,
) -> Dense:
    row = _row(None, frequencies, block_max, norms, similarity)
    size = len(norms)
    return Dense(
        size, articles, frequencies, bits, bound, block_max, similarity, norms, limits, row
    )


def _row(
    ids: NDArray[np.int32] | None,
    frequencies: Frequencies,
    impacts: NDArray[np.uint8],
    norms: Scores,
    similarity: Similarity,
) -> Row | None:
    """Return a term as arguments of `index.native`; None for a similarity other than BM25."""
    if not isinstance(similarity, BM25):
        return None
    return ids, frequencies, impacts, norms, similarity.k1 + 1, similarity.delta


_NO_IDS, _NO_BYTES = np.empty(0, np.int32), np.empty(0, np.uint8)
