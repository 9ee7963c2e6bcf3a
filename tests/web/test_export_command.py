"""`timtin export`."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.analysis import analyse
from index.article import Article
from index.embedded import writer
from web.export_command import main


@pytest.fixture
def index(tmp_path: Path) -> str:
    titles = {"1": "Giá gạo", "2": "Giá vàng", "3": "=1+1 gạo"}
    articles = [Article(name, title=title, extra={"x": 1}) for name, title in titles.items()]
    writer.build([analyse(articles)], tmp_path / "index")
    return str(tmp_path / "index")


def run(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_all_articles_come_as_records_that_can_be_indexed_again(index: str) -> None:
    records = [json.loads(line) for line in run("--index", index).splitlines()]
    assert {record["id"] for record in records} == {"1", "2", "3"}
    assert all(record["x"] == 1 for record in records)


def test_a_query_and_fields_choose(index: str) -> None:
    lines = run("gạo", "--index", index, "--fields", "title").splitlines()
    assert {json.loads(line)["title"] for line in lines} == {"Giá gạo", "=1+1 gạo"}
    assert all(set(json.loads(line)) == {"id", "title"} for line in lines)


def test_csv_runs_no_formula(index: str) -> None:
    rows = list(csv.reader(io.StringIO(run("--index", index, "--format", "csv").lstrip("\ufeff"))))
    assert "title" in rows[0]
    assert "'=1+1 gạo" in {cell for row in rows for cell in row}


def test_an_unknown_field_or_missing_index_is_reported(index: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--index", index, "--fields", "nonsense"])
    assert done.exit_code == 2
    assert "nonsense" in done.stderr
    done = CliRunner().invoke(main, ["--index", str(tmp_path / "none")])
    assert done.exit_code == 1
