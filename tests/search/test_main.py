"""`python -m search` on an index of three articles."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.analysis import analyse
from index.article import Article, Precision
from index.embedded.writer import build
from index.vietnamese.dates import VIETNAM
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


def test_near_duplicates_are_collapsed_in_the_output_by_default(
    tmp_path: Path,
) -> None:
    story = "Ruộng lúa ven sông năm nay được mùa lớn, thương lái về tận bờ mua gạo với giá cao."
    copies = [Article(id=str(n), title="Được mùa", body=story) for n in range(3)]
    build([analyse([*copies, Article(id="x", title="Ruộng lúa")])], tmp_path / "i")
    folded, opened = search(tmp_path / "i", "lúa"), search(tmp_path / "i", "lúa", "--no-collapse")
    assert "4 articles (2 as near-duplicates of others)" in folded.output
    assert folded.output.count("and 2 like it") == 1
    assert (folded.output.count("Được mùa"), opened.output.count("Được mùa")) == (1, 3)
    assert "near-duplicates" not in opened.output
    assert answer(tmp_path / "i", "lúa")["groups"] == 2


def test_an_explanation_interprets_the_query_like_the_search(index: Path) -> None:
    assert answer(index, "gia gao", "--explain", "gạo")["read"] == "giá gạo"
    literal = answer(index, "gia gao", "--explain", "gạo", "--literal")
    assert (literal["read"], literal["contributions"]) == ("gia gao", [])
    assert answer(index, "gia gao", "--literal")["total"] == 0
    assert search(index, "gạo", "--explain", "none").exit_code == 1


@pytest.mark.parametrize("facet", FACETS)
def test_matches_are_counted_by_every_facet(index: Path, facet: str) -> None:
    assert list(answer(index, "gạo", "--facet", facet)["facets"]) == [facet]
    assert search(index, "gạo", "--facet", f"{facet}s").exit_code == 2


def test_corrections_are_printed(index: Path) -> None:
    assert "Did you mean: lũ rút chậm (1)\n" in search(index, "lũ rút chân").stdout
    assert "Did you mean" not in search(index, "lũ rút chậm").stdout


def test_corpus_and_query_send_no_control_characters_to_the_terminal(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("encoding", ["cp1252", "cp1258", "latin-1", "ascii:strict"])
def test_a_pipe_of_any_encoding_gets_every_letter(index: Path, encoding: str) -> None:
    # On Windows, files and pipes have the code page of the machine.
    ran = subprocess.run(
        [sys.executable, "-m", "search", "gạo", "--index", str(index), "--json"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert json.loads(ran.stdout.decode("utf-8"))["hits"][0]["title"] == "Giá gạo tăng"


@pytest.mark.parametrize(
    ("published", "precision", "shown"),
    [
        ("2024-12-31T20:00:00Z", "", "2025-01-01"),
        ("2025-01-01T01:00:00+09:00", "", "2024-12-31"),
        ("2026-03-01T00:00:00+07:00", "month", "2026-03"),
        ("2026-01-01T00:00:00+07:00", "year", "2026"),
    ],
)
def test_the_day_shown_is_the_day_filtered(
    tmp_path: Path, published: str, precision: Precision, shown: str
) -> None:
    moment = datetime.fromisoformat(published)
    article = Article("a", title="Giá gạo", published=moment, published_precision=precision)
    build([analyse([article])], tmp_path)
    assert f"\n   {shown}\n" in search(tmp_path, "gạo").stdout
    day = moment.astimezone(VIETNAM).date().isoformat()
    assert answer(tmp_path, "gạo", "--since", day, "--until", day)["total"] == 1
