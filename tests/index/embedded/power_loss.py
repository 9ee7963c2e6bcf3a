"""Simulation of power loss: all states of the disk that the order of syncs allows.

The content of a file is safe once the file is synced, its name once the folder is. Anything
else may be on the disk or not: each creation, removal or rename of a file separately, and
of a file's content nothing, half, all, or zeros instead.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tests.index.embedded.file_events import listening

Names = Mapping[str, int]
Change = Mapping[str, int | None]
Disk = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Moment:
    """The content of a folder at a moment, and what has been synced; files by number.

    `safe_names`: at the last sync of the folder; `changes`: those of names since, in order.
    """

    contents: Mapping[int, bytes]
    safe_contents: Mapping[int, bytes]
    safe_names: Names
    changes: tuple[Change, ...]

    def disks(self) -> Iterator[Disk]:
        """Yield the possible states of the disk if the power fails now."""
        for names in self._names():
            for damage in (_nothing, _half, _all, _zeros):
                yield {name: self._content(file, damage) for name, file in names.items()}

    def _names(self) -> Iterator[Names]:
        """Yield subsets of the changes: none, each prefix, each one alone, all without one."""
        count = len(self.changes)
        kept = {tuple(range(end)) for end in range(count + 1)}
        kept |= {(at,) for at in range(count)}
        kept |= {tuple(n for n in range(count) if n != at) for at in range(count)}
        for chosen in sorted(kept):
            names: dict[str, int | None] = dict(self.safe_names)
            for at in chosen:
                names.update(self.changes[at])
            yield {name: file for name, file in names.items() if file is not None}

    def _content(self, file: int, damage: Callable[[bytes], bytes]) -> bytes:
        content = self.contents[file]
        safe = self.safe_contents.get(file)
        return content if safe == content else damage(content)


def _nothing(_content: bytes) -> bytes:
    return b""


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _all(content: bytes) -> bytes:
    return content


def _zeros(content: bytes) -> bytes:
    return bytes(len(content))


class Recorder:
    """Records the moments of a folder without subfolders.

    A moment is recorded before every change of a name and after every sync. `ignore_fsync` records
    no syncs: a check of the tests themselves, which must then fail.
    """

    def __init__(self, folder: Path, *, ignore_fsync: bool = False) -> None:
        self.moments: list[Moment] = []
        self._folder = folder
        self._ignores_fsync = ignore_fsync
        self._looking = False
        self._held: dict[int, int] = {}  # keeps the numbers of removed files from being reused
        self._contents: dict[int, bytes] = {}
        self._safe_contents: dict[int, bytes] = {}
        self._names: Names = {}
        self._safe_names: Names = {}
        self._changes: list[Change] = []
        self._sync = os.fsync

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record during a `with` block; the files that exist before it are safe."""
        self._look()
        self._safe_contents, self._safe_names = dict(self._contents), self._names
        self._changes, self.moments = [], []
        try:
            with mock.patch.object(os, "fsync", self._fsync), listening(self._heard):
                yield
            self._look()
        finally:
            for descriptor in self._held.values():
                os.close(descriptor)

    def _heard(self, _event: str, _arguments: tuple[Any, ...]) -> None:
        if not self._looking:
            self._look()

    def _fsync(self, descriptor: int) -> None:
        self._sync(descriptor)
        self._look()
        if self._ignores_fsync:
            return
        file = os.fstat(descriptor).st_ino
        if file == self._folder.stat().st_ino:
            self._safe_names, self._changes = self._names, []
        elif file in self._contents:
            self._safe_contents[file] = self._contents[file]
        self._look()

    def _look(self) -> None:
        """Record the current state of the folder."""
        self._looking = True
        names: dict[str, int] = {}
        for entry in os.scandir(self._folder):
            names[entry.name] = file = entry.inode()
            if file not in self._held:
                self._held[file] = os.open(entry.path, os.O_RDONLY)
        for file, descriptor in self._held.items():
            content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
            if content != self._contents.get(file):  # equal contents share one object
                self._contents[file] = content
        changed = {
            name: names.get(name)
            for name in {*names, *self._names}
            if names.get(name) != self._names.get(name)
        }
        if changed:
            self._changes.append(changed)
        self._names = names
        self.moments.append(
            Moment(
                dict(self._contents),
                dict(self._safe_contents),
                self._safe_names,
                tuple(self._changes),
            )
        )
        self._looking = False


def distinct_disks(moments: list[Moment]) -> Iterator[tuple[int, Disk]]:
    """Yield each state of the disk once, with the last moment at which it is possible."""
    found: dict[frozenset[tuple[str, bytes]], int] = {}
    for at, moment in enumerate(moments):
        for disk in moment.disks():
            found[frozenset(disk.items())] = at
    for items, at in found.items():
        yield at, dict(items)


def write_disk(disk: Disk, folder: Path) -> None:
    """Write a folder with the state of the disk."""
    folder.mkdir()
    for name, content in disk.items():
        (folder / name).write_bytes(content)
