"""Inner loops over postings, docsets, texts and tokens, compiled from C where there is a compiler.

`kernels` is the compiled module, or None: each of its functions has a NumPy version beside the
call, with the same results. `make` and the wheel compile it (`index.native.build`). It is not used
if the environment variable TIMTIN_PURE_PYTHON is set.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol, cast
from warnings import warn

import numpy as np
from numpy.typing import NDArray

DocIds = NDArray[np.int64]
Bits = NDArray[np.uint64]
Int32s = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Positions = NDArray[np.unsignedinteger[Any]]
Scores = NDArray[np.float64]
Sections = tuple[
    Bytes, NDArray[np.uint32], Bytes, Bytes | None, NDArray[np.uint32], NDArray[np.uint32]
]
"""The first six arguments of `Kernels.unpack`."""


class Articles(Protocol):
    """A docset: ascending doc ids or bits (`search.engines.embedded.docsets.DocSet`)."""

    @property
    def doc_ids(self) -> DocIds | None:
        """The doc ids; ignored if there are bits."""
        ...

    @property
    def bits(self) -> Bits | None:
        """The bits, lowest first in each word, or None."""
        ...


class Kernels(Protocol):
    """The functions of the compiled module. All raise ValueError for inconsistent arrays.

    `size` is the number of articles in the index. `weighted` are features with their weights
    (`search.engines.embedded.weighing.WeightedFeature`): `best` and `scores` return None if one of
    them is not a term that BM25 scores.
    """

    SOURCE: str
    """The digest of the C files that were compiled."""

    def unite(
        self,
        docsets: Sequence[Articles],
        size: int,
        as_ids: bool,  # noqa: FBT001  # C functions take positional arguments
        /,
    ) -> tuple[NDArray[Any], int]:
        """Return the articles in any of the sets, as doc ids or as bits, and their number."""
        ...

    def intersect(self, docsets: Sequence[Articles], size: int, /) -> NDArray[Any]:
        """Return the articles in all sets: doc ids if one of the sets has no bits, else bits."""
        ...

    def at_least(
        self, docsets: Sequence[Articles], weights: Sequence[float], minimum: float, size: int, /
    ) -> tuple[Bits, int]:
        """Return the articles in sets whose weights sum to `minimum`, above 0, and their number.

        The sets are in descending order of weight.
        """
        ...

    def doc_ids_of_bits(self, bits: Bits, /) -> DocIds:
        """Return the doc ids of a docset, ascending."""
        ...

    def bits_of(self, doc_ids: DocIds, size: int, /) -> Bits:
        """Return the bits of a docset."""
        ...

    def contained(self, docset: Articles, doc_ids: DocIds, size: int, /) -> NDArray[np.bool_]:
        """Return for each doc id, in any order, whether it is in a docset."""
        ...

    def scores(self, doc_ids: DocIds, weighted: Sequence[Any], size: int, /) -> Scores | None:
        """Return the score of each article, given by ascending doc ids."""
        ...

    def best(
        self, docset: Articles, weighted: Sequence[Any], count: int, size: int, /
    ) -> tuple[DocIds, Scores] | None:
        """Return the `count` best articles of a docset and their scores, best first."""
        ...

    def weigh(
        self,
        doc_ids: Int32s,
        frequencies: Int32s,
        norms: Scores,
        factor: float,
        delta: float,
        is_dense: bool,  # noqa: FBT001
        /,
    ) -> tuple[NDArray[Any], NDArray[np.uint32] | None, NDArray[Any], Bytes, float]:
        """Return the arrays and the bound of a term, with k1 + 1 of BM25 as `factor`.

        Of `term_postings.Sparse` the doc ids as they are, None, frequencies and impacts; of
        `term_postings.Dense` bits, ranks, frequencies and block maxima.
        """
        ...

    def decode_doc_ids(self, content: Bytes, count: int, documents: int, /) -> Int32s:
        """Return the `count` doc ids of a term, all below `documents`.

        See `index.storage.doc_id_codecs`.
        """
        ...

    def unpack(
        self,
        has_high: Bytes,
        ranks: NDArray[np.uint32],
        high: Bytes,
        low: Bytes | None,
        exceptions: NDArray[np.uint32],
        values: NDArray[np.uint32],
        start: int,
        stop: int,
        added: int,
        /,
    ) -> Int32s:
        """Return the numbers [start, stop), each plus `added` (see `index.storage.packed_ints`)."""
        ...

    def pack_positions(
        self,
        doc_ids: Int32s,
        frequencies: Int32s,
        positions: Int32s,
        bits: int,
        width: int,
        /,
    ) -> Positions:
        """Return `doc_id << bits | position` of each occurrence, in `width` bytes, 4 or 8."""
        ...

    def bigram(
        self,
        first: tuple[Int32s, Int32s, int, int],
        second: tuple[Int32s, Int32s, int, int],
        sections: Sections,
        bits: int,
        width: int,
        /,
    ) -> Positions:
        """Return `doc_id << bits | position` wherever the second term follows the first.

        A term has doc ids, frequencies, and start and stop of its positions in the packed numbers
        of `sections` (see `unpack`). Only positions in articles with both terms are decoded.
        """
        ...

    def followed(self, starts: Positions, offset: int, terms: Sequence[Positions], /) -> Positions:
        """Return the starts for which one of the terms occurs `offset` positions later.

        The positions of each term ascend; the starts may have any order.
        """
        ...

    def stretched(
        self, starts: Positions, ends: Positions, step: Positions, limit: int, /
    ) -> tuple[Positions, Positions]:
        """Return the starts and ends of phrases, extended to the next position of a step.

        Phrases without a next position, or whose end is `limit` or more after the start, are left
        out. Starts, ends and positions ascend.
        """
        ...

    def lower_bound(
        self, content: Bytes, starts: NDArray[np.uint32], term: bytes, first: int, /
    ) -> int:
        """Return the ordinal of the first term, starting at `first`, that is not below `term`."""
        ...

    def find_terms(
        self, text: str, term_of: dict[str, str], /
    ) -> list[tuple[int, int, str]] | None:
        """Return start, end and term of each word whose lower case is a key of `term_of`.

        None if the text or a key has characters that must be normalised first: see
        `search.results.term_search`.
        """
        ...

    def bigram_rows(
        self, starts: NDArray[np.uint32], seconds: NDArray[np.uint32], keys: NDArray[np.int64], /
    ) -> NDArray[np.int64]:
        """Return the row of each key, -1 if it has none (see `bigrams.BigramTable.rows_of`)."""
        ...

    def count_ordinals(self, ordinals: NDArray[np.uint32], size: int, /) -> NDArray[np.int64]:
        """Return how often each ordinal below `size` occurs, as `np.bincount`."""
        ...

    def article_counts(self, terms: Int32s, articles: Int32s, size: int, /) -> NDArray[np.int64]:
        """Return the document frequency of each of `size` terms.

        `articles` has the article of each token, ascending.
        """
        ...

    def min_hashes(
        self,
        terms: Int32s,
        articles: Int32s,
        hashes: NDArray[np.uint64],
        size: int,
        /,
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return the MinHash of each bin of each of `size` articles, and their shingle counts.

        `hashes` has the hash of each term; see `index.models.near_duplicates`.
        """
        ...

    def terms_as_json(
        self,
        terms: list[bytes],
        numbers: Int32s,
        gaps: Int32s,
        starts: NDArray[np.int64],
        filler: bytes,
        /,
    ) -> list[bytes]:
        """Return the terms of each article as a JSON array of strings, one for each part.

        Part breaks are where `gaps` are above 0; `filler` stands for a text without terms. See
        `index.opensearch.documents`.
        """
        ...

    def factorize(self, numbers: list[Int32s], size: int, /) -> tuple[Int32s, list[Int32s]]:
        """Return the distinct numbers by first occurrence, and the arrays as indices into them.

        All numbers are below `size`. This is `pandas.factorize` for several arrays.
        """
        ...


def _load() -> Kernels | None:
    if os.environ.get("TIMTIN_PURE_PYTHON"):
        return None
    try:
        compiled = import_module("index.native.kernels")
    except ImportError:  # not compiled for this version of Python
        return None
    if not all(hasattr(compiled, name) for name in vars(Kernels) if name[0] != "_"):
        warn("index.native was compiled from older sources: run make", stacklevel=2)
        return None
    return cast("Kernels", compiled)


kernels = _load()
