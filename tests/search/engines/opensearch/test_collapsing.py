"""Near-duplicates in a cluster are collapsed as in a folder."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded import writer as folder_writer
from index.opensearch import writer
from index.opensearch.lifecycle import Settings
from search import Searcher, open_searcher
from search.request import SearchRequest, SortBy
from tests import cluster

pytestmark = pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)

NEWEST = SortBy("published", descending=True)
WORDS = "lúa gạo mưa nắng sông biển rừng núi thuyền lưới muối đường mía trà cam chợ nhà xe".split()


def story(number: int) -> str:
    return " ".join(random.Random(number).choices(WORDS, k=60))


def news() -> list[Article]:
    """Return eleven stories, each told once to four times, some with a sentence more."""
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
def test_a_page_is_that_of_a_folder(
    searchers: tuple[Searcher, Searcher], query: str, page: int
) -> None:
    asked = SearchRequest(query, page, 4, sort=NEWEST, collapse=True)
    ours, theirs = (searcher.answer(asked) for searcher in searchers)
    assert [(hit.id, hit.similar) for hit in theirs.hits] == [
        (hit.id, hit.similar) for hit in ours.hits
    ]
    assert (theirs.total, theirs.groups) == (ours.total, ours.groups)
    assert page > 1 or any(hit.similar for hit in ours.hits)


def test_cursors_pass_over_what_was_folded(searchers: tuple[Searcher, Searcher]) -> None:
    _, searcher = searchers
    seen: list[str] = []
    cursor: str | None = "*"
    while cursor:
        asked = SearchRequest("chuyện", size=3, sort=NEWEST, collapse=True, cursor=cursor)
        found = searcher.answer(asked)
        seen += [hit.id for hit in found.hits]
        cursor = found.next_cursor
    whole = searcher.answer(SearchRequest("chuyện", size=50, sort=NEWEST, collapse=True))
    assert len(seen) == len(set(seen))
    assert set(seen) >= {hit.id for hit in whole.hits}
