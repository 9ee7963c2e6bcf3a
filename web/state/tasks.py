"""The task queue: batches of articles and deletions that are accepted but not written yet."""

import json
import sqlite3
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from web.state.database import make_database, transaction

MAX_QUEUED = 1_000
"""Queued tasks; with more, clients get a 503. Arbitrary."""

MAX_QUEUED_BYTES = 1 << 30
"""Bytes of the queued batches, so that clients cannot fill the disk. Arbitrary: 32 batches of the
default maximum size."""

MAX_KEPT = 10_000
"""Finished tasks whose status is kept; arbitrary."""


class Kind(StrEnum):
    """The kind of a task."""

    ADD = "add"
    DELETE = "delete"


class Status(StrEnum):
    """The state of a task."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class QueueFullError(Exception):
    """The queue has reached its maximum number of tasks or bytes."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task without its payload; `queued`, `began` and `ended` are seconds since 1970."""

    id: str
    kind: Kind
    status: Status
    report: Mapping[str, Any]
    error: str
    queued: float
    began: float | None
    ended: float | None


class Tasks:
    """The task queue of one server: its processes add tasks, its only writer takes them."""

    def __init__(
        self,
        folder: Path,
        max_queued: int = MAX_QUEUED,
        max_queued_bytes: int = MAX_QUEUED_BYTES,
    ) -> None:
        self._folder = folder
        self._max_queued = max_queued
        self._max_queued_bytes = max_queued_bytes
        make_database(folder)

    def add(self, kind: Kind, payload: bytes) -> Task:
        """Queue a task durably. Raises QueueFullError, StateError."""
        task = Task(uuid.uuid4().hex, kind, Status.QUEUED, {}, "", time.time(), None, None)
        with transaction(self._folder) as connection:
            connection.execute("BEGIN IMMEDIATE")  # no other process may fill the queue meanwhile
            waiting, size = connection.execute(
                "SELECT count(*), total(length(payload)) FROM tasks WHERE status = ?",
                (Status.QUEUED,),
            ).fetchone()
            is_too_large = waiting and size + len(payload) > self._max_queued_bytes
            if waiting >= self._max_queued or is_too_large:
                raise QueueFullError
            connection.execute(
                "INSERT INTO tasks (id, kind, status, payload, queued) VALUES (?, ?, ?, ?, ?)",
                (task.id, kind, task.status, payload, task.queued),
            )
        return task

    def find(self, task_id: str) -> Task | None:
        """Return a task; None for an unknown or expired one. Raises StateError."""
        with transaction(self._folder) as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM tasks WHERE id = ?", (task_id,))  # noqa: S608
            found = row.fetchone()
        return _task(found) if found else None

    def counts(self) -> Mapping[Status, int]:
        """Return the number of tasks by status. Raises StateError."""
        with transaction(self._folder) as connection:
            found = connection.execute("SELECT status, count(*) FROM tasks GROUP BY status")
            counted = {Status(status): int(count) for status, count in found}
        return dict.fromkeys(Status, 0) | counted

    def oldest_unfinished(self) -> float | None:
        """Return when the oldest unfinished task was queued, or None. Raises StateError."""
        with transaction(self._folder) as connection:
            [oldest] = connection.execute(
                "SELECT min(queued) FROM tasks WHERE status IN (?, ?)",
                (Status.QUEUED, Status.RUNNING),
            ).fetchone()
        return None if oldest is None else float(oldest)

    def last_failed(self) -> Task | None:
        """Return the last task that failed; None if none did. Raises StateError."""
        with transaction(self._folder) as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM tasks WHERE status = ? ORDER BY number DESC LIMIT 1",  # noqa: S608
                (Status.FAILED,),
            ).fetchone()
        return _task(row) if row else None

    def take(self) -> tuple[Task, bytes] | None:
        """Mark the next task as running and return it with its payload; None if the queue is empty.

        A task that a killed writer left running comes first, since writes are idempotent.
        """
        with transaction(self._folder) as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS}, payload FROM tasks WHERE status IN (?, ?) "  # noqa: S608
                "ORDER BY number LIMIT 1",
                (Status.RUNNING, Status.QUEUED),
            ).fetchone()
            if row is None:
                return None
            connection.execute(
                "UPDATE tasks SET status = ?, began = ? WHERE id = ?",
                (Status.RUNNING, time.time(), row[0]),
            )
        return _task(row[:-1]), row[-1]

    def finish(self, task: Task, report: Mapping[str, Any], error: str = "") -> None:
        """Store the report of a task, or its error, and drop its payload. Raises StateError."""
        status = Status.FAILED if error else Status.DONE
        with transaction(self._folder) as connection:
            connection.execute(
                "UPDATE tasks SET status = ?, report = ?, error = ?, ended = ?, payload = NULL "
                "WHERE id = ?",
                (status, json.dumps(report), error, time.time(), task.id),
            )
            connection.execute(
                "DELETE FROM tasks WHERE status IN (?, ?) AND number <= "
                "(SELECT max(number) FROM tasks) - ?",
                (Status.DONE, Status.FAILED, MAX_KEPT),
            )


_COLUMNS = "id, kind, status, report, error, queued, began, ended"


def _task(row: "sqlite3.Row | tuple[Any, ...]") -> Task:
    task_id, kind, status, report, error, queued, began, ended = row
    return Task(
        task_id,
        Kind(kind),
        Status(status),
        json.loads(report) if report else {},
        error or "",
        queued,
        began,
        ended,
    )
