"""HTTP client of a cluster: tries its nodes in turn, and raises clear errors."""

import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import orjson

from index.errors import IndexUnavailableError
from index.opensearch.location import Location
from index.opensearch.patience import Patience

try:
    import urllib3
except ImportError as error:  # pragma: no cover - the tests install it
    raise IndexUnavailableError(
        "an index in a cluster needs the extra: pip install 'tim-tin[cluster]'"
    ) from error

Json = dict[str, Any]

CONNECT_SECONDS = 2.0
"""How long a node may take to accept a connection; a slower one is taken to be down. Arbitrary."""

READ_SECONDS = 60.0
"""How long a response may take; bulks and merges take seconds. Searches set their own limit.
Arbitrary."""

RESPONSE_SECONDS = 0.5
"""How long a node may take to say that it is there, when another one hangs. Arbitrary: a node
collects its garbage for less."""

MAX_WAITS = 2
"""A request is not sent to a further node after this many times its time limit. Arbitrary."""

MAX_ATTEMPTS = 6
"""Attempts to send a request, each time to the next node, before it fails. Arbitrary."""

_RETRIED = frozenset((429, 502, 503, 504))
_REFUSED = frozenset((401, 403))
_BLOCKS = frozenset(("cluster_block_exception", "index_create_block_exception"))
_MAX_PAUSE_SECONDS = 2.0


class ClusterError(IndexUnavailableError):
    """A cluster that does not answer: down, overloaded, red, or it rejects the credentials."""


class SlowNodeError(ClusterError):
    """A node that accepted a search and did not answer in time."""


