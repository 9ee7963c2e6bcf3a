"""Semantic reranking: only on request, across pages, with a warning if it is unavailable."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.semantic import VectorStore, embed, passage_key, passage_of, store_folder
from index.semantic.models import Vectors
from search import Searcher, open_searcher
from search.engines import open_engine
from search.request import SearchRequest, SortBy
from search.semantic import DEPTH, Reranker, Semantics


class Opposite:
    """A model in which texts with the same last letter are similar."""

    name = "opposite"

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.array([[1.0, 0.0] for _ in texts], np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.array([[1.0, 0.0] if text.endswith("đúng") else [0.0, 1.0] for text in texts],
                        np.float32)  # fmt: skip


class Ready(Semantics):
    """Semantics with a given reranker."""

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


def ids(searcher: Searcher, **options: object) -> list[str]:
    request = replace(SearchRequest("giá gạo", semantic=True), **options)  # type: ignore[arg-type]
    return [hit.id for hit in searcher.answer(request).hits]


def test_only_the_first_hits_are_reranked_by_meaning(searcher: Searcher) -> None:
    words = ids(searcher, semantic=False, size=40)
    meaning = ids(searcher, size=40)
    near = [name for name in words[:DEPTH] if int(name) % 7 == 6]
    assert near
    assert meaning[: len(near)] == near
    assert sorted(meaning[:DEPTH]) == sorted(words[:DEPTH])
    assert meaning[DEPTH:] == words[DEPTH:]


def test_pages_are_parts_of_one_ranking(searcher: Searcher) -> None:
    all_ids = ids(searcher, size=40)
    for size in (3, 7, 20):
        pages = [name for at in range(1, 15) for name in ids(searcher, size=size, page=at)]
        assert pages == all_ids


def test_totals_and_other_orders_are_unchanged(searcher: Searcher) -> None:
    plain, near = (searcher.answer(SearchRequest("giá gạo", semantic=s)) for s in (False, True))
    assert (plain.total, plain.full_total) == (near.total, near.full_total)
    newest = SortBy("published", descending=True)
    assert ids(searcher, sort=newest) == ids(searcher, sort=newest, semantic=False)


def test_articles_without_a_vector_are_still_ranked(tmp_path: Path) -> None:
    build([analyse(ARTICLES)], tmp_path)
    list(embed(ARTICLES[:10], Opposite(), store_folder(tmp_path)))
    reranker = Reranker(Opposite(), VectorStore.open(store_folder(tmp_path)))
    partly = Searcher(open_engine(tmp_path), semantics=Ready(reranker))
    assert sorted(ids(partly, size=40)) == sorted(ids(partly, size=40, semantic=False))


def test_an_index_without_vectors_is_reported(tmp_path: Path) -> None:
    build([analyse(ARTICLES)], tmp_path)
    searcher = open_searcher(tmp_path)
    results = searcher.answer(SearchRequest("giá gạo", semantic=True))
    assert "semantic_unavailable" in [reported.code for reported in results.warnings]
    assert [hit.id for hit in results.hits] == ids(searcher, semantic=False)


def test_a_build_does_not_replace_vectors(tmp_path: Path) -> None:
    build([analyse(ARTICLES)], tmp_path)
    list(embed(ARTICLES[:10], Opposite(), store_folder(tmp_path)))
    build([analyse(ARTICLES[:12])], tmp_path)
    assert len(VectorStore.open(store_folder(tmp_path))) == 10


def test_damaged_vectors_are_reported_and_the_order_is_lexical(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build([analyse(ARTICLES)], tmp_path)
    list(embed(ARTICLES, Opposite(), store_folder(tmp_path)))
    semantics = Semantics(store_folder(tmp_path), load=lambda _: Opposite())
    assert semantics.reranker()
    [file] = store_folder(tmp_path).glob("*.vectors")
    file.rename(file.with_name("another.vectors"))
    file.with_name("another.vectors").write_bytes(b"damaged")
    searcher = Searcher(open_engine(tmp_path), semantics=semantics)
    results = searcher.answer(SearchRequest("giá gạo", semantic=True))
    assert "semantic_unavailable" in [reported.code for reported in results.warnings]
    assert "another.vectors" in caplog.text
    assert [hit.id for hit in results.hits] == ids(searcher, semantic=False)


def test_new_vectors_are_used_and_the_model_is_loaded_once(tmp_path: Path) -> None:
    loaded: list[str] = []

    def load(name: str) -> Opposite:
        loaded.append(name)
        return Opposite()

    build([analyse(ARTICLES)], tmp_path)
    semantics = Semantics(store_folder(tmp_path), load)
    assert semantics.reranker() is None
    searcher = Searcher(open_engine(tmp_path), semantics=semantics)
    words = ids(searcher, semantic=False)
    list(embed(ARTICLES[:1], Opposite(), store_folder(tmp_path)))
    assert ids(searcher) == words  # one vector changes nothing
    list(embed(ARTICLES, Opposite(), store_folder(tmp_path)))
    assert ids(searcher) != words
    assert loaded == ["opposite"]


def test_vectors_that_cannot_be_read_are_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([OSError("too many open files")])

    def load(_name: str) -> Opposite:
        for failure in failures:
            raise failure
        return Opposite()

    list(embed(ARTICLES, Opposite(), store_folder(tmp_path)))
    semantics = Semantics(store_folder(tmp_path), load)
    assert semantics.reranker() is None
    assert "too many open files" in caplog.text
    assert semantics.reranker()


def test_the_vector_of_a_query_is_computed_once() -> None:
    embedded: list[str] = []

    class Counting(Opposite):
        def queries(self, texts: Sequence[str]) -> Vectors:
            embedded.extend(texts)
            return super().queries(texts)

    keys = np.array(sorted({passage_key(passage_of(a), "opposite") for a in ARTICLES}), np.uint64)
    store = VectorStore(keys, np.ones(len(keys), np.float32), np.ones((len(keys), 2), np.int8))
    reranker = Reranker(Counting(), store)
    for query in ("gạo", "nếp", "gạo", "nếp"):
        reranker.order(query, ARTICLES, np.arange(len(ARTICLES), dtype=float))
    assert embedded == ["gạo", "nếp"]


def test_queries_without_words_are_not_reranked(searcher: Searcher) -> None:
    for query in ("", "since:2020", "-nếp"):
        words = ids(searcher, query=query, semantic=False, size=40)
        assert ids(searcher, query=query, size=40) == words
    assert len(ids(searcher, query="", size=40)) == 40


def test_a_lone_surrogate_of_a_query_is_not_sent_to_the_model(tmp_path: Path) -> None:
    class Strict(Opposite):
        def queries(self, texts: Sequence[str]) -> Vectors:
            "".join(texts).encode()  # raises UnicodeEncodeError, as tokenizers do
            return super().queries(texts)

    list(embed(ARTICLES, Opposite(), store_folder(tmp_path)))
    build([analyse(ARTICLES)], tmp_path)
    semantics = Semantics(store_folder(tmp_path), load=lambda _: Strict())
    searcher = Searcher(open_engine(tmp_path), semantics=semantics)
    assert ids(searcher, query="gi\ud800á gạo") != ids(
        searcher, query="gi\ud800á gạo", semantic=False
    )
