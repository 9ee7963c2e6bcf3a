"""The bodies of write requests: those accepted, those refused, and the messages."""

import io
import json
from pathlib import Path

import pytest

from index.article import Article
from index.corpus import BadRecord, Corpus
from index.corpus.record import MAX_ID_CHARACTERS
from tests.web.test_writing import bearer, client_of
from web.state.keys import Keys, Scope
from web.state.tasks import Status, Tasks
from web.writer import Writer


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b'{"id":"1"}\n{"id":"2"}\n', b'{"id":"1"}\n{"id":"2"}'),
        (b' [{"id": "1"}, {"id": "2"}]', b'{"id":"1"}\n{"id":"2"}'),
        ('\ufeff[{"t": "lúa\n"}]'.replace("\n", "\\n").encode(), '{"t":"lúa\\n"}'.encode()),
        (b"not json\n", b"not json"),
    ],
)
def test_a_batch_is_lines_or_an_array(state: Path, body: bytes, lines: bytes) -> None:
    client, key = client_of(state), Keys(state).create(Scope.WRITE)
    response = client.post("/api/articles", data=body, headers=bearer(key))
    assert response.status_code == 202
    task = response.get_json()["task"]
    assert task["status"] == "queued"
    taken = Tasks(state).take()
    assert taken
    assert (taken[0].id, taken[1]) == (task["id"], lines)
    response = client.get(f"/api/tasks/{task['id']}", headers=bearer(key))
    assert response.get_json()["status"] == "running"


@pytest.mark.parametrize("body", [b"", b"  \n", b"[]", b"[{", b'[{"id":"1"},]', b"[1e999]", b"[1]"])
def test_an_empty_body_is_refused(state: Path, body: bytes) -> None:
    client, key = client_of(state), Keys(state).create(Scope.WRITE)
    response = client.post("/api/articles", data=body, headers=bearer(key))
    assert (response.status_code, response.get_json()["error"]["code"]) == (400, "invalid_body")


@pytest.mark.parametrize("depth", [40, 252, 253, 254, 1_000, 1_022, 1_023, 1_024, 100_000])
@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_deep_article_is_refused_at_once_or_by_its_task(
    tmp_path: Path, pair: tuple[bytes, bytes], depth: int
) -> None:
    opening, closing = pair
    client, key = client_of(tmp_path / "state"), Keys(tmp_path / "state").create(Scope.WRITE)
    article = b'{"id":"1","title":"Sau","x":' + opening * depth + b"1" + closing * depth + b"}"
    for body in (article, b"[" + article + b"]"):
        response = client.post("/api/articles", data=body, headers=bearer(key))
        assert response.status_code in {202, 400}, response.get_json()
        if response.status_code == 400:
            assert response.get_json()["error"]["code"] == "invalid_body"
            continue
        queue = Tasks(tmp_path / "state")
        assert Writer(str(tmp_path / "i"), tmp_path / "state").work(queue)
        task = queue.find(response.get_json()["task"]["id"])
        assert task
        assert task.status is Status.FAILED
        assert "nested" in task.error


def test_a_body_is_bounded_and_uncompressed(state: Path) -> None:
    client, key = client_of(state, max_upload_bytes=1_000), Keys(state).create(Scope.WRITE)
    large = client.post("/api/articles", data=b"x" * 1_001, headers=bearer(key))
    assert (large.status_code, large.get_json()["error"]["code"]) == (413, "too_large")
    packed = bearer(key) | {"Content-Encoding": "gzip"}
    assert client.post("/api/articles", data=b"x", headers=packed).status_code == 415


@pytest.mark.parametrize("count", [999, 1_000, 1_001, 2_000, 70_000, 200_000])
def test_a_body_above_the_limit_is_refused_not_cut_off(state: Path, count: int) -> None:
    client, key = client_of(state, max_upload_bytes=1_000), Keys(state).create(Scope.WRITE)
    status = 202 if count <= 1_000 else 413
    announced = client.post("/api/articles", data=b"x" * count, headers=bearer(key))
    chunked = client.post(  # as a server passes on "Transfer-Encoding: chunked"
        "/api/articles",
        input_stream=io.BytesIO(b"x" * count),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
        headers=bearer(key),
    )
    assert (announced.status_code, chunked.status_code) == (status, status)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"ids":[]}', b'{"ids":[1]}', b'{"ids":[""]}'])
def test_ids_to_delete_are_texts(state: Path, body: bytes) -> None:
    client, key = client_of(state), Keys(state).create(Scope.WRITE)
    assert client.delete("/api/articles", data=body, headers=bearer(key)).status_code == 400


def test_an_id_that_can_be_added_can_be_deleted_and_no_longer_one(state: Path) -> None:
    client, key = client_of(state), Keys(state).create(Scope.WRITE)
    for characters, status in ((MAX_ID_CHARACTERS, 202), (MAX_ID_CHARACTERS + 1, 400)):
        article = "a" * characters
        (state / "a.jsonl").write_text(json.dumps({"id": article, "title": "Lúa"}), "utf-8")
        [read] = Corpus([state / "a.jsonl"])
        one = client.delete(f"/api/articles/{article}", headers=bearer(key))
        many = client.delete("/api/articles", json={"ids": [article]}, headers=bearer(key))
        assert (one.status_code, many.status_code) == (status, status)
        if status == 202:
            assert isinstance(read, Article)
        else:
            assert isinstance(read, BadRecord)
            messages = {response.get_json()["error"]["message"] for response in (one, many)}
            assert messages == {read.reason}
