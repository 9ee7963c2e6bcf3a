"""The lock that lets one writer at a time change an index."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexBusyError
from index.file_names import LOCK_NAME

_POLL_SECONDS = 0.05
"""How often to try to acquire a held lock; arbitrary, short compared with a write."""


@contextmanager
def write_lock(directory: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the write lock of the index in a folder.

    The kernel releases it when the process ends, in whatever way. Raises IndexBusyError if another
    writer holds it for longer than `wait_seconds`, OSError if the folder is not writable.
    """
    deadline = time.monotonic() + wait_seconds
    while (lock := _try_lock(directory / LOCK_NAME)) is None:
        if time.monotonic() >= deadline:
            raise IndexBusyError(
                f"{directory}: another writer is at work; try again when it is done, "
                "or wait for it with --wait SECONDS"
            )
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        os.close(lock)


def _try_lock(path: Path) -> int | None:
    """Return the descriptor of the locked file, or None if another writer has the lock."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # If the file was removed in the meantime, the lock on it protects nothing.
        if os.fstat(lock).st_ino == path.stat().st_ino:
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None
