"""The commands and examples of the README and of docs/ are run.

A fenced block marked `sh` is run line by line, `python` as a program, each page in a folder of
its own with `articles.jsonl`, `more.jsonl` and the demo corpus. Blocks marked otherwise
(`console`, `text`) show what no test can run: servers, system services, package managers.
"""

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
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = PAGES[0].read_text("utf-8")
ARTICLE = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
PROGRAMS = {"python": [], "timtin": ["-m", "web.command"]}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with the files that the pages use."""
    more = ARTICLE | {"id": "2023-18", "title": "Tổng cục Kỹ thuật tổ chức hội nghị"}
    for file, article in (("articles.jsonl", ARTICLE), ("more.jsonl", more)):
        (tmp_path / file).write_text(json.dumps(article, ensure_ascii=False) + "\n", "utf-8")
    (tmp_path / "demo").symlink_to(ROOT / "demo")
    return tmp_path


def run(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{shlex.join(arguments)}\n{done.stderr}"
    return done.stdout


def shell(block: str, folder: Path) -> None:
    for line in block.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line, comments=True) or [""]
        if not program:
            continue
        assert program in PROGRAMS, f"a block marked `sh` cannot run {program!r}; mark it `console`"
        run([*PROGRAMS[program], *arguments], folder)


RUN = [page for page in PAGES if blocks(page, "sh") or blocks(page, "python")]


@pytest.mark.parametrize("page", RUN, ids=name)
def test_commands_and_programs_of_a_page_work_one_after_the_other(page: Path, folder: Path) -> None:
    for block in blocks(page, "sh"):
        shell(block, folder)
    if blocks(page, "python"):
        run(["-m", "index", "build", "articles.jsonl", "--index", "my-index"], folder)
    for program in blocks(page, "python"):
        run(["-c", program], folder)


def test_the_readme_finds_its_own_article(folder: Path) -> None:
    run(["-m", "index", "build", "articles.jsonl", "--index", "my-index"], folder)
    [example] = blocks(PAGES[0], "python")
    assert "2023-17" in run(["-c", example], folder)


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150
    assert len(blocks(PAGES[0], "sh")) >= 1


def queries() -> list[str]:
    """Return the first column of the README's table of queries."""
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
def test_every_example_query_has_results_in_the_demo(demo: Searcher, query: str) -> None:
    results = demo.search(query)
    assert results.total
    assert {warning.code for warning in results.warnings} <= {"relaxed"}  # a small corpus


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_linked_file_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{name(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_named_module_exists(page: Path) -> None:
    named = re.findall(
        r"`((?:index|search|web|tests|benchmarks|deploy)/[a-z0-9_/.-]*)`", page.read_text("utf-8")
    )
    missing = [target for target in named if not (ROOT / target).exists()]
    assert not missing
