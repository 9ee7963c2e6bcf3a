"""Engines on folders that are swapped, removed, rebuilt, damaged or unreadable."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.limits import LIMITS
from index.embedded.writer import build, update
from index.errors import IndexUnavailableError
from search import Searcher, plan
from search.engines.embedded.engine import EmbeddedEngine, open_engine


def write(directory: Path, name: str) -> None:
    build([analyse([Article(name, body="tin")])], directory)


def found(engine: EmbeddedEngine) -> list[str]:
    [matches] = engine.reader().execute([plan.Plan(plan.Everything())])
    return [match.id for match in matches.page]


def test_a_replaced_symbolic_link_is_followed(tmp_path: Path) -> None:
    """Both commits have the generation 1."""
    link = tmp_path / "index"
    for name in ("old", "new"):
        write(tmp_path / name, name)
    link.symlink_to("old")
    engine = open_engine(link)
    assert found(engine) == ["old"]
    link.unlink()
    link.symlink_to("new")
    assert found(engine) == ["new"]


def test_an_index_that_is_removed_and_built_again_is_served(tmp_path: Path) -> None:
    write(tmp_path / "index", "old")
    engine = open_engine(tmp_path / "index")
    before = engine.reader()
    shutil.rmtree(tmp_path / "index")
    write(tmp_path / "index", "new")
    assert found(engine) == ["new"]
    assert engine.reader().generation == before.generation
    assert engine.reader().identity != before.identity


def test_a_temporarily_missing_index_is_served_again(tmp_path: Path) -> None:
    write(tmp_path / "index", "a")
    engine = open_engine(tmp_path / "index")
    reader = engine.reader()
    (tmp_path / "index").rename(tmp_path / "elsewhere")
    with pytest.raises(IndexUnavailableError, match="no index here"):
        engine.reader()
    (tmp_path / "elsewhere").rename(tmp_path / "index")
    assert engine.reader() is reader


def test_a_copy_of_the_same_commit_is_not_opened_again(tmp_path: Path) -> None:
    write(tmp_path / "index", "a")
    engine = open_engine(tmp_path / "index")
    reader = engine.reader()
    shutil.copytree(tmp_path / "index", tmp_path / "copy")
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "copy").rename(tmp_path / "index")
    assert engine.reader() is reader


@pytest.mark.parametrize("how", ["commit", "segment", "unreadable", "missing"])
def test_while_a_commit_cannot_be_opened_the_old_one_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    write(tmp_path, "a")
    engine = EmbeddedEngine(tmp_path, retry_seconds=0.0)
    old = set(tmp_path.iterdir())
    update([analyse([Article("b", body="tin")])], tmp_path)
    [segment] = set(tmp_path.glob("segment-*.text")) - old
    victim = tmp_path / "commit-2.json" if how == "commit" else segment
    sound = victim.read_bytes()
    victim.unlink()
    if how == "unreadable":
        victim.mkdir()  # root can read any file; opening a folder fails for everybody
    elif how != "missing":
        victim.write_bytes(sound[:-9])
    assert found(engine) == ["a"]
    assert found(engine) == ["a"]
    assert len(caplog.records) == 1, "reported once, not at every request"
    with pytest.raises(IndexUnavailableError, match=r"again|restore"):
        open_engine(tmp_path)
    if how == "unreadable":
        victim.rmdir()
    victim.write_bytes(sound)
    assert found(engine) == ["a", "b"]


@pytest.mark.parametrize("damaged", [1, 2, 3])
def test_processes_that_missed_commits_use_the_newest_one_that_opens(
    tmp_path: Path, damaged: int
) -> None:
    write(tmp_path, "0")
    engines = [EmbeddedEngine(tmp_path, retry_seconds=0.0)]
    limits = replace(LIMITS, kept_commits=9)
    for version in range(1, 6):
        update([analyse([Article(str(version), body="tin")])], tmp_path, limits=limits)
        engines.append(EmbeddedEngine(tmp_path, retry_seconds=0.0))
    engines = engines[:-damaged]  # the others would have the damaged commits in memory
    sound = {}
    for generation in range(7 - damaged, 7):
        commit = tmp_path / f"commit-{generation}.json"
        sound[commit] = commit.read_bytes()
        commit.write_bytes(b"{")
    expected = [str(version) for version in range(6 - damaged)]
    for _ in range(2):
        assert [found(engine) for engine in engines] == [expected] * len(engines)
    for commit, content in sound.items():  # the oldest first
        commit.write_bytes(content)
        expected.append(str(len(expected)))
        assert [found(engine) for engine in engines] == [expected] * len(engines)


def test_a_commit_that_cannot_be_opened_is_not_tried_at_every_request(tmp_path: Path) -> None:
    write(tmp_path, "a")
    engine = EmbeddedEngine(tmp_path, retry_seconds=3600.0)
    update([analyse([Article("b", body="tin")])], tmp_path)
    commit = tmp_path / "commit-2.json"
    sound = commit.read_bytes()
    commit.write_bytes(b"{")
    assert found(engine) == ["a"]
    commit.write_bytes(sound)  # a changed file is read again at once
    assert found(engine) == ["a", "b"]


@pytest.mark.parametrize("ending", [".text", ".articles", ".language", ".completions"])
def test_a_truncated_file_is_reported_until_it_is_restored(tmp_path: Path, ending: str) -> None:
    """Reading its map beyond the end would kill the process."""
    write(tmp_path / "index", "a")
    engine = EmbeddedEngine(tmp_path / "index", retry_seconds=0)
    searcher = Searcher(engine)
    assert [hit.id for hit in searcher.search("tin").hits] == ["a"]
    [path] = (tmp_path / "index").glob(f"*{ending}")
    content = path.read_bytes()
    for restore in (path.write_bytes, lambda content: replaced(path, content)):
        os.truncate(path, len(content) // 3)
        for _ in range(3):
            with pytest.raises(IndexUnavailableError, match="cut short"):
                searcher.search("tin")
        restore(content)
        assert [hit.id for hit in searcher.search("tin").hits] == ["a"]


def replaced(path: Path, content: bytes) -> None:
    """Replace a file by a new one."""
    other = path.with_name("other")
    other.write_bytes(content)
    other.replace(path)


def test_cache_entries_of_removed_segments_are_dropped(tmp_path: Path) -> None:
    write(tmp_path / "index", "old")
    engine = EmbeddedEngine(tmp_path / "index")
    sizes = []
    for number in range(4):
        update([analyse([Article("old", body=f"tin {number} mới tin")])], tmp_path / "index")
        reader = engine.reader()
        phrase = plan.Phrase("text", (("tin",), ("mới", "cũ")), slop=1)
        assert [answer.total for answer in reader.execute([plan.Plan(phrase)])] == [1]
        sizes.append(reader.caches()["positions"].nbytes)
    assert sizes[0] > 0
    assert sizes == sizes[:1] * 4
