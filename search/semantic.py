"""Reranking of the first hits by passage vectors, which are stored beside the index.

The first hits by score are reordered by

    score / highest score + w z(dot product of query and passage vector)

where z is the z-score among these hits. A hit without a vector has z = 0.
docs/explanation/semantic.md has the measurements.
"""

import logging
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index.addresses import scheme_of
from index.article import Article
from index.semantic import (
    EmbeddingModel,
    ModelError,
    VectorStore,
    model_name,
    open_model,
    passage_key,
    passage_of,
    store_folder,
)
from index.storage.array_file import ArrayFileError
from index.storage.cache import Cache
from search.engines.contract import IndexReader
from search.plan import Matches
from search.request import SearchRequest

DEPTH = 20
"""Hits that are reranked; 50 gained only 0.001 of nDCG@10 more."""

WEIGHT = 0.1
"""Weight of the vectors: docs/explanation/semantic.md."""

MAX_QUERY_BYTES = 1000 * 384 * 4
"""Bytes of the cache of query vectors: 1,000 vectors of the bundled model, which takes 15 ms for
each."""

Scores = NDArray[np.float64]

_LOG = logging.getLogger(__name__)


class Reranker:
    """Reranks hits by score and vector similarity; safe for many threads."""

    def __init__(self, model: EmbeddingModel, store: VectorStore, weight: float = WEIGHT) -> None:
        self._model = model
        self._store = store
        self.weight = weight
        self._queries: Cache[str, NDArray[np.float32]] = Cache(MAX_QUERY_BYTES)
        self._lock = Lock()  # inference engines need not be thread-safe

    @property
    def model_name(self) -> str:
        """The name of the model."""
        return self._model.name

    def with_store(self, store: VectorStore) -> "Reranker":
        """Return a copy with other vectors that shares the model, its lock and the query cache."""
        other = copy(self)
        other._store = store
        return other

    def order(self, query: str, articles: Sequence[Article | None], scores: Scores) -> list[int]:
        """Return the indices of hits in their new order, given their descending scores.

        If all scores are 0, the order is kept: such a query has no words, and so no vector.
        """
        if not scores.any():
            return list(range(len(articles)))
        keys = [passage_key(passage_of(a), self._model.name) if a else 0 for a in articles]
        has_vector, vectors = self._store.find(keys)
        if np.count_nonzero(has_vector) < 2:
            return list(range(len(articles)))
        similarities = np.full(len(articles), np.nan)
        similarities[has_vector] = vectors @ self._queries.get(query, self._vector)
        mixed = scores / scores.max() + self.weight * standardised(similarities)
        order: list[int] = np.argsort(-mixed, kind="stable").tolist()
        return order

    def _vector(self, query: str) -> NDArray[np.float32]:
        with self._lock:
            # Tokenizers reject lone surrogates; passages are cleaned in the same way.
            clean = query.encode("utf-8", "replace").decode()
            vector: NDArray[np.float32] = self._model.queries([clean])[0]
            return vector


def deeper_request(request: SearchRequest) -> SearchRequest | None:
    """Return the request for all hits to rerank; None if none of them is on the page."""
    is_by_score = request.semantic and request.sort is None and not request.cursor
    if not is_by_score or request.start >= DEPTH:
        return None
    return replace(request, offset=0, size=max(DEPTH, request.start + request.size))


def reranked(
    matches: Matches, query: str, request: SearchRequest, reader: IndexReader, reranker: Reranker
) -> Matches:
    """Return the page of a request, given the matches of its `deeper_request`.

    Hits keep their scores. There is no cursor, since it could not resume from a reranked order.
    """
    page = matches.page[:DEPTH]
    articles = reader.stored([match.id for match in page])
    order = reranker.order(query, articles, np.array([match.score for match in page]))
    order += range(len(page), len(matches.page))
    shown = order[request.start : request.start + request.size]
    similar = matches.similar
    return replace(
        matches,
        page=tuple(matches.page[i] for i in shown),
        similar=tuple(similar[i] for i in shown) if similar else (),
        cursor=None,
    )


def standardised(values: Scores) -> Scores:
    """Return z-scores; 0 for NaN.

    >>> standardised(np.array([3.0, 1.0, np.nan])).tolist()
    [1.0, -1.0, 0.0]
    """
    spread = np.nanstd(values)
    distances = (values - np.nanmean(values)) / (spread if spread > 0 else 1.0)
    z_scores: Scores = np.nan_to_num(distances)
    return z_scores


class Semantics:
    """The reranker of an index, opened on first use and whenever the vectors change.

    `folder` contains the vectors; None for an index that cannot have any. `load` loads a model by
    name.
    """

    def __init__(
        self, folder: Path | None, load: Callable[[str], EmbeddingModel] = open_model
    ) -> None:
        self._folder = folder
        self._load = load
        self._lock = Lock()
        self._opened: tuple[int | None, Reranker | None] = None, None
        self._loaded: Reranker | None = None

    @classmethod
    def of_index(cls, location: str | Path) -> "Semantics":
        """Return the semantics of the index at an address; a cluster has no vectors."""
        return cls(None if scheme_of(str(location)) else store_folder(location))

    def reranker(self) -> Reranker | None:
        """Return the reranker; None if there are no usable vectors or no usable model.

        The reason is logged. Vectors that have changed are opened again; the model is kept.
        """
        if self._folder is None:
            return None
        with self._lock:
            try:
                stamp = _stamp(self._folder)
                if self._opened[0] != stamp:
                    self._opened = stamp, self._open(self._folder)
            except OSError as error:  # e.g. too many open files: the next search tries again
                _LOG.warning("the vectors in %s cannot be read: %s", self._folder, error)
                return None
            return self._opened[1]

    def _open(self, folder: Path) -> Reranker | None:
        """Open the vectors of a folder; reuse the loaded model if it made them."""
        try:
            name, store = model_name(folder), VectorStore.open(folder)
            if not name or not len(store):
                return None
            if self._loaded and self._loaded.model_name == name:
                self._loaded = self._loaded.with_store(store)
            else:
                self._loaded = Reranker(self._load(name), store)
        except (ModelError, ArrayFileError) as error:  # not tried again until the folder changes
            _LOG.warning("hits are not reranked: %s", error)
            return None
        return self._loaded


def _stamp(folder: Path) -> int | None:
    """Return the modification time of a folder, None if it is missing."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return None
