"""Writing over HTTP: keys, tasks, and concurrent searches."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from index.embedded.commits import read_commit
from index.history import WriteKind
from search import open_searcher
from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.access import REQUIRED_SCOPES
from web.app import create_app
from web.command import main
from web.settings import Settings
from web.state.database import StateError
from web.state.keys import Key, Keys, Scope
from web.state.tasks import Kind, QueueFullError, Status, Tasks
from web.writer import BATCH, Writer


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def client_of(state: Path, **settings: Any) -> FlaskClient:
    return create_app(FakeSearcher(newspaper()), Settings(state=state, **settings)).test_client()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


KEYED = [
    ("POST", "/api/articles"),
    ("DELETE", "/api/articles/x"),
    ("DELETE", "/api/articles"),
    ("GET", "/api/tasks/x"),
]


@pytest.mark.parametrize(("method", "path"), KEYED)
def test_nothing_is_written_or_reported_without_a_key(state: Path, method: str, path: str) -> None:
    keys, client = Keys(state), client_of(state)
    weak, strong = keys.create(Scope.SEARCH), keys.create(Scope.WRITE)
    for headers, status, code in (
        ({}, 401, "key_missing"),
        (bearer("x"), 401, "key_unknown"),
        (bearer(strong[:-1] + ("A" if strong[-1] != "A" else "B")), 401, "key_unknown"),
        (bearer(weak), 403, "key_too_weak"),
        ({"Authorization": "Basic eDp5"}, 401, "key_missing"),
    ):
        response = client.open(path, method=method, headers=headers, data=b'{"id":"1"}')
        assert (response.status_code, response.get_json()["error"]["code"]) == (status, code)
    assert Tasks(state).counts() == dict.fromkeys(Status, 0)
    without_state = create_app(FakeSearcher([])).test_client()
    assert without_state.open(path, method=method, headers=bearer(strong)).status_code == 401


def test_every_endpoint_that_writes_needs_a_key() -> None:
    app = create_app(FakeSearcher([]))
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        if rule.endpoint.startswith("writing") or (methods and rule.endpoint.startswith("api")):
            assert rule.endpoint in REQUIRED_SCOPES or rule.endpoint == "api.multi_search"


def test_a_task_is_done_when_every_process_knows_it(state: Path) -> None:
    tasks, client = Tasks(state), client_of(state, hold_seconds=30)
    added = tasks.add(Kind.ADD, b"{}")
    tasks.finish(added, {"read": 1})
    headers = bearer(Keys(state).create(Scope.WRITE))
    early = client.get(f"/api/tasks/{added.id}", headers=headers).get_json()
    assert (early["status"], early["report"], early["ended"]) == ("running", {}, None)
    later = client_of(state).get(f"/api/tasks/{added.id}", headers=headers)
    assert later.get_json()["status"] == "done"
    failed = tasks.add(Kind.ADD, b"{}")
    tasks.finish(failed, {}, "disk full")
    response = client.get(f"/api/tasks/{failed.id}", headers=headers)
    assert response.get_json()["status"] == "failed"


def test_a_full_queue_is_503_with_retry_after(state: Path) -> None:
    tasks = Tasks(state, max_queued=3)
    client, key = client_of(state, max_queued=3), Keys(state).create(Scope.WRITE)
    for _ in range(3):
        tasks.add(Kind.ADD, b"x")
    response = client.post("/api/articles", data=b"{}", headers=bearer(key))
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    with pytest.raises(QueueFullError):
        tasks.add(Kind.ADD, b"x")


def written(tmp_path: Path, *tasks: tuple[Kind, bytes]) -> list[dict[str, Any]]:
    """Execute tasks one after another on an index in `i`; return their final state."""
    queue = Tasks(tmp_path / "state")
    added = [queue.add(kind, payload) for kind, payload in tasks]
    writer = Writer(str(tmp_path / "i"), tmp_path / "state")
    while writer.work(queue):
        pass
    done = [queue.find(task.id) for task in added]
    return [{"status": one.status, "error": one.error, **one.report} for one in done if one]


class Impatient(Event):
    """An event whose `wait` takes at most a millisecond."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0.001 if timeout else None)


