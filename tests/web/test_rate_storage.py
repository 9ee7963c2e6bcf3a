"""Requests of a client counted in Redis, for several processes together."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.app import create_app
from web.command import main
from web.settings import Settings

REDIS = shutil.which("redis-server")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator["tuple[str, subprocess.Popen[bytes]]"]:
    if not REDIS:
        pytest.skip("no redis-server (on Debian: apt-get install redis-server)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    with subprocess.Popen([*command, str(tmp_path)], stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if not probe.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}", process
        finally:
            process.kill()


def client(storage: str) -> FlaskClient:
    settings = Settings(rate_limit="3 per minute", rate_storage=storage)
    return create_app(FakeSearcher(newspaper()), settings).test_client()


def test_processes_share_a_count_and_continue_without_redis(
    redis: "tuple[str, subprocess.Popen[bytes]]",
) -> None:
    storage, process = redis
    one, other = client(storage), client(storage)
    statuses = [app.get("/api/search?q=lua").status_code for app in (one, other, one, other)]
    assert statuses == [200, 200, 200, 429]
    refused = one.get("/api/search?q=lua")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    process.kill()
    process.wait()
    assert one.get("/api/search?q=lua").status_code in {200, 429}
    assert [client(storage).get("/api/search?q=lua").status_code for _ in range(2)] == [200, 200]


def test_another_storage_is_refused_before_the_server_starts(tmp_path: Path) -> None:
    for storage in ("file:///etc", "redis:", "memcached://x"):
        command = ["serve", "--index", str(tmp_path), "--rate-storage", storage]
        refused = CliRunner().invoke(main, command)
        assert refused.exit_code == 2
        assert re.search("memory://|redis", refused.output)
