"""The SQLite database of a server's keys and tasks, shared by its processes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

FILE = "state.sqlite"
BUSY_SECONDS = 10.0
"""How long a process waits for writes of others, which take a few milliseconds each. Arbitrary."""

_TABLES = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL, scopes TEXT NOT NULL, name TEXT NOT NULL,
    created REAL NOT NULL, expires REAL, revoked REAL
);
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    status TEXT NOT NULL, payload BLOB, report TEXT, error TEXT,
    queued REAL NOT NULL, began REAL, ended REAL
);
CREATE INDEX IF NOT EXISTS tasks_by_status ON tasks (status, number);
"""


class StateError(Exception):
    """A state folder that cannot be used; the message says which and why."""


def state_folder(location: str) -> Path | None:
    """Return the state folder of an index; None for an index in a cluster.

    It is beside the index, not in it, since an index may be rebuilt, replaced or copied.

    >>> state_folder("data/index/")
    PosixPath('data/index.state')
    >>> state_folder("opensearch://localhost:9200/news")
    """
    if "://" in location:
        return None
    path = Path(os.path.normpath(location))
    return path.with_name(f"{path.name}.state") if path.name else Path("timtin.state")


def make_database(folder: Path) -> None:
    """Create the folder, readable by its owner only, and the tables. Raises StateError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Created here, since SQLite creates files that everybody can read.
        os.close(os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        (folder / FILE).chmod(0o600)
        with closing(sqlite3.connect(folder / FILE, timeout=BUSY_SECONDS)) as connection:
            # WAL: readers are not blocked by a writer, and a kill loses no committed transaction.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_TABLES)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{folder} cannot hold keys and tasks: {error}") from error


@contextmanager
def transaction(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a transaction, which is durable when the block ends. Raises StateError."""
    try:
        with closing(sqlite3.connect(folder / FILE, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            with connection:
                yield connection
    except sqlite3.Error as error:
        raise StateError(f"{folder / FILE}: {error}") from error
