"""Imports go one way, including those inside functions.

`lint-imports` checks the order of the packages; this checks the subpackages and modules directly
within them.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "search", "web")

ALLOWED = {
    "index.native": set[str](),
    "index.storage": {"index.errors", "index.native"},
    "index.vietnamese": {"index.native"},
    "index.models": {"index.storage", "index.vietnamese", "index.native", "index.errors"},
    "index.corpus": {
        "index.vietnamese",
        "index.article",
        "index.schema",
        "index.errors",
        "index.file_names",
    },
    "index.schema": {"index.vietnamese", "index.errors"},
    "index.article": {"index.schema"},
}
"""The only imports from the project that low-level packages may have."""


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return for each module the full names of its imports, including those inside functions.

    Imports for type checkers only do not count.
    """
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            tree = ast.parse(path.read_text("utf-8"))
            found[name.removesuffix(".__init__")] = frozenset(imported(tree))
    return found


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.module, "relative imports are banned by ruff"
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from imported(child)


@cache
def edges() -> frozenset[tuple[str, str]]:
    """Return (importing module, imported module) for all imports within the project."""
    found = imports()
    return frozenset(
        (module, other)
        for module, others in found.items()
        for other in others
        if other in found and other != module and not module.startswith(f"{other}.")
    )


def subpackage(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_modules_are_found() -> None:
    assert len(imports()) > 100
    assert ("search.searcher", "search.pipeline") in edges()
    assert ("web.app", "web.errors") in edges()


def test_no_package_imports_a_later_one() -> None:
    order = {package: rank for rank, package in enumerate(PACKAGES)}
    backward = [(a, b) for a, b in edges() if order[a.split(".")[0]] < order[b.split(".")[0]]]
    assert not backward


def test_there_is_no_import_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for module, other in edges():
        graph.setdefault(module, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" <- ".join(error.args[1])) from None


def test_no_two_subpackages_import_each_other() -> None:
    between = {(subpackage(a), subpackage(b)) for a, b in edges() if subpackage(a) != subpackage(b)}
    entangled = {(a, b) for a, b in between if a < b and (b, a) in between}
    assert not entangled


def test_base_packages_import_only_what_is_allowed() -> None:
    disallowed = [
        (module, other)
        for module, other in edges()
        if subpackage(module) in ALLOWED
        and subpackage(other) not in {subpackage(module), *ALLOWED[subpackage(module)]}
    ]
    assert not disallowed


def test_only_one_package_imports_whoosh() -> None:
    importing = {
        module
        for module, others in imports().items()
        if any(other.split(".")[0] == "whoosh" for other in others)
        and not module.startswith("index.embedded.whoosh")
    }
    assert not importing
