"""A reader that opens an index while a writer replaces it."""

from pathlib import Path
from typing import Any

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.errors import IndexUnavailableError
from search import open_searcher
from tests.index.embedded.file_events import listening


def write(directory: Path, version: int) -> None:
    build([analyse([Article(id=str(version), body="tin")])], directory)


@pytest.mark.parametrize("extension", ["text", "articles", "language", "completions"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_commit_that_is_removed_while_it_is_opened_is_replaced_by_the_next(
    tmp_path: Path, extension: str, times: int
) -> None:
    """When a newer commit is published its files are removed; then the newer one is opened."""
    write(tmp_path, 0)
    versions = iter(range(1, times + 1))
    writing = False

    def replace(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal writing
        if event == "open" and str(arguments[0]).endswith(f".{extension}") and not writing:
            writing = True
            for version in versions:
                write(tmp_path, version)
                break
            writing = False

    with listening(replace):
        searcher = open_searcher(tmp_path)
    assert [hit.id for hit in searcher.search("tin").hits] == [str(times)]


def test_permanently_missing_files_are_reported(tmp_path: Path) -> None:
    write(tmp_path, 0)
    next(tmp_path.glob("*.text")).unlink()
    with pytest.raises(IndexUnavailableError, match="missing"):
        open_searcher(tmp_path)
