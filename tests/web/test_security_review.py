"""Regression tests of a security review of the server."""

import csv
import io
import json
import os
import re
import unicodedata
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.schema import DEFAULT_SCHEMA, Field, Kind, Schema
from search import open_searcher
from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from tests.web.html import shown
from web.__main__ import main as serve
from web.api.openapi import OpenApi
from web.app import create_app
from web.logs import log_line
from web.settings import Access, Settings
from web.state.database import make_database
from web.state.keys import Keys, Scope
from web.state.query_log import QueryLog
from web.state.tasks import Kind as TaskKind
from web.state.tasks import QueueFullError, Tasks
from web.writer import Writer


@pytest.mark.parametrize("base_path", ["", "/tim"])
@pytest.mark.parametrize("prefix", ["//evil.example", "/evil", "javascript:x//"])
def test_no_client_sets_the_prefix_of_links(base_path: str, prefix: str) -> None:
    """Proxies pass on X-Forwarded-Prefix; a response with it would be cached for all readers."""
    settings = Settings(proxies=1, base_path=base_path)
    client = create_app(FakeSearcher(newspaper()), settings).test_client()
    for path in ("/search?q=lúa", "/", "/search.atom?q=lúa", "/robots.txt", "/openapi.json"):
        for headers in ({"X-Forwarded-Prefix": prefix, "X-Script-Name": prefix}, {}):
            response = client.get(base_path + path, headers=headers)
            assert response.status_code == 200
            assert "evil" not in response.text
            assert "javascript:x" not in response.text


