"""One writer at a time: a document in the cluster that its holder renews."""

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from index.errors import IndexBusyError
from index.opensearch.client import Client, RequestError

LOCKS = "timtin-locks"
"""The index of the locks, a document for each index of ours."""

RENEWED_SECONDS = 10.0
STALE_SECONDS = 60.0
"""A lock not renewed for so long is taken over: its holder was killed or cut off."""


@contextmanager
def write_lock(client: Client, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the write lock of an index.

    Raises IndexBusyError where another writer holds it for longer than `wait_seconds`.
    """
    owner = uuid.uuid4().hex
    until = time.monotonic() + wait_seconds
    while not _take(client, owner):
        if time.monotonic() >= until:
            raise IndexBusyError(
                f"{client.location}: another writer is at work; try again when it is done"
            )
        time.sleep(0.5)
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(client, owner, ended), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()
        with suppress(Exception):  # a lock that stays is taken over when it is stale
            client.request("DELETE", _path(client), missing_ok=True)


def _path(client: Client) -> str:
    return f"/{LOCKS}/_doc/{client.location.name}"


def _body(owner: str) -> dict[str, Any]:
    return {
        "owner": owner,
        "renewed": time.time(),
        "host": socket.gethostname(),
        "process": os.getpid(),
    }


def _take(client: Client, owner: str) -> bool:
    try:
        client.request("PUT", _path(client), _body(owner), {"op_type": "create"})
    except RequestError as error:
        if error.status != 409:
            raise
    else:
        return True
    held = client.request("GET", _path(client), missing_ok=True)
    if not held or held["_source"]["renewed"] + STALE_SECONDS > time.time():
        return False
    condition = {"if_seq_no": str(held["_seq_no"]), "if_primary_term": str(held["_primary_term"])}
    try:
        client.request("PUT", _path(client), _body(owner), condition)
    except RequestError as error:
        if error.status != 409:
            raise
        return False
    return True


def _renew(client: Client, owner: str, ended: threading.Event) -> None:
    while not ended.wait(RENEWED_SECONDS):
        with suppress(Exception):  # the next time, or the lock becomes stale
            client.request("PUT", _path(client), _body(owner))
