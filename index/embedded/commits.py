"""Commits: which segments the index consists of, read and changed safely.

A commit is Whoosh's table of contents: its schema and the list of segments, pickled, under a name
that holds the number of the commit. It is written last, synced, and renamed into place; whoever
reads sees the old or the new state, never another. Here pickles are read by an unpickler that knows
one class, so that an index from a stranger cannot run code.
"""

import errno
import os
import pickle
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, EmptyIndexError
from whoosh.index import IndexError as WhooshIndexError

from index.embedded.segment import INDEX_NAME, ArraySegment
from index.embedded.whoosh.schema import SCHEMA
from index.errors import IndexBusyError, IndexUnavailableError

_OURS = re.compile(rf"_?{INDEX_NAME}_[0-9a-z]+\.[A-Za-z0-9_.]+")
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Commit:
    """One state of the index: its number, 0 before the first, and its segments in order."""

    generation: int
    segments: tuple[ArraySegment, ...]


class ArrayStorage(FileStorage):
    """Whoosh's folder of files, with restricted pickles, and renaming that survives power loss."""

    def open_file(self, name: str, **kwargs: Any) -> StructFile:  # noqa: ANN401
        """Open a table of contents; `read_pickle` of it is restricted to the classes in it."""
        return _SafeFile(BytesIO(Path(self._fpath(name)).read_bytes()), name=name, **kwargs)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002
        """Rename a file once it is on the disk, and return when the new name is, too."""
        with Path(self._fpath(oldname)).open("rb") as file:
            os.fsync(file.fileno())
        sync_folder(Path(self.folder))
        super().rename_file(oldname, newname, safe=safe)
        sync_folder(Path(self.folder))


class _SafeFile(StructFile):
    def read_pickle(self) -> object:
        return _Unpickler(self.file).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == (ArraySegment.__module__, ArraySegment.__name__):
            return ArraySegment
        raise pickle.UnpicklingError(f"the index names {module}.{name}, which has no place in it")


def sync_folder(directory: Path) -> None:
    """Wait until the names of the folder's files are on the disk."""
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(directory: Path) -> None:
    """Make a folder, and those above it that are missing, such that they survive power loss."""
    if not directory.is_dir():
        make_folder(directory.parent)
        directory.mkdir(exist_ok=True)
        sync_folder(directory.parent)


def latest_generation(directory: Path) -> int:
    """Give the number of the newest commit, -1 where there is none."""
    return int(TOC._latest_generation(ArrayStorage(directory), INDEX_NAME))


def read_commit(directory: Path) -> Commit:
    """Read the newest commit.

    Raises IndexUnavailableError where there is none, or it is damaged or foreign.
    """
    try:
        toc = _read_toc(ArrayStorage(str(directory), readonly=True))
    except EmptyIndexError as error:
        raise IndexUnavailableError(
            f"{directory}: there is no index here; build one with `python -m index build`"
        ) from error
    except OSError as error:
        raise IndexUnavailableError(
            f"{directory}: the table of contents cannot be read ({error}); try again"
        ) from error
    except (WhooshIndexError, pickle.UnpicklingError, *_DAMAGE) as error:
        raise IndexUnavailableError(
            f"{directory}: the table of contents is damaged or foreign ({error}); "
            "build the index again"
        ) from error
    segments = toc.segments
    if not isinstance(segments, list) or not all(map(_is_whole, segments)):
        raise IndexUnavailableError(
            f"{directory}: the table of contents lists no segments; build the index again"
        )
    return Commit(toc.generation, tuple(segments))


def _read_toc(storage: ArrayStorage) -> TOC:
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError):  # a writer removed it just now: there is a newer one
            return TOC.read(storage, INDEX_NAME, schema=SCHEMA)
    return TOC.read(storage, INDEX_NAME, schema=SCHEMA)


def _is_whole(segment: object) -> bool:
    """Say whether it is a segment with a state: a pickle may leave that out."""
    return isinstance(segment, ArraySegment) and "documents" in vars(segment)


_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What reading a damaged table of contents may raise."""


def write_commit(directory: Path, generation: int, segments: Sequence[ArraySegment]) -> None:
    """Make these segments, whose files are synced, the index; then remove what it lacks."""
    TOC(SCHEMA, list(segments), generation).write(ArrayStorage(str(directory)), INDEX_NAME)
    with suppress(OSError):  # the commit stands; what is left now the next write removes
        clean(directory, generation, segments)


def abandon(directory: Path, old: Commit) -> None:
    """Remove the files of a write that failed, unless its commit is in place and stands."""
    with suppress(OSError):
        if latest_generation(directory) <= old.generation:
            clean(directory, old.generation, old.segments)


def clean(directory: Path, generation: int, segments: Sequence[ArraySegment]) -> None:
    """Remove files of older commits and of writers that did not finish.

    Readers that have them open keep what they have mapped.
    """
    names = tuple(f"{INDEX_NAME}_{segment.segid}." for segment in segments)
    current = f"_{INDEX_NAME}_{generation}.toc"
    for path in directory.iterdir():
        name = path.name
        if _OURS.fullmatch(name) and name != current and not name.startswith(names):
            path.unlink(missing_ok=True)


@contextmanager
def write_lock(directory: Path) -> Iterator[None]:
    """Hold Whoosh's own write lock of the index.

    Raises IndexBusyError where another writer holds it, OSError where the folder is not writable.
    """
    lock = ArrayStorage(str(directory)).lock(f"{INDEX_NAME}_WRITELOCK")
    if not lock.acquire():
        raise IndexBusyError(f"{directory}: another writer is at work; try again when it is done")
    try:
        yield
    finally:
        lock.release()


def explain_write_error(directory: Path, error: OSError) -> OSError:
    """Give the same error in words that say what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what = "the disk is full; the index is as it was. Free some space and try again"
        return OSError(error.errno, what, str(directory))
    return error
