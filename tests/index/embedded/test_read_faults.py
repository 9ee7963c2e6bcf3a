"""A transient read error is never taken for an empty index: no write loses anything."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from itertools import chain, count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from index.embedded.verification import verify
from index.errors import IndexUnavailableError
from search.engines.embedded.engine import open_engine
from tests.index.embedded.file_events import listening
from tests.index.embedded.interrupted import Operation, check, operations, read_state

ERRORS = (errno.EIO, errno.ESTALE, errno.ENFILE, errno.EACCES, errno.ENOMEM)
OPERATIONS = operations()

EVERY = 4
"""The first reads, of the folder and the commit, are made to fail, then one in this many."""

_READS = {"open", "os.listdir", "os.scandir", "mmap.__new__"}


class ReadFault:
    """Makes the `at`-th access to the disk fail: listing, stat, open or mmap of a file."""

    def __init__(self, at: int, code: int, folder: Path) -> None:
        self.looks = 0
        self._at = at
        self._error = OSError(code, os.strerror(code), str(folder))
        self._folder = str(folder)

    @contextmanager
    def planned(self) -> Iterator[None]:
        """Make it fail within a `with` block."""
        with (
            mock.patch.object(os, "stat", self._counted(os.stat)),
            mock.patch.object(os, "lstat", self._counted(os.lstat)),
            listening(self._heard, _READS),
        ):
            yield

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Any, *arguments: Any, **options: Any) -> Any:
            self._count(path)
            return call(path, *arguments, **options)

        return counted

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "mmap.__new__":
            self._count(self._folder)
        elif event != "open" or not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            self._count(arguments[0])

    def _count(self, path: object) -> None:
        if isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(self._folder):
            self.looks += 1
            if self.looks == self._at:
                raise copy(self._error)  # the traceback of one instance would keep all maps open


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_failed_read_at_any_moment_loses_nothing(tmp_path: Path, name: str) -> None:
    operation = OPERATIONS[name]
    template = tmp_path / "template"
    template.mkdir()
    operation.make(template)
    failed = 0
    for at in chain(range(1, 9), count(9, EVERY)):
        fault = attempt(operation, template, tmp_path / "index", at)
        if fault is None:
            break
        failed += 1
    assert failed > 5


def attempt(operation: Operation, template: Path, index: Path, at: int) -> ReadFault | None:
    """Make one read of a write fail and check the index; return None if there are fewer reads."""
    shutil.copytree(template, index)
    write = operation.prepare()
    fault = ReadFault(at, ERRORS[at % len(ERRORS)], index)
    allowed = [operation.old, operation.new]
    with fault.planned():
        try:
            write(index)
            allowed = [operation.new]  # it reported success
        except (OSError, IndexUnavailableError):
            pass
    if fault.looks < at:
        shutil.rmtree(index)
        return None
    try:
        if at % 4:
            assert read_state(index) in allowed
        else:
            check(index, allowed)
    except AssertionError as wrong:
        raise AssertionError(f"look {at}: {wrong}") from wrong
    shutil.rmtree(index)
    return fault


@pytest.mark.parametrize("read", [read_state, verify, open_engine], ids=lambda read: read.__name__)
def test_a_failed_read_is_an_error_or_changes_no_result(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    operation = OPERATIONS["update of many segments"]
    operation.make(tmp_path)
    expected = read_state(tmp_path)
    for at in count(1):
        fault = ReadFault(at, ERRORS[at % len(ERRORS)], tmp_path)
        with fault.planned():
            try:
                found = read(tmp_path)
                assert read is not read_state or found == expected
            except IndexUnavailableError as error:
                assert str(tmp_path) in str(error)
        if fault.looks < at:
            break
    assert at > 5
