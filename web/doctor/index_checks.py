"""Checks of the index: that it can be read and written, is undamaged, and has room to grow."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from index.embedded.commits import kept_files, read_commit
from index.embedded.segment import OpenSegment
from index.errors import IndexUnavailableError
from index.file_names import LOCK_NAME
from index.targets import open_target
from web.doctor.findings import CheckContext, Finding, error, ok, warning

MIN_FREE_BYTES = 100 * 2**20
"""Free disk space below which writes will soon fail. Arbitrary: two batches and their segment."""

MAX_CLOCK_SECONDS = 5.0
"""How far a file's time may be ahead of the clock; network file systems differ by seconds."""

_REBUILD = "restore a snapshot (timtin restore FILE) or build the index again (timtin build)"


def check_index(context: CheckContext) -> Iterator[Finding]:
    """Check that the newest commit can be opened, or read to its last block."""
    try:
        target = open_target(context.index)
        statistics = target.statistics()
        if context.folder:
            for segment in read_commit(context.folder).segments:
                OpenSegment(context.folder, segment)
        if context.read_all:
            target.verify()
    except IndexUnavailableError as problem:
        yield error("index", str(problem), _advice(problem))
        return
    read = "all blocks are sound" if context.read_all else "its files are those of its commit"
    articles, size = statistics["articles"], statistics["bytes"] / 2**20
    yield ok("index", f"{context.index}: {articles:,} articles, {size:,.0f} MB; {read}")
    if not articles:
        yield warning("index", "it has no articles", "timtin update CORPUS adds some")


def _advice(problem: IndexUnavailableError) -> str:
    if isinstance(problem.__cause__, OSError):
        return "repair the disk or the permissions; the index may be intact"
    return _REBUILD


def check_permissions(context: CheckContext) -> Iterator[Finding]:
    """Check that this user can read the folder and write to it."""
    folder = context.folder
    if folder is None or not folder.is_dir():
        return
    for mode, name in ((os.R_OK | os.X_OK, "read"), (os.W_OK, "written to")):
        if not os.access(folder, mode):
            advice = f"give this user ({os.geteuid()}) the right: chown or chmod {folder}"
            level = error if name == "read" else warning
            yield level("permissions", f"{folder} cannot be {name} by this user", advice)
            return
    for path in folder.iterdir():
        if path.is_file() and not os.access(path, os.R_OK):
            advice = f"was it written by another user? chown -R {os.geteuid()} {folder}"
            yield error("permissions", f"{path} cannot be read by this user", advice)
            return
    yield ok("permissions", f"{folder} can be read and written to")


def check_lock(context: CheckContext) -> Iterator[Finding]:
    """Report whether a writer is at work. Its lock ends with its process, so none can be stale."""
    folder = context.folder
    if folder is None or not (folder / LOCK_NAME).exists():
        return
    holder = lock_holder(folder / LOCK_NAME)
    if holder is None:
        yield ok("lock", "no writer is at work")
    else:
        advice = "wait for it, or give the next write --wait SECONDS"
        yield warning("lock", f"a writer is at work on the index: process {holder}", advice)


def lock_holder(path: Path, locks: Path = Path("/proc/locks")) -> int | None:
    """Return the id of the process that has locked a file, None if none has.

    -1 is a process outside this container. The kernel's table is read, since trying the lock might
    block a writer that starts at that moment.
    """
    found = path.stat()
    device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
    for line in locks.read_text().splitlines() if locks.exists() else ():
        fields = line.split()
        if fields[1] == "FLOCK" and f"{device}:{found.st_ino}" in fields:
            return int(fields[4])
    return None


def check_left_files(context: CheckContext) -> Iterator[Finding]:
    """Check for files that the newest commit does not name: old ones, or of a killed write."""
    folder = context.folder
    if folder is None or not folder.is_dir():
        return
    try:
        named = kept_files(folder, 1) | {LOCK_NAME}
    except IndexUnavailableError:
        return  # `check_index` reports it
    others = [path for path in folder.iterdir() if path.is_file() and path.name not in named]
    size = sum(path.stat().st_size for path in others)
    if others:
        what = f"{len(others)} files ({size / 2**20:,.1f} MB) do not belong to the newest commit"
        advice = (
            "none is needed unless --keep-commits keeps older commits; a write removes the rest"
        )
        yield warning("files", what, advice)
    else:
        yield ok("files", "all files belong to the newest commit")


def check_disk(context: CheckContext) -> Iterator[Finding]:
    """Check that a write has room: merging may need as much as the index takes."""
    folder = context.folder
    if folder is None:
        return
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    files = folder.iterdir() if folder.is_dir() else ()
    size = sum(path.stat().st_size for path in files if path.is_file())
    what = f"{free / 2**20:,.0f} MB free at {existing}, the index takes {size / 2**20:,.0f}"
    if free < MIN_FREE_BYTES:
        yield error(
            "disk", what, "free some space: the next write will fail; the index itself is safe"
        )
    elif free < size:
        yield warning("disk", what, "a build or a large merge needs as much as the index takes")
    else:
        yield ok("disk", what)


def check_clock(context: CheckContext) -> Iterator[Finding]:
    """Check that no file is from the future: keys and feeds depend on the clock."""
    folder = context.folder
    now = time.time()
    if folder is None or not folder.is_dir():
        return
    newest = max((path.stat().st_mtime for path in folder.iterdir()), default=0.0)
    shown = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    if newest > now + MAX_CLOCK_SECONDS:
        what = f"the clock says {shown}, and the index was written {newest - now:,.0f} s later"
        yield error("clock", what, "set the clock (timedatectl set-ntp true): keys expire by it")
    else:
        yield ok("clock", f"{shown}, after the last write")
