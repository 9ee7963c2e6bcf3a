"""Loops over postings, sets of articles, texts and tokens, compiled from C if there is a compiler.

`kernels` is the compiled module, or None: each of its functions has a version in NumPy, beside the
call, with the same results. `make` and the wheel compile it (`index.native.build`). It is not used
if TIMTIN_PURE_PYTHON is set in the environment.
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
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.uint32]
Positions = NDArray[np.unsignedinteger[Any]]
Scores = NDArray[np.float64]


class Articles(Protocol):
    """A set of articles: ascending doc ids or bits (`search.engines.embedded.docsets.DocSet`)."""

    @property
    def doc_ids(self) -> DocIds | None:
        """The doc ids; not read if there are bits."""
        ...

    @property
    def bits(self) -> Bits | None:
        """The bits."""
        ...


class Kernels(Protocol):
    """The functions of the compiled module. All raise ValueError for arrays that do not fit.

    `size` is the number of articles of the index. `weighted` are features with their weights
    (`search.engines.embedded.weighing.WeightedFeature`): where one of them is not a term scored by
    BM25, `best` and `scores` return None.
    """

    SOURCE: str
    """The digest of the C files that were compiled."""

    def union_bits(self, docsets: Sequence[Articles], size: int, /) -> tuple[Bits, int]:
        """Return the bits of what is in any of the sets, and how many articles that are."""
        ...

    def union_ids(self, docsets: Sequence[Articles], size: int, /) -> tuple[DocIds, int]:
        """Return the doc ids of what is in any of the sets, and how many they are."""
        ...

    def at_least(
        self, docsets: Sequence[Articles], weights: Sequence[float], minimum: float, size: int, /
    ) -> tuple[Bits, int]:
        """Return what is in sets whose weights sum to `minimum`, above 0, and how many they are.

        The heaviest set comes first.
        """
        ...

    def doc_ids_of_bits(self, bits: Bits, /) -> DocIds:
        """Return the doc ids of a set, ascending."""
        ...

    def bits_of(self, doc_ids: DocIds, size: int, /) -> Bits:
        """Return the bits of a set."""
        ...

    def contained(self, docset: Articles, doc_ids: DocIds, size: int, /) -> NDArray[np.bool_]:
        """Return for each doc id, in any order, whether it is in a set."""
        ...

    def scores(self, doc_ids: DocIds, weighted: Sequence[Any], size: int, /) -> Scores | None:
        """Return the scores of articles, ascending."""
        ...

    def best(
        self, docset: Articles, weighted: Sequence[Any], count: int, size: int, /
    ) -> tuple[DocIds, Scores] | None:
        """Return the `count` best articles of a set and their scores, best first."""
        ...

    def weigh_sparse(
        self,
        doc_ids: DocIds,
        frequencies: NDArray[np.int32],
        norms: Scores,
        factor: float,
        delta: float,
        /,
    ) -> tuple[NDArray[np.int32], NDArray[Any], Bytes, float]:
        """Return doc ids, frequencies, impacts and bound of a term (see `term_postings.Sparse`).

        `factor` is k1 + 1 of BM25.
        """
        ...

    def weigh_dense(
        self,
        doc_ids: DocIds,
        frequencies: NDArray[np.int32],
        norms: Scores,
        factor: float,
        delta: float,
        /,
    ) -> tuple[Bits, NDArray[Any], Bytes, float]:
        """Return bits, frequencies, block maxima and bound of a term (`term_postings.Dense`)."""
        ...

    def decode_doc_ids(self, content: Bytes, count: int, documents: int, /) -> NDArray[np.int32]:
        """Return the doc ids of a term (see `index.storage.doc_id_codecs`)."""
        ...

    def unpack(
        self,
        has_high: Bytes,
        ranks: Numbers,
        high: Bytes,
        low: Bytes | None,
        exceptions: Numbers,
        values: Numbers,
        start: int,
        stop: int,
        added: int,
        /,
    ) -> NDArray[np.int32]:
        """Return the numbers [start, stop) plus `added` (see `index.storage.packed_ints`)."""
        ...

    def pack_positions(
        self,
        doc_ids: NDArray[np.int32],
        frequencies: NDArray[np.int32],
        positions: NDArray[np.int32],
        bits: int,
        width: int,
        /,
    ) -> Positions:
        """Return `doc_id << bits | position` of each occurrence, in `width` bytes, 4 or 8."""
        ...

    def followed(self, starts: Positions, offset: int, terms: Sequence[Positions], /) -> Positions:
        """Return the starts such that one of the terms, ascending, occurs `offset` later."""
        ...

    def stretched(
        self, starts: Positions, ends: Positions, step: Positions, longest: int, /
    ) -> tuple[Positions, Positions]:
        """Return the starts and new ends of phrases that go on at the next position of a step.

        Those are dropped that have none, or whose new end is not less than `longest` after the
        start. Starts, ends and positions ascend.
        """
        ...

    def lower_bound(self, content: Bytes, starts: Numbers, term: bytes, first: int, /) -> int:
        """Return the ordinal of the first term, from `first` on, that is not below `term`."""
        ...

    def find_terms(
        self, text: str, term_of: dict[str, str], /
    ) -> list[tuple[int, int, str]] | None:
        """Return start, end and term of each word whose lower case is a key of `term_of`.

        None if the text has characters, or a key has, whose case or composition needs a closer look
        (see `search.results.term_search`).
        """
        ...

    def article_counts(
        self, terms: NDArray[np.int32], articles: NDArray[np.int32], size: int, /
    ) -> NDArray[np.int64]:
        """Return in how many articles each of `size` terms is (`part_builder.article_counts`)."""
        ...

    def least_hashes(
        self,
        terms: NDArray[np.int32],
        articles: NDArray[np.int32],
        hashes: NDArray[np.uint64],
        size: int,
        /,
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return the least hash of each bin of each of `size` articles, and their shingles.

        `hashes` are those of the terms; see `index.models.near_duplicates`.
        """
        ...

    def joined_terms(
        self,
        terms: list[bytes],
        numbers: NDArray[np.int32],
        gaps: NDArray[np.int32],
        starts: NDArray[np.int64],
        filler: bytes,
        /,
    ) -> list[bytes]:
        """Return the terms of each article as JSON (see `index.opensearch.documents`)."""
        ...

    def numbered_anew(
        self, numbers: list[NDArray[np.int32]], size: int, /
    ) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
        """Return the different numbers, all below `size`, by first occurrence, and their places.

        The second item has for each number its place in the first.
        """
        ...


def _load() -> Kernels | None:
    if os.environ.get("TIMTIN_PURE_PYTHON"):
        return None
    try:
        compiled = import_module("index.native.kernels")
    except ImportError:  # nothing was compiled for this Python
        return None
    if not all(hasattr(compiled, name) for name in vars(Kernels) if name[0] != "_"):
        warn("index.native was compiled from older sources: run make", stacklevel=2)
        return None
    return cast("Kernels", compiled)


kernels = _load()
