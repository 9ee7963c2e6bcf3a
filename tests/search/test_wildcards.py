"""Words with wildcards, alone and within phrases, from parsing to results."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher

BODIES = {
    "nghệ": "công nghệ mới",
    "nghiệp": "công nghiệp nặng",
    "viên": "công viên đẹp và nghề cũ",
    "tướng": "thủ tướng Phạm Văn Đồng",
    "phó": "phó thủ tướng phát biểu",
    "nguyễn": "ông Nguyễn Du là ai, tôi hỏi",
    "mới": "bài mới của công ty nghiệp dư",
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    directory: Path = tmp_path_factory.mktemp("index")
    articles = [Article(id=name, body=body) for name, body in BODIES.items()]
    build([analyse(articles)], directory)
    return open_searcher(directory)


def found(searcher: Searcher, query: str) -> set[str]:
    return {hit.id for hit in searcher.search(query).hits}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ngh*p", {"nghiệp", "mới"}),
        ("NGH*P", {"nghiệp", "mới"}),
        ("nghi*p", {"nghiệp", "mới"}),
        ("Nguy?n", {"nguyễn"}),
        ("ph*t", {"phó"}),  # phát, and not "phó thủ"
        ("ngh*z", set()),
        ("ngh*p -mới", {"nghiệp"}),
        ("công -ngh*p", {"nghệ", "viên"}),
        ('"công ngh*"', {"nghệ", "nghiệp"}),
        ('"cong ngh*"', {"nghệ", "nghiệp"}),
        ('"công ngh*p"', {"nghiệp"}),
        ('"thủ tướng ph*"', {"tướng", "phó"}),
        ('"thu tuong ph*"', {"tướng", "phó"}),
        ('"th* tướng"', {"tướng", "phó"}),
        ('"công ngh* nặng"', {"nghiệp"}),
        ('"công ngh*" -x', {"nghệ", "nghiệp"}),
        ('gạo OR "công ngh*"', {"nghệ", "nghiệp"}),
        ('công -"công ngh*"', {"viên", "mới"}),
    ],
)
def test_wildcards_match_as_defined(searcher: Searcher, query: str, expected: set[str]) -> None:
    assert found(searcher, query) == expected


def test_matches_of_a_wildcard_are_highlighted(searcher: Searcher) -> None:
    for query in ("ngh*p nặng", '"công ngh*p"'):
        [hit] = [hit for hit in searcher.search(query).hits if hit.id == "nghiệp"]
        marked = {BODIES[hit.id][start:end] for start, end in hit.highlights["body"]}
        assert "nghiệp" in marked, query


def test_a_question_mark_after_a_word_is_no_wildcard(searcher: Searcher) -> None:
    assert found(searcher, "ông Nguyễn Du là ai?tôi hỏi") == {"nguyễn"}


def test_a_pattern_of_a_phrase_that_finds_nothing_is_read_as_words(searcher: Searcher) -> None:
    results = searcher.search('"đẹp ngh*"')
    assert [warning.code for warning in results.warnings] == ["phrase_not_found"]
    assert {hit.id for hit in results.hits} == {"viên"}  # both words, not adjacent


def test_a_pattern_that_matches_too_many_words_is_cut_and_reported(tmp_path: Path) -> None:
    words = " ".join(f"ba{chr(97 + at // 26)}{chr(97 + at % 26)}x" for at in range(150))
    build([analyse([Article(id="1", body=words)])], tmp_path)
    codes = [warning.code for warning in open_searcher(tmp_path).search("ba*x").warnings]
    assert codes == ["wildcard_cut"]
