"""The write lock of an index in a cluster: a document that its holder renews (a lease)."""

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from index.errors import IndexBusyError
from index.opensearch.client import Client, ClusterError, Json, RequestError

LOCKS = "timtin-locks"
"""The index that contains the locks, one document for each index of timtin."""

RENEWED_SECONDS = 10.0
"""Seconds between renewals, short enough that several may fail before the lock is stale.
Arbitrary."""

STALE_SECONDS = 60.0
"""Age at which another writer may take over a lock, since its holder must be dead or disconnected.
Arbitrary."""


class HeldLock:
    """A held lock: renewed by a thread until it is released or another writer takes it over."""

    def __init__(self, client: Client, owner: str, revision: Json) -> None:
        self._client = client
        self._owner = owner
        self._revision = revision
        self._ended, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise IndexBusyError if another writer took the lock over; then nothing may be published.

        That happens if this writer could not renew its lock for `STALE_SECONDS`.
        """
        if self._lost.is_set():
            raise IndexBusyError(
                f"{self._client.location}: the lock was lost to another writer; write again"
            )

    def release(self) -> None:
        """Release the lock, unless another writer has taken it over."""
        self._ended.set()
        self._thread.join()
        with suppress(Exception):  # a lock that is not deleted becomes stale
            self._client.request(
                "DELETE", _path(self._client), None, _condition(self._revision), missing_ok=True
            )

    def _renew(self) -> None:
        """Renew the lock until it is released or lost."""
        while not self._ended.wait(RENEWED_SECONDS):
            try:
                # Conditional on its own last renewal, so that a lock taken over is not taken back.
                self._revision = self._client.request(
                    "PUT", _path(self._client), _body(self._owner), _condition(self._revision)
                )
            except RequestError as error:
                if error.status == 409:
                    self._lost.set()
                    return
            except ClusterError:
                continue  # retried at the next renewal, or the lock becomes stale


@contextmanager
def write_lock(client: Client, wait_seconds: float = 0.0) -> Iterator[HeldLock]:
    """Hold the write lock of an index.

    Raises IndexBusyError if another writer holds it for longer than `wait_seconds`.
    """
    owner = uuid.uuid4().hex
    until = time.monotonic() + wait_seconds
    while (revision := _take(client, owner)) is None:
        if time.monotonic() >= until:
            raise IndexBusyError(
                f"{client.location}: another writer is at work; try again when it is done"
            )
        time.sleep(0.5)
    held = HeldLock(client, owner, revision)
    try:
        yield held
    finally:
        held.release()


def is_locked(client: Client) -> bool:
    """Return whether a writer is at work."""
    held = client.request("GET", _path(client), missing_ok=True)
    return bool(held) and not _is_stale(held)


def _is_stale(held: Json) -> bool:
    return bool(held["_source"]["renewed"] + STALE_SECONDS <= time.time())


def _path(client: Client) -> str:
    return f"/{LOCKS}/_doc/{client.location.name}"


def _body(owner: str) -> Json:
    return {
        "owner": owner,
        "renewed": time.time(),
        "host": socket.gethostname(),
        "process": os.getpid(),
    }


def _condition(revision: Json) -> dict[str, str]:
    return {
        "if_seq_no": str(revision["_seq_no"]),
        "if_primary_term": str(revision["_primary_term"]),
    }


def _take(client: Client, owner: str) -> Json | None:
    """Take the lock and return its revision; None if another writer holds it."""
    try:
        return client.request("PUT", _path(client), _body(owner), {"op_type": "create"})
    except RequestError as error:
        if error.status != 409:
            raise
    held = client.request("GET", _path(client), missing_ok=True)
    if not held:
        return None
    if held["_source"]["owner"] == owner:  # created by this writer, but the response was lost
        return held
    if not _is_stale(held):
        return None
    try:
        return client.request("PUT", _path(client), _body(owner), _condition(held))
    except RequestError as error:
        if error.status != 409:
            raise
        return None
