"""The folder in which the processes of one server add up their figures for `/metrics`."""

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
"""Age of a folder that no server holds before it is removed: one that starts has made it and not
locked it yet. Arbitrary."""


@contextmanager
def figures_folder() -> Iterator[Path]:
    """Make the folder of a server and hold it; remove it at the end.

    Those of servers that were killed are removed, too. A server holds its folder by a lock, which
    its processes share and which the kernel takes back when the last of them is gone.
    """
    remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path, min_seconds: float = MIN_ABANDONED_SECONDS) -> None:
    """Remove our own folders of figures that no server holds; what cannot be removed stays."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            # Everybody may write to the parent: a link there could lead anywhere.
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                found = os.fstat(opened)
                is_old = time.time() - found.st_mtime >= min_seconds
                if is_old and found.st_uid == os.geteuid():
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
            finally:
                os.close(opened)
