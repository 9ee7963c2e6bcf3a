"""A term as it is kept in memory: which articles hold it, and what it can add to their scores.

Articles are taken eight at a time, too, by the blocks of `docsets`. The *impact* of a term in an
article is its `saturate(tf)` there, in 255ths of its highest one anywhere, rounded up; the
*block-max* is the highest impact in a block (Ding and Suel 2011, "Faster Top-k Document Retrieval
Using Block-Max Indexes"). Sums of block maxima tell which blocks need not be scored.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

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
from search.engines.embedded.ordering import top_indices
from search.ranking import Frequencies, Similarity

BlockMax = NDArray[np.uint8]
Bounds = NDArray[np.float32]

MAX_IMPACT = 255
"""The impact of the article where a term counts most: what one byte holds."""

_OBJECT_BYTES = 700
"""Memory of the objects around the arrays, about; measured with `sys.getsizeof`."""


class Champions(NamedTuple):
    """Articles of a term, best first, with what their scores are made of."""

    doc_ids: DocIds
    frequencies: Frequencies
    norms: Scores


@dataclass(frozen=True, slots=True)
class Sparse:
    """A term that few of the articles with doc ids below `size` hold.

    `ids` are their doc ids in 32 bits, which are kept; `frequencies` and `impacts` are aligned with
    them. An impact is `saturate(tf)` in 255ths of the largest one, `bound`, rounded up. `norms` are
    those of all articles.
    """

    size: int
    ids: NDArray[np.int32]
    frequencies: Frequencies
    impacts: NDArray[np.uint8]
    bound: float
    similarity: Similarity
    norms: Scores

    @property
    def articles(self) -> int:
        """The number of articles that hold the term."""
        return len(self.ids)

    @property
    def doc_ids(self) -> DocIds:
        """The articles, ascending; a new array."""
        return self.ids.astype(np.int64)

    @property
    def docset(self) -> DocSet:
        """A new set of the articles: forms that it computes are not cached with the term."""
        return DocSet(self.size, doc_ids=self.doc_ids)

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        arrays = (self.ids, self.frequencies, self.impacts)
        return sum(array.nbytes for array in arrays) + _OBJECT_BYTES

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles, ascending, with their norms."""
        if np.array_equal(doc_ids, self.ids):  # all there is to a search for this term alone
            return self.similarity.saturate(self.frequencies, norms, weight)
        frequencies = np.zeros(len(doc_ids), self.frequencies.dtype)
        # The fewer are looked up in the more.
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
        cumulative = np.cumsum(np.bincount(self.block_max, minlength=MAX_IMPACT + 1)[::-1])
        lowest = max(MAX_IMPACT - int(np.searchsorted(cumulative, wanted)), 1)
        blocks = np.flatnonzero(self.block_max >= lowest)
        doc_ids = doc_ids_in(self.bits.view(np.uint8), blocks)
        scores = self.scores_in(doc_ids, self.norms.take(doc_ids), 1.0)
        doc_ids = doc_ids[top_indices(scores, wanted)]
        return Champions(doc_ids, self.frequencies.take(doc_ids), self.norms.take(doc_ids))

    def scores_in(self, doc_ids: DocIds, norms: Scores, weight: float) -> Scores:
        """Return `weight * saturate(tf)` in some articles with their norms."""
        return self.similarity.saturate(self.frequencies.take(doc_ids), norms, weight)

    def add_scores(self, totals: Scores, norms: Scores, weight: float, scratch: Scores) -> None:
        """Add `weight * saturate(tf)` to the totals of all articles, whose norms are given.

        `scratch` is overwritten: where each term took memory of its own for the scores of 188,687
        articles, most of the time went into that.
        """
        totals += self.similarity.saturate(self.frequencies, norms, weight, out=scratch)

    def add_article_bounds(
        self, bounds: Bounds, norms: Bounds, weight: float, scratch: Bounds
    ) -> None:
        """Add `weight * saturate(tf)`, rounded, to the bounds of all articles with their norms.

        `scratch`, two rows of as many, is overwritten. A term takes 110 us instead of 220: half the
        bytes, and frequencies that are not converted twice.
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
    """Return a term as suits the number of its articles; `norms` are those of all articles."""
    size = len(norms)
    if not len(doc_ids):  # half of all look-ups: most syllables are in no author's name
        return Sparse(size, _NO_IDS, _NO_BYTES, _NO_BYTES, 0.0, similarity, norms)
    saturated = similarity.saturate(frequencies, norms.take(doc_ids))
    bound = float(saturated.max())
    frequencies = frequencies.astype(np.min_scalar_type(int(frequencies.max())))
    # Divide first: the highest quotient is exactly 1, so that no impact is above the maximum.
    impacts = np.ceil(saturated / (bound or 1.0) * MAX_IMPACT).astype(np.uint8)
    if len(doc_ids) * limits.dense_one_in < size:
        ids = doc_ids.astype(np.int32)
        return Sparse(size, ids, frequencies, impacts, bound, similarity, norms)
    every = np.zeros(size, frequencies.dtype)
    every[doc_ids] = frequencies
    bits = bits_of(doc_ids, size)
    block_max = np.zeros(bits.nbytes, np.uint8)
    blocks = doc_ids >> 3
    firsts = np.flatnonzero(first_of_each(blocks))
    block_max[blocks.take(firsts)] = np.maximum.reduceat(impacts, firsts)
    return Dense(size, len(doc_ids), every, bits, bound, block_max, similarity, norms, limits)


_NO_IDS, _NO_BYTES = np.empty(0, np.int32), np.empty(0, np.uint8)
