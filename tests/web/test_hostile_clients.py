"""A server with hostile clients (slow, half-open, malformed), and with a vanishing index."""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from web.command import main


def build(folder: Path, name: str, *titles: str) -> Path:
    corpus = folder / f"{name}.jsonl"
    records = [{"id": str(number), "title": title} for number, title in enumerate(titles)]
    corpus.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    done = CliRunner().invoke(main, ["build", str(corpus), "--index", str(folder / name)])
    assert done.exit_code == 0, done.output
    return folder / name


@contextmanager
def serving(
    index: Path, *options: str, files: int = 0
) -> Iterator[tuple[str, int, "subprocess.Popen[str]"]]:
    """Start a server that may open that many files; return its host, port and process."""

    def limit() -> None:
        if files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    command = [sys.executable, "-m", "web", "--index", str(index), "--port", "0", *options]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIMTIN_")}
    log = index.with_suffix(".log")
    with (
        log.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(command, stderr=stderr, text=True, env=kept, preexec_fn=limit) as process,
    ):
        try:
            for _ in range(400):
                found = re.search(r"http://([^/]+):(\d+)/", log.read_text("utf-8"))
                if found:
                    break
                assert process.poll() is None, log.read_text("utf-8")
                time.sleep(0.05)
            assert found
            yield found[1], int(found[2]), process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    index = build(tmp_path_factory.mktemp("hostile"), "i", "Giá lúa tăng", "Mưa lũ ở Huế")
    with serving(index, "--workers", "2") as (host, port, _):
        yield host, port
        log = index.with_suffix(".log").read_text("utf-8")
        assert "Traceback" not in log
        assert len(log.splitlines()) < 20


def works(host: str, port: int) -> float:
    """Send a search, and return the seconds that it took."""
    began = time.monotonic()
    with urlopen(f"http://{host}:{port}/api/search?q=lua", timeout=20) as response:
        assert json.load(response)["total"] == 1
    return time.monotonic() - began


def test_idle_and_half_open_connections_delay_no_request(server: tuple[str, int]) -> None:
    with ExitStack() as stack:
        for number in range(300):
            slow = stack.enter_context(socket.create_connection(server))
            slow.sendall(b"GET /search?q=a HTTP/1.1\r\nHost: x\r\nX-Slow: " if number % 2 else b"G")
        assert works(*server) < 5
        for slow_too in range(10):
            upload = stack.enter_context(socket.create_connection(server))
            upload.sendall(
                b"POST /api/multi-search HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{"
                if slow_too
                else b"GET /api/export HTTP/1.1\r\nHost: x\r\n\r\n"
            )
        assert works(*server) < 20


def send_raw(server: tuple[str, int], sent: bytes, seconds: float = 10) -> bytes:
    """Send raw bytes, and return the response until it ends or pauses."""
    received = b""
    with socket.create_connection(server, timeout=seconds) as connection:
        connection.sendall(sent)
        with suppress(TimeoutError):
            while part := connection.recv(65_536):
                received += part
                connection.settimeout(0.2)
    return received


