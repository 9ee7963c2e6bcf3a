"""Stored articles with damaged blocks, or blocks written by another program."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.analysis import analyse
from index.article import Article
from index.article_json import article_from_json, article_to_json, article_to_record, slugs
from index.embedded import stored_articles as stored_module
from index.embedded.commits import read_commit
from index.embedded.segment import OpenSegment
from index.embedded.stored_articles import Stored, StoredWriter
from index.embedded.writer import build
from index.errors import IndexUnavailableError
from index.storage import compression
from index.storage.array_file import open_arrays
from index.storage.array_writer import ArrayWriter

Open = Callable[[bytes], Stored]


@pytest.fixture
def stored(tmp_path: Path) -> Open:
    """Write one block with one line, and open it."""

    def opened(line: bytes) -> Stored:
        with ArrayWriter(tmp_path / "articles") as writer:
            block = StoredWriter(writer)
            block.append([line])
            block.close()
        return Stored(open_arrays(tmp_path / "articles"))

    return opened


def test_missing_fields_are_empty(stored: Open) -> None:
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
        {"id": "x", "published": "2024-01-31T08:00:00"},  # without an offset
        {"id": "x", "extra": []},
        {"id": "x", "url": ["a", 5]},
        {"id": "x", "url": [None]},
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
def test_json_that_is_not_an_article_is_damage(stored: Open, record: object) -> None:
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
def test_invalid_json_is_damage(stored: Open, line: bytes) -> None:
    with pytest.raises(IndexUnavailableError, match=r"block 0 .* Build the index again"):
        stored(line).article(0)


def test_records_equal_the_articles_in_any_order(tmp_path: Path) -> None:
    articles = [
        replace(PAGE, id=str(n), body="Mưa " * 900, extra={"n": 2**80 + n}) for n in range(40)
    ]
    articles[7] = replace(articles[7], title="\ud83d", url="x")
    build([analyse(articles)], tmp_path)
    [segment] = read_commit(tmp_path).segments
    stored = OpenSegment(tmp_path, segment).stored
    assert stored.blocks > 5
    doc_ids = [39, 7, 8, 7, 0, 21]
    assert stored.records(doc_ids) == [article_to_record(articles[n]) for n in doc_ids]
    assert stored.records([]) == []


def test_damaged_records_are_reported(stored: Open) -> None:
    with pytest.raises(IndexUnavailableError, match=r"block 0 .* Build the index again"):
        stored(b'{"id":"x","url":["a",5]}').records([0])


def test_the_faulty_field_is_reported(stored: Open) -> None:
    with pytest.raises(IndexUnavailableError, match='"title" is int'):
        stored(b'{"id":"x","title":5}').article(0)


PAGE = Article("x", "Hà Nội: mưa to!", url="https://a.vn/tin/ha-noi-mua-to-1234.html")


@pytest.mark.parametrize(
    "article",
    [
        PAGE,
        replace(PAGE, url="https://a.vn/ha-noi-mua-to-ha-noi-mua-to"),
        replace(PAGE, url="https://a.vn/ha-noi-mua.html"),
        replace(PAGE, title="", body="b"),
        replace(PAGE, title="!", body="b"),
        replace(PAGE, title="Hà\nNội"),
        replace(PAGE, url=""),
    ],
)
def test_urls_that_contain_the_title_are_restored(article: Article) -> None:
    [slug] = slugs([article])
    line = article_to_json(article, slug)
    assert article_from_json(line) == article
    assert len(line) <= len(article_to_json(article)) + 6


def test_the_title_is_not_stored_again_in_the_url() -> None:
    assert b"ha-noi" not in article_to_json(PAGE, *slugs([PAGE]))


def lines_of(corpus: str, count: int, start: int = 0) -> list[bytes]:
    """Return similar articles."""
    words = [f"{corpus}{number}" for number in range(50)]
    texts = (" ".join(words[(n * 7 + at) % 50] for at in range(30)) for n in range(count))
    return [f'{{"id":"{start + n}","body":"{text}"}}'.encode() for n, text in enumerate(texts)]


def written(path: Path, write: Callable[[StoredWriter], object]) -> Stored:
    with ArrayWriter(path) as writer:
        stored = StoredWriter(writer)
        write(stored)
        stored.close()
    return Stored(open_arrays(path))


@pytest.fixture
def _small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_DICTIONARY_BYTES", 2048)
    monkeypatch.setattr(compression, "RETRAIN_BYTES", 300_000)
    monkeypatch.setattr(stored_module, "SAMPLE_BYTES", 100_000)


@pytest.mark.usefixtures("_small_samples")
def test_articles_are_decompressed_with_the_dictionary_of_their_block(tmp_path: Path) -> None:
    lines = lines_of("a", 2000) + lines_of("b", 2000, 2000)
    stored = written(tmp_path / "articles", lambda writer: writer.append(lines))
    frames = [stored.frame(block) for block in range(stored.blocks)]
    numbers = [frame.dictionary.number for frame in frames if frame.dictionary]
    assert len(numbers) == len(frames)
    assert len(set(numbers)) > 1
    assert [line for frame in frames for line in frame.lines()] == lines
    assert stored.article(2500).id == "2500"


@pytest.mark.usefixtures("_small_samples")
def test_frames_of_several_segments_keep_their_dictionaries(tmp_path: Path) -> None:
    parts = [
        written(tmp_path / name, lambda writer, name=name: writer.append(lines_of(name, 1000)))  # type: ignore[misc]
        for name in "ab"
    ]

    def merge(writer: StoredWriter) -> None:
        for part in parts:
            for block in range(part.blocks):
                assert writer.append_frame(part.frame(block), len(part.documents(block)))
        writer.append(lines_of("c", 3))

    merged = written(tmp_path / "merged", merge)
    lines = [line for block in range(merged.blocks) for line in merged.lines(block)]
    assert lines == lines_of("a", 1000) + lines_of("b", 1000) + lines_of("c", 3)


@pytest.mark.usefixtures("_small_samples")
def test_two_dictionaries_with_the_same_number_are_distinguished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [
        written(tmp_path / name, lambda writer, name=name: writer.append(lines_of(name, 1000)))  # type: ignore[misc]
        for name in "ab"
    ]
    first, second = (part.frame(0) for part in parts)
    assert first.dictionary
    assert second.dictionary
    monkeypatch.setattr(second.dictionary, "number", first.dictionary.number)

    def merge(writer: StoredWriter) -> None:
        assert writer.append_frame(first, len(parts[0].documents(0)))
        assert not writer.append_frame(second, len(parts[1].documents(0)))
        writer.append(second.lines())

    merged = written(tmp_path / "merged", merge)
    lines = [line for block in range(merged.blocks) for line in merged.lines(block)]
    assert lines == [*first.lines(), *second.lines()]


@pytest.mark.usefixtures("_small_samples")
def test_a_missing_dictionary_is_damage(tmp_path: Path) -> None:
    stored = written(tmp_path / "a", lambda writer: writer.append(lines_of("a", 1000)))
    frame = stored.frame(0).content
    with ArrayWriter(tmp_path / "b") as writer:
        writer.append("article.blocks", np.frombuffer(frame, np.uint8))
        writer.append("article.block_starts", np.array([0, len(frame)]))
        writer.append("article.block_first_documents", np.array([0, 1], np.uint32))
        writer.append("article.dictionaries", np.empty(0, np.uint8))
        writer.append("article.dictionary_starts", np.zeros(1, np.uint32))
    with pytest.raises(IndexUnavailableError, match=r"block 0 .* Build the index again"):
        Stored(open_arrays(tmp_path / "b")).article(0)


def test_a_hundred_of_the_same_articles_need_no_dictionary(tmp_path: Path) -> None:
    lines = [b'{"id":"x","body":"' + b"a" * 60_000 + b'"}'] * 100
    stored = written(tmp_path / "articles", lambda writer: writer.append(lines))
    assert stored.article(99).id == "x"
