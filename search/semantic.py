"""Reranking of the first hits by meaning, from passage vectors beside the index.

The first hits by words are ordered anew by

    (1 - w) z(score) + w z(product of the vectors of query and passage)

z being the distance from the mean of these hits in standard deviations. What has no vector counts
as the mean. docs/explanation/semantic.md has the measurements.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.semantic import (
    EmbeddingModel,
    ModelError,
    VectorStore,
    key_of,
    model_of,
    open_model,
    passage_of,
    store_folder,
)
from index.storage.array_file import ArrayFileError
from search.engines.contract import Snapshot
from search.plan import Matches
from search.request import SearchRequest

DEPTH = 20
"""Hits that are ordered anew: the first 50 gained .001 more (findings of the trial)."""

WEIGHT = 0.4
"""Weight of the vectors: docs/explanation/semantic.md."""

MAX_CACHED_QUERIES = 1000
"""Queries whose vectors are kept: each takes the model some 15 ms; 1.5 MB."""

Scores = NDArray[np.float64]


class Reranker:
    """Orders hits by words and meaning; safe for many threads."""

    def __init__(self, model: EmbeddingModel, store: VectorStore, weight: float = WEIGHT) -> None:
        self._model = model
        self._store = store
        self.weight = weight
        self._queries: dict[str, NDArray[np.float32]] = {}
        self._lock = Lock()  # an engine in C need not bear two threads

    def order(self, query: str, articles: Sequence[Article | None], scores: Scores) -> list[int]:
        """Return the places of hits, best first, given their scores by words, best first."""
        keys = [key_of(passage_of(a), self._model.name) if a else 0 for a in articles]
        known, vectors = self._store.find(keys)
        if np.count_nonzero(known) < 2:
            return list(range(len(articles)))
        near = np.full(len(articles), np.nan)
        near[known] = vectors @ self._vector(query)
        mixed = (1 - self.weight) * standardised(scores) + self.weight * standardised(near)
        places: list[int] = np.argsort(-mixed, kind="stable").tolist()
        return places

    def _vector(self, query: str) -> NDArray[np.float32]:
        with self._lock:
            vector = self._queries.get(query)
            if vector is None:
                if len(self._queries) >= MAX_CACHED_QUERIES:
                    self._queries.clear()
                vector = self._queries[query] = self._model.queries([query])[0]
            return vector


def deeper_request(request: SearchRequest) -> SearchRequest | None:
    """Return the request for all hits that are ordered anew; None where none of the page is."""
    is_by_score = request.semantic and request.sort is None and not request.cursor
    if not is_by_score or request.start >= DEPTH:
        return None
    return replace(request, offset=0, size=max(DEPTH, request.start + request.size))


def reranked(
    matches: Matches, query: str, request: SearchRequest, snapshot: Snapshot, reranker: Reranker
) -> Matches:
    """Return the page of a request, from the answer to its `deeper_request`.

    Scores stay those of the words. There is no cursor: the order behind the page is another one.
    """
    page = matches.page[:DEPTH]
    articles = snapshot.stored([match.id for match in page])
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

    `folder` is that of the vectors, None where there can be none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = Lock()
        self._opened: tuple[object, Reranker | None] | None = None

    @classmethod
    def of_index(cls, location: str | Path) -> "Semantics":
        """Return the semantics of an index by its address; of a cluster's there are none."""
        return cls(None if "://" in str(location) else store_folder(location))

    def reranker(self) -> Reranker | None:
        """Return the reranker, None where no vectors are kept or no model can be loaded.

        Vectors that were added meanwhile are seen.
        """
        if self._folder is None:
            return None
        stamp = self._stamp(self._folder)
        with self._lock:
            if self._opened is None or self._opened[0] != stamp:
                self._opened = stamp, _opened(self._folder) if stamp else None
            return self._opened[1]

    @staticmethod
    def _stamp(folder: Path) -> object:
        try:
            return folder.stat().st_mtime_ns
        except OSError:
            return None


def _opened(folder: Path) -> Reranker | None:
    try:
        name = model_of(folder)
        store = VectorStore.open(folder)
        return Reranker(open_model(name), store) if name and len(store) else None
    except (ModelError, ArrayFileError, OSError):
        return None