def test_an_outcome_that_cannot_be_stored_is_stored_later_and_reported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The disk with the state is full for a while; the article is not written again and again."""
    queue = Tasks(tmp_path / "state")
    task = queue.add(Kind.ADD, b'{"id":"1","title":"Gi\xc3\xa1 l\xc3\xbaa"}')
    finish, failures = queue.finish, iter(range(3))

    def full(*outcome: Any) -> None:
        for _ in failures:
            raise StateError("database or disk is full")
        finish(*outcome)

    monkeypatch.setattr(queue, "finish", full)
    assert Writer(str(tmp_path / "i"), tmp_path / "state").work(queue, Impatient())
    found = queue.find(task.id)
    assert found
    assert found.status is Status.DONE
    assert len(read_commit(tmp_path / "i").history.writes) == 1
    assert [one.message for one in caplog.records] == [
        "The outcome of a task cannot be stored: database or disk is full"
    ]


def test_a_writer_whose_outcome_cannot_be_stored_ends_with_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would keep the lock while the disk is full, and the next server would wait."""
    Tasks(tmp_path).add(Kind.ADD, b'{"id":"1","title":"Gi\xc3\xa1 l\xc3\xbaa"}')
    parent, tries = os.getppid(), iter(range(3))

    def full(*_: Any) -> None:
        next(tries)  # raises after these attempts
        monkeypatch.setattr(os, "getppid", lambda: 1)
        raise StateError("database or disk is full")

    monkeypatch.setattr(Tasks, "finish", full)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    Writer(str(tmp_path / "i"), tmp_path).run(parent)
    assert next(tries) == 1


def test_a_queue_that_cannot_be_read_is_reported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue, writer = Tasks(tmp_path / "state"), Writer(str(tmp_path / "i"), tmp_path / "state")

    def full() -> None:
        raise StateError("database or disk is full")

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(queue, "take", full)
            assert not any(writer.work(queue) for _ in range(5))
        assert not writer.work(queue)  # the queue can be read again
    assert len(caplog.records) == 2  # once each time
    assert not any(one.exc_info for one in caplog.records)


def test_the_file_of_a_failed_batch_is_removed(tmp_path: Path) -> None:
    assert written(tmp_path, (Kind.ADD, b"nothing"))[0]["status"] == Status.FAILED
    assert not (tmp_path / "state" / BATCH).exists()


def test_a_task_reports_as_the_command_line_does(tmp_path: Path) -> None:
    good, again = (
        b'{"id":"1","title":"Gi\xc3\xa1 l\xc3\xbaa"}',
        b'{"id":"1","title":"M\xe1\xbb\x9bi"}',
    )
    first, second, third, fourth = written(
        tmp_path,
        (Kind.ADD, good + b'\nnot json\n{"id":"2"}\n'),
        (Kind.ADD, again),
        (Kind.DELETE, b'["1","nobody"]'),
        (Kind.ADD, b"nothing"),
    )
    reported = read_commit(tmp_path / "i").history.writes
    assert [(one.kind, one.read, one.indexed, one.bad, one.deleted) for one in reported] == [
        (WriteKind.BUILD, 3, 1, 2, 0),
        (WriteKind.UPDATE, 1, 1, 0, 0),
        (WriteKind.DELETE, 2, 0, 0, 1),
    ]
    problems = first.pop("problems")
    assert first == {
        "status": "done",
        "error": "",
        "read": 3,
        "indexed": 1,
        "replaced": 0,
        "skipped": 2,
    }
    assert [problem.partition(":")[0] for problem in problems] == ["line 2", "line 3"]
    assert (second["indexed"], second["replaced"]) == (1, 1)
    assert (third["read"], third["deleted"]) == (2, 1)
    assert fourth["status"] == "failed"
    assert "no article" in fourth["error"]


