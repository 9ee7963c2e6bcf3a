"""Titles are found by their first letters, newest first, after any writes."""

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from search.engines.contract import IndexReader
from tests.search.engines.contract.engines import ENGINES, EngineUnderTest
from tests.search.engines.contract.test_contract import analyse_by

DAY = datetime(2025, 6, 1, tzinfo=UTC)
PIECES = ("giá", "gạo", "xuất", "khẩu", "đỏ", "Đà", "GIÀ", "“tăng”,", "2025", "한국어", "w" * 20)

titles = st.lists(st.sampled_from(PIECES), max_size=7).map(" ".join)
dates = st.none() | st.integers(-40_000, 3).map(lambda days: DAY + timedelta(days=days))
articles = st.builds(Article, st.integers(0, 9).map(str), titles, published=dates)
begun = st.tuples(titles, st.integers(1, 30)).map(lambda cut: letters(cut[0])[: cut[1]])


def letters(text: str) -> str:
    return fold(" ".join(terms(text)))


def expected(live: Sequence[Article], typed: str) -> list[str]:
    """Return the titles that begin with `typed`, newest first; ties in the order of indexing."""
    found = [article for article in live if letters(article.title).startswith(typed)]
    dated = [article for article in found if article.published]
    dated.sort(key=lambda article: article.published or DAY, reverse=True)
    return [article.title for article in (*dated, *(one for one in found if not one.published))]


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_titles_begin_with_the_letters(engine: EngineUnderTest) -> None:
    @given(
        first=st.lists(articles, max_size=12),
        later=st.lists(articles, max_size=5),
        deleted=st.lists(st.integers(0, 9).map(str), max_size=3),
        typed=st.lists(begun.filter(bool), min_size=1, max_size=8),
    )
    @settings(max_examples=engine.examples, deadline=None, phases=engine.phases)
    def compare(
        first: list[Article], later: list[Article], deleted: list[str], typed: list[str]
    ) -> None:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", lambda _: None)
            index = engine.make(Path(folder) / "index")
            index.build([analyse_by(first)])
            index.update([analyse_by(later)])
            index.delete(deleted)
            reader = index.open().reader()
        by_id: dict[str, Article] = {}
        for article in (*first, *later):
            by_id.pop(article.id, None)
            by_id[article.id] = article
        live = [article for name, article in by_id.items() if name not in deleted]
        for query in typed:
            check(reader, query, expected(live, query))

    compare()


def check(reader: IndexReader, typed: str, expected_titles: Sequence[str]) -> None:
    found = reader.titles(typed, 20)
    assert [one.title for one in found.newest] == expected_titles
    assert found.total >= len(expected_titles)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_the_newest_titles_are_returned_up_to_the_size(
    engine: EngineUnderTest, tmp_path: Path
) -> None:
    every = [
        Article(str(at), f"Giá gạo {at}", published=DAY + timedelta(days=at * 7 % 30))
        for at in range(30)
    ]
    index = engine.make(tmp_path / "index")
    index.build([analyse_by(every)])
    reader = index.open().reader()
    for typed in ("gia", "gia gao", "gia gao 1"):
        found = reader.titles(typed, 5)
        assert [one.title for one in found.newest] == expected(every, typed)[:5]
        assert found.total > 5
