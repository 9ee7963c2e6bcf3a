"""Writing over HTTP: batches of articles and deletions are queued as tasks for the one writer."""

import time
from dataclasses import dataclass, replace
from typing import Any

import orjson
from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import ServiceUnavailable, UnsupportedMediaType

from index.corpus.record import ID_TOO_LONG, MAX_ID_CHARACTERS
from web.api.json_provider import dump
from web.api.limits import MAX_DELETED
from web.bodies import read_body
from web.problems import BadParameterError, problem
from web.state.tasks import Kind, QueueFullError, Status, Task, Tasks

RETRY_SECONDS = 2
"""When a client may try again if the queue is full; arbitrary."""


@dataclass(frozen=True, slots=True)
class Writing:
    """The endpoints that write, over one queue; without a queue nothing can be written."""

    tasks: Tasks | None
    hold_seconds: float = 0.0
    """How long processes may answer from the previous commit after a new one."""

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("writing", __name__)
        add = routes.add_url_rule
        add("/api/articles", "add", self.add, methods=["POST"])
        add("/api/articles", "remove_many", self.remove_many, methods=["DELETE"])
        add("/api/articles/<anything:article>", "remove", self.remove, methods=["DELETE"])
        add("/api/tasks/<task>", "task", self.task)
        return routes

    def add(self) -> Response:
        """Queue articles, as JSON lines or one JSON array; they replace those with the same id."""
        body = self._body()
        if request.mimetype == "application/json":
            _check_json(body)
        return self._queue(Kind.ADD, json_lines(body))

    def remove(self, article: str) -> Response:
        """Queue the deletion of one article; it is not an error if there is none."""
        return self._queue(Kind.DELETE, dump(_ids([article])))

    def remove_many(self) -> Response:
        """Queue the deletion of the articles in `{"ids": [...]}`."""
        try:
            body = orjson.loads(self._body())
        except orjson.JSONDecodeError as error:
            raise _bad_body(f"the body is not JSON: {error}") from error
        return self._queue(
            Kind.DELETE, dump(_ids(body.get("ids") if isinstance(body, dict) else None))
        )

    def task(self, task: str) -> Response:
        """Return the status and report of a task. It is done when every search sees its result."""
        found = self.tasks.find(task) if self.tasks else None
        if found is None:
            abort(404)
        ended = found.ended
        # `0 <=`: if the clock was set back, the task must not stay running.
        if found.status is Status.DONE and ended and 0 <= time.time() - ended < self.hold_seconds:
            found = replace(found, status=Status.RUNNING, report={}, ended=None)
        return _json(_task(found), 200)

    def _body(self) -> bytes:
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise UnsupportedMediaType("Send the body uncompressed.")
        return read_body()

    def _queue(self, kind: Kind, payload: bytes) -> Response:
        assert self.tasks  # noqa: S101 - without state no key is valid, and this needs one
        try:
            task = self.tasks.add(kind, payload)
        except QueueFullError as error:
            message = "Too many tasks wait to be written."
            raise ServiceUnavailable(message, retry_after=RETRY_SECONDS) from error
        return _json({"task": {"id": task.id, "status": task.status}}, 202)


def json_lines(body: bytes) -> bytes:
    r"""Return a body as JSON lines; an array becomes one line per element.

    Raises BadParameterError for a body without a record and for an array that is not JSON. Single
    lines are validated by the writer, like those of a file.

    >>> json_lines(b'[{"id": "1"}, {"id": "2"}]')
    b'{"id":"1"}\n{"id":"2"}'
    """
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise _bad_body("the body has no article; send JSON lines or a JSON array of objects")
    if not text.startswith(b"["):
        return text
    try:
        elements = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad_body(f"the body is not a JSON array: {error}") from error
    if not elements:
        raise _bad_body("the array has no article")
    if not all(isinstance(element, dict) for element in elements):
        raise _bad_body("each element of the array must be an object, an article")
    try:
        return b"\n".join(map(orjson.dumps, elements))
    except orjson.JSONEncodeError as error:  # orjson reads 1,024 levels but writes only 254
        raise _bad_body("an article of the array is nested too deeply") from error


def _check_json(body: bytes) -> None:
    """Check that a body declared as JSON is JSON, or at least its first line (JSON lines)."""
    first, _, _ = body.removeprefix(b"\xef\xbb\xbf").strip().partition(b"\n")
    for text in (body.removeprefix(b"\xef\xbb\xbf"), first):
        try:
            if isinstance(orjson.loads(text), dict | list):
                return
        except orjson.JSONDecodeError:
            continue
    raise _bad_body("the body is neither a JSON array, nor an object, nor JSON lines of objects")


def _ids(listed: object) -> list[str]:
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_DELETED:
        raise _bad_body(f'send {{"ids": [...]}} with 1 to {MAX_DELETED} ids')
    if not all(isinstance(article_id, str) and article_id for article_id in listed):
        raise _bad_body("each id must be a string")
    if any(len(article_id) > MAX_ID_CHARACTERS for article_id in listed):
        raise _bad_body(ID_TOO_LONG)
    return listed


def _bad_body(message: str) -> BadParameterError:
    return BadParameterError(problem("body", message))


def _task(task: Task) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": task.id,
        "kind": task.kind,
        "status": task.status,
        "report": task.report,
        "queued": task.queued,
        "began": task.began,
        "ended": task.ended,
    }
    return shown | ({"error": task.error} if task.error else {})


def _json(value: object, status: int) -> Response:
    return Response(dump(value) + b"\n", status, content_type="application/json")