def test_cached_responses_of_one_scheme_are_not_served_to_another() -> None:
    settings = Settings(proxies=1, trusted_hosts=("tin.example",))
    client = create_app(FakeSearcher(newspaper()), settings).test_client()
    for scheme in ("http", "https"):
        headers = {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": "tin.example"}
        assert f"{scheme}://tin.example/search" in client.get("/search.atom", headers=headers).text


def test_the_document_is_not_cached_per_host() -> None:
    app = create_app(FakeSearcher(newspaper()))
    client = app.test_client()
    for port in range(1, 6):
        document = client.get("/openapi.json", headers={"Host": f"localhost:{port}"}).get_json()
        assert document["servers"] == [{"url": f"http://localhost:{port}"}]
    part = getattr(app.view_functions["openapi.document"], "__self__", None)
    assert isinstance(part, OpenApi)
    assert len(part.cached_document) == 1


@pytest.mark.parametrize("body", [b"\x1f\x8b\x08\x00", b"{}", b"\xff\xfe", b'{"id": "1"}'])
def test_a_task_names_no_path_of_the_machine(tmp_path: Path, body: bytes) -> None:
    tasks = Tasks(tmp_path / "state")
    task = tasks.add(TaskKind.ADD, body)
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
        tasks.add(TaskKind.ADD, b"{}")
        Writer(str(tmp_path / "index"), state).work(tasks)
    finally:
        os.umask(before)
    for path in state.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


FOREIGN = (
    "https://atin.example.evil.example",
    "https://tinxexample",
    "https://tin.example.evil.example",
    "https://tin.example:8443",
    "http://tin.example",
    "https:/tin.example",
    "null",
)


@pytest.mark.parametrize(
    "allowed", ["https://tin.example", "https://*.tin.example", "http://[::1]:1"]
)
def test_no_other_origin_passes_for_an_allowed_one(allowed: str) -> None:
    client = create_app(FakeSearcher(newspaper()), Settings(cors=(allowed,))).test_client()
    for address in ("/api/search?q=a", "/api/articles"):
        for origin in FOREIGN:
            for response in (
                client.get(address, headers={"Origin": origin}),
                client.options(
                    address, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
                ),
            ):
                assert "Access-Control-Allow-Origin" not in response.headers, origin
                assert "Origin" in response.headers["Vary"]
        response = client.get(address, headers={"Origin": allowed})
        assert response.headers["Access-Control-Allow-Origin"] == allowed


def test_all_origins_are_allowed_without_credentials() -> None:
    client = create_app(FakeSearcher(newspaper()), Settings(cors=("*",))).test_client()
    response = client.get("/api/search?q=a", headers={"Origin": "https://a.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin",
    ["https://*.tin.example", "tin.example", "https://tin.example/", ".*", "null", "https://a b"],
)
def test_an_invalid_origin_is_refused_at_startup(origin: str, tmp_path: Path) -> None:
    ran = CliRunner().invoke(serve, ["--index", str(tmp_path), "--cors", origin])
    assert ran.exit_code == 2
    assert "is not an origin" in ran.output


def test_an_address_of_one_network_is_one_client() -> None:
    settings = Settings(rate_limit="3 per minute", proxies=1)
    client = create_app(FakeSearcher(newspaper()), settings).test_client()

    def ask(address: str) -> int:
        return client.get("/api/search?q=a", headers={"X-Forwarded-For": address}).status_code

    assert [ask(f"2001:db8:1:2::{n}") for n in range(1, 6)] == [200, 200, 200, 429, 429]
    assert ask("2001:db8:1:3::1") == 200
    assert [ask(f"203.0.113.{n}") for n in range(1, 6)] == [200] * 5


def test_one_network_cannot_have_a_query_offered_to_others(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, query_log=True, popular_queries=True, proxies=1)
    client = create_app(FakeSearcher(newspaper()), settings).test_client()
    for network, clients in (("2001:db8:1:2::{}", 1), ("2001:db8:1:{}::1", 9), ("203.0.113.{}", 9)):
        for n in range(1, 10):
            address = network.format(n)
            client.get(f"/search?q=nước+{clients}", headers={"X-Forwarded-For": address})
    clients_by_query: dict[str, set[str]] = {}
    for entry in QueryLog(tmp_path).entries():
        clients_by_query.setdefault(str(entry["q"]), set()).add(str(entry["who"]))
    assert {query: len(who) for query, who in clients_by_query.items()} == {
        "nước 1": 1,
        "nước 9": 18,
    }


def test_responses_that_need_a_key_are_not_cached(tmp_path: Path) -> None:
    key = Keys(tmp_path).create(Scope.SEARCH)
    settings = Settings(state=tmp_path, access=Access.KEY)
    client = create_app(FakeSearcher(newspaper()), settings).test_client()
    for path in ("/search?q=a", "/api/search?q=a", "/search.atom?q=a", "/api/export?q=a", "/"):
        for headers in ({"Authorization": f"Bearer {key}"}, {}):
            with client.get(path, headers=headers) as response:
                assert response.status_code == (200 if headers else 401)
                assert response.cache_control.private
                assert "Authorization" in response.headers["Vary"]


@pytest.mark.parametrize("path", ["/queries", "/api/queries"])
def test_administrative_responses_are_not_cached(tmp_path: Path, path: str) -> None:
    key = Keys(tmp_path).create(Scope.ADMIN)
    client = create_app(FakeSearcher(newspaper()), Settings(state=tmp_path)).test_client()
    for headers, status in (({"Authorization": f"Bearer {key}"}, 200), ({}, 401)):
        response = client.get(path, headers=headers)
        assert response.status_code == status
        assert response.cache_control.private
        assert "Authorization" in response.headers["Vary"]
    assert not client.get("/search?q=a").cache_control.private


def test_waiting_batches_do_not_fill_the_disk(tmp_path: Path) -> None:
    tasks = Tasks(tmp_path / "state", max_queued_bytes=1_000)
    tasks.add(
        TaskKind.ADD, b"x" * 5_000
    )  # one that exceeds the total limit is accepted if the queue is empty
    with pytest.raises(QueueFullError):
        tasks.add(TaskKind.ADD, b"x")
    taken = tasks.take()
    assert taken
    tasks.finish(taken[0], {})
    for _ in range(10):
        tasks.add(TaskKind.ADD, b"x" * 100)
    with pytest.raises(QueueFullError):
        tasks.add(TaskKind.ADD, b"x")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_of_an_export_is_a_formula(start: str) -> None:
    title = f"{start}cmd|' /C calc'!A0"
    client = create_app(FakeSearcher([Article(id="1", title=title)])).test_client()
    with client.get("/api/export?q=cmd&format=csv&fields=title") as response:
        rows = list(csv.reader(io.StringIO(response.get_data(as_text=True), newline="")))
    assert [row[-1][:2] for row in rows[1:]] == ["'" + start]


@given(st.text(st.characters(max_codepoint=0x2FFF)))
def test_a_log_line_has_no_control_characters(text: str) -> None:
    line = log_line({"path": text})
    assert json.loads(line) == {"path": text}
    assert all(unicodedata.category(c) not in {"Cc", "Zl", "Zp"} for c in line)
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
NEVER = ("<script>alert", "<img src=x", 'href="javascript:', 'src="javascript:', ">49<")


def test_no_label_value_link_or_picture_of_a_real_index_becomes_markup(tmp_path: Path) -> None:
    """Follow links from page to page; the names of own fields are hostile as well."""
    labels = {"vi": ATTACK, "en": ATTACK}
    own = (
        Field("tags", Kind.KEYWORDS, labels, filter=True, facet=True),
        Field("note", Kind.TEXT, labels, searched=True),
        Field("views", Kind.NUMBER, labels, filter=True, sortable=True),
    )
    articles = [
        Article(
            id=f"1/{ATTACK}", title=f"lúa {ATTACK}", body=f"lúa {ATTACK} " * 20, summary=ATTACK,
            author=ATTACK, source=ATTACK, section=ATTACK, url=f"https://a.example/{ATTACK}",
            image=f"https://a.example/{ATTACK}.jpg",
            extra={"tags": [ATTACK, "b"], "note": f"lúa {ATTACK}", "views": 3.0},
        ),
        Article(
            id="2", title="lúa", url="javascript:alert(1)", image="javascript:alert(1)",
            extra={"tags": ["javascript:alert(1)"], "note": "data:text/html,x", "views": 1},
        ),
    ]  # fmt: skip
    schema = Schema((*DEFAULT_SCHEMA, *own))
    build([analyse(articles, schema)], tmp_path, schema)
    client = create_app(open_searcher(tmp_path)).test_client()
    waiting = ["/search?q=lúa", "/status", "/search.atom?q=lúa", "/search.rss?q=lúa", "/article/2"]
    seen: set[str] = set()
    while waiting and len(seen) < 40:
        address = waiting.pop(0)
        if address in seen or "/export" in address or "/static" in address:
            continue
        seen.add(address)
        with client.get(address) as response:
            page = response.get_data().decode("utf-8", "replace")
        assert [text for text in NEVER if text in page] == [], address
        waiting += map(unescape, re.findall(r'href="(/[^"]+)"', page))
    assert len(seen) == 40
    assert any(address.startswith("/article/1") for address in seen)


@pytest.mark.parametrize("name", ["source", "section", "author", "filter"])
def test_filters_that_are_too_long_leave_the_words(name: str) -> None:
    client = create_app(FakeSearcher(newspaper())).test_client()
    value = ("source:" if name == "filter" else "") + "a" * 180
    too_long = [(name, f"{value}{number}") for number in range(20)] + [("source", "b" * 200)] * 2
    too_long += [("section", f"{'c' * 190}{number}") for number in range(20)]
    html = client.get("/search", query_string=[("q", "nước"), *too_long])
    assert html.status_code == 200
    assert shown(html.text).count("Giá trị lọc quá dài hoặc quá nhiều") == 1
    assert "24 kết quả cho nước" in shown(html.text)


def test_a_value_that_is_too_long_leaves_the_other_filters() -> None:
    client = create_app(FakeSearcher(newspaper())).test_client()
    page = shown(client.get(f"/search?q=nước&section=Thể thao&author={'a' * 201}").text)
    assert "Giá trị lọc quá dài hoặc quá nhiều" in page
    assert "6 kết quả cho nước" in page
