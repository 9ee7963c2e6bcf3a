"""Reading and publishing commits.

A commit is a file `commit-GENERATION.json` (see `commit`). It is written last, synced, and renamed
into place: readers see either the old or the new state.
"""

import errno
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from index.embedded.commit import (
    MAX_COMMIT_BYTES,
    NO_COMMIT,
    Commit,
    commit_from_bytes,
    commit_name,
    commit_to_bytes,
    damaged,
)
from index.errors import IndexUnavailableError
from index.file_names import INDEX_FILE
from index.storage.folders import replace_file

_COMMIT = re.compile(r"commit-([1-9][0-9]{0,17})\.json")
_OLD_COMMIT = re.compile(r"_MAIN_[0-9]+\.toc")  # the name of Whoosh's commits
_ATTEMPTS = 10
"""Attempts to read the newest commit while writers replace it; arbitrary."""


class CommitStamp(NamedTuple):
    """The identity of a commit's file, known without reading it."""

    generation: int
    device: int
    inode: int
    modified_ns: int


def commit_stamp(directory: Path) -> CommitStamp | None:
    """Return the stamp of the newest commit's file, None if there is none; takes about 25 us.

    An equal stamp means the same commit, even if the folder is replaced by one with a commit of the
    same number. Raises IndexUnavailableError if it cannot be read.
    """
    for _ in range(_ATTEMPTS):
        generation = latest_generation(directory)
        if generation < 0:
            return None
        try:
            found = (directory / commit_name(generation)).stat()
        except FileNotFoundError:  # a writer has just removed it: there is a newer one
            continue
        except OSError as error:
            raise _unreadable(directory, error) from error
        return CommitStamp(generation, found.st_dev, found.st_ino, found.st_mtime_ns)
    raise IndexUnavailableError(f"{directory}: its commits are being removed; try again")


def latest_generation(directory: Path) -> int:
    """Return the number of the newest commit, -1 if there is none.

    Raises IndexUnavailableError if the folder cannot be read, which does not mean that it is empty.
    """
    return max(_generations(directory), default=-1)


def generations(directory: Path) -> list[int]:
    """Return the numbers of all commits, newest first; raises like `latest_generation`."""
    return sorted(_generations(directory), reverse=True)


def _generations(directory: Path) -> Iterator[int]:
    return (int(m[1]) for m in map(_COMMIT.fullmatch, _names(directory)) if m)


def has_index(directory: Path) -> bool:
    """Return whether there is a commit, even a damaged one or one of an older version.

    Raises like `latest_generation`.
    """
    names = _names(directory)
    return any(_COMMIT.fullmatch(name) or _OLD_COMMIT.fullmatch(name) for name in names)


def _names(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208 - half the time of `iterdir`, at every search
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(directory, error) from error


def _unreadable(directory: Path, error: OSError) -> IndexUnavailableError:
    return IndexUnavailableError(
        f"{directory}: the index cannot be read ({error.strerror or error}); try again"
    )


def read_commit(directory: Path, generation: int | None = None) -> Commit:
    """Read the newest commit, or the one with this generation.

    Raises IndexUnavailableError if there is none, or it is damaged or of another version. The cause
    is an OSError if it could not be read but may be undamaged.
    """
    for _ in range(_ATTEMPTS):
        number = latest_generation(directory) if generation is None else generation
        if number < 0:
            raise _no_commit(directory)
        path = directory / commit_name(number)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_COMMIT_BYTES + 1)
        except FileNotFoundError as error:
            if generation is not None:
                known = ", ".join(map(str, generations(directory))) or "none"
                raise IndexUnavailableError(
                    f"{directory}: there is no commit {generation}; there are {known}"
                ) from error
            continue  # a writer has just removed it: there is a newer one
        except OSError as error:
            raise _unreadable(directory, error) from error
        commit = commit_from_bytes(path, content)
        if commit.generation != number:
            raise damaged(path, f"it is the commit {commit.generation}")
        return commit
    raise IndexUnavailableError(f"{directory}: its commits are being removed; try again")


def _no_commit(directory: Path) -> IndexUnavailableError:
    how = "`python -m index build CORPUS`"
    if any(map(_OLD_COMMIT.fullmatch, _names(directory))):
        return IndexUnavailableError(
            f"{directory}: the index was made by an older version of this program and has no "
            f"schema; build it again with {how}"
        )
    return IndexUnavailableError(f"{directory}: there is no index here; build one with {how}")


def write_commit(directory: Path, commit: Commit, kept_commits: int = 1) -> None:
    """Publish a commit whose files are synced, then remove the files of older commits.

    Files that one of the newest `kept_commits` commits names are kept. Raises OSError; the index is
    then the old commit or already the new one.
    """
    for segment in commit.segments:
        for path, fingerprint in segment.paths(directory):
            if path.stat().st_size != fingerprint.size:  # another program writes to this folder
                raise OSError(errno.EBUSY, "changed while the index was being written", str(path))
    replace_file(directory / commit_name(commit.generation), commit_to_bytes(commit))
    # The commit is published: files that cannot be removed now are removed by the next write.
    with suppress(OSError, IndexUnavailableError):
        clean(directory, kept_files(directory, kept_commits))


def kept_files(directory: Path, kept_commits: int) -> frozenset[str]:
    """Return the names of the files of the newest `kept_commits` commits.

    Damaged older commits are ignored. Raises IndexUnavailableError if the newest one cannot be
    read, or an older one because of an OSError.
    """
    newest, *older = generations(directory)[:kept_commits] or [0]
    names = read_commit(directory, newest).file_names if newest else frozenset()
    for generation in older:
        try:
            names |= read_commit(directory, generation).file_names
        except IndexUnavailableError as error:
            if isinstance(error.__cause__, OSError):
                raise
    return names


def replaced_commit(directory: Path, kept_commits: int) -> tuple[Commit, frozenset[str]]:
    """Return the commit that a new index replaces, and the files to keep until then.

    A damaged commit may be replaced. One that could not be read because of an OSError may be
    undamaged: raises IndexUnavailableError.
    """
    if not has_index(directory):
        return NO_COMMIT, frozenset()
    try:
        return read_commit(directory), kept_files(directory, kept_commits)
    except IndexUnavailableError as error:
        if isinstance(error.__cause__, OSError):
            raise
    generation = max(latest_generation(directory), 0)
    return replace(NO_COMMIT, generation=generation), _all_files(directory)


@contextmanager
def transaction(directory: Path, old: Commit, kept: Collection[str]) -> Iterator[None]:
    """Remove files of failed writes, run the block, and remove its files if it fails.

    `old` is the current commit, `kept` are the files to keep. If the new commit is published before
    the failure, nothing is removed. An OSError for a full disk says what to do.
    """
    try:
        clean(directory, kept)
        yield
    except BaseException as error:
        with suppress(OSError, IndexUnavailableError):
            if latest_generation(directory) <= old.generation:
                clean(directory, kept)
        if isinstance(error, OSError):
            raise explained(directory, error) from error
        raise


def clean(directory: Path, kept: Collection[str]) -> None:
    """Remove the files of an index except those `kept`.

    Readers that have mapped them can continue. Raises OSError if the folder cannot be read.
    """
    for path in directory.iterdir():
        if INDEX_FILE.fullmatch(path.name) and path.name not in kept:
            path.unlink(missing_ok=True)


def _all_files(directory: Path) -> frozenset[str]:
    return frozenset(_names(directory))


def explained(path: Path, error: OSError) -> OSError:
    """Return an error of writing to a path; for a full disk, one that says what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OSError(error.errno, "the disk is full: free some space and try again", str(path))
    return error
