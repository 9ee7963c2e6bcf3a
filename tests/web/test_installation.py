"""An application on a network: hosts, proxies, limits, caches, logs, metrics."""

import gzip
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.app import create_app
from web.caching import CachedResponse, ResponseCache
from web.hosts import host_name
from web.settings import Settings
from web.state.query_log import QueryLog


def client_of(**settings: Any) -> FlaskClient:
    return create_app(FakeSearcher(newspaper()), Settings(**settings)).test_client()


# Hosts

BAD_HOSTS = ["a..b", ".", "x" * 64 + ".vn", "a b", "é.vn", "a:b", "[::1", "a/b", "", "x:123456"]
PATHS = ["/", "/search?q=a", "/api/search", "/nowhere", "/static/style.css"]


@pytest.mark.parametrize("host", BAD_HOSTS)
@pytest.mark.parametrize("path", PATHS)
def test_an_invalid_host_is_refused_first(
    host: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    response = client_of().get(path, headers={"Host": host.encode().decode("latin-1")})
    assert response.status_code == 400
    assert not caplog.records


@pytest.mark.parametrize(
    "host", ["tin.example", "tin.example.", "a_b.vn:80", "127.0.0.1", "[::1]:80"]
)
def test_valid_hosts_are_accepted(host: str) -> None:
    assert client_of().get("/", headers={"Host": host}).status_code == 200


@given(st.text(max_size=300))
def test_any_text_is_a_host_or_refused(text: str) -> None:
    name = host_name(text)
    assert name is None or (name == name.lower() and len(name) <= len(text))


def test_only_trusted_hosts_are_answered() -> None:
    client = client_of(trusted_hosts=("tin.example",))
    assert client.get("/", headers={"Host": "tin.example"}).status_code == 200
    for path in ("/", "/api/search"):
        response = client.get(path, headers={"Host": "evil.example"})
        assert response.status_code == 400
        assert "evil" not in response.text


@pytest.mark.parametrize("path", ["", "//", "/search/", "*", "http://evil.example"])
def test_no_response_links_to_the_host_of_the_request(path: str) -> None:
    environ = {"PATH_INFO": path, "HTTP_HOST": "evil.example"}
    response = client_of().open("/", environ_overrides=environ)
    assert "evil" not in response.headers.get("Location", "")
    assert "evil" not in response.text


# Proxies and paths


def test_only_a_declared_proxy_is_trusted() -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "tin.example"}
    plain = client_of(trusted_hosts=("localhost",)).get("/search.atom", headers=forwarded)
    assert "tin.example" not in plain.text
    client = client_of(trusted_hosts=("tin.example",), proxies=1)
    assert 'href="https://tin.example/search' in client.get("/search.atom", headers=forwarded).text


def links(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src|action)="(/[^"]*)"', html))


@pytest.mark.parametrize("sent", ["/tim{}", "{}"])
def test_every_link_stays_below_the_base_path(sent: str) -> None:
    client = client_of(base_path="/tim")
    article = "bai-1-2019?q=nước"
    for path in (
        "/",
        "/search?q=nước",
        f"/article/{article}",
        f"/why/{article}",
        "/help",
        "/no",
        "/docs",
    ):
        found = links(client.get(sent.format(path)).text)
        assert len(found) > 3
        assert {link for link in found if not link.startswith("/tim/")} == set()


# Limits


def test_a_client_is_limited_over_all_addresses_together() -> None:
    client = client_of(rate_limit="3 per minute")
    paths = ("/api/search?q=a", "/", "/healthz", "/search?q=a", "/api/complete?q=a", "/healthz")
    assert [client.get(path).status_code for path in paths] == [200, 200, 200, 200, 429, 200]


