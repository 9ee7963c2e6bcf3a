"""Snapshots: one commit of an index in one file, which can be written while the index changes.

A snapshot is a tar file: the commit, then the files that it names. The commit has the size and
digest of each file, and the files have a checksum for each block, so that a truncated, damaged or
forged snapshot is detected before it replaces anything.
"""

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import IO

from index.embedded.commit import (
    MAX_COMMIT_BYTES,
    Commit,
    commit_from_bytes,
    commit_name,
    commit_to_bytes,
    file_names,
)
from index.embedded.commits import (
    explained,
    latest_generation,
    read_commit,
    replaced_commit,
    transaction,
    write_commit,
)
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.segment import OpenSegment
from index.embedded.write_lock import write_lock
from index.errors import IndexUnavailableError
from index.storage.array_file import Fingerprint
from index.storage.folders import make_folder, sync_folder

_COPIED = 1 << 20
"""Bytes that are copied at a time; arbitrary."""

_ATTEMPTS = 10
"""Attempts to open the files of a commit while writers replace it; arbitrary."""


def write_snapshot(directory: Path, file: Path) -> Commit:
    """Write the newest commit to a file, atomically, and return the commit.

    Concurrent writes to the index do not affect it. Raises IndexUnavailableError if the index
    cannot be read, OSError if the file cannot be written.
    """
    unfinished = file.with_name(f"{file.name}.new")
    with ExitStack() as stack:
        commit, files = _opened(directory, stack)
        try:
            with unfinished.open("wb") as out:
                with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    content = commit_to_bytes(commit)
                    member = _member(commit_name(commit.generation), len(content))
                    archive.addfile(member, BytesIO(content))
                    for name, source in files:
                        archive.addfile(_member(name, os.fstat(source.fileno()).st_size), source)
                out.flush()
                os.fsync(out.fileno())
            unfinished.replace(file)
        except BaseException as error:
            unfinished.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise explained(file, error) from error
            raise
    sync_folder(file.parent)
    return commit


def _opened(directory: Path, stack: ExitStack) -> tuple[Commit, list[tuple[str, IO[bytes]]]]:
    """Open all files of the newest commit, so that they stay readable if a writer removes them."""
    for _ in range(_ATTEMPTS):
        commit = read_commit(directory)
        try:
            return commit, [
                (path.name, stack.enter_context(path.open("rb")))
                for path, _ in _files(directory, commit)
            ]
        except FileNotFoundError:
            if latest_generation(directory) == commit.generation:
                break
        except OSError as error:
            raise IndexUnavailableError(
                f"{directory}: a file of the index cannot be read ({error.strerror}); try again"
            ) from error
    raise IndexUnavailableError(f"{directory}: files of the index are missing; build it again")


def _files(directory: Path, commit: Commit) -> Iterator[tuple[Path, Fingerprint]]:
    for segment in commit.segments:
        yield from segment.paths(directory)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def restore_snapshot(file: Path, directory: Path, *, limits: WriteLimits = LIMITS) -> Commit:
    """Replace the index in a folder by a snapshot, atomically at the end; return the new commit.

    All of it is verified first. Raises, with the index unchanged, IndexUnavailableError for a file
    that is damaged or not a snapshot, IndexBusyError if another writer is at work, OSError.
    """
    with file.open("rb") as content:  # first, so that nothing is created if the file is missing
        make_folder(directory)
        with write_lock(directory, limits.wait_seconds):
            old, kept = replaced_commit(directory, limits.kept_commits)
            with transaction(directory, old, kept):
                restored = _extract(file, content, directory, kept)
                for segment in restored.segments:
                    try:
                        OpenSegment(directory, segment).verify()
                    except IndexUnavailableError as error:
                        if kept >= file_names([segment]):  # it is the index that is damaged
                            raise
                        raise _damaged(file, f"segment {segment.id} is damaged") from error
                new = old.next(restored.segments, restored.schema, restored.history)
                write_commit(directory, new, limits.kept_commits)
    return new


def restore_commit(directory: Path, generation: int, *, limits: WriteLimits = LIMITS) -> Commit:
    """Publish a kept commit again as the newest one, and return the new commit.

    Raises IndexUnavailableError if it is not there or damaged, IndexBusyError, OSError.
    """
    with write_lock(directory, limits.wait_seconds):
        restored = read_commit(directory, generation)
        for segment in restored.segments:
            OpenSegment(directory, segment).verify()
        old = replace(restored, generation=latest_generation(directory))
        new = old.next(restored.segments, restored.schema, restored.history)
        write_commit(directory, new, max(limits.kept_commits, 2))
    return new


def _extract(file: Path, content: IO[bytes], directory: Path, kept: frozenset[str]) -> Commit:
    """Write the files of a snapshot that a folder lacks; return the snapshot's commit."""
    try:
        with tarfile.open(fileobj=content, mode="r:") as archive:
            members = iter(archive)
            commit = _read_commit(file, archive, next(members, None))
            expected = {
                path.name: (path, fingerprint) for path, fingerprint in _files(directory, commit)
            }
            for member in members:
                if member.name not in expected or not member.isreg():
                    raise _damaged(file, f"contains {member.name!r}, which is not in its commit")
                path, fingerprint = expected.pop(member.name)
                if member.size != fingerprint.size:
                    raise _damaged(file, f"{member.name} has another size")
                source = archive.extractfile(member)
                assert source is not None  # noqa: S101 - it is a regular file
                if path.name not in kept:
                    _write_file(path, source)
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(file, str(error)) from error
    if expected:
        raise _damaged(file, f"lacks {min(expected)}")
    return commit


def _read_commit(file: Path, archive: tarfile.TarFile, first: tarfile.TarInfo | None) -> Commit:
    if first is None or not first.isreg() or first.size > MAX_COMMIT_BYTES:
        raise _damaged(file, "does not begin with a commit")
    source = archive.extractfile(first)
    assert source is not None  # noqa: S101 - it is a regular file
    return commit_from_bytes(file / first.name, source.read())


def _write_file(path: Path, source: IO[bytes]) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(source, target, _COPIED)
        target.flush()
        os.fsync(target.fileno())


def _damaged(file: Path, what: str) -> IndexUnavailableError:
    return IndexUnavailableError(f"{file}: not a complete snapshot: {what}; use another one")
