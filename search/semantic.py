"""Reranking of the first hits by meaning, from passage vectors beside the index.

The first hits by words are ordered anew by

    (1 - w) z(score) + w z(product of the vectors of query and passage)

z being the distance from the mean of these hits in standard deviations. What has no vector counts
as the mean. docs/explanation/semantic.md has the measurements.
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
"""Hits that are ordered anew: the first 50 gained .001 more (findings of the trial)."""

WEIGHT = 0.4
"""Weight of the vectors: docs/explanation/semantic.md."""

MAX_QUERY_BYTES = 1000 * 384 * 4
"""Memory of the vectors of queries, 1,000 of the bundled model: each takes it some 15 ms."""

Scores = NDArray[np.float64]

_LOG = logging.getLogger(__name__)


class Reranker:
    """Orders hits by words and meaning; safe for many threads."""

    def __init__(self, model: EmbeddingModel, store: VectorStore, weight: float = WEIGHT) -> None:
        self._model = model
        self._store = store
        self.weight = weight
        self._queries: Cache[str, NDArray[np.float32]] = Cache(MAX_QUERY_BYTES)
        self._lock = Lock()  # an engine in C need not bear two threads

    @property
    def model_name(self) -> str:
        """The name of the model."""
        return self._model.name

    def with_store(self, store: VectorStore) -> "Reranker":
        """Return the same with other vectors; the model, its lock and its queries are shared."""
        other = copy(self)
        other._store = store
        return other

    def order(self, query: str, articles: Sequence[Article | None], scores: Scores) -> list[int]:
        """Return the places of hits, best first, given their scores by words, best first.

        Those that have no scores stay as they are: a query without words has no meaning, either.
        """
        if not scores.any():
            return list(range(len(articles)))
        keys = [passage_key(passage_of(a), self._model.name) if a else 0 for a in articles]
        known, vectors = self._store.find(keys)
        if np.count_nonzero(known) < 2:
            return list(range(len(articles)))
        near = np.full(len(articles), np.nan)
        near[known] = vectors @ self._queries.get(query, self._vector)
        mixed = (1 - self.weight) * standardised(scores) + self.weight * standardised(near)
        order: list[int] = np.argsort(-mixed, kind="stable").tolist()
        return order

    def _vector(self, query: str) -> NDArray[np.float32]:
        with self._lock:
            # As in a passage: no tokenizer takes half a surrogate pair.
            clean = query.encode("utf-8", "replace").decode()
            vector: NDArray[np.float32] = self._model.queries([clean])[0]
            return vector


def deeper_request(request: SearchRequest) -> SearchRequest | None:
    """Return the request for all hits that are ordered anew; None where none of the page is."""
    is_by_score = request.semantic and request.sort is None and not request.cursor
    if not is_by_score or request.start >= DEPTH:
        return None
    return replace(request, offset=0, size=max(DEPTH, request.start + request.size))


def reranked(
    matches: Matches, query: str, request: SearchRequest, reader: IndexReader, reranker: Reranker
) -> Matches:
    """Return the page of a request, from the answer to its `deeper_request`.

    Scores stay those of the words. There is no cursor: the order behind the page is another one.
    """
    page = matches.page[:DEPTH]
    articles = reader.stored([match.id for match in page])
    order = reranker.order(query, articles, np.array([match.score for match in page]))
    order += range(len(page), len(matches.page))
    shown = order[request.start : request.start + request.size]
    similar = matches.similar
    return replace(
        matches,
        page=tuple(matches.page[at] for at in shown),
        similar=tuple(similar[at] for at in shown) if similar else (),
        cursor=None,
    )


def standardised(values: Scores) -> Scores:
    """Return distances from the mean in standard deviations; 0 for what is NaN.

    >>> standardised(np.array([3.0, 1.0, np.nan])).tolist()
    [1.0, -1.0, 0.0]
    """
    spread = np.nanstd(values)
    distances = (values - np.nanmean(values)) / (spread if spread > 0 else 1.0)
    known: Scores = np.nan_to_num(distances)
    return known


class Semantics:
    """What of an index can be searched by meaning: opened when it is first asked for.

    `folder` is that of the vectors, None where there can be none; `load` loads a model by name.
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
        """Return the semantics of an index by its address; of a cluster's there are none."""
        return cls(None if scheme_of(str(location)) else store_folder(location))

    def reranker(self) -> Reranker | None:
        """Return the reranker, None where no vectors are kept, or they or the model cannot be used.

        Why they cannot goes to the log. Vectors that were added meanwhile are seen, and the model
        stays loaded.
        """
        if self._folder is None:
            return None
        with self._lock:
            try:
                stamp = _stamp(self._folder)
                if self._opened[0] != stamp:
                    self._opened = stamp, self._open(self._folder)
            except OSError as error:  # perhaps too many open files: the next search tries again
                _LOG.warning("the vectors in %s cannot be read: %s", self._folder, error)
                return None
            return self._opened[1]

    def _open(self, folder: Path) -> Reranker | None:
        """Open the vectors of a folder, with the model that is loaded where it is theirs."""
        try:
            name, store = model_name(folder), VectorStore.open(folder)
            if not name or not len(store):
                return None
            if self._loaded and self._loaded.model_name == name:
                self._loaded = self._loaded.with_store(store)
            else:
                self._loaded = Reranker(self._load(name), store)
        except (ModelError, ArrayFileError) as error:  # until the folder changes
            _LOG.warning("there is no ordering by meaning: %s", error)
            return None
        return self._loaded


def _stamp(folder: Path) -> int | None:
    """Return what changes with the files of a folder, None where it is missing."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return None
