"""Checks of a server's state folder: keys, tasks, the query log."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

from web.doctor.findings import CheckContext, Finding, error, ok, warning
from web.doctor.index_checks import lock_holder
from web.state.database import FILE
from web.state.keys import Keys, Scope
from web.state.query_log import FOLDER, MAX_DAY_BYTES
from web.state.tasks import Status, Tasks

EXPIRES_SOON_SECONDS = 14 * 86_400
"""How long before a key expires the doctor warns: two weeks to replace it. Arbitrary."""

MAX_WAIT_SECONDS = 60.0
"""Age of a waiting task above which the writer is missing or falls behind. Arbitrary."""


def check_state(context: CheckContext) -> Iterator[Finding]:
    """Check that only its owner can read the state folder, and that its database is undamaged."""
    folder = context.state
    if folder is None or not folder.exists():
        where = folder or "of a cluster: name one with --state DIR"
        yield ok("state", f"no folder yet ({where}); a server or `timtin keys create` creates it")
        return
    if folder.stat().st_mode & 0o077:
        advice = f"chmod 700 {folder}: it has users' queries and articles not yet written"
        yield warning("state", f"{folder} can be read by other users", advice)
    if not (folder / FILE).exists():
        return
    with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as connection:
        [result] = connection.execute("PRAGMA quick_check(1)").fetchone()
    if result == "ok":
        yield ok("state", f"{folder / FILE} is undamaged")
    else:
        advice = f"move {FILE} away and create new keys; waiting tasks are lost, the index is not"
        yield error("state", f"{folder / FILE} is damaged: {result}", advice)


def check_keys(context: CheckContext) -> Iterator[Finding]:
    """Check the valid keys: how many may write, which expire soon."""
    keys = Keys(context.state).listed() if context.state else []
    now = time.time()
    valid = [key for key in keys if key.valid(now)]
    writing = sum(key.scope.allows(Scope.WRITE) for key in valid)
    if writing:
        yield ok("keys", f"{len(valid)} valid, {writing} of them may write")
    else:
        yield ok("keys", f"{len(valid)} valid; nothing can be written over HTTP")
    for key in valid:
        if key.expires and key.expires < now + EXPIRES_SOON_SECONDS:
            days = (key.expires - now) / 86_400
            advice = f"timtin keys create --scope {key.scope}, then timtin keys revoke {key.id}"
            yield warning("keys", f"the key {key.id} expires in {days:.1f} days", advice)
        if key.created > now:
            what = f"the key {key.id} was created in the future"
            yield error("clock", what, "set the clock: keys expire by it")


def check_tasks(context: CheckContext) -> Iterator[Finding]:
    """Check that a writer executes the waiting tasks, and report failed ones."""
    folder = context.state
    if folder is None or not (folder / FILE).exists():
        return
    tasks = Tasks(folder)
    counts, now = tasks.counts(), time.time()
    lock = folder / "writer.lock"
    served = lock.exists() and lock_holder(lock) is not None
    oldest = tasks.oldest_unfinished()
    waiting = counts[Status.QUEUED] + counts[Status.RUNNING]
    if oldest is not None and now - oldest > MAX_WAIT_SECONDS:
        what = f"{waiting} tasks wait, the oldest for {now - oldest:,.0f} s"
        advice = (
            "the writer falls behind: send larger batches less often"
            if served
            else "no server runs that would write them: timtin serve"
        )
        yield error("tasks", what, advice)
    else:
        writer = "a server's writer is at work" if served else "no server runs"
        yield ok("tasks", f"{waiting} wait, {counts[Status.DONE]} are done; {writer}")
    if counts[Status.FAILED]:
        failed = tasks.last_failed()
        reason = f"; the last: {failed.error}" if failed else ""
        advice = "fix the cause and send the articles again"
        yield warning("tasks", f"{counts[Status.FAILED]} failed{reason}", advice)


def check_query_log(context: CheckContext) -> Iterator[Finding]:
    """Check that no day of the query log is full."""
    folder = context.state / FOLDER if context.state else None
    if folder is None or not folder.is_dir():
        return
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.jsonl")}
    full = [name for name, size in sorted(sizes.items()) if size >= MAX_DAY_BYTES]
    if full:
        what = f"{full[-1]} is full: later searches of that day are not in it"
        yield warning("query log", what, "find out who sends them, and set a --rate-limit")
    else:
        total = sum(sizes.values()) / 2**20
        yield ok("query log", f"{len(sizes)} days, {total:,.1f} MB")
