"""Near-duplicates are collapsed in a cluster as in a folder."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded import writer as folder_writer
from index.opensearch import writer
from index.opensearch.lifecycle import Settings
from search import Searcher, open_searcher
from search.engines.opensearch.collapsing import WINDOWS
from search.engines.opensearch.cursors import write_cursor
from search.engines.opensearch.engine import open_engine
from search.plan import Plan, Term
from search.request import SearchRequest, SortBy
from tests import cluster

pytestmark = pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)

NEWEST = SortBy("published", descending=True)
WORDS = "lúa gạo mưa nắng sông biển rừng núi thuyền lưới muối đường mía trà cam chợ nhà xe".split()


def story(number: int) -> str:
    return " ".join(random.Random(number).choices(WORDS, k=60))


def news() -> list[Article]:
    """Return eleven stories with one to four copies, some with an additional sentence."""
    return [
        Article(
            f"{number}-{copy}",
            title=f"Chuyện {WORDS[number]}",
            body=story(number) + (" theo báo địa phương" if copy else ""),
            published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=(number * 7 + copy) % 13),
        )
        for number in range(11)
        for copy in range(1 + number % 4)
    ]


@pytest.fixture(scope="module")
def searchers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Searcher, Searcher]:
    """Return the searchers of a folder and of a cluster with the same articles."""
    folder, location = tmp_path_factory.mktemp("folded"), cluster.location("folding")
    folder_writer.build([analyse(news())], folder)
    writer.build([analyse(news())], location, settings=Settings(shards=2, replicas=0))
    return open_searcher(folder), open_searcher(location)


@pytest.mark.parametrize("query", ["chuyện", "gạo", '"theo báo"', "lúa muối"])
@pytest.mark.parametrize("page", [1, 2])
def test_pages_equal_those_of_a_folder(
    searchers: tuple[Searcher, Searcher], query: str, page: int
) -> None:
    request = SearchRequest(query, page, 4, sort=NEWEST, collapse=True)
    ours, theirs = (searcher.answer(request) for searcher in searchers)
    assert [(hit.id, hit.similar) for hit in theirs.hits] == [
        (hit.id, hit.similar) for hit in ours.hits
    ]
    assert (theirs.total, theirs.groups) == (ours.total, ours.groups)
    assert page > 1 or any(hit.similar for hit in ours.hits)


def walk(searcher: Searcher, query: str, size: int) -> list[str]:
    """Return the ids of the hits of all pages, by cursors."""
    seen: list[str] = []
    cursor: str | None = "*"
    while cursor:
        request = SearchRequest(query, size=size, sort=NEWEST, collapse=True, cursor=cursor)
        found = searcher.answer(request)
        seen += [hit.id for hit in found.hits]
        cursor = found.next_cursor
    return seen


@pytest.mark.parametrize("size", [1, 3, 50])
def test_cursors_skip_collapsed_articles(searchers: tuple[Searcher, Searcher], size: int) -> None:
    ours, theirs = (walk(searcher, "chuyện", size) for searcher in searchers)
    all_hits = searchers[0].answer(SearchRequest("chuyện", size=50, sort=NEWEST, collapse=True))
    assert theirs == ours == [hit.id for hit in all_hits.hits]


def test_groups_are_counted_without_hits() -> None:
    reader = open_engine(cluster.location("folding")).reader()
    counted = Plan(Term("text", "chuyện"), limit=0, collapse=True)
    [none, all_] = reader.execute([counted, replace(counted, limit=50)])
    assert none.groups == all_.groups == len(all_.page) < all_.total


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Searcher, Searcher]:
    """Return searchers of 640 articles, more than the first window: 280 stories have a copy.

    The copy of a story is a day later; one story has forty copies over the whole period.
    """
    start = datetime(2024, 1, 1, tzinfo=UTC)
    reported = [(number, copy) for number in range(320) for copy in range(1 + (number < 280))]
    reported += [(999, copy) for copy in range(40)]
    articles = [
        Article(
            f"{number}-{copy}",
            title="Chuyện kể",
            body=story(number) + (" theo báo địa phương" if copy else ""),
            published=start + timedelta(days=copy * 8 if number == 999 else number + copy),
        )
        for number, copy in reported
    ]
    folder, location = tmp_path_factory.mktemp("many"), cluster.location("folding-many")
    folder_writer.build([analyse(articles)], folder)
    writer.build([analyse(articles)], location, settings=Settings(shards=2, replicas=0))
    return open_searcher(folder), open_searcher(location)


def test_deep_pages_equal_those_of_a_folder(many: tuple[Searcher, Searcher]) -> None:
    walks = []
    for searcher in many:
        request = SearchRequest("chuyện", size=20, sort=NEWEST, collapse=True)
        pages = [searcher.answer(replace(request, page=page)) for page in range(1, 18)]
        assert {found.total for found in pages} == {640}
        walks.append([hit.id for found in pages for hit in found.hits])
    walks.append(walk(many[1], "chuyện", 100))
    for walked in walks:
        assert 320 < len(walked) == len(walks[0]) < 330
        assert sum(name.startswith("999") for name in walked) == 1
        # Its oldest copy is after the first window, and is shown when the pages reach it.
        assert [name for name in walked if not name.startswith("999")] == [
            name for name in walks[0] if not name.startswith("999")
        ]


def test_collapsing_beyond_the_window_is_reported_as_missing(
    many: tuple[Searcher, Searcher],
) -> None:
    _, theirs = many
    request = SearchRequest("chuyện", size=3, sort=NEWEST, collapse=True)
    moment = int(datetime(2024, 3, 1, tzinfo=UTC).timestamp() * 1000)
    for seen, codes in ((4_000, []), (WINDOWS[-1], ["not_folded"])):
        cursor = write_cursor([moment, 0], seen)
        found = theirs.answer(replace(request, cursor=cursor))
        assert [reported.code for reported in found.warnings] == codes
        assert (found.groups is None) == bool(codes)
    deep = theirs.answer(replace(request, page=50_000))
    assert [reported.code for reported in deep.warnings] == ["not_folded"]
