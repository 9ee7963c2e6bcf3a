"""Facets and periods: many values, New Year in Vietnam, fractions of a second."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher, plan
from search.engines.embedded.engine import open_engine
from search.plan import MAX_FACET_VALUES

NEW_YEAR = datetime(2016, 12, 31, 17, tzinfo=UTC)
"""Midnight in Vietnam, where 2017 begins."""


def counted(searcher: Searcher, query: str, facet: str) -> dict[str, int]:
    return {f.value: f.count for f in searcher.search(query, facets=[facet]).facets[facet]}


def test_a_year_begins_at_midnight_in_vietnam(tmp_path: Path) -> None:
    second = timedelta(seconds=1)
    moments = {"before": NEW_YEAR - second, "at": NEW_YEAR, "after": NEW_YEAR + second}
    build([analyse([Article(id=k, body="tin", published=v) for k, v in moments.items()])], tmp_path)
    searcher = open_searcher(tmp_path)
    assert counted(searcher, "tin", "year") == {"2017": 2, "2016": 1}
    assert searcher.search("tin", since=date(2017, 1, 1)).total == 2
    assert searcher.search("tin", until=date(2016, 12, 31)).total == 1


@pytest.mark.parametrize("values", [2, 63, 64, 65, 300])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ("thường", "hiếm")),
        ("thường", ("thường",)),
        ("hiếm", ("hiếm",)),
        ("-hiếm", ("thường",)),
        ('"tin thường"', ("thường",)),
        ("thường OR hiếm", ("thường", "hiếm")),
    ],
)
def test_a_facet_counts_however_many_values_there_are(
    tmp_path: Path, values: int, query: str, words: tuple[str, ...]
) -> None:
    """There are separate algorithms for few and many values, and for few and many matches."""
    articles = [
        Article(
            id=str(at),
            body="tin thường" if at % 7 else "tin hiếm",
            source=f"Báo {at * at % values}" if at % 11 else "",
            published=datetime(1700 + at % values, 6, 1, tzinfo=UTC) if at % 13 else None,
        )
        for at in range(900)
    ]
    build([analyse(articles)], tmp_path)
    searcher = open_searcher(tmp_path)
    found = [article for article in articles if article.body.split()[-1] in words]
    assert searcher.search(query).total == len(found)
    sources = Counter(a.source for a in found if a.source)
    most = sorted(sources.items(), key=lambda item: (-item[1], item[0]))[:MAX_FACET_VALUES]
    assert list(counted(searcher, query, "source").items()) == most
    years = Counter(str(a.published.year) for a in found if a.published)
    newest = sorted(years.items(), reverse=True)[:MAX_FACET_VALUES]
    assert list(counted(searcher, query, "year").items()) == newest


@pytest.mark.parametrize("year", [1969, 1970, 2024, 2200])
@pytest.mark.parametrize("micros", [1, 400_000, 500_000, 999_999])
def test_a_fraction_of_a_second_is_rounded_up(tmp_path: Path, year: int, micros: int) -> None:
    """An article of a second that began before a moment is before that moment."""
    moment = datetime(year, 5, 1, 12, tzinfo=UTC)
    build([analyse([Article(id="1", body="tin", published=moment)])], tmp_path)
    reader = open_engine(tmp_path).reader()
    part = timedelta(microseconds=micros)

    def total(since: datetime | None = None, until: datetime | None = None) -> int:
        [answer] = reader.execute([plan.Plan(plan.Range("published", since, until))])
        return answer.total

    assert total(since=moment) == total(since=moment - part) == 1
    assert total(since=moment + part) == 0
    assert total(until=moment + part) == 1
    assert total(until=moment) == total(until=moment - part) == 0
