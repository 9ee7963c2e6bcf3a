"""After a purge no byte of a deleted article is left: the index equals a fresh build."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from index.analysis import analyse_all
from index.article import Article
from index.embedded import writer
from index.embedded.commits import generations, read_commit
from index.embedded.limits import WriteLimits
from index.embedded.segment import ARTICLES, OpenSegment
from index.embedded.verification import verify
from index.errors import IndexUnavailableError
from index.schema import DEFAULT_SCHEMA, Schema
from index.schema_files import parse_field
from index.storage.array_file import open_arrays
from tests.index.embedded.segments import IN_SEGMENTS

SECRET = "Trịnh Bí Mật Zyxwv"
SCHEMA = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet"))


@pytest.fixture(autouse=True)
def _nobody_pulls_the_plug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def article(number: int, *, secret: bool = False) -> Article:
    """Return an article whose text is partly shared with others and partly its own."""
    words = f"tin số {number} về giá lúa gạo ở đồng bằng sông Cửu Long năm {1900 + number}"
    name = f" {SECRET}" if secret else ""
    own = {"tags": [f"thẻ{name}"]}
    return Article(
        str(number),
        f"Bản tin {number}{name}",
        body=f"{words}{name}. " * 40,
        author=name,
        values=own,
    )


def write(articles: Iterable[Article], directory: Path, schema: Schema = SCHEMA) -> None:
    limits = WriteLimits(exact_tokens=0, beside_largest=1, kept_commits=2, flush_tokens=20_000)
    writer.update(analyse_all(articles, 1, schema), directory, schema, limits=limits)


def everything(directory: Path) -> bytes:
    """Return all bytes of all files, together with their decompressed contents."""
    content = b""
    for path in directory.iterdir():
        content += path.read_bytes()
    for segment in read_commit(directory).segments:
        opened = OpenSegment(directory, segment)
        for block in range(opened.stored.blocks):
            content += b"".join(opened.stored.frame(block).lines())
        content += open_arrays(segment.path(directory, ARTICLES))["article.dictionaries"].tobytes()
    return content.lower()


def traces(directory: Path) -> list[str]:
    found = everything(directory)
    words = [SECRET, *SECRET.split()[1:]]
    return [word for word in words if word.lower().encode() in found]


def test_a_purged_index_is_that_of_a_fresh_build(tmp_path: Path) -> None:
    directory, fresh = tmp_path / "index", tmp_path / "fresh"
    write([article(number, secret=number % 5 == 0) for number in range(600)], directory)
    write([article(number) for number in (0, 700)], directory)
    write([article(number, secret=True) for number in range(800, 803)], directory)
    assert len(generations(directory)) == 2
    assert traces(directory)
    deleted = [str(number) for number in (*range(5, 600, 5), *range(800, 803), 9999)]
    assert writer.purge(directory, deleted) == len(deleted) - 1
    remaining = [number for number in range(600) if number % 5] + [0, 700]
    writer.build(analyse_all(map(article, remaining), 1, SCHEMA), fresh, SCHEMA)
    assert traces(directory) == []
    assert generations(directory) == [4]
    assert verify(directory).articles == len(remaining)
    fingerprints = [[one.files for one in read_commit(at).segments] for at in (directory, fresh)]
    assert fingerprints[0] == fingerprints[1]  # byte for byte


def test_a_purge_without_ids_removes_earlier_deletions(tmp_path: Path) -> None:
    write([article(number, secret=number == 3) for number in range(9)], tmp_path)
    writer.delete(tmp_path, ["3"], limits=IN_SEGMENTS)
    assert traces(tmp_path)
    assert writer.purge(tmp_path, workers=2) == 0
    assert traces(tmp_path) == []
    assert verify(tmp_path).articles == 8


def test_a_failed_purge_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write([article(number) for number in range(9)], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer, "write_phrases", fail)
        with pytest.raises(KeyboardInterrupt):
            writer.purge(tmp_path, ["1"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_purge_of_a_damaged_index_is_refused(tmp_path: Path) -> None:
    write([article(number) for number in range(300)], tmp_path)
    path = next(tmp_path.glob("*.articles"))
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexUnavailableError, match="damaged"):
        writer.purge(tmp_path, ["1"])
