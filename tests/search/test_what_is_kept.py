"""The caches of a searcher never change results."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese import dates
from search import open_searcher
from search.results.records import Results

ARTICLES = [
    Article("gao", "Giá gạo", body="Giá gạo xuất khẩu tăng.", source="Báo Một"),
    Article("gia", "Giá xăng", body="Giá xăng giảm, giã gạo bằng máy.", source="Báo Hai"),
    Article("ga", "Nuôi gà", body="Gà gáo và gia cầm.", source="Báo Hai"),
    *[Article(f"them-{at}", f"Gạo {at}", body="Gạo nếp, gạo tẻ, giá cao.") for at in range(9)],
]


def ids(results: Results) -> list[str]:
    """Return the ids of the hits, in order."""
    return [hit.id for hit in results.hits]


def test_options_of_a_search_do_not_affect_the_next(tmp_path: Path) -> None:
    # A query is planned once for all pages, orders and filters, but not for different options.
    options: list[dict[str, Any]] = [
        {},
        {"operator": "and"},
        {"operator": "or"},
        {"literal": True},
        {"sort": "newest"},
        {"page": 2, "size": 3},
        {"freshness": False},
    ]
    build([analyse(ARTICLES)], tmp_path)
    query, shared = "gia gao", open_searcher(tmp_path)
    fresh = [open_searcher(tmp_path).search(query, **one) for one in options]
    again = [shared.search(query, **one) for one in (*options, *options)]
    found = [(r.total, ids(r), [c.query for c in r.corrections], r.warnings) for r in again]
    expected = [(r.total, ids(r), [c.query for c in r.corrections], r.warnings) for r in fresh]
    assert found == expected * 2
    assert len({str(one) for one in expected}) > 2


@pytest.mark.parametrize("query", ["gạo từ:hôm nay", "gạo từ:hôm qua", "gạo published:hôm nay"])
def test_a_day_that_is_named_by_today_moves_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """A commit may be used for months, together with its cached plans."""
    noon = datetime(2026, 3, 7, 12, tzinfo=dates.VIETNAM)
    build([analyse([Article("gao", "Giá gạo", published=noon)])], tmp_path)
    searcher = open_searcher(tmp_path)
    totals = []
    for day in range(3):

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return noon + timedelta(days=day)  # noqa: B023 - asked within this round

        monkeypatch.setattr(dates, "datetime", Clock)
        totals.append(searcher.search(query).total)
    assert totals == [1, int("qua" in query), 0]


def test_every_id_returns_its_article(tmp_path: Path) -> None:
    # The first ids are read with their articles, later ones from a table of all.
    articles = [Article(f"so-{at:03}", f"Giá gạo kỳ {at}") for at in range(200)]
    build([analyse(articles)], tmp_path)
    searcher = open_searcher(tmp_path)
    for page in range(1, 21):
        for hit in searcher.search("giá gạo", page=page).hits:
            assert hit.title == f"Giá gạo kỳ {int(hit.id[3:])}"


_SCORES = """
import sys
from search import open_searcher
searcher = open_searcher(sys.argv[1])
for query in ("tin mới nhất giá gạo xăng gà", "gjao xwng hôm nay", "gía gao nuoi"):
    found = searcher.search(query)
    print([(hit.id, hit.score) for hit in found.hits], found.next_cursor)
"""


def test_scores_are_the_same_in_every_process(tmp_path: Path) -> None:
    """Sums in the order of a set would depend on Python's hash seed, and break cursors."""
    noon = datetime(2026, 3, 7, 12, tzinfo=dates.VIETNAM)
    dated = [
        Article(f"{at}", f"Giá gạo, xăng và gà {at}", body="Tin mới.", published=noon)
        for at in range(20)
    ]
    build([analyse([*ARTICLES, *dated])], tmp_path)
    printed = {
        subprocess.run(
            (sys.executable, "-c", _SCORES, str(tmp_path)),
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    [one] = printed
    assert "'gao'" in one
