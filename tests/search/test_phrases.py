"""A phrase matches within one field, with any slop; only absent phrases are reported as missing."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher

PARTS = {"title": "giá gạo", "summary": "lời dẫn", "body": "tăng mạnh", "author": "lê mai"}
FAR = " ".join(["và"] * 40)
SLOPS = (0, 1, 15, 16, 17, 31, 49, 50, 51, 99, 100, 1000, 99_999_999)


@pytest.fixture
def searched(tmp_path: Path) -> Callable[[Article], Searcher]:
    """Return a function that indexes one article and opens it."""

    def index(article: Article) -> Searcher:
        build([analyse([article])], tmp_path)
        return open_searcher(tmp_path)

    return index


@pytest.mark.parametrize("empty", [(), ("summary",), ("summary", "body")])
def test_no_phrase_spans_two_fields(
    searched: Callable[[Article], Searcher], empty: tuple[str, ...]
) -> None:
    parts = {name: "" if name in empty else text for name, text in PARTS.items()}
    title, summary, body, author = parts.values()
    searcher = searched(Article("1", title, summary, body, author))
    phrases = [
        f'"{first.split()[-1]} {second.split()[0]}"~{slop}'
        for first, second in combinations(filter(None, parts.values()), 2)
        for slop in SLOPS
    ]
    # No article has the phrase, so its words are searched instead, with a warning.
    for phrase in phrases:
        codes = [warning.code for warning in searcher.search(phrase).warnings]
        assert "phrase_not_found" in codes, phrase


def test_slop_is_the_largest_distance_that_matches(
    searched: Callable[[Article], Searcher],
) -> None:
    searcher = searched(Article(id="1", title="Tin", body=f"giá {FAR} gạo"))
    assert not searcher.search('"giá gạo"~40').warnings
    assert [w.code for w in searcher.search('"giá gạo"~39').warnings] == ["phrase_not_found"]


def test_a_slop_that_is_too_large_is_reported(searched: Callable[[Article], Searcher]) -> None:
    searcher = searched(Article(id="1", title="Tin", body=f"giá {FAR} gạo"))
    for slop in (50, 100, 12345):
        results = searcher.search(f'"giá gạo"~{slop}')
        assert [warning.code for warning in results.warnings] == ["slop_too_large"]
        assert results.total == 1
        assert results.interpretation.read == '"giá gạo"~49'


def test_a_phrase_that_occurs_is_not_reported_as_missing(tmp_path: Path) -> None:
    """A long query with a phrase is relaxed to its words, but the phrase was found."""
    bodies = (
        "Bộ Công Thương cho biết giá gạo xuất khẩu tăng",
        "giá gạo trong nước",
        "xuất khẩu tôm",
    )
    articles = [Article(f"{at}", title="Tin", body=body) for at, body in enumerate(bodies)]
    build([analyse(articles)], tmp_path)
    results = open_searcher(tmp_path).search('bộ công thương cho biết "giá gạo xuất khẩu"')
    assert results.full_total == 1 < results.total
    assert [warning.code for warning in results.warnings] == ["relaxed"]


def test_the_few_articles_with_the_phrase_of_a_headline_are_shown(tmp_path: Path) -> None:
    """Less than a page of articles match, and the words without the phrase match no others."""
    title = "giá gạo tăng mạnh ở miền tây trong mùa mưa"
    few = [Article(str(at), title, body=f"bài {at}") for at in range(3)]
    others = [Article(f"x{at}", "bóng đá", body="trận đấu") for at in range(20)]
    build([analyse([*few, *others])], tmp_path)
    found = open_searcher(tmp_path).search('"giá gạo tăng" mạnh ở miền tây mùa mưa')
    assert found.total == found.full_total == 3
    assert {hit.id for hit in found.hits} == {"0", "1", "2"}
    assert not found.relaxed


def test_unknown_words_find_nothing_as_a_phrase_or_without_it(tmp_path: Path) -> None:
    build([analyse([Article("1", "giá gạo")])], tmp_path)
    found = open_searcher(tmp_path).search('"zxqw vbnm" qwzx')
    assert (found.total, found.full_total, found.hits) == (0, 0, ())


@pytest.mark.parametrize("typed", ['"te gao"', 'title:"te gao"', 'tin OR "te gao"', '"te gao" tin'])
def test_a_phrase_without_marks_also_matches_words_with_marks(
    searched: Callable[[Article], Searcher], typed: str
) -> None:
    searcher = searched(Article(id="1", title="Tin gạo tẻ", body="giá gạo tẻ " * 30))
    found = searcher.search(typed)
    assert found.total == 1
    assert not searcher.search('"te gáo"').total
