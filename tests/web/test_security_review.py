"""What a review of the network's side found: each finding with its test."""

import json
import os
from pathlib import Path

import pytest

from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.api.openapi import OpenApi
from web.app import create_app
from web.settings import Settings
from web.state.database import make_database
from web.state.tasks import Kind, Tasks
from web.writer import Writer


@pytest.mark.parametrize("base_path", ["", "/tim"])
@pytest.mark.parametrize("prefix", ["//evil.example", "/evil", "javascript:x//"])
def test_no_client_sets_where_links_begin(base_path: str, prefix: str) -> None:
    """Proxies pass X-Forwarded-Prefix on; one answer with it would be kept for all readers."""
    settings = Settings(proxies=1, base_path=base_path)
    client = create_app(FakeSearcher(newspaper()), settings).test_client()
    for path in ("/search?q=lúa", "/", "/search.atom?q=lúa", "/robots.txt", "/openapi.json"):
        for headers in ({"X-Forwarded-Prefix": prefix, "X-Script-Name": prefix}, {}):
            answer = client.get(base_path + path, headers=headers)
            assert answer.status_code == 200
            assert "evil" not in answer.text
            assert "javascript:x" not in answer.text


def test_answers_of_one_scheme_are_not_given_to_another() -> None:
    settings = Settings(proxies=1, trusted_hosts=("tin.example",))
    client = create_app(FakeSearcher(newspaper()), settings).test_client()
    for scheme in ("http", "https"):
        headers = {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": "tin.example"}
        assert f"{scheme}://tin.example/search" in client.get("/search.atom", headers=headers).text


def test_the_document_is_not_kept_for_every_host() -> None:
    app = create_app(FakeSearcher(newspaper()))
    client = app.test_client()
    for port in range(1, 6):
        document = client.get("/openapi.json", headers={"Host": f"localhost:{port}"}).get_json()
        assert document["servers"] == [{"url": f"http://localhost:{port}"}]
    part = getattr(app.view_functions["openapi.document"], "__self__", None)
    assert isinstance(part, OpenApi)
    assert len(part.made) == 1


@pytest.mark.parametrize("body", [b"\x1f\x8b\x08\x00", b"{}", b"\xff\xfe", b'{"id": "1"}'])
def test_a_task_names_no_path_of_the_machine(tmp_path: Path, body: bytes) -> None:
    tasks = Tasks(tmp_path / "state")
    task = tasks.add(Kind.ADD, body)
    assert Writer(str(tmp_path / "index"), tmp_path / "state").work(tasks)
    found = tasks.find(task.id)
    assert found
    assert found.error
    assert str(tmp_path) not in found.error + json.dumps(found.report)


def test_state_is_private_in_a_folder_that_is_not(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        make_database(state)
        tasks = Tasks(state)
        tasks.add(Kind.ADD, b"{}")
        Writer(str(tmp_path / "index"), state).work(tasks)
    finally:
        os.umask(before)
    for path in state.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
