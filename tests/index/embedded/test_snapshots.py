"""Snapshots are complete and intact, or else refused; kept commits can be restored."""

import os
import tarfile
import threading
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from index.embedded import writer
from index.embedded.commits import generations, read_commit
from index.embedded.limits import WriteLimits
from index.embedded.snapshots import restore_commit, restore_snapshot, write_snapshot
from index.embedded.verification import verify
from index.embedded.write_lock import write_lock
from index.errors import IndexBusyError, IndexUnavailableError
from tests.index.embedded.segments import IN_SEGMENTS
from tests.index.embedded.test_writer import ids_in, numbered


@pytest.fixture(autouse=True)
def _nobody_pulls_the_plug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    index = tmp_path / "index"
    writer.build([numbered(*range(9))], index)
    writer.update([numbered(1, 20)], index, limits=IN_SEGMENTS)
    writer.delete(index, ["3"], limits=IN_SEGMENTS)
    return index


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_snapshot_can_be_restored_anywhere(tmp_path: Path, index: Path) -> None:
    file = tmp_path / "snapshot.tar"
    taken = write_snapshot(index, file)
    assert [path.name for path in tmp_path.iterdir() if "snapshot" in path.name] == [file.name]
    before = ids_in(index)
    other = tmp_path / "other"
    writer.build([numbered(100)], other)
    writer.update([numbered(7, 300)], index, limits=IN_SEGMENTS)
    for directory in (tmp_path / "new", other, index):
        generation = max(generations(directory), default=0) if directory.exists() else 0
        restored = restore_snapshot(file, directory)
        assert ids_in(directory) == before
        assert restored.generation == generation + 1
        assert restored.identity != taken.identity
        assert verify(directory).articles == len(before)
        assert set(files(directory)) == restored.file_names | {"write.lock"}


def test_a_snapshot_of_an_index_that_is_written_to_is_one_commit(tmp_path: Path) -> None:
    index, stop = tmp_path / "index", threading.Event()
    writer.build([numbered(*range(5))], index)

    def write() -> None:
        number = 100
        while not stop.is_set():
            writer.build([numbered(*range(number, number + 5))], index)
            number += 100

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for at in range(25):
            write_snapshot(index, tmp_path / "snapshot")
            restore_snapshot(tmp_path / "snapshot", tmp_path / f"restored {at % 2}")
            names = list(map(int, ids_in(tmp_path / f"restored {at % 2}")))
            assert names == list(range(names[0], names[0] + 5))
    finally:
        stop.set()
        thread.join()


def test_a_damaged_snapshot_replaces_nothing(tmp_path: Path, index: Path) -> None:
    file, other = tmp_path / "snapshot", tmp_path / "other"
    write_snapshot(index, file)
    content = file.read_bytes()
    writer.build([numbered(100)], other)
    before, rng, refused = files(other), np.random.default_rng(3), 0
    for at in rng.integers(len(content), size=60).tolist():
        damaged = bytearray(content)
        damaged[at] ^= 1 << at % 8
        file.write_bytes(damaged if at % 3 else content[:at])
        try:
            restore_snapshot(file, other)
        except IndexUnavailableError as error:
            refused += 1
            assert str(file) in str(error)
            assert "Build the index again" not in str(
                error
            )  # that advice is about files of an index
            assert files(other) == before
        else:  # a byte of padding, or of a timestamp that is not used
            assert ids_in(other) == ids_in(index)
            writer.build([numbered(100)], other)
            before = files(other)
    assert refused > 20


def packed(file: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(file, "w") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, BytesIO(content))


@pytest.mark.parametrize("trick", ["path", "link", "twice", "missing", "first", "empty", "text"])
def test_a_forged_snapshot_is_refused(tmp_path: Path, index: Path, trick: str) -> None:
    file = tmp_path / "snapshot"
    write_snapshot(index, file)
    with tarfile.open(file) as archive:
        members = [
            (tarfile.TarInfo(one.name), archive.extractfile(one).read())  # type: ignore[union-attr]
            for one in archive
        ]
    if trick == "path":
        members.append((tarfile.TarInfo("../../harm"), b"harm"))
    elif trick == "link":
        members[1][0].type = tarfile.SYMTYPE
        members[1][0].linkname = "/etc/passwd"
    elif trick == "twice":
        members.append((tarfile.TarInfo(members[1][0].name), members[1][1]))
    elif trick == "missing":
        members.pop()
    elif trick == "first":
        members.reverse()
    packed(file, [] if trick == "empty" else members)
    if trick == "text":
        file.write_text("no archive at all")
    target = tmp_path / "target"
    with pytest.raises(IndexUnavailableError):
        restore_snapshot(file, target)
    assert set(files(target)) <= {"write.lock"}
    assert not (tmp_path / "harm").exists()


def test_kept_commits_can_be_restored(tmp_path: Path) -> None:
    index, limits = (
        tmp_path / "index",
        WriteLimits(exact_tokens=0, beside_largest=1, kept_commits=3),
    )
    states = []
    for number in range(5):
        writer.update([numbered(number)], index, limits=limits)
        states.append(ids_in(index))
        assert generations(index) == list(range(number + 1, max(number - 2, 0), -1))
        known = {"write.lock"}.union(
            *(read_commit(index, generation).file_names for generation in generations(index))
        )
        assert set(files(index)) == known
    writer.delete(index, ["0"], limits=limits)
    restored = restore_commit(index, 4, limits=limits)
    assert restored.generation == 7
    assert ids_in(index) == states[3]
    verify(index)
    with pytest.raises(IndexUnavailableError, match=r"no commit 2; there are 7, 6, 5"):
        restore_commit(index, 2, limits=limits)
    writer.update([numbered(9)], index, limits=IN_SEGMENTS)
    assert generations(index) == [8]


def test_a_restore_is_a_write(tmp_path: Path, index: Path) -> None:
    write_snapshot(index, tmp_path / "snapshot")
    with write_lock(index):
        with pytest.raises(IndexBusyError):
            restore_snapshot(tmp_path / "snapshot", index)
        with pytest.raises(IndexBusyError):
            restore_commit(index, 3)
        write_snapshot(index, tmp_path / "again")  # which is not a snapshot
    with pytest.raises(FileNotFoundError):
        restore_snapshot(tmp_path / "none", tmp_path / "new")
    assert not (tmp_path / "new").exists()