class RequestError(ClusterError):
    """A request that the cluster rejected as invalid; `kind` is the error type of OpenSearch."""

    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(f"the cluster refuses the request: HTTP {status}, {kind}: {reason}")
        self.status = status
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of a response and its JSON."""

    status: int
    body: Json


def to_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return a value as JSON; a lone surrogate, which UTF-8 cannot encode, becomes "?"."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a lone surrogate, or an integer of more than 64 bits
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


class Client:
    """Connections to the nodes of a cluster, shared by all threads of a process.

    A request goes to the node that answered last, and if that fails, to the next one. Requests are
    sent again after a lost connection, so callers may only send idempotent ones: all documents
    carry versions.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        trusted = {"ca_certs": location.certificates} if location.certificates else {}
        self._pool = urllib3.PoolManager(
            maxsize=32,
            headers={"accept": "application/json", **location.headers},
            retries=False,
            **trusted,  # type: ignore[arg-type] # mypy checks the values against all parameters
        )
        self._nodes = list(location.nodes)
        self._patience = Patience()
        self._lock = Lock()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,  # noqa: ANN401 - any JSON
        parameters: Mapping[str, str] | None = None,
        *,
        missing_ok: bool = False,
        seconds: float = READ_SECONDS,
        is_search: bool = False,
    ) -> Json:
        """Send a request with a JSON body and return the JSON of the response.

        Raises RequestError if the cluster rejects it (with `missing_ok`, 404 returns {}), and
        ClusterError if no node answers in time.
        """
        content = None if body is None else to_json(body)

        def send(preference: str, limit: float) -> Answer:
            preferred = {"preference": preference} if preference else {}
            return self.send(
                method, path, content, {**(parameters or {}), **preferred},
                seconds=limit, is_search=is_search,
            )  # fmt: skip

        answer = self.search(send, seconds) if is_search else send("", seconds)
        if answer.status == 404 and missing_ok:
            return {}
        if answer.status >= 400:
            raise _refused(answer)
        return answer.body

    def lines(
        self,
        path: str,
        lines: Iterable[bytes],
        parameters: Mapping[str, str] | None = None,
        *,
        seconds: float = READ_SECONDS,
        is_search: bool = False,
    ) -> Answer:
        """Post NDJSON, the format of `_bulk` and `_msearch`."""
        content = b"".join(b"%b\n" % line for line in lines)
        return self.send("POST", path, content, parameters, seconds=seconds, is_search=is_search,
                         kind="application/x-ndjson")  # fmt: skip

    def search(self, send: Callable[[str, float], Answer], seconds: float) -> Answer:
        """Call `send` with a preference and a time limit until it returns a response.

        `send` raises SlowNodeError if a node does not answer within the limit. Then the search goes
        to another node and prefers copies of the shards on nodes that respond; each time it may
        take twice as long, up to `seconds`, all together `MAX_WAITS` times as long.
        """
        until = time.monotonic() + MAX_WAITS * seconds
        limit = self._patience.limit(seconds)
        while True:
            began = time.monotonic()
            try:
                answer = send(self._patience.preference(), limit)
            except SlowNodeError:
                self._prefer_responsive_nodes(until - time.monotonic())
                limit = min(2 * limit, seconds, until - time.monotonic())
                if limit <= 0:
                    raise
            else:
                self._patience.note(time.monotonic() - began)
                return answer

    def _prefer_responsive_nodes(self, seconds: float) -> None:
        """Ask which nodes respond, and prefer these if others do not."""
        path = f"/_nodes/process?timeout={RESPONSE_SECONDS * 1000:.0f}ms"
        until = time.monotonic() + min(seconds, 2 * RESPONSE_SECONDS * len(self._nodes))
        for node in list(self._nodes):
            limit = min(2 * RESPONSE_SECONDS, until - time.monotonic())
            if limit <= 0:
                return
            try:
                found = self._pool.request(
                    "GET", f"{node}{path}",
                    timeout=urllib3.Timeout(connect=limit, read=limit),
                )  # fmt: skip
                body = json.loads(found.data)
            except (urllib3.exceptions.HTTPError, ValueError):
                self._turn(node)
                continue
            if found.status < 400:  # a user who may not ask gets 403
                self._patience.prefer(list(body["nodes"]) if body["_nodes"]["failed"] else [])
            return

    def send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        parameters: Mapping[str, str] | None = None,
        *,
        seconds: float = READ_SECONDS,
        is_search: bool = False,
        kind: str = "application/json",
    ) -> Answer:
        """Send a request to one node after another until one answers, at most `MAX_ATTEMPTS` times.

        Each node may take `seconds`, all together `MAX_WAITS` times as long, so that a request that
        hangs on every node ends, too. A search raises SlowNodeError after `seconds`; see `search`.
        """
        path = f"{path}?{urlencode(parameters)}" if parameters else path
        trouble: Exception | str = "no node"
        until = time.monotonic() + MAX_WAITS * seconds
        for attempt in range(MAX_ATTEMPTS):
            if attempt and time.monotonic() >= until:
                break
            node = self._nodes[0]
            try:
                response = self._pool.request(
                    method,
                    f"{node}{path}",
                    body=content,
                    headers={**self._pool.headers, "content-type": kind},
                    timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
                )
            except urllib3.exceptions.HTTPError as error:
                trouble = error
                self._turn(node)
                if is_search and isinstance(error, urllib3.exceptions.ReadTimeoutError):
                    raise SlowNodeError(f"{node} does not answer ({error}); try again") from error
                _pause(attempt if len(self._nodes) == 1 else 0)
                continue
            if response.status in _RETRIED and attempt + 1 < MAX_ATTEMPTS:
                trouble = f"HTTP {response.status}"
                self._turn(node)
                _pause(attempt)
                continue
            return self._answer(response, node)
        raise ClusterError(f"{self.location}: the cluster does not answer ({trouble}); try again")

    def _turn(self, failed: str) -> None:
        """Put the next node first, unless another thread has already done so."""
        with self._lock:
            if self._nodes[0] == failed:
                self._nodes.append(self._nodes.pop(0))

    def _answer(self, response: "urllib3.BaseHTTPResponse", node: str) -> Answer:
        try:
            body = json.loads(response.data) if response.data else {}
        except ValueError as error:
            if response.status in _REFUSED:
                raise _refused_user(node, response.status) from error
            raise ClusterError(f"{node}: HTTP {response.status}, and no JSON") from error
        if response.status in _REFUSED:
            failure = body.get("error") if isinstance(body, dict) else None
            if isinstance(failure, dict) and failure.get("type") in _BLOCKS:
                raise ClusterError(
                    f"{node}: the cluster accepts no writes: {failure.get('reason')}"
                )
            raise _refused_user(node, response.status)
        return Answer(response.status, body)


def _refused_user(node: str, status: int) -> ClusterError:
    return ClusterError(f"{node}: HTTP {status}: the cluster refuses this user")


def _pause(attempt: int) -> None:
    """Wait with exponential backoff and jitter, so that clients do not retry together."""
    time.sleep(min(0.05 * 2**attempt, _MAX_PAUSE_SECONDS) * random.uniform(0.5, 1.0))  # noqa: S311


def _refused(answer: Answer) -> Exception:
    error = answer.body.get("error", {})
    if isinstance(error, str):
        return RequestError(answer.status, "error", error)
    causes: Sequence[Json] = error.get("root_cause") or [error]
    reason = "; ".join(str(cause.get("reason")) for cause in causes)
    if answer.status in _RETRIED or answer.status >= 500:
        return ClusterError(f"the cluster cannot answer: HTTP {answer.status}: {reason}")
    return RequestError(answer.status, str(error.get("type")), reason)