def test_a_client_above_its_rate_limit_gets_429() -> None:
    client = client_of(rate_limit="2 per minute")
    codes = [client.get("/api/search?q=a").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    refused = client.get("/api/search?q=a")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.get_json()["error"]["code"] == "too_many_requests"
    assert client.get("/healthz").status_code == 200
    other = client.get("/api/search?q=a", environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 200


def test_scripts_of_listed_origins_may_read_the_api() -> None:
    client = client_of(cors=("https://a.example",))
    allowed = "Access-Control-Allow-Origin"
    for path in ("/api/search?q=a", "/api/nothing"):
        response = client.get(path, headers={"Origin": "https://a.example"})
        assert response.headers[allowed] == "https://a.example"
        other = client.get(path, headers={"Origin": "https://b.example"})
        assert other.headers.get(allowed) != "https://b.example"
    assert allowed not in client.get("/search?q=a", headers={"Origin": "https://a.example"}).headers
    assert (
        allowed
        not in client_of().get("/api/search", headers={"Origin": "https://a.example"}).headers
    )


def test_an_unexpected_body_is_refused() -> None:
    assert client_of().post("/search", data=b"x" * 1_000_001).status_code == 413


# Caches


@pytest.mark.parametrize(
    "path", ["/api/search?q=nước", "/search?q=nước", "/", "/article/bai-1-2019", "/search.atom"]
)
def test_an_unchanged_response_is_304_until_the_next_commit(path: str) -> None:
    searcher = FakeSearcher(newspaper())
    client = create_app(searcher).test_client()
    tag = client.get(path).headers["ETag"]
    count = len(searcher.requests)
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert len(searcher.requests) == count
    other = path + ("&" if "?" in path else "?") + "size=2"
    assert client.get(other, headers={"If-None-Match": tag}).status_code == 200
    client.set_cookie("lang", "en")
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    client.delete_cookie("lang")
    searcher.identity = "commit-2"
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/healthz", "/metrics", "/api/export", "/api/nothing", "/api/search?page=0"]
)
def test_changing_or_failed_responses_have_no_etag(path: str) -> None:
    assert "ETag" not in client_of().get(path).headers


@pytest.mark.parametrize(
    "path", ["/search?q=nước", "/api/search?q=nước", "/static/style.css", "/search.rss"]
)
def test_texts_are_compressed_for_clients_that_accept_it(path: str) -> None:
    client = client_of()
    plain = client.get(path, buffered=True)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    none = client.get(path, headers={"Accept-Encoding": "gzip;q=0"}, buffered=True)
    assert "Content-Encoding" not in none.headers
    assert client.head(path, headers={"Accept-Encoding": "gzip"}, buffered=True).data == b""


def test_static_files_without_a_version_expire(client: FlaskClient) -> None:
    for address, seconds in (("icon.svg", 3_600), ("icon.svg?v=1", 31_536_000)):
        with client.get(f"/static/{address}") as response:
            assert response.cache_control.max_age == seconds


# Logs and metrics


def test_every_response_has_a_request_id() -> None:
    client = client_of()
    proxy_headers = {"X-Request-Id": "proxy-17.a_b"}
    assert client.get("/", headers=proxy_headers).headers["X-Request-Id"] == "proxy-17.a_b"
    first, second = (client.get("/nowhere").headers["X-Request-Id"] for _ in range(2))
    assert first != second
    forged = client.get("/", headers={"X-Request-Id": "a b{}"}).headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", forged)


def test_log_lines_cannot_be_forged(capfd: pytest.CaptureFixture[str]) -> None:
    from web.logs import configure_logs

    configure_logs()
    client = client_of(access_log=True)
    client.get("/%0a2026-11-29 ERROR FAKE%1b[31m", headers={"X-Request-Id": "r1"})
    [line] = [one for one in capfd.readouterr().err.splitlines() if "FAKE" in one]
    entry = json.loads(line)
    assert (entry["request_id"], entry["status"], entry["method"]) == ("r1", 404, "GET")
    assert "\x1b" not in line
    assert not {"address", "remote_addr", "q"} & set(entry)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_metrics_count_requests_searches_and_the_commit(tmp_path: Path) -> None:
    client = client_of(state=tmp_path / "state")
    client.get("/api/search?q=nước")
    client.get("/api/search?q=xyz")
    client.get("/nowhere")
    page = client.get("/metrics").text
    for line in (
        'timtin_requests_total{endpoint="api.search",method="GET",status="200"} 2.0',
        'timtin_requests_total{endpoint="none",method="GET",status="404"} 1.0',
        'timtin_stage_seconds_count{stage="search"} 2.0',
        'timtin_request_seconds_count{endpoint="api.search"} 2.0',
        "timtin_empty_searches_total 1.0",
        "timtin_index_up 1.0",
        "timtin_articles 24.0",
        "timtin_index_bytes 24000.0",
        'timtin_search_cache_total{cache="terms",found="hit"} 4.0',
        'timtin_search_cache_total{cache="terms",found="miss"} 2.0',
        'timtin_commit{identity="commit-1"} 1.0',
        'timtin_tasks{status="queued"} 0.0',
    ):
        assert line in page
    assert client_of(metrics=False).get("/metrics").status_code == 404


def test_responses_are_cached_until_the_next_commit() -> None:
    searcher = FakeSearcher(newspaper())
    client = create_app(searcher).test_client()
    for path in ("/api/search?q=nước", "/search?q=nước", "/search.rss?q=nước"):
        first = client.get(path)
        count = len(searcher.requests)
        again = client.get(path)
        assert (again.data, again.content_type) == (first.data, first.content_type)
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Content-Security-Policy"]
        assert len(searcher.requests) == count
        client.get(path + "&size=3")
        second_count = len(searcher.requests)
        assert second_count > count
        searcher.identity += "1"
        client.get(path)
        assert len(searcher.requests) > second_count
    assert 'timtin_answer_cache_total{found="hit"} 3.0' in client.get("/metrics").text
    none = create_app(searcher, Settings(answer_cache_bytes=0)).test_client()
    for _ in range(2):
        count = len(searcher.requests)
        none.get("/api/search?q=nước")
        assert len(searcher.requests) == count + 1


def test_cached_responses_are_bounded_by_bytes() -> None:
    cache = ResponseCache(1_000)
    for number in range(100):
        cache.put(str(number), CachedResponse(bytes(100), "text/plain", None))
        cache.get("0")
    assert [number for number in range(100) if cache.get(str(number))] == [0, *range(91, 100)]
    cache.put("large", CachedResponse(bytes(126), "text/plain", None))
    assert cache.get("large") is None
    cache.put("0", CachedResponse(bytes(120), "text/plain", None))
    assert [number for number in range(100) if cache.get(str(number))] == [0, *range(92, 100)]


def test_a_cached_response_is_logged_again(tmp_path: Path) -> None:
    client = client_of(state=tmp_path, query_log=True)
    for _ in range(3):
        client.get("/search?q=lúa")
        client.get("/search?q=lúa&page=2")
        client.get("/search?q=lúa", headers={"X-Instant": "1"})
    assert [(one.query, one.searches) for one in QueryLog(tmp_path).report().most] == [("lúa", 3)]


def test_crawlers_may_not_fetch_searches(client: FlaskClient) -> None:
    page = client.get("/robots.txt")
    assert page.mimetype == "text/plain"
    assert "Disallow: /search" in page.text
    assert "Disallow: /tim/api/" in client_of(base_path="/tim").get("/tim/robots.txt").text


def test_responses_of_another_commit_are_forgotten() -> None:
    """They were kept until 32 MB were full: memory grew with the first 160 commits."""
    cache = ResponseCache(1_000)
    for commit in ("first", "second", "second"):
        cache.clear_others(commit)
        cache.put(commit, CachedResponse(b"x" * 100, "text/html", None))
    assert cache.get("first") is None
    assert cache.get("second") is not None
    for number in range(9):  # dropped responses take no space
        cache.put(str(number), CachedResponse(b"x" * 100, "text/html", None))
    assert cache.get("second") is not None
