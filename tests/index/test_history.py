"""The history of writes is kept with the index through updates, snapshots and copies."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedded.commits import read_commit
from index.history import (
    MAX_LINES,
    MAX_WRITES,
    NO_HISTORY,
    History,
    WriteKind,
    WriteSummary,
    history_from_dict,
)
from tests.index.command_line import run
from tests.index.embedded.crafted import change_commit

COUNTS = st.integers(0, 10**6)
ACCOUNTS = st.builds(
    WriteSummary,
    st.sampled_from(WriteKind),
    st.just("2026-03-07T08:15:00+00:00"),
    read=COUNTS, indexed=COUNTS, bad=COUNTS, repeated=COUNTS, refused=COUNTS, deleted=COUNTS,
    unsearched=st.lists(st.text(), max_size=30).map(tuple),
    lines=st.lists(st.text(max_size=400), max_size=60).map(tuple),
)  # fmt: skip


@given(st.lists(ACCOUNTS, max_size=2 * MAX_WRITES + 3))
def test_a_history_is_bounded_and_its_sums_are_those_of_all_writes(
    summaries: list[WriteSummary],
) -> None:
    history = NO_HISTORY
    for summary in summaries:
        history = history.with_write(summary)
    written = json.dumps(history.as_dict())
    assert len(written) < 10_000 + MAX_WRITES * MAX_LINES * 2_000
    assert history_from_dict(json.loads(written)) == history
    total = history.total
    assert (total.skipped if total else 0) == sum(summary.skipped for summary in summaries)
    assert (total.deleted if total else 0) == sum(summary.deleted for summary in summaries)


def _stored(history: History) -> dict[str, Any]:
    """Return a history as it is read from the file of a commit."""
    value: dict[str, Any] = json.loads(json.dumps(history.as_dict()))
    return value


@pytest.mark.parametrize(
    "change",
    [
        {"writes": 5},
        {"writes": [{}]},
        {"earlier": []},
        {"writes": [{"read": -1}]},
        {"writes": [{"read": True}]},
        {"writes": [{"kind": "steal"}]},
        {"writes": [{"lines": ["a" * 1000]}]},
        {"writes": [{"lines": [5]}]},
        {"writes": [{"at": "yesterday"}]},
        {"writes": [{"read": 10**16}]},
    ],
)
def test_a_history_that_is_inconsistent_is_refused(change: dict[str, object]) -> None:
    value = _stored(NO_HISTORY.with_write(WriteSummary(WriteKind.BUILD)))
    assert history_from_dict(value).writes
    written = change.get("writes")
    if isinstance(written, list) and len(written) == 1 and written[0]:
        change = {"writes": [value["writes"][0] | written[0]]}
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        history_from_dict(value | change)


def test_a_history_of_too_many_writes_is_refused() -> None:
    [build] = _stored(NO_HISTORY.with_write(WriteSummary(WriteKind.BUILD)))["writes"]
    most = {"writes": [build] * MAX_WRITES, "earlier": None}
    assert len(history_from_dict(most).writes) == MAX_WRITES
    with pytest.raises(ValueError, match="too many"):
        history_from_dict(most | {"writes": [build] * (MAX_WRITES + 1)})


def test_skipped_counts_records_that_were_read_but_not_indexed() -> None:
    summary = WriteSummary(WriteKind.BUILD, read=8, indexed=1, bad=1, repeated=2, refused=4)
    assert summary.skipped == 7


def test_quoted_lines_of_older_writes_are_dropped() -> None:
    history = NO_HISTORY.with_write(WriteSummary(WriteKind.BUILD, bad=1, lines=("bí mật",)))
    for _ in range(MAX_WRITES):
        history = history.with_write(WriteSummary(WriteKind.UPDATE))
    assert history.earlier is not None
    assert history.earlier.bad == 1
    assert "bí mật" not in str(history)


def test_lines_that_are_not_utf_8_are_stored_with_replacements() -> None:
    history = NO_HISTORY.with_write(WriteSummary(WriteKind.BUILD, lines=("tệp \udcff hỏng",)))
    [line] = history.writes[0].lines
    assert line.encode() == "tệp ? hỏng".encode()


def _corpus(path: Path, *records: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def _history(index: Path) -> History:
    return read_commit(index).history


def test_builds_updates_and_deletions_are_reported_and_a_build_begins_again(tmp_path: Path) -> None:
    index = tmp_path / "index"
    first = _corpus(
        tmp_path / "a.jsonl",
        {"id": "1", "title": "một", "published": "hôm nào đó"},
        {"id": "1", "title": "hai"},
        {"id": "2", "tieng_lao": "không có tựa " * 30},
        {"id": "3", "title": "ba", "ghi_chu_dai": "chữ " * 200},
    )
    run("build", first, "--index", index)
    [build] = _history(index).writes
    assert (build.kind, build.read, build.indexed) == (WriteKind.BUILD, 4, 2)
    assert (build.bad, build.repeated, build.undated) == (1, 1, 1)
    assert build.unsearched == ("ghi_chu_dai",)
    assert any("a.jsonl:3" in line for line in build.lines)
    assert build.at

    run("update", _corpus(tmp_path / "b.jsonl", {"id": "3", "title": "bốn"}), "--index", index)
    run("delete", "1", "7", "--index", index)
    kinds = [(one.kind, one.indexed, one.replaced, one.deleted) for one in _history(index).writes]
    assert kinds[1:] == [(WriteKind.UPDATE, 1, 1, 0), (WriteKind.DELETE, 0, 0, 1)]
    assert "skipped 2" in run("stats", "--index", index).stdout
    run("build", first, "--index", index)
    assert [one.kind for one in _history(index).writes] == [WriteKind.BUILD]


def test_a_history_survives_snapshots_copies_and_restored_commits(tmp_path: Path) -> None:
    index = tmp_path / "index"
    run("build", _corpus(tmp_path / "a.jsonl", {"title": "một"}, {"url": "x"}), "--index", index)
    written = _history(index)
    run("snapshot", tmp_path / "shot", "--index", index)
    run("restore", tmp_path / "shot", "--index", tmp_path / "restored")
    assert _history(tmp_path / "restored") == written
    run("update", tmp_path / "a.jsonl", "--index", index, "--keep-commits", "2")
    run("restore", "--commit", "1", "--index", index)
    assert _history(index) == written
    run("copy", index, tmp_path / "copied")
    *before, copied = _history(tmp_path / "copied").writes
    assert tuple(before) == written.writes
    assert (copied.kind, copied.indexed) == (WriteKind.COPY, 1)


def test_a_purge_keeps_the_counts_but_no_quoted_text(tmp_path: Path) -> None:
    index = tmp_path / "index"
    corpus = _corpus(tmp_path / "a.jsonl", {"id": "1", "title": "một"}, {"bi_mat": "Zyxwv"})
    run("build", corpus, "--index", index)
    assert "bi_mat" in str(_history(index))
    run("delete", "--purge", "--index", index)
    build, purge = _history(index).writes
    assert (build.bad, purge.kind) == (1, WriteKind.PURGE)
    assert "bi_mat" not in str(_history(index))


def test_a_commit_without_a_history_has_none(tmp_path: Path) -> None:
    index = tmp_path / "index"
    run("build", _corpus(tmp_path / "a.jsonl", {"title": "một"}), "--index", index)
    assert _history(index).total is not None
    change_commit(index, lambda values: values.pop("history"))
    assert _history(index) == NO_HISTORY
    assert _history(index).total is None
