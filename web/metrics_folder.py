"""The folder in which the processes of one server share their metrics for `/metrics`."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "timtin-metrics-"

MIN_ABANDONED_SECONDS = 60.0
"""Minimum age of an unlocked folder to be removed: a server that is starting may have created it
and not locked it yet. Arbitrary."""


@contextmanager
def metrics_folder() -> Iterator[Path]:
    """Create and lock the folder of a server; remove it at the end.

    Folders of killed servers are removed, too: the processes of a server share the lock, which the
    kernel releases when the last of them has ended.
    """
    remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path, min_seconds: float = MIN_ABANDONED_SECONDS) -> None:
    """Remove this user's metrics folders that no server has locked; ignore errors."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            # Everybody may write to the parent, so a symbolic link there could lead anywhere.
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                status = os.fstat(descriptor)
                is_old = time.time() - status.st_mtime >= min_seconds
                if is_old and status.st_uid == os.geteuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
            finally:
                os.close(descriptor)
