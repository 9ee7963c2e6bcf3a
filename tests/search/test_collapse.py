import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build, delete, update
from index.models.near_duplicates import Signatures, groups
from index.vietnamese.dates import VIETNAM
from search import Searcher, open_searcher
from search.engines.embedded import near_duplicates
from search.request import SearchRequest, SortBy
from search.results.records import Results

NEWEST = SortBy("published", descending=True)
STORY = (
    "Ruộng lúa ven sông năm nay được mùa lớn, thương lái về tận bờ mua gạo với giá cao hơn "
    "mọi năm, bà con trong xã phấn khởi chuẩn bị cho vụ sau và sửa lại con đường ra đồng."
)
START = datetime(2024, 5, 1, tzinfo=VIETNAM)


def article(name: str, text: str, days: int, source: str = "A") -> Article:
    return Article(
        id=name, title="Được mùa", body=text, source=source, published=START + timedelta(days)
    )


ARTICLES = [
    article("bản chép", STORY + " Tin chép lại.", 2, "B"),
    article("bản gốc", STORY, 1),
    article("bản dài", STORY + " Thêm.", 1, "B"),
    article(
        "bài khác", "Giá gạo ở chợ huyện hôm nay không đổi so với tuần trước, người mua ít.", 3
    ),
]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    build([analyse(ARTICLES)], tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def searcher(index: Path) -> Iterator[Searcher]:
    yield open_searcher(str(index))


def ask(searcher: Searcher, query: str = "gạo", **options: Any) -> Results:
    return searcher.answer(SearchRequest(query, **options))


def ids(searcher: Searcher, query: str = "gạo", **options: Any) -> list[str]:
    return [hit.id for hit in ask(searcher, query, **options).hits]


def test_one_of_several_near_duplicates_is_shown_and_both_totals_are_reported(
    searcher: Searcher,
) -> None:
    results = ask(searcher, collapse=True)
    assert {hit.id: hit.similar for hit in results.hits} == {"bản dài": 2, "bài khác": 0}
    assert (results.total, results.groups) == (4, 2)
    opened = ask(searcher)
    assert (opened.total, opened.groups, len(opened.hits)) == (4, None, 4)


def test_the_article_shown_of_a_group_matches_the_query(searcher: Searcher) -> None:
    assert ids(searcher, '"tin chép lại"', collapse=True) == ["bản chép"]


def test_paging_and_sorting_apply_to_the_shown_articles(searcher: Searcher) -> None:
    newest = [hit.id for hit in ask(searcher, sort=NEWEST, collapse=True).hits]
    assert newest == ["bài khác", "bản dài"]
    second = ask(searcher, sort=NEWEST, collapse=True, size=1, page=2)
    assert [hit.id for hit in second.hits] == ["bản dài"]
    assert second.groups == 2


def test_groups_of_a_commit_are_found_once_for_all_threads(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def slow(found: Signatures) -> NDArray[np.int32]:
        calls.append(len(found))
        time.sleep(0.05)
        return groups(found)

    monkeypatch.setattr(near_duplicates, "groups", slow)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(ask, searcher, query, collapse=True) for query in ("gạo", "lúa") * 2]
        assert {one.result().groups for one in futures} == {1, 2}
    assert calls == [len(ARTICLES)]


def test_groups_follow_updates_and_deletions(index: Path, searcher: Searcher) -> None:
    delete(index, ["bản dài"])
    assert "bản gốc" in ids(searcher, collapse=True)
    update([analyse([article("bản cũ hơn", STORY, 0)])], index)
    results = ask(searcher, collapse=True)
    assert {hit.id: hit.similar for hit in results.hits} == {"bản cũ hơn": 2, "bài khác": 0}
