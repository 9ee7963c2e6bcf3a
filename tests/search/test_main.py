"""`python -m search` on an index of three articles."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search.__main__ import FACETS, main

ARTICLES = [
    Article("gạo", title="Giá gạo tăng", body="Giá gạo xuất khẩu tăng tuần thứ ba."),
    Article("gáo", title="Gáo dừa", body="Gáo dừa được bán nhiều ở chợ."),
    Article("lũ", title="Lũ rút chậm", body="Sau trận mưa lớn, nước rút chậm."),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("index")
    build([analyse(ARTICLES)], directory)
    return directory


def search(index: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--index", str(index)])


def answer(index: Path, *arguments: str) -> Any:
    result = search(index, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_hits_are_printed(index: Path) -> None:
    printed = search(index, "gạo tăng").stdout
    assert "1 articles, " in printed
    assert "1. Giá gạo tăng" in printed
    assert answer(index, "gạo tăng")["hits"][0]["id"] == "gạo"


def test_an_explanation_reads_the_words_as_the_search_does(index: Path) -> None:
    assert answer(index, "gia gao", "--explain", "gạo")["read"] == "giá gạo"
    literal = answer(index, "gia gao", "--explain", "gạo", "--literal")
    assert (literal["read"], literal["contributions"]) == ("gia gao", [])
    assert answer(index, "gia gao", "--literal")["total"] == 0
    assert search(index, "gạo", "--explain", "none").exit_code == 1


@pytest.mark.parametrize("facet", FACETS)
def test_matches_are_counted_by_every_facet(index: Path, facet: str) -> None:
    assert list(answer(index, "gạo", "--facet", facet)["facets"]) == [facet]
    assert search(index, "gạo", "--facet", f"{facet}s").exit_code == 2


def test_another_query_that_was_perhaps_meant_is_told(index: Path) -> None:
    assert "Did you mean: lũ rút chậm (1)\n" in search(index, "lũ rút chân").stdout
    assert "Did you mean" not in search(index, "lũ rút chậm").stdout


def test_nothing_of_the_corpus_or_the_query_steers_the_terminal(tmp_path: Path) -> None:
    steering = "\x1b[2J\r"
    text = f"gạo {steering}"
    article = Article(f"1{steering}", title=text, body=text, source=text, section=text, url=text)
    build([analyse([article])], tmp_path)
    for options in (["--facet", "source"], ["--explain", f"1{steering}"]):
        arguments = [f"gao {steering}", *options, "--index", str(tmp_path)]
        printed = CliRunner().invoke(main, arguments, color=True).stdout
        assert "gạo" in printed
        assert "\x1b[2J" not in printed
        assert "\r" not in printed


def test_a_period_that_ends_before_it_begins_is_bad_usage(index: Path) -> None:
    result = search(index, "gạo", "--since", "2024-05-01", "--until", "2023-01-01")
    assert result.exit_code == 2
    assert "--since: 2024-05-01 is later than --until 2023-01-01" in result.stderr
    assert search(index, "gạo", "--since", "2024-05-01", "--until", "2024-05-01").exit_code == 0
