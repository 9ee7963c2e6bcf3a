"""`python -m web` as a process: it starts, answers, reports errors, and stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from web.__main__ import main
from web.server import open_sockets

ARTICLES = (
    {"id": "1", "title": "Giá lúa tăng", "body": "Thương lái mua lúa ở Cần Thơ.", "section": "Chợ"},
    {"id": "2/b c", "title": "Nước sạch về làng", "body": "Trạm bơm mới.", "date": "2024-01-03"},
)


Server = subprocess.Popen[str]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIMTIN_")}
    return kept | dict(extra or {})


def run(
    *arguments: str, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=clean_environment(extra),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    corpus = folder / "articles.jsonl"
    corpus.write_text("\n".join(json.dumps(article) for article in ARTICLES), encoding="utf-8")
    built = run("index", "build", str(corpus), "--index", str(folder / "index"))
    assert built.returncode == 0, built.stderr
    return folder / "index"


@contextmanager
def serving(
    *options: str, extra: Mapping[str, str] | None = None, session: bool = False
) -> Iterator[tuple[str, Server]]:
    """Start a server, in a session of its own or not, and yield the address that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web", *options],
        env=clean_environment(extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=session,
    )
    with process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            found = re.search(r"http://\S+/", line)
            assert found, line + process.stderr.read()
            yield found[0], process
        finally:
            process.kill()


def test_the_server_runs_until_it_is_interrupted(index: Path) -> None:
    with serving("--index", str(index), "--port", "0") as (address, process):
        with urlopen(f"{address}healthz") as health:
            assert json.load(health) == {"status": "ok", "articles": 2}
        with urlopen(f"{address}api/search?q=lua") as response:
            assert [hit["id"] for hit in json.load(response)["hits"]] == ["1"]
        with urlopen(f"{address}article/2%2Fb%20c?q=n%C6%B0%E1%BB%9Bc") as page:
            assert ">Nước</mark> sạch về làng" in page.read().decode()
        with urlopen(f"{address}why/1?q=lua") as page:
            assert "điểm" in page.read().decode()
        with urlopen(f"{address}api/complete?q=gia") as response:
            assert json.load(response)["query"] == "gia"
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert "Stopped." in error
    assert "Traceback" not in error


def test_a_client_cannot_fill_the_disk(index: Path) -> None:
    with serving("--index", str(index), "--port", "0") as (address, _):
        connection = HTTPConnection(address.removeprefix("http://").rstrip("/"))
        connection.putrequest("POST", "/search")
        connection.putheader("Content-Length", str(10**9))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel spreads connections on Linux alone")
def test_each_worker_has_a_socket_and_the_port_is_theirs_alone() -> None:
    with ExitStack() as opened:
        sockets = [opened.enter_context(one) for one in open_sockets("127.0.0.1", 0, 3)]
        [port] = {one.getsockname()[1] for one in sockets}
        for _ in range(90):
            opened.enter_context(socket.create_connection(("127.0.0.1", port)))
        taken = []
        for one in sockets:
            taken.append(0)
            with suppress(BlockingIOError):
                while True:
                    opened.enter_context(one.accept()[0])
                    taken[-1] += 1
        assert sum(taken) == 90
        assert min(taken) > 5, taken  # of 30: less by chance once in ten million runs
        for count in (1, 3):
            with pytest.raises(OSError, match="in use"):
                open_sockets("127.0.0.1", port, count)


def test_the_server_stops_on_sigterm(index: Path) -> None:
    with serving("--index", str(index), "--port", "0") as (_, process):
        process.terminate()
        _, error = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in error


def test_environment_variables_set_options(index: Path) -> None:
    extra = {"TIMTIN_INDEX": str(index), "TIMTIN_HOST": "127.0.0.1", "TIMTIN_PORT": "0"}
    with serving(extra=extra) as (address, _), urlopen(f"{address}healthz") as health:
        assert address.startswith("http://127.0.0.1:")
        assert json.load(health)["articles"] == 2


def test_a_missing_index_is_reported(tmp_path: Path) -> None:
    failed = run("web", "--index", str(tmp_path / "nothing"), "--port", "0")
    assert failed.returncode == 1
    assert str(tmp_path / "nothing") in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_port_in_use_is_reported(index: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = run("web", "--index", str(index), "--port", port)
    assert failed.returncode == 1
    assert f"127.0.0.1:{port}" in failed.stderr
    assert "--port" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("options", [("--port", "70000"), ("--port", "x"), ("--what",)])
def test_bad_usage_is_reported(options: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, options).exit_code == 2


def test_responses_on_a_kept_connection_are_not_delayed(index: Path) -> None:
    """A body after its headers would wait 40 ms for a delayed acknowledgement of these.

    The first packets of a connection are acknowledged at once.
    """
    with serving("--index", str(index), "--port", "0", "--workers", "1") as (address, _):
        connection = HTTPConnection(address.removeprefix("http://").rstrip("/"))
        took = []
        for _ in range(60):
            before = time.perf_counter()
            connection.request("GET", "/api/search?q=Giang")
            connection.getresponse().read()
            took.append(time.perf_counter() - before)
        connection.close()
    assert median(took[30:]) < 0.030
