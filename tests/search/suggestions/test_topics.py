"""Topics of the last days: what several articles are about; deterministic."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese.dates import VIETNAM
from search import Searcher, open_searcher

NEWEST = datetime(2026, 8, 20, 18, tzinfo=VIETNAM)
FLOOD = (
    "Nước lũ dâng cao ở Tuyên Quang",
    "Tuyên Quang sơ tán dân vùng lũ",
    "Bộ đội đến Tuyên Quang cứu dân",
    "Học sinh Tuyên Quang nghỉ học vì lũ",
)
FOOTBALL = ("Quang Hải ghi bàn", "HLV khen Quang Hải", "Quang Hải nhận giải")
OTHERS = ("Giá gạo đứng yên", "Mở hội sách", "Chợ hoa ngày mưa", "Khám phá đảo xa")
OLD = ("Sân bay mới khởi công", "Sân bay mới chậm tiến độ", "Sân bay mới đón khách")


def searcher_of(folder: Path, *, dated: bool = True) -> Searcher:
    recent = [(title, NEWEST) for title in (*FLOOD, *FOOTBALL, *OTHERS, FLOOD[0])]
    titles = [*recent, *((title, NEWEST - timedelta(days=30)) for title in OLD)]
    articles = [
        Article(id=str(at), title=title, body=f"{title}.", published=day if dated else None)
        for at, (title, day) in enumerate(titles)
    ]
    build([analyse(articles)], folder)
    return open_searcher(folder)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return searcher_of(tmp_path_factory.mktemp("topics"))


def names(searcher: Searcher) -> Sequence[tuple[str, int]]:
    return [(topic.query, topic.articles) for topic in searcher.topics()]


def test_topics_are_shared_by_several_recent_articles(searcher: Searcher) -> None:
    assert names(searcher) == [("Tuyên Quang", 4), ("Quang Hải", 3)]


def test_the_query_of_a_topic_finds_its_articles(searcher: Searcher) -> None:
    for topic, titles in zip(searcher.topics(), (FLOOD, FOOTBALL), strict=True):
        hits = searcher.search(topic.query, since=topic.since).hits
        assert set(titles) <= {hit.title for hit in hits}
        assert topic.title in titles


def test_the_same_articles_give_the_same_topics(searcher: Searcher, tmp_path: Path) -> None:
    assert names(searcher_of(tmp_path)) == names(searcher)
    assert searcher.topics() is searcher.topics()  # cached for the commit


def test_an_index_without_dates_has_no_topics(tmp_path: Path) -> None:
    assert searcher_of(tmp_path, dated=False).topics() == ()


def test_an_empty_index_has_no_topics(tmp_path: Path) -> None:
    build([], tmp_path)
    assert open_searcher(tmp_path).topics() == ()
