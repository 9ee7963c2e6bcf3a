"""Blocks of stored articles that somebody else wrote, or that are damaged."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from index.arrays import ArrayWriter, open_arrays
from index.article import Article
from index.errors import IndexUnavailableError
from index.postings.stored import Stored, StoredWriter

Open = Callable[[bytes], Stored]


@pytest.fixture
def stored(tmp_path: Path) -> Open:
    """Write one block that holds one line, and open it."""

    def opened(line: bytes) -> Stored:
        with ArrayWriter(tmp_path / "articles") as writer:
            block = StoredWriter(writer)
            block.append([line])
            block.close()
        return Stored(open_arrays(tmp_path / "articles"))

    return opened


def test_what_is_not_there_is_empty(stored: Open) -> None:
    assert stored(b'{"id":"x"}').article(0) == Article("x")


@pytest.mark.parametrize(
    "record",
    [
        {"id": "x", "title": 5},
        {"id": "x", "body": None},
        {"id": "x", "summary": ["a"]},
        {"id": "x", "url": {"a": "b"}},
        {"id": "x", "published": 2024},
        {"id": "x", "published": None},
        {"id": "x", "published": "yesterday"},
        {"id": "x", "published": "2024-01-31T08:00:00"},  # of which offset?
        {"id": "x", "extra": []},
        {"id": "x", "extra": None},
        {"id": 5},
        {"id": ""},
        {"title": "a"},
        {"id": "x", "colour": "red"},
        {},
        [],
        [["id", "x"]],
        "id",
        5,
        None,
    ],
)
def test_what_is_no_article_is_damage(stored: Open, record: object) -> None:
    articles = stored(json.dumps(record).encode())
    with pytest.raises(IndexUnavailableError, match=r"block 0 .* Build the index again"):
        articles.article(0)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff",
        b'{"id":"x","extra":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id":"x","extra":{"n":' + b"9" * 5000 + b"}}",
    ],
)
def test_what_is_no_json_is_damage(stored: Open, line: bytes) -> None:
    with pytest.raises(IndexUnavailableError, match=r"block 0 .* Build the index again"):
        stored(line).article(0)


def test_the_field_at_fault_is_named(stored: Open) -> None:
    with pytest.raises(IndexUnavailableError, match='"title" is int'):
        stored(b'{"id":"x","title":5}').article(0)
