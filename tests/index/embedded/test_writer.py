"""Writes are atomic and exclusive, and the index can be copied."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import AnalysedBatch, FieldTokens
from index.article import Article
from index.article_json import article_from_json, article_to_json, slugs
from index.embedded import writer
from index.embedded.commits import read_commit
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.segment import OpenSegment
from index.embedded.write_lock import write_lock
from index.errors import IndexBusyError, IndexUnavailableError
from index.history import WriteReport
from search.engines.embedded.engine import open_engine
from search.plan import Everything, Plan


def batch(*articles: Article) -> AnalysedBatch:
    """Return a batch of articles; the only term of each is its id."""
    numbers = np.arange(len(articles), dtype=np.int32)
    tokens = FieldTokens(numbers, numbers, np.zeros_like(numbers))
    names = ("text", "title", "author", "words")
    ids = tuple(article.id for article in articles)
    return AnalysedBatch(articles, ids, dict.fromkeys(names, tokens))


def numbered(*ids: int) -> AnalysedBatch:
    return batch(*(Article(id=str(name), title=f"Bài {name}") for name in ids))


def ids_in(directory: Path) -> list[str]:
    engine = open_engine(directory).reader()
    [matches] = engine.execute([Plan(Everything(), limit=10**6)])
    return [match.id for match in matches.page]


def test_builds_updates_and_deletions_are_reported_and_stored(tmp_path: Path) -> None:
    assert writer.build([numbered(1, 2, 3)], tmp_path) == WriteReport(3, 0, 0, 3)
    assert writer.update([numbered(2, 4), numbered(5, 4)], tmp_path) == WriteReport(
        given=4, repeated=1, replaced=1, articles=5
    )
    assert ids_in(tmp_path) == ["1", "3", "2", "5", "4"]
    assert writer.delete(tmp_path, ["3", "4", "9", "3"]) == 2
    assert ids_in(tmp_path) == ["1", "2", "5"]
    assert writer.build([numbered(7)], tmp_path) == WriteReport(1, 0, 0, 1)
    assert ids_in(tmp_path) == ["7"]


@given(
    old=st.lists(st.integers(0, 12), max_size=20),
    writes=st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=6), min_size=1, max_size=4),
)
@settings(max_examples=25, deadline=None)
def test_new_ids_may_be_looked_up_or_compared(old: list[int], writes: list[list[int]]) -> None:
    """Both ways of finding replaced articles give the same index and the same reports."""
    outcomes = []
    for share in (0, 10**9):
        limits = replace(LIMITS, looked_up_one_in=share, segments=3)
        with TemporaryDirectory() as folder:
            directory = Path(folder)
            writer.build([numbered(*old)] if old else [], directory)
            reports = [
                writer.update(
                    [numbered(*write[:3]), numbered(*write[3:])], directory, limits=limits
                )
                for write in writes
            ]
            outcomes.append((reports, ids_in(directory)))
    assert outcomes[0] == outcomes[1]
    assert set(outcomes[0][1]) == {str(n) for n in (*old, *(n for write in writes for n in write))}


def test_an_update_may_begin_an_index_and_a_build_may_be_empty(tmp_path: Path) -> None:
    writer.update([numbered(1)], tmp_path / "new")
    assert ids_in(tmp_path / "new") == ["1"]
    writer.build([], tmp_path / "new")
    assert ids_in(tmp_path / "new") == []


def test_a_missing_index_cannot_be_read_or_deleted_from(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailableError, match="no index here"):
        open_engine(tmp_path)
    with pytest.raises(IndexUnavailableError, match="no index here"):
        writer.delete(tmp_path, ["1"])


@pytest.mark.parametrize("write", [writer.build, writer.update])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_failed_write_changes_nothing(
    tmp_path: Path, write: object, error: type[BaseException]
) -> None:

    def broken() -> Iterator[AnalysedBatch]:
        yield numbered(7)
        yield numbered(8)
        raise error

    writer.build([numbered(1, 2)], tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(error):
        write(broken(), tmp_path, limits=WriteLimits(flush_tokens=1))  # type: ignore[operator]
    assert ids_in(tmp_path) == ["1", "2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_files_of_a_killed_writer_are_removed_by_the_next_write(tmp_path: Path) -> None:
    writer.build([numbered(1)], tmp_path)
    names = ("segment-0123456789abcdef.text", "commit-2.json.new", "_MAIN_2.toc.1700000000.5")
    stray = [tmp_path / name for name in names]
    for path in [*stray, tmp_path / "notes.txt"]:
        path.write_text("half a file")
    writer.update([numbered(2)], tmp_path)
    assert not any(path.exists() for path in stray)
    assert (tmp_path / "notes.txt").exists()
    assert ids_in(tmp_path) == ["1", "2"]


def test_a_full_disk_is_reported_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.build([numbered(1)], tmp_path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="the disk is full: free some space"):
            writer.update([numbered(2)], tmp_path)
    assert ids_in(tmp_path) == ["1"]
    writer.update([numbered(2)], tmp_path)
    assert ids_in(tmp_path) == ["1", "2"]


def test_a_commit_that_cannot_be_read_for_a_moment_is_not_replaced(tmp_path: Path) -> None:
    writer.build([numbered(1)], tmp_path)
    trouble = OSError(errno.EMFILE, "Too many open files")
    with (
        mock.patch.object(Path, "open", side_effect=trouble),
        pytest.raises(IndexUnavailableError, match="cannot be read"),
    ):
        writer.build([numbered(2)], tmp_path)
    assert ids_in(tmp_path) == ["1"]


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    writer.build([numbered(1)], tmp_path)
    with write_lock(tmp_path):
        for attempt in (
            lambda: writer.build([], tmp_path),
            lambda: writer.update([numbered(2)], tmp_path),
            lambda: writer.delete(tmp_path, ["1"]),
        ):
            with pytest.raises(IndexBusyError, match="another writer is at work"):
                attempt()
    assert writer.delete(tmp_path, ["1"]) == 1


def test_a_reader_keeps_its_commit_and_the_engine_opens_the_newest(tmp_path: Path) -> None:
    writer.build([numbered(1, 2)], tmp_path)
    engine = open_engine(tmp_path)
    before = engine.reader()
    writer.build([numbered(3)], tmp_path)
    assert engine.reader().generation > before.generation
    assert engine.reader().article_count == 1
    assert [one.id for one in before.stored(["1", "2"]) if one] == ["1", "2"]


@pytest.mark.parametrize("runs_at_once", [2, 3, 7])
def test_many_flushes_are_merged_in_steps(tmp_path: Path, runs_at_once: int) -> None:
    limits = WriteLimits(flush_tokens=1, merged_flushes=runs_at_once)
    writer.build([numbered(100)], tmp_path)

    def batches() -> Iterator[AnalysedBatch]:
        for number in range(7):
            steps, runs = divmod(number, runs_at_once)
            assert len([*tmp_path.glob("*.text")]) == 1 + steps + runs
            yield numbered(number, 50 + number % 3)

    assert writer.update(batches(), tmp_path, limits=limits) == WriteReport(
        given=14, repeated=4, replaced=0, articles=11
    )
    assert ids_in(tmp_path) == ["100", "0", "1", "2", "3", "4", "51", "5", "52", "6", "50"]
    names = {segment.id for segment in read_commit(tmp_path).segments}
    assert {path.name.split("-")[1][:16] for path in tmp_path.glob("*.text")} == names


def test_the_number_of_segments_is_limited(tmp_path: Path) -> None:
    for name in range(40):
        writer.update([numbered(name)], tmp_path)
        assert len(read_commit(tmp_path).segments) <= LIMITS.segments
    assert ids_in(tmp_path) == [str(name) for name in range(40)]


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    """Truncate or change any file of a small index anywhere: an error, or correct results."""
    writer.build([numbered(*range(20))], tmp_path)
    rng = np.random.default_rng(7)
    for path in sorted(tmp_path.glob("*-*.*")):
        content = path.read_bytes()
        for _ in range(40):
            damaged = bytearray(content)
            damaged[rng.integers(len(content))] ^= 1 << rng.integers(8)
            path.write_bytes(
                damaged[: rng.integers(len(content))] if rng.random() < 0.3 else damaged
            )
            try:
                assert ids_in(tmp_path) == [str(name) for name in range(20)]
            except IndexUnavailableError as error:
                assert str(error)
        path.write_bytes(content)
    assert len(ids_in(tmp_path)) == 20


def test_missing_files_are_named(tmp_path: Path) -> None:
    writer.build([numbered(1)], tmp_path)
    next(tmp_path.glob("*.language")).unlink()
    with pytest.raises(IndexUnavailableError, match="missing"):
        open_engine(tmp_path)


texts = st.text(st.characters(exclude_categories=[]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(
    article=st.builds(
        Article,
        id=texts.filter(bool),
        title=texts,
        summary=texts,
        body=texts,
        author=texts,
        source=texts,
        section=texts,
        url=texts,
        published=st.none() | st.datetimes(timezones=st.timezones()),
        extra=st.dictionaries(texts, json_values, max_size=3),
    )
)
@settings(deadline=None)
def test_an_article_is_read_back_unchanged(article: Article) -> None:
    back = article_from_json(article_to_json(article, *slugs([article])))
    assert replace(back, published=None) == replace(article, published=None)
    # Not compared directly: an hour that a clock skips or repeats has no equal in another zone.
    moments = [one.published and one.published.isoformat() for one in (back, article)]
    assert moments[0] == moments[1]


def test_articles_in_many_blocks_survive_merging(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    articles = [
        Article(
            id=str(name),
            body=rng.bytes(2000).hex(),
            published=datetime(2024, 1, 1, tzinfo=UTC),
            extra={"number": name},
        )
        for name in range(500)
    ]
    writer.build(
        (batch(*articles[at : at + 50]) for at in range(0, 500, 50)),
        tmp_path,
        limits=WriteLimits(flush_tokens=700),
    )
    writer.delete(tmp_path, [str(name) for name in range(0, 500, 3)])
    writer.update([numbered(*range(1000, 1400))], tmp_path)
    (segment,) = read_commit(tmp_path).segments
    assert OpenSegment(tmp_path, segment).stored.blocks > 10
    engine = open_engine(tmp_path).reader()
    expected = [None if int(article.id) % 3 == 0 else article for article in articles]
    assert engine.stored([article.id for article in articles]) == expected
