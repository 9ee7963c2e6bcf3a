"""Whenever a write is stopped, the index is the old or the new one, and can be written to."""

import errno
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from index.errors import IndexUnavailableError
from tests.index.embedded.file_events import listening
from tests.index.embedded.interrupted import (
    SMALL,
    Killer,
    check,
    operations,
    read_state,
    strays,
)
from tests.index.embedded.power_loss import Recorder, distinct_disks, write_disk

ROOT = Path(__file__).resolve().parents[3]
OPERATIONS = operations()
SEED = 7
KILLS = 3
"""Random moments of each operation; `benchmarks/crashes.py` has hundreds."""

CHECK_WRITE_EVERY = 10
"""One recovered state in this many is also written to, which takes ten times as long as reading."""


@pytest.mark.parametrize("name", ["build", "update of many segments", "delete"])
def test_a_killed_writer_leaves_the_old_or_the_new_state(tmp_path: Path, name: str) -> None:
    killer = Killer(tmp_path, SMALL, SEED)
    for number in range(KILLS):
        assert killer.run(name, number) in ("old", "new")


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_power_loss_leaves_the_old_or_the_new_state(tmp_path: Path, name: str) -> None:
    check_power_loss(tmp_path, name, ignore_fsync=False)


def test_a_power_loss_is_noticed_where_nothing_is_synced(tmp_path: Path) -> None:
    with pytest.raises((AssertionError, IndexUnavailableError)):
        check_power_loss(tmp_path, "update", ignore_fsync=True)


def check_power_loss(tmp_path: Path, name: str, *, ignore_fsync: bool) -> None:
    operation = OPERATIONS[name]
    index = tmp_path / "index"
    index.mkdir()
    operation.make(index)
    write = operation.prepare()
    recorder = Recorder(index, ignore_fsync=ignore_fsync)
    with recorder.recording():
        write(index)
    finished = len(recorder.moments) - 1
    for number, (moment, disk) in enumerate(distinct_disks(recorder.moments)):
        directory = tmp_path / f"disk {number}"
        write_disk(disk, directory)
        allowed = [operation.new] if moment == finished else [operation.old, operation.new]
        if number % CHECK_WRITE_EVERY:
            assert read_state(directory) in allowed
        else:
            check(directory, allowed)
        shutil.rmtree(directory)


def test_a_new_folder_is_synced_into_the_folder_above(tmp_path: Path) -> None:
    synced = []

    def note(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)

    with mock.patch.object(os, "fsync", note):
        OPERATIONS["first build"].prepare()(tmp_path / "new" / "index")
    assert {tmp_path.stat().st_ino, (tmp_path / "new").stat().st_ino} <= set(synced)


class Fault:
    """Makes the `at`-th change fail: creation, renaming, removal or sync of a file."""

    def __init__(self, at: int, error: BaseException) -> None:
        self.changes = 0
        self._at = at
        self._error = error
        self._sync = os.fsync

    @contextmanager
    def planned(self) -> Iterator[None]:
        """Make it fail within a `with` block."""
        with mock.patch.object(os, "fsync", self._fsync), listening(self._heard):
            yield

    def _fsync(self, descriptor: int) -> None:
        self._count()
        self._sync(descriptor)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or arguments[2] & (os.O_WRONLY | os.O_RDWR):
            self._count()

    def _count(self) -> None:
        self.changes += 1
        if self.changes == self._at:
            raise copy(self._error)  # the traceback of one instance would keep all maps open


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_fault_at_any_file_leaves_the_old_or_the_new_state(
    tmp_path: Path, name: str, error: BaseException
) -> None:
    operation = OPERATIONS[name]
    template, index = tmp_path / "template", tmp_path / "index"
    template.mkdir()
    operation.make(template)
    write = operation.prepare()
    every = 1 if isinstance(error, OSError) else 3  # an interrupt at a third of the moments
    for change in count(1, every):
        shutil.copytree(template, index)
        fault = Fault(change, error)
        with suppress(OSError, KeyboardInterrupt), fault.planned():
            write(index)
        if fault.changes < change:
            break
        try:
            check(index, [operation.old, operation.new])
        except AssertionError as wrong:
            raise AssertionError(f"fault at change {change}: {wrong}") from wrong
        shutil.rmtree(index)
    assert change > 3, "hardly any fault was injected"
    assert read_state(index) == operation.new


def test_a_file_that_may_not_grow_leaves_the_old_state(tmp_path: Path) -> None:
    operation = OPERATIONS["update"]
    index = tmp_path / "index"
    operation.make(index)
    write = operation.prepare()
    largest = max(path.stat().st_size for path in index.iterdir())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in range(0, largest, largest // 9):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            with pytest.raises(OSError, match="large"):
                write(index)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert read_state(index) == operation.old
        assert strays(index) == set()
    write(index)
    assert read_state(index) == operation.new


def test_a_full_disk_is_a_clear_error_and_changes_nothing(
    small_disk: Callable[[int], Path],
) -> None:
    operation = OPERATIONS["update"]
    disk = small_disk(4 << 20)
    index = disk / "index"
    operation.make(index)
    write = operation.prepare()
    room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    failed = 0
    for left in range(0, room, 1 << 14):
        (disk / "ballast").write_bytes(bytes(room - left))
        try:
            write(index)
        except OSError as error:
            assert error.errno == errno.ENOSPC
            assert "disk is full" in str(error)
            assert read_state(index) == operation.old
            assert strays(index) == set()
            failed += 1
        else:
            break
    assert failed > 2
    assert read_state(index) == operation.new
