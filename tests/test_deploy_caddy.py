"""The example of deploy/caddy: Caddy is run, with a self-signed certificate."""

import gzip
import shutil
import sys
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from tests.test_deploy import DEPLOY, free_port, get, running
from web.command import main

CADDY = shutil.which("caddy")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve an index behind the example, with other ports and certificates."""
    if not CADDY:
        pytest.skip("no caddy (on Debian: apt-get install caddy)")
    folder, server_port, proxy_port = tmp_path_factory.mktemp("caddy"), free_port(), free_port()
    (folder / "a.jsonl").write_text('{"id": "a/b", "title": "Giá lúa tăng ở Cần Thơ"}\n', "utf-8")
    index = folder / "index"
    built = CliRunner().invoke(main, ["build", str(folder / "a.jsonl"), "--index", str(index)])
    assert built.exit_code == 0, built.output
    example = (DEPLOY / "caddy" / "Caddyfile").read_text("utf-8")
    for old, new in (
        ("tin.example {", f"tin.example:{proxy_port} {{\n\ttls internal"),
        ("127.0.0.1:8000", f"127.0.0.1:{server_port}"),
    ):
        assert old in example
        example = example.replace(old, new)
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n"
        f"\tdefault_sni tin.example\n\tstorage file_system {folder}/storage\n}}\n{example}",
        "utf-8",
    )
    server = [sys.executable, "-m", "web", "--index", str(index), "--port", str(server_port)]
    server += "--workers 1 --proxies 1 --public-url https://tin.example".split()
    caddy = [CADDY, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with (
        running(*server, ready=f"127.0.0.1:{server_port}"),
        running(*caddy, ready=f"127.0.0.1:{proxy_port}"),
    ):
        yield proxy_port


def test_pages_are_served_over_tls_and_compressed(site: int) -> None:
    response, body = get(site, "/search?q=lua", Accept_Encoding="gzip")
    assert response.status == 200
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Cần Thơ" in gzip.decompress(body).decode()
    assert get(site, "/article/a%2Fb")[0].status == 200
    assert get(site, "/api/export")[1].count(b"\n") == 1


def test_no_header_of_a_client_is_repeated_in_a_response(site: int) -> None:
    evil = {"X_Forwarded_Prefix": "//evil.example", "X_Forwarded_Host": "evil.example"}
    for headers in (evil, {}):
        for path in ("/search?q=lua", "/search.atom?q=lua"):
            response, body = get(site, path, **headers)
            assert response.status == 200
            assert b"evil" not in body
    assert b'href="https://tin.example/article/a%2Fb"' in get(site, "/search.atom?q=lua")[1]


def test_metrics_are_private_and_bodies_are_limited(site: int) -> None:
    assert get(site, "/metrics")[0].status == 200  # from this machine
    text = (DEPLOY / "caddy" / "Caddyfile").read_text("utf-8")
    assert "respond @metrics 404" in text
    assert "max_size 32MB" in text
