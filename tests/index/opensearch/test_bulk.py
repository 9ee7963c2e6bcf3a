"""Bulk requests to a server that refuses items, fails and disappears."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from index.opensearch.bulk import Outcome, deleting, indexing, write
from index.opensearch.client import Client, ClusterError, RequestError
from index.opensearch.documents import Document
from index.opensearch.location import Location

Answer = Callable[[list[dict[str, Any]]], tuple[int, dict[str, Any]]]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Run a server that answers bulks; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            lines = self.rfile.read(length).decode().splitlines()
            actions = [json.loads(line) for line in lines if '"_id"' in line]
            status, body = answer(actions)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


def key(action: dict[str, Any]) -> str:
    [operation] = action.values()
    return str(operation["_id"])


def item(action: dict[str, Any], status: int, error: str = "") -> dict[str, Any]:
    [operation] = action
    found: dict[str, Any] = {"_id": key(action), "status": status}
    return {operation: found | ({"error": {"reason": error}} if error else {})}


def test_only_items_that_were_refused_with_429_are_sent_again() -> None:
    seen: list[list[str]] = []

    def answer(actions: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        seen.append([key(action) for action in actions])
        busy = {"2", "3"} if len(seen) == 1 else {"3"} if len(seen) == 2 else set()
        items = [item(one, 429 if key(one) in busy else 201) for one in actions]
        return 200, {"items": items}

    outcome = Outcome()
    with serving(answer) as node:
        actions = [indexing(Document(str(at), b"{}"), at) for at in range(5)]
        write(Client(Location((node,), "x")), "x", actions, outcome)
    assert seen == [["0", "1", "2", "3", "4"], ["2", "3"], ["3"]]
    assert (outcome.created, outcome.refused) == (5, [])


def test_a_refused_document_does_not_stop_the_others() -> None:
    def answer(actions: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        bad = {"1": "immense term"}
        return 200, {
            "items": [item(a, 400 if key(a) in bad else 201, bad.get(key(a), "")) for a in actions]
        }

    outcome = Outcome()
    with serving(answer) as node:
        actions = [indexing(Document(str(at), b"{}"), at) for at in range(3)]
        write(Client(Location((node,), "x")), "x", actions, outcome)
    assert outcome.created == 2
    assert outcome.refused == [("1", "immense term")]


def test_deletions_and_older_versions_are_counted_separately() -> None:
    statuses = {"there": 200, "gone": 404, "newer": 409}

    def answer(actions: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        return 200, {"items": [item(one, statuses[key(one)]) for one in actions]}

    outcome = Outcome()
    with serving(answer) as node:
        client_ = Client(Location((node,), "x"))
        write(client_, "x", [deleting(name, 1) for name in statuses], outcome)
    assert (outcome.deleted, outcome.missing, outcome.older) == (1, 1, 1)


def test_the_next_node_is_used_if_one_is_down() -> None:
    with serving(lambda actions: (200, {"items": [item(one, 201) for one in actions]})) as node:
        outcome = Outcome()
        nodes = ("http://127.0.0.1:1", node)
        write(Client(Location(nodes, "x")), "x", [indexing(Document("1", b"{}"), 1)], outcome)
    assert outcome.created == 1


def test_a_cluster_that_stays_full_is_reported() -> None:
    def answer(actions: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        return 200, {"items": [item(one, 429) for one in actions]}

    with serving(answer) as node, pytest.raises(ClusterError, match="too busy for 1 documents"):
        one = [indexing(Document("1", b"{}"), 1)]
        write(Client(Location((node,), "x")), "x", one, Outcome())


def test_an_unreachable_cluster_is_reported() -> None:
    with pytest.raises(ClusterError, match="does not answer"):
        Client(Location(("http://127.0.0.1:1",), "x")).request("GET", "/")


def test_an_invalid_request_is_reported_with_its_reason() -> None:
    wrong = {"error": {"type": "parsing_exception", "reason": "unknown query"}}
    with (
        serving(lambda _: (400, wrong)) as node,
        pytest.raises(RequestError, match="unknown query"),
    ):
        Client(Location((node,), "x")).request("POST", "/x/_search", {})


def test_a_user_who_is_refused_is_reported() -> None:
    with serving(lambda _: (403, {})) as node, pytest.raises(ClusterError, match="this user"):
        Client(Location((node,), "x")).request("POST", "/x/_search", {})
