"""A term as it is kept in memory: which articles hold it, and what it can add to their scores.

Articles are taken eight at a time, too, by the blocks of `docsets`: the *block-max* of a term in a
block is its highest `saturate(tf)` there, in 255ths of its highest one anywhere, rounded up (Ding
and Suel 2011, "Faster Top-k Document Retrieval Using Block-Max Indexes"). Sums of them tell which
blocks need no closer look.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

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
from search.engines.embedded.ordering import best
from search.ranking import Frequencies, Similarity

BlockMax = NDArray[np.uint8]
Bounds = NDArray[np.float32]

MAX_BLOCK_MAX = 255
"""The block-max of the article where a term counts most: what one byte holds."""

_OBJECT_BYTES = 900
"""Memory of the objects around the arrays, about; measured with `sys.getsizeof`."""


class Champions(NamedTuple):
    """Articles of a term, best first, with what their scores are made of."""

    doc_ids: DocIds
    frequencies: Frequencies
    norms: Scores


class FeatureScorer(Protocol):
    """The scores of one feature, before its weight, and the bounds that block-max needs of them."""

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float, /) -> Scores:
        """Return `weight` times the scores of some articles, ascending, with their norms."""
        ...

    def add_scores(self, totals: Scores, norms: Scores, weight: float, /) -> None:
        """Add `weight` times the scores to the totals of all articles, in place."""
        ...

    def add_bounds(self, bounds: Bounds, weight: float, /) -> None:
        """Add `weight` times the highest score in each block to `bounds`, float32, in place."""
        ...


@dataclass(frozen=True)
class Sparse:
    """A term that few of the articles with doc ids below `size` hold.

    `frequencies` are aligned with `doc_ids`, `norms` are of all articles. `bound` is the largest
    `saturate(tf)`.
    """

    size: int
    doc_ids: DocIds
    frequencies: Frequencies
    bound: float
    similarity: Similarity
    norms: Scores

    @cached_property
    def maxima(self) -> tuple[NDArray[np.int32], BlockMax]:
        """The numbers of the blocks with an article that holds the term, and their block maxima.

        Made when first asked for: mostly all articles of a rare term are scored.
        """
        saturated = self.similarity.saturate(self.frequencies, self.norms.take(self.doc_ids))
        return block_maxima(self.doc_ids, saturated, self.bound)

    @property
    def articles(self) -> int:
        """The number of articles that hold the term."""
        return len(self.doc_ids)

    @property
    def docset(self) -> DocSet:
        """A new set of the articles: forms that it computes are not cached with the term."""
        return DocSet(self.size, doc_ids=self.doc_ids)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        # The maxima, five bytes an article at most, count before they are made.
        return self.doc_ids.nbytes + self.frequencies.nbytes + 5 * self.articles + _OBJECT_BYTES

    def frequencies_in(self, doc_ids: DocIds) -> Frequencies:
        """Return the frequencies in some articles, ascending, 0 where the term does not occur."""
        if doc_ids is self.doc_ids:
            return self.frequencies
        frequencies = np.zeros(len(doc_ids), self.frequencies.dtype)
        # The fewer are looked up in the more.
        if len(doc_ids) < self.articles:
            there, indices = common(doc_ids, self.doc_ids)
            frequencies[there] = self.frequencies.take(indices)
        elif self.articles:
            there, indices = common(self.doc_ids, doc_ids)
            frequencies[indices] = self.frequencies.take(there)
        return frequencies

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles, ascending, with their norms."""
        return self.similarity.saturate(self.frequencies_in(doc_ids), norms, weight)

    def add_scores(self, totals: Scores, norms: Scores, weight: float) -> None:
        """Add `weight * saturate(tf)` to the totals of all articles, whose norms are given."""
        scores = self.similarity.saturate(self.frequencies, norms.take(self.doc_ids), weight)
        totals[self.doc_ids] += scores

    def add_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add `weight` times the block maxima to `bounds` (float32, one per block), in place."""
        blocks, block_max = self.maxima
        bounds[blocks] += block_max * np.float32(weight * self.bound / MAX_BLOCK_MAX)


@dataclass(frozen=True)
class Dense:
    """A term that many of the articles with doc ids below `size` hold, `articles` of them.

    `frequencies` has one number for each article, `bits` are those of the set, `block_max` has one
    for each block. `norms` are those of all articles (see `PostingsReader.norms`), shared with
    other terms; the others are documented at `Sparse`. `champions` is filled when it is first
    asked for.
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

    @property
    def doc_ids(self) -> DocIds:
        """The articles, ascending."""
        return self.docset.as_doc_ids()

    @property
    def docset(self) -> DocSet:
        """A new set of the articles: forms that it computes are not cached with the term."""
        return DocSet(self.size, bits=self.bits, total=self.articles)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        arrays = (self.frequencies, self.bits, self.block_max)
        return sum(array.nbytes for array in arrays) + self.limits.champions * 24 + _OBJECT_BYTES

    @cached_property
    def champions(self) -> Champions:
        """The articles where the term counts most, best first (Manning et al. 2008, 7.1.3).

        Made when first asked for: the term may never be asked for alone. Blocks whose maximum is
        below that of as many others cannot hold one.
        """
        wanted = self.limits.champions
        cumulative = np.cumsum(np.bincount(self.block_max, minlength=MAX_BLOCK_MAX + 1)[::-1])
        lowest = max(MAX_BLOCK_MAX - int(np.searchsorted(cumulative, wanted)), 1)
        blocks = np.flatnonzero(self.block_max >= lowest)
        doc_ids = doc_ids_in(self.bits.view(np.uint8), blocks)
        doc_ids = doc_ids[best(self.scores_in(doc_ids, self.norms.take(doc_ids), 1.0), wanted)]
        return Champions(doc_ids, self.frequencies.take(doc_ids), self.norms.take(doc_ids))

    def frequencies_in(self, doc_ids: DocIds) -> Frequencies:
        """Return the frequencies in some articles, 0 where the term does not occur."""
        return self.frequencies.take(doc_ids)

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles with their norms."""
        return self.similarity.saturate(self.frequencies.take(doc_ids), norms, weight)

    def add_scores(self, totals: Scores, norms: Scores, weight: float) -> None:
        """Add `weight * saturate(tf)` to the totals of all articles, whose norms are given."""
        totals += self.similarity.saturate(self.frequencies, norms, weight)

    def add_bounds(self, bounds: Bounds, weight: float) -> None:
        """Add `weight` times the block maxima to `bounds` (float32, one per block), in place."""
        bounds += self.block_max * np.float32(weight * self.bound / MAX_BLOCK_MAX)


TermPostings = Sparse | Dense


def term_postings(
    doc_ids: DocIds,
    frequencies: NDArray[np.integer[Any]],
    norms: Scores,
    similarity: Similarity,
    limits: Limits = DEFAULT_LIMITS,
) -> TermPostings:
    """Return a term as suits the number of its articles; `norms` are those of all articles."""
    size = len(norms)
    if not len(doc_ids):  # half of what is asked for: most syllables are in no author's name
        return Sparse(size, doc_ids, frequencies, 0.0, similarity, norms)
    saturated = similarity.saturate(frequencies, norms.take(doc_ids))
    bound = float(saturated.max(initial=0.0))
    frequencies = frequencies.astype(np.min_scalar_type(int(frequencies.max(initial=0))))
    if len(doc_ids) * limits.dense_one_in < size:
        return Sparse(size, doc_ids, frequencies, bound, similarity, norms)
    every = np.zeros(size, frequencies.dtype)
    every[doc_ids] = frequencies
    bits = bits_of(doc_ids, size)
    every_max = np.zeros(bits.nbytes, np.uint8)
    blocks, block_max = block_maxima(doc_ids, saturated, bound)
    every_max[blocks] = block_max
    return Dense(size, len(doc_ids), every, bits, bound, every_max, similarity, norms, limits)


def block_maxima(
    doc_ids: DocIds, saturated: Scores, bound: float
) -> tuple[NDArray[np.int32], BlockMax]:
    """Return the blocks that articles lie in, ascending as they do, and the block-max of each."""
    blocks = (doc_ids >> 3).astype(np.int32)
    firsts = np.flatnonzero(first_of_each(blocks))
    highest = np.maximum.reduceat(saturated, firsts) if len(firsts) else saturated
    # First the quotient: of the highest it is 1 to the last bit, and none is above the maximum.
    block_max = np.ceil(highest / (bound or 1.0) * MAX_BLOCK_MAX).astype(np.uint8)
    return blocks.take(firsts), block_max
