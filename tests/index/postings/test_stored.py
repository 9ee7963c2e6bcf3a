"""Blocks of stored articles that somebody else wrote, or that are damaged."""

import json

import numpy as np
import pytest
import zstandard

from index.article import Article
from index.errors import IndexUnavailableError
from index.postings.stored import Stored


def stored(line: bytes) -> Stored:
    """Open one block that holds one line."""
    frame = zstandard.ZstdCompressor().compress(line)
    return Stored(
        {
            "article.blocks": np.frombuffer(frame, np.uint8),
            "article.block_start": np.array([0, len(frame)], np.int64),
            "article.block_first": np.array([0, 1], np.uint32),
        }
    )


def test_what_is_not_there_is_empty() -> None:
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
def test_what_is_no_article_is_damage(record: object) -> None:
    articles = stored(json.dumps(record).encode())
    with pytest.raises(IndexUnavailableError, match=r"block 0 .* build the index again"):
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
def test_what_is_no_json_is_damage(line: bytes) -> None:
    with pytest.raises(IndexUnavailableError, match=r"block 0 .* build the index again"):
        stored(line).article(0)


def test_the_field_at_fault_is_named() -> None:
    with pytest.raises(IndexUnavailableError, match='"title" is int'):
        stored(b'{"id":"x","title":5}').article(0)
