"""Changes to folders that survive a power failure."""

import os
from pathlib import Path


def sync_folder(directory: Path) -> None:
    """Wait until the folder's directory entries are on the disk."""
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(directory: Path) -> None:
    """Create a folder durably, with its missing parents."""
    if not directory.is_dir():
        make_folder(directory.parent)
        directory.mkdir(exist_ok=True)
        sync_folder(directory.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Replace or create a file atomically; it and its folder are synced to disk.

    Earlier changes to the folder are synced before the file gets its name. Raises OSError, after
    removing the temporary file.
    """
    unfinished = path.with_name(f"{path.name}.new")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
