"""The README's commands and examples do what it says: they are run, in a folder of their own."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.corpus import read_corpus
from index.embedded.writer import build
from search import Searcher, open_searcher

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
ARTICLE = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
RUN_ELSEWHERE = ("make ", "python -m web", "python -m benchmarks", "curl ")
"""Tested by continuous integration, by the tests of `web`, or too long for a test."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
    return [line for line in lines if not line.startswith(RUN_ELSEWHERE)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory that holds the files the README speaks of."""
    folder = tmp_path_factory.mktemp("readme")
    more = ARTICLE | {"id": "2023-18", "title": "Tổng cục Kỹ thuật tổ chức hội nghị"}
    for name, article in (("articles.jsonl", ARTICLE), ("more.jsonl", more)):
        (folder / name).write_text(json.dumps(article, ensure_ascii=False) + "\n", "utf-8")
    (folder / "demo").symlink_to(ROOT / "demo")
    return folder


def run(arguments: list[str], folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_work_one_after_the_other(folder: Path) -> None:
    lines = commands()
    assert len(lines) >= 5
    for line in lines:
        program, *arguments = shlex.split(line, comments=True)
        assert program == "python"
        run(arguments, folder)


def test_the_python_examples_print_hits(folder: Path) -> None:
    run(["-m", "index", "build", "articles.jsonl", "--index", "my-index"], folder)
    for example in blocks("python"):
        assert "2023-17" in run(["-c", example], folder)


def queries() -> list[str]:
    """What stands in the first column of the table of what one can type."""
    [table] = re.findall(r"\| typed \| finds \|\n(.*?)\n\n", README, re.DOTALL)
    cells = [line.split(" | ")[0] for line in table.splitlines()[1:]]
    return [query for cell in cells for query in re.findall("`([^`]+)`", cell)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    directory = tmp_path_factory.mktemp("demo")
    articles = [record for record in read_corpus([ROOT / "demo"]) if isinstance(record, Article)]
    build([analyse(articles)], directory)
    return open_searcher(directory)


@pytest.mark.parametrize("query", queries())
def test_what_one_can_type_finds_something_in_the_demo(demo: Searcher, query: str) -> None:
    results = demo.search(query)
    assert results.total
    assert not results.warnings


def test_every_file_that_is_linked_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
