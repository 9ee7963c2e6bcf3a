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

Ranks = NDArray[np.uint32]

Row = tuple[
    NDArray[np.int32] | Bits, Ranks | None, Frequencies, NDArray[np.uint8], Scores, float, float
]
"""The arguments of `index.native` for a term: doc ids and None, or bits and ranks; frequencies;
impacts or block maxima; norms; k1 + 1; delta."""

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
        return self.ids.nbytes + self.frequencies.nbytes + self.impacts.nbytes + _OBJECT_BYTES

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles, ascending, with their norms."""
        if np.array_equal(doc_ids, self.ids):  # the usual case in a search for this term alone
            return self.similarity.saturate(self.frequencies, norms, weight)
        frequencies = np.zeros(len(doc_ids), self.frequencies.dtype)
        # Look the smaller set up in the larger one.
        if len(doc_ids) < self.articles:
            shared, indices = common(doc_ids.astype(np.int32), self.ids)
            frequencies[shared] = self.frequencies.take(indices)
        elif self.articles:
            shared, indices = common(self.ids, doc_ids)
            frequencies[indices] = self.frequencies.take(shared)
        return self.similarity.saturate(frequencies, norms, weight)

    def add_scores(self, totals: Scores, norms: Scores, weight: float) -> None:
        """Add `weight * saturate(tf)` to the totals of all articles, whose norms are given."""
        scores = self.similarity.saturate(self.frequencies, norms.take(self.ids), weight)
        totals[self.ids] += scores


@dataclass(frozen=True)
class Dense:
    """A term that many of the articles with doc ids below `size` contain, `articles` of them.

    `bits` is the set of articles, `ranks` the number of them before each word of the bits (a rank
    directory, Jacobson 1989). `frequencies` has one number for each of these articles: one for each
    article of the index would take three times the memory. `block_max` has one number for each
    block. `norms` are those of all articles (see `PostingsReader.norms`), shared with other terms.
    For the other attributes see `Sparse`.
    """

    size: int
    articles: int
    frequencies: Frequencies
    bits: Bits
    ranks: Ranks
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
        bits = self.bits.nbytes + self.ranks.nbytes + self.block_max.nbytes
        return bits + self.frequencies.nbytes + self.limits.champions * 24 + _OBJECT_BYTES

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
        return Champions(doc_ids, self.frequencies_in(doc_ids), self.norms.take(doc_ids))

    def frequencies_in(self, doc_ids: DocIds) -> Frequencies:
        """Return the frequency in each of some articles, 0 where the term does not occur."""
        word_indices = doc_ids >> 6
        words, bit = self.bits.take(word_indices), np.uint64(1) << (doc_ids & 63).astype(np.uint64)
        indices = self.ranks.take(word_indices) + np.bitwise_count(words & (bit - np.uint64(1)))
        # After the last article of the term the place is out of range.
        return np.where(words & bit, self.frequencies.take(indices, mode="clip"), 0)

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles with their norms."""
        return self.similarity.saturate(self.frequencies_in(doc_ids), norms, weight)

    def add_scores(self, totals: Scores, norms: Scores, weight: float) -> None:
        """Add `weight * saturate(tf)` to the totals of all articles, whose norms are given."""
        doc_ids = self.doc_ids
        totals[doc_ids] += self.similarity.saturate(self.frequencies, norms.take(doc_ids), weight)

    def add_article_bounds(self, bounds: Bounds, norms: Bounds, weight: float) -> None:
        """Add `weight * saturate(tf)`, rounded, to the bounds of all articles with their norms."""
        doc_ids = self.doc_ids
        bounds[doc_ids] += self.similarity.saturate(self.frequencies, norms.take(doc_ids), weight)

    def add_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add `weight` times the block maxima to `bounds` (float32, one per block), in place."""
        bounds += self.block_max * np.float32(weight * self.bound / MAX_IMPACT)


TermPostings = Sparse | Dense


def term_postings(
    doc_ids: NDArray[np.integer[Any]],
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
    ids = doc_ids.astype(np.int32, copy=False)
    articles: Any  # doc ids or bits
    ranks: Ranks | None
    if kernels and isinstance(similarity, BM25):
        counts, factor = frequencies.astype(np.int32, copy=False), similarity.k1 + 1
        articles, ranks, frequencies, impacts, bound = kernels.weigh(
            ids, counts, norms, factor, similarity.delta, is_dense
        )
    else:
        saturated = similarity.saturate(frequencies, norms.take(ids))
        bound = float(saturated.max())
        frequencies = frequencies.astype(np.min_scalar_type(int(frequencies.max())))
        scaled = np.ceil(saturated * (MAX_IMPACT / (bound or 1.0)))
        impacts = np.minimum(scaled, MAX_IMPACT).astype(np.uint8)  # rounding may exceed it
        articles, ranks = ids, None
        if is_dense:
            articles, ranks, impacts = _dense_arrays(ids, impacts, size)
    row = _row(articles, ranks, frequencies, impacts, norms, similarity)
    if ranks is None:
        return Sparse(size, ids, frequencies, impacts, bound, similarity, norms, row)
    return Dense(
        *(size, len(ids), frequencies, articles, ranks, bound, impacts),
        *(similarity, norms, limits, row),
    )


def _dense_arrays(
    ids: NDArray[np.int32], impacts: NDArray[np.uint8], size: int
) -> tuple[Bits, Ranks, BlockMax]:
    """Return bits, ranks and block maxima of a term."""
    bits = bits_of(ids.astype(np.int64), size)
    counts = np.bitwise_count(bits)
    ranks = np.cumsum(counts, dtype=np.uint32) - counts.astype(np.uint32)
    block_max = np.zeros(bits.nbytes, np.uint8)
    blocks = ids >> 3
    firsts = np.flatnonzero(first_of_each(blocks))
    block_max[blocks.take(firsts)] = np.maximum.reduceat(impacts, firsts)
    return bits, ranks, block_max


def _row(
    articles: NDArray[np.int32] | Bits,
    ranks: Ranks | None,
    frequencies: Frequencies,
    impacts: NDArray[np.uint8],
    norms: Scores,
    similarity: Similarity,
) -> Row | None:
    """Return a term as arguments of `index.native`; None for a similarity other than BM25."""
    if not isinstance(similarity, BM25):
        return None
    return articles, ranks, frequencies, impacts, norms, similarity.k1 + 1, similarity.delta


_NO_IDS, _NO_BYTES = np.empty(0, np.int32), np.empty(0, np.uint8)
