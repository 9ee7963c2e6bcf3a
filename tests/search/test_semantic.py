"""The first hits ordered by meaning: by request only, page by page, and told where it cannot be."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.semantic import VectorStore, embed, store_folder
from index.semantic.models import Vectors
from search import Searcher, open_searcher
from search.engines import open_engine
from search.request import SearchRequest, SortBy
from search.semantic import DEPTH, Reranker, Semantics


class Opposite:
    """A model that finds near what has the same last letter."""

    name = "opposite"

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.array([[1.0, 0.0] for _ in texts], np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.array([[1.0, 0.0] if text.endswith("đúng") else [0.0, 1.0] for text in texts],
                        np.float32)  # fmt: skip


class Ready(Semantics):
    """Semantics with a reranker at hand."""

    def __init__(self, reranker: Reranker) -> None:
        super().__init__(None)
        self._reranker = reranker

    def reranker(self) -> Reranker:
        return self._reranker


ARTICLES = [
    Article(
        id=f"{at:02}",
        title="Giá gạo " + "giá gạo " * (40 - at),
        body="đúng" if at % 7 == 6 else "sai",
    )
    for at in range(40)
]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    directory = tmp_path_factory.mktemp("semantic")
    build([analyse(ARTICLES)], directory)
    list(embed(ARTICLES, Opposite(), store_folder(directory)))
    reranker = Reranker(Opposite(), VectorStore.open(store_folder(directory)), weight=0.9)
    return Searcher(open_engine(directory), semantics=Ready(reranker))


def ids(searcher: Searcher, **asked: object) -> list[str]:
    request = replace(SearchRequest("giá gạo", semantic=True), **asked)  # type: ignore[arg-type]
    return [hit.id for hit in searcher.answer(request).hits]


def test_near_hits_come_first_of_the_first_ones_only(searcher: Searcher) -> None:
    words = ids(searcher, semantic=False, size=40)
    meaning = ids(searcher, size=40)
    near = [name for name in words[:DEPTH] if int(name) % 7 == 6]
    assert near
    assert meaning[: len(near)] == near
    assert sorted(meaning[:DEPTH]) == sorted(words[:DEPTH])
    assert meaning[DEPTH:] == words[DEPTH:]


def test_pages_are_parts_of_one_order(searcher: Searcher) -> None:
    whole = ids(searcher, size=40)
    for size in (3, 7, 20):
        pages = [name for at in range(1, 15) for name in ids(searcher, size=size, page=at)]
        assert pages == whole


def test_totals_and_other_orders_stay(searcher: Searcher) -> None:
    plain, near = (searcher.answer(SearchRequest("giá gạo", semantic=s)) for s in (False, True))
    assert (plain.total, plain.full_total) == (near.total, near.full_total)
    newest = SortBy("published", descending=True)
    assert ids(searcher, sort=newest) == ids(searcher, sort=newest, semantic=False)


def test_what_has_no_vector_stays_among_the_others(tmp_path: Path) -> None:
    build([analyse(ARTICLES)], tmp_path)
    list(embed(ARTICLES[:10], Opposite(), store_folder(tmp_path)))
    reranker = Reranker(Opposite(), VectorStore.open(store_folder(tmp_path)))
    partly = Searcher(open_engine(tmp_path), semantics=Ready(reranker))
    assert sorted(ids(partly, size=40)) == sorted(ids(partly, size=40, semantic=False))


def test_an_index_without_vectors_says_so(tmp_path: Path) -> None:
    build([analyse(ARTICLES)], tmp_path)
    searcher = open_searcher(tmp_path)
    results = searcher.answer(SearchRequest("giá gạo", semantic=True))
    assert "semantic_unavailable" in [told.code for told in results.warnings]
    assert [hit.id for hit in results.hits] == ids(searcher, semantic=False)


def test_vectors_are_no_part_of_what_a_build_replaces(tmp_path: Path) -> None:
    build([analyse(ARTICLES)], tmp_path)
    list(embed(ARTICLES[:10], Opposite(), store_folder(tmp_path)))
    build([analyse(ARTICLES[:12])], tmp_path)
    assert len(VectorStore.open(store_folder(tmp_path))) == 10
