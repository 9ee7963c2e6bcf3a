"""The number of round trips of each kind of request."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher
from search.engines import open_engine
from tests.search.engines.contract.counting import CountingEngine
from tests.search.suggestions.conftest import NEWS

MAX_OF_A_SEARCH, MAX_OF_RELATED, MAX_OF_A_PREFIX, MAX_OF_EXPLAIN = 6, 4, 4, 2


DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> CountingEngine:
    directory = tmp_path_factory.mktemp("counted")
    rows = [line.split("|") for line in NEWS.strip().splitlines()]
    articles = [Article(t, t, body=body, source="x", published=DAY) for t, body in rows]
    build([analyse(articles)], directory)
    return CountingEngine(open_engine(directory))


@pytest.fixture
def trips(engine: CountingEngine) -> Callable[[Callable[[Searcher], object]], int]:
    """Return a function that counts the calls of a new searcher for one request."""

    def counted(ask: Callable[[Searcher], object]) -> int:
        searcher = Searcher(engine)
        engine.calls.clear()
        assert ask(searcher), "nothing found: nothing counted"
        return engine.calls.total()

    return counted


@pytest.mark.parametrize(
    "query",
    [
        "giá vàng thế giới tăng",
        "gia vang the gioi",
        "mua lu",  # a correction is counted
        "mua lu ban hang",
        '"miền trung" mua lu -vàng title:lũ*',
        '"không có cụm này" mua lu xuat*',
        'mua lu source:"x" since:2020',
        "lũ OR vàng OR (gạo AND xuất khẩu)",
    ],
)
@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_a_search_takes_few_round_trips(
    trips: Callable[[Callable[[Searcher], object]], int], query: str, sort: str
) -> None:
    facets = ["source", "section", "year"]
    count = trips(
        lambda searcher: searcher.search(query, sort=sort, source=["x", "y"], facets=facets).hits
    )
    assert 2 <= count <= MAX_OF_A_SEARCH
    count = trips(lambda searcher: searcher.search(query, sort=sort).hits)
    assert count <= MAX_OF_A_SEARCH


def test_a_prefix_takes_few_round_trips(
    trips: Callable[[Callable[[Searcher], object]], int],
) -> None:
    assert trips(lambda searcher: searcher.search("th*").hits) <= MAX_OF_A_PREFIX
    assert trips(lambda searcher: searcher.search("th* OR xu* OR gi*").hits) <= MAX_OF_A_PREFIX
    assert trips(lambda searcher: searcher.search('"giá gạ*" -ngh*p').hits) <= 4


def test_related_articles_take_few_round_trips(
    trips: Callable[[Callable[[Searcher], object]], int],
) -> None:
    assert trips(lambda searcher: searcher.related("Tin mưa lũ")) <= MAX_OF_RELATED


def test_an_explanation_takes_few_round_trips(
    trips: Callable[[Callable[[Searcher], object]], int],
) -> None:
    for query in ("giá gạo xuất khẩu", "gia gao", "gi*", "gạo gi*"):
        explained = trips(lambda searcher, query=query: searcher.explain(query, "Giá gạo"))  # type: ignore[misc]
        assert explained <= MAX_OF_EXPLAIN


def test_an_article_takes_few_round_trips(
    trips: Callable[[Callable[[Searcher], object]], int],
) -> None:
    assert trips(lambda searcher: searcher.article("Giá gạo", "gia gao")) <= 2


def test_completions_take_few_round_trips(
    trips: Callable[[Callable[[Searcher], object]], int],
) -> None:
    assert trips(lambda searcher: searcher.complete("giá gạo xuất khẩu tă")) <= 4


def test_a_ranking_takes_few_round_trips(
    trips: Callable[[Callable[[Searcher], object]], int],
) -> None:
    assert trips(lambda searcher: searcher.rank("giá gạo xuất khẩu", 100)) < MAX_OF_A_SEARCH