def test_the_fields_of_the_index_are_written(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "0", "title": "Lúa", "tags": ["gạo"]}\n', "utf-8")
    options = ["--index", str(tmp_path / "i"), "--field", "tags:keywords:facet"]
    assert CliRunner().invoke(main, ["build", str(tmp_path / "a.jsonl"), *options]).exit_code == 0
    [done] = written(tmp_path, (Kind.ADD, b'{"id":"1","title":"x","tags":["m\xc6\xb0a"]}'))
    assert done["indexed"] == 1
    client = create_app(open_searcher(tmp_path / "i")).test_client()
    counted = client.get("/api/search?facets=tags").get_json()["facets"]["tags"]
    assert sorted(one["value"] for one in counted) == ["gạo", "mưa"]


def test_a_task_left_by_a_killed_writer_is_repeated(tmp_path: Path) -> None:
    queue = Tasks(tmp_path / "state")
    task = queue.add(Kind.ADD, b'{"id":"1","title":"L\xc3\xbaa"}')
    taken = queue.take()
    assert taken
    assert taken[0].id == task.id
    [done] = written(tmp_path, (Kind.ADD, b'{"id":"2","title":"N\xc6\xb0\xe1\xbb\x9bc"}'))
    found = queue.find(task.id)
    assert found
    assert (found.status, done["status"]) == (Status.DONE, Status.DONE)


@contextmanager
def serving(index: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "web", "--index", str(index), "--port", "0", "--workers", "2"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIMTIN_")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=kept) as process:
        try:
            assert process.stderr
            found = re.search(r"http://\S+/", process.stderr.readline())
            assert found
            yield found[0], process
        finally:
            process.kill()


def call(method: str, address: str, key: str = "", body: bytes | None = None) -> Any:
    headers = bearer(key) if key else {}
    with urlopen(Request(address, body, headers, method=method), timeout=10) as response:
        return json.load(response)


def finished(root: str, task: str, key: str) -> Any:
    for _ in range(200):
        found = call("GET", f"{root}api/tasks/{task}", key)
        if found["status"] in {"done", "failed"}:
            return found
        time.sleep(0.05)
    raise AssertionError("the task does not end")


def total(root: str, query: str) -> int:
    found: int = call("GET", f"{root}api/search?q={quote(query)}")["total"]
    return found


@pytest.fixture
def index(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_text('{"id": "0", "title": "Bài đầu tiên"}\n', "utf-8")
    built = CliRunner().invoke(
        main, ["build", str(tmp_path / "a.jsonl"), "--index", str(tmp_path / "i")]
    )
    assert built.exit_code == 0, built.output
    return tmp_path / "i"


def test_articles_are_found_within_a_second_and_not_after_deletion(index: Path) -> None:
    with serving(index) as (root, process):
        key = Keys(index.with_name("i.state")).create(Scope.WRITE)
        with pytest.raises(HTTPError, match="401"):
            call("POST", f"{root}api/articles", body=b"{}")
        body = json.dumps([{"id": "a/1", "title": "Giá lúa tăng"}, {"id": "2", "title": "Mưa lũ"}])
        began = time.monotonic()
        task = call("POST", f"{root}api/articles", key, body.encode())["task"]
        while not total(root, "lúa"):
            assert time.monotonic() - began < 5  # it takes one second on an idle machine
            time.sleep(0.02)
        assert finished(root, task["id"], key)["report"]["indexed"] == 2
        task = call("DELETE", f"{root}api/articles/{quote('a/1', safe='')}", key)["task"]
        assert finished(root, task["id"], key)["report"]["deleted"] == 1
        assert (total(root, "lúa"), total(root, "mưa")) == (0, 1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
        assert process.returncode == 0


def test_an_accepted_write_survives_kill_9(index: Path) -> None:
    key = Keys(index.with_name("i.state")).create(Scope.WRITE)
    with serving(index) as (root, process):
        for number in range(8):
            body = json.dumps({"id": f"k{number}", "title": f"Bản tin lũ số {number}"})
            call("POST", f"{root}api/articles", key, body.encode())
        process.kill()
        process.wait()
    with serving(index) as (root, _):
        deadline = time.monotonic() + 20
        while total(root, "bản tin lũ") < 8:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert total(root, "bài đầu tiên") >= 1


def test_valid_means_neither_revoked_nor_expired() -> None:
    key = Key("1", Scope.SEARCH, "", created=0.0, expires=10.0, revoked=None)
    assert (key.valid(9.0), key.valid(10.0)) == (True, False)