HOSTS = ["a..b", ".", "x" * 64, "a b", "[", "\xff\xfe", "evil.example/", "a:b:c", "%0a"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/", "/api/search?q=a", "/opensearch.xml", "/%0aFAKE"])
def test_invalid_hosts_are_bad_requests(server: tuple[str, int], host: str, path: str) -> None:
    sent = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1")
    received = send_raw(server, sent)
    assert received.startswith(b"HTTP/1.1 400"), received[:80]


TOKENS = [
    *"GET ,POST ,/,/search,?q=,%ff,%00, HTTP/1.1, HTTP/0.9,Host: x,Content-Length: 5".split(","),
    *"Content-Length: -1,Transfer-Encoding: chunked,Range: bytes=0-,Expect: 100-continue".split(
        ","
    ),
    *("\r\n", "\n", "0\r\n\r\n", ": ", "\0", "\xff", "A" * 900),
]


@settings(max_examples=60)
@given(parts=st.lists(st.sampled_from(TOKENS) | st.text("\0\r\n :/\xff", max_size=4), max_size=12))
def test_any_bytes_are_answered_without_a_server_error(
    server: tuple[str, int], parts: list[str]
) -> None:
    try:
        received = send_raw(server, f"{''.join(parts)}\r\n\r\n".encode("latin-1"), seconds=0.2)
    except ConnectionError:
        return
    status = re.match(rb"HTTP/1\.[01] ([0-9]{3})", received)
    assert status is None or status[1] < b"500" or status[1] == b"501", received[:200]


def test_headers_without_end_are_refused(server: tuple[str, int]) -> None:
    received = send_raw(server, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"A" * 200_000)
    assert re.match(rb"HTTP/1.1 4", received), received[:80]


def test_the_server_still_answers_after_hostile_requests(server: tuple[str, int]) -> None:
    assert works(*server) < 20


def test_running_out_of_file_descriptors_does_not_flood_the_log(tmp_path: Path) -> None:
    index = build(tmp_path, "i", "Giá lúa tăng")
    with serving(index, "--workers", "1", files=64) as (host, port, _):
        with ExitStack() as stack:
            for _ in range(120):
                stack.enter_context(socket.create_connection((host, port)))
            time.sleep(1.5)
        for _ in range(50):
            try:
                assert works(host, port) < 20
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise AssertionError("it does not come back")
    log = index.with_suffix(".log").read_text("utf-8")
    assert len(log.splitlines()) < 100


def test_a_removed_and_restored_index_is_served_again(tmp_path: Path) -> None:
    index = build(tmp_path, "i", "Giá lúa tăng")
    build(tmp_path, "other", "Giá lúa giảm")
    with serving(index, "--workers", "2") as (host, port, _):
        assert works(host, port) < 20
        shutil.rmtree(index)
        (tmp_path / "other").rename(index)
        for _ in range(100):
            try:
                with urlopen(f"http://{host}:{port}/api/search?q=giam", timeout=20) as response:
                    if json.load(response)["total"] == 1:
                        break
            except HTTPError as error:
                assert error.code == 503
                assert error.headers["Retry-After"]
                error.close()
            time.sleep(0.1)
        else:
            raise AssertionError("the other index is not served")


@pytest.mark.parametrize("host", ["nosuchhost.invalid", "300.1.1.1", "a" * 300, "8.8.8.8"])
def test_an_address_of_another_machine_is_reported(tmp_path: Path, host: str) -> None:
    index = build(tmp_path, "i", "Giá lúa tăng")
    done = CliRunner().invoke(main, ["serve", "--index", str(index), "--host", host, "--port", "0"])
    assert done.exit_code == 1
    assert "Cannot listen on" in done.output


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    index = build(tmp_path, "i", "Giá lúa tăng")
    with serving(index, "--workers", "2") as (host, port, process):
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        for child in map(int, listed.split()):
            os.kill(child, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while True:
            try:
                assert works(host, port) < 20
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert process.poll() is None


def test_truncated_files_of_a_running_server_are_reported_until_restored(tmp_path: Path) -> None:
    """A worker that reads a missing page is killed (SIGBUS) and replaced."""
    index = build(tmp_path, "i", *(f"Giá lúa tăng {number}" for number in range(600)))
    contents = {path: path.read_bytes() for path in index.glob("segment-*")}

    def status(query: str) -> int:
        try:
            with urlopen(f"http://{host}:{port}/api/search?q={query}", timeout=20) as response:
                return int(response.status)
        except HTTPError as error:
            error.close()
            return error.code
        except OSError:  # of a worker that was killed
            return 0

    def until(expected: int) -> None:
        for number in range(200):
            seen.append(status(f"lua+{number}"))
            if seen[-3:] == [expected] * 3:
                return
            time.sleep(0.1)
        raise AssertionError(f"{expected} never came: {seen}")

    seen: list[int] = []
    with serving(index, "--workers", "2") as (host, port, process):
        until(200)
        for path in contents:
            os.truncate(path, 64)
        until(503)
        assert set(seen) <= {0, 200, 503}
        for path, content in contents.items():
            path.write_bytes(content)
        until(200)
        assert process.poll() is None
