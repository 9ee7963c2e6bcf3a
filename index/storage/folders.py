"""Folders whose changes survive a loss of power."""

import os
from pathlib import Path


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


def replace_file(path: Path, content: bytes) -> None:
    """Put a file into place whole or not at all; it and its folder are on the disk on return.

    What else was written to the folder before is on the disk before the file has its name. Raises
    OSError; then nothing is left of a file that was not put into place.
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
