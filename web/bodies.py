"""The bodies of requests, read by a few threads at a time: a slow sender must not hold them all."""

from threading import BoundedSemaphore

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

MAX_READERS = 1
"""Threads of a process that read bodies of one kind: of the four that it has by default."""

WAIT_SECONDS = 0.5
"""How long a request waits for its turn: a body that has arrived is read in a millisecond."""

RETRY_SECONDS = 1


def install_bodies() -> dict[str, BoundedSemaphore]:
    """Return the turns for bodies that need a key, and for those that anybody may send."""
    return {kind: BoundedSemaphore(MAX_READERS) for kind in ("writing", "reading")}


def read_body() -> bytes:
    """Return the body of the request; 503 where slow senders hold all turns of its kind.

    413 where it is longer than `limit_body` allowed, also where no length was announced.
    """
    kind = "writing" if request.blueprint == "writing" else "reading"
    turns: BoundedSemaphore = current_app.extensions["bodies"][kind]
    if not turns.acquire(timeout=WAIT_SECONDS):
        message = "Other bodies are being read."
        raise ServiceUnavailable(message, retry_after=RETRY_SECONDS)
    try:
        body = request.get_data(cache=False)
    finally:
        turns.release()
    if len(body) == request.max_content_length:
        raise RequestEntityTooLarge
    return body


def limit_body(max_bytes: int) -> None:
    """Refuse a body that is announced to be larger, before anything of it is read."""
    # Werkzeug cuts a body of unknown length off in silence: one byte more tells that it did.
    request.max_content_length = max_bytes + 1
    if (request.content_length or 0) > max_bytes:
        raise RequestEntityTooLarge
