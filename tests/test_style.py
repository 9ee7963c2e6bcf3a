"""The style rules of the project that can be checked mechanically."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("index", "search", "web", "tests", "benchmarks")

MAX_FUNCTION_LINES = 50
MAX_FILE_LINES = 350


class Finding(NamedTuple):
    """A violation of a rule."""

    path: str
    line: int
    text: str


class Source(NamedTuple):
    """A Python file, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module


@cache
def sources(folder: str) -> tuple[Source, ...]:
    paths = sorted((ROOT / folder).rglob("*.py"))
    texts = [(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in paths]
    return tuple(Source(path, text, ast.parse(text)) for path, text in texts)


def docstrings(source: Source) -> Iterator[tuple[ast.AST, int, str]]:
    """Yield every docstring, also of constants, with its node and line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for at, statement in enumerate(node.body):
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    text = statement.value.value
                    if isinstance(text, str):
                        yield (node.body[at - 1] if at else node), statement.lineno, text


def starts_with_give_say_or_tell(source: Source) -> Iterator[Finding]:
    """A docstring begins with a verb that says what happens, never Give, Say or Tell."""
    for _, line, text in docstrings(source):
        if re.match(r"(Give|Say|Tell)s?\b", text):
            yield Finding(source.path, line, text.split("\n")[0])


def asks_a_question(source: Source) -> Iterator[Finding]:
    """The first line of a docstring is a statement; questions belong in ARCHITECTURE.md."""
    for _, line, text in docstrings(source):
        if text.split("\n")[0].rstrip().endswith("?"):
            yield Finding(source.path, line, text.split("\n")[0])


def vague_words(source: Source) -> Iterator[Finding]:
    """Quantities have numbers, and errors say what is wrong."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(r"\b(so many|so much|makes? no sense)\b", line, re.IGNORECASE):
            yield Finding(source.path, number, line.strip())


def limits_with_other_names(source: Source) -> Iterator[Finding]:
    """A limit is named MAX_ or MIN_, its object, and its unit."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and re.match(
                    r"_?(LONGEST|LARGEST|MOST|LEAST|FEW|FEWEST|HIGHEST|LOWEST|SHORTEST|SMALLEST"
                    r"|ENOUGH|MANY)(_|$)",
                    target.id,
                ):
                    yield Finding(source.path, node.lineno, target.id)


def long_functions(source: Source) -> Iterator[Finding]:
    """A function fits on a screen."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield Finding(source.path, node.lineno, f"{node.name}: {lines} lines")


def long_files(source: Source) -> Iterator[Finding]:
    """A file is about one thing."""
    lines = source.text.count("\n")
    if lines > MAX_FILE_LINES:
        yield Finding(source.path, 1, f"{lines} lines")


RULES: tuple[Callable[[Source], Iterator[Finding]], ...] = (
    starts_with_give_say_or_tell,
    asks_a_question,
    vague_words,
    limits_with_other_names,
    long_functions,
    long_files,
)


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_style_rule(rule: Callable[[Source], Iterator[Finding]], folder: str) -> None:
    found = [
        finding
        for source in sources(folder)
        if source.path != "tests/test_style.py"
        for finding in rule(source)
    ]
    listed = "\n".join(f"{path}:{line}: {text}" for path, line, text in found)
    assert not found, f"{rule.__doc__}\n{listed}"


CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_changelog_has_its_form() -> None:
    """Versions descend; each has kinds of changes, each with a list of sentences."""
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    assert lines[0] == "# Changelog"
    headings = [line for line in lines if line.startswith("#")]
    versions = [line for line in headings if line.startswith("## ")]
    assert versions
    assert versions[0] == "## [Unreleased]"
    pattern = r"## \[(Unreleased|\d+\.\d+\.\d+)\]( - \d{4}-\d\d-\d\d)?"
    assert all(re.fullmatch(pattern, version) for version in versions)
    kinds = [line for line in headings if line.startswith("### ")]
    assert {kind.removeprefix("### ") for kind in kinds} <= CHANGES
    for before, after in zip(lines, [*lines[1:], ""], strict=True):
        if before.startswith("### "):
            assert not after, f"an empty line belongs under {before!r}"
        if before.startswith("- "):
            assert before[2].isupper() or before[2] in '`"“', before


def test_no_merge_left_its_conflict_markers() -> None:
    """Also inside docstrings and Markdown, where Python does not notice them."""
    folders = (*FOLDERS, "docs", "deploy", "examples")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts = [path for path in (*paths, *ROOT.glob("*.md")) if path.suffix in {".py", ".md", ".c"}]
    marker = re.compile(r"^\s*(<{7}|>{7}) \S", re.MULTILINE)
    found = [str(path) for path in texts if marker.search(path.read_text("utf-8"))]
    assert texts
    assert not found
