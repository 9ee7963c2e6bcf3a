"""Request bodies, read by one thread per kind at a time, so that slow senders block no others."""

from threading import BoundedSemaphore

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

MAX_READERS = 1
"""Threads of a process that read bodies of one kind at the same time, of four by default."""

WAIT_SECONDS = 0.5
"""How long a request waits for its turn. A body that has arrived is read within a millisecond."""

RETRY_SECONDS = 1


def install_bodies() -> dict[str, BoundedSemaphore]:
    """Return the semaphores for bodies that need a key and for those that anybody may send."""
    return {kind: BoundedSemaphore(MAX_READERS) for kind in ("writing", "reading")}


def read_body() -> bytes:
    """Return the body of the request.

    Raises a 503 if slow senders occupy all readers of its kind, a 413 if the body is longer than
    `limit_body` allows, even if it has no Content-Length.
    """
    kind = "writing" if request.blueprint == "writing" else "reading"
    semaphore: BoundedSemaphore = current_app.extensions["bodies"][kind]
    if not semaphore.acquire(timeout=WAIT_SECONDS):
        message = "Other bodies are being read."
        raise ServiceUnavailable(message, retry_after=RETRY_SECONDS)
    try:
        body = request.get_data(cache=False)
    finally:
        semaphore.release()
    if len(body) == request.max_content_length:
        raise RequestEntityTooLarge
    return body


def limit_body(max_bytes: int) -> None:
    """Raise a 413 for a body with a larger Content-Length, before any of it is read."""
    # Werkzeug truncates a body of unknown length silently; one byte more shows that it did.
    request.max_content_length = max_bytes + 1
    if (request.content_length or 0) > max_bytes:
        raise RequestEntityTooLarge
