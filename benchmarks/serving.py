"""The throughput of a server, and the effect of writing on searches.

    python -m benchmarks.serving INDEX             requests per second, API and page, 8 clients
    python -m benchmarks.serving INDEX --export    articles per second of an export, and memory
    python -m benchmarks.serving INDEX --writing   200 batches while 32 clients search

INDEX is copied for --writing. The load generator is one thread of this process, on the same cores.
"""

import json
import os
import random
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import click

from search import open_searcher
from search.request import SearchRequest
from web.state.database import state_folder
from web.state.keys import Keys, Scope

BATCH_ARTICLES = 20
POLL_SECONDS = 0.05
_ROUNDS = 5  # of --writing, each without and then with writes
MAX_POLLS = 40
"""Concurrent requests of the client that waits for a new article; arbitrary."""


@dataclass(frozen=True, slots=True)
class Load:
    """The results of a few seconds of load; times in milliseconds."""

    requests: int
    errors: int
    seconds: float
    times: Sequence[float]

    def line(self, name: str) -> str:
        """Return a row of the table."""
        ordered = sorted(self.times) or [0.0]
        p50, p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95, 0.99))
        rate = self.requests / self.seconds
        spread = f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms"
        return f"{name:24}{rate:8.1f}/s  {spread}  {self.errors} errors"


def _merged(loads: Sequence[Load]) -> Load:
    """Merge several loads."""
    return Load(
        sum(one.requests for one in loads),
        sum(one.errors for one in loads),
        sum(one.seconds for one in loads),
        [time for one in loads for time in one.times],
    )


@contextmanager
def serving(index: str, *options: str) -> Iterator[tuple[str, int, int]]:
    """Start a server; yield its host, port and process id."""
    command = [sys.executable, "-m", "web", "--index", index, "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            line = process.stderr.readline()
            found = re.search(r"http://([^/]+):(\d+)/", line)
            assert found, line + process.stderr.read()
            yield found[1], int(found[2]), process.pid
        finally:
            process.terminate()


def queries(index: str, count: int) -> list[str]:
    """Return parts of titles of two to four syllables, always the same ones."""
    chance = random.Random(7)
    parts = []
    for article in open_searcher(index).iterate(SearchRequest("")):
        words = article.title.split()
        if len(words) >= 4:
            start = chance.randrange(len(words) - 3)
            parts.append(" ".join(words[start : start + chance.randint(2, 4)]))
        if len(parts) == 20 * count:
            break
    return chance.sample(parts, min(count, len(parts)))


def load(
    host: str,
    port: int,
    paths: Iterator[str],
    clients: int,
    seconds: float,
    is_running: Callable[[], bool] = lambda: False,
) -> Load:
    """Request the paths in turn; each client sends the next request after its response.

    Runs for `seconds`, and after that as long as `is_running` returns True.
    """
    selector = selectors.DefaultSelector()
    in_flight, times, errors = {}, [], 0

    def send(client: socket.socket) -> None:
        path = next(paths)
        in_flight[client] = (time.perf_counter(), b"")
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    for _ in range(clients):
        client = socket.create_connection((host, port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(client, selectors.EVENT_READ)
        send(client)
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < seconds or is_running():
        for key, _ in selector.select(timeout=0.5):
            ready = key.fileobj
            assert isinstance(ready, socket.socket)
            sent, received = in_flight[ready]
            received += ready.recv(262_144)
            in_flight[ready] = (sent, received)
            head, gap, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            if gap and length and len(body) >= int(length[1]):
                times.append((time.perf_counter() - sent) * 1000)
                errors += not head.startswith(b"HTTP/1.1 200")
                send(ready)
    for client in list(in_flight):
        client.close()
    return Load(len(times), errors, now - began, times)


def throughput(index: str, seconds: float) -> None:
    """Measure the API and the page, with many different queries and with only ten."""
    varied = [quote(query) for query in queries(index, 2_000)]
    with serving(index) as (host, port, pid):
        for name, path in (("API", "/api/search?q="), ("page", "/search?q=")):
            for kind, chosen in (("2,000 queries", varied), ("10 queries", varied[:10])):
                paths = [path + query for query in chosen]
                load(host, port, cycle(paths[:50]), 8, 1)
                used, own = _cpu_seconds(pid), time.process_time()
                done = load(host, port, cycle(paths), 8, seconds)
                used, own = _cpu_seconds(pid) - used, time.process_time() - own
                shares = [1000 * cpu / max(1, done.requests) for cpu in (used, own)]
                click.echo(
                    f"{done.line(f'{name}, {kind}')}  CPU {shares[0]:.2f} ms per request,"
                    f" the generator's {shares[1]:.2f}"
                )


def export(index: str, query: str) -> None:
    """Measure an export of all matches, and how much the memory of the process grows."""
    with serving(index, "--workers", "1") as (host, port, pid):
        urlopen(f"http://{host}:{port}/api/search?q=a").read()
        before, used = _memory(pid), _cpu_seconds(pid)
        began, articles, peak = time.perf_counter(), 0, 0.0
        with urlopen(f"http://{host}:{port}/api/export?q={quote(query)}") as response:
            while chunk := response.read(1 << 20):
                articles += chunk.count(b"\n")
                peak = max(peak, _memory(pid))
        seconds, used = time.perf_counter() - began, _cpu_seconds(pid) - used
    click.echo(
        f"{articles:,} articles, {articles / seconds:,.0f}/s, {articles / used:,.0f} per CPU "
        f"second of the server, {peak - before:+.1f} MB"
    )


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process's children."""
    fields = [Path(f"/proc/{child}/stat").read_text().rsplit(")")[1] for child in _children(pid)]
    return sum(sum(map(int, one.split()[11:13])) for one in fields) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Return the private memory of a process's children in MB, without maps of the index."""
    total = 0
    for child in _children(pid):
        found = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
        total += int(found[1]) if found else 0
    return total / 1024


def writing(
    index: str, seconds: float, query_count: int, batches: int, options: Sequence[str]
) -> None:
    """Measure 32 clients with and without concurrent writes.

    Interleaved a few times, since the load of the machine varies.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder) / "index")
        shutil.copytree(index, copy)
        state = state_folder(copy)
        assert state
        key = Keys(state).create(Scope.WRITE)
        # Queries are repeated only after all others, since a commit caches its results.
        paths = cycle("/api/search?q=" + quote(query) for query in queries(index, query_count))
        with serving(copy, *options) as (host, port, _):
            load(host, port, paths, 32, 2)
            quiet, busy, written = [], [], Written([], [], [])
            root = f"http://{host}:{port}"
            for round_ in range(_ROUNDS):
                part = range(batches * round_ // _ROUNDS, batches * (round_ + 1) // _ROUNDS)
                quiet.append(load(host, port, paths, 32, seconds))
                writer = Thread(target=_write, args=(root, key, part, written))
                writer.start()
                busy.append(load(host, port, paths, 32, 0, writer.is_alive))
            quiet.append(load(host, port, paths, 32, seconds))
            click.echo(_merged(quiet).line("without writing"))
            click.echo(_merged(busy).line("with writing"))
            click.echo(
                f"{len(written.visible)} batches of {BATCH_ARTICLES}, {len(written.failed)} failed "
                f"{written.failed[:3]}"
            )
            click.echo(_shares("found by a request sent", written.visible) + " after acceptance")
            click.echo(_shares("found", written.found_after) + " after the request")


@dataclass(frozen=True, slots=True)
class Written:
    """The results of writing batches: seconds until a search finds them, and failures."""

    found_after: list[float]
    """From sending the write to receiving the response that has the article."""
    visible: list[float]
    """From the acceptance of the write to sending the request whose response has the article."""
    failed: list[str]


def _write(root: str, key: str, batches: range, written: Written) -> None:
    """Send batches, each after the previous one was found."""
    for batch in batches:
        articles = [
            {"id": f"w{batch}-{n}", "title": f"Bản tin số {batch}", "body": "Giá lúa tăng. " * 40}
            for n in range(BATCH_ARTICLES)
        ]
        headers = {"Authorization": f"Bearer {key}"}
        body = json.dumps(articles).encode()
        began = time.perf_counter()
        with urlopen(Request(f"{root}/api/articles", body, headers, method="POST")) as response:
            task = json.load(response)["task"]
        accepted = time.perf_counter()
        sent = _when_found(f"{root}/api/article?id=w{batch}-{BATCH_ARTICLES - 1}")
        written.found_after.append(time.perf_counter() - began)
        written.visible.append(max(sent - accepted, 0.0))
        while task["status"] in {"queued", "running"}:
            time.sleep(POLL_SECONDS)
            with urlopen(Request(f"{root}/api/tasks/{task['id']}", headers=headers)) as response:
                task = json.load(response)
        if task["status"] != "done" or task["report"]["indexed"] != BATCH_ARTICLES:
            written.failed.append(str(task))


def _when_found(address: str) -> float:
    """Poll every `POLL_SECONDS` until a response is 200; return when that request was sent.

    Requests queue behind those of the clients, so each is sent without waiting for the last one.
    """
    with ThreadPoolExecutor(MAX_POLLS) as pool:
        polls: list[tuple[float, Future[bool]]] = []
        while not any(done.done() and done.result() for _, done in polls):
            polls.append((time.perf_counter(), pool.submit(_is_found, address)))
            time.sleep(POLL_SECONDS)
        return next(sent for sent, done in polls if done.result())


def _is_found(address: str) -> bool:
    try:
        with urlopen(address) as response:
            return bool(response.status == 200)
    except HTTPError as error:
        if error.code != 404:
            raise
        return False


def _shares(name: str, seconds: Sequence[float]) -> str:
    ordered = sorted(seconds) or [0.0]
    p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    return f"{name} {p50:.2f} s in the median, 99 % within {p99:.2f}, all within {ordered[-1]:.2f}"


@click.command()
@click.argument("index")
@click.option("--export", "exports", is_flag=True)
@click.option("--writing", "writes", is_flag=True)
@click.option("--seconds", default=8.0, show_default=True, help="Of each measurement.")
@click.option("--queries", "query_count", default=20_000, show_default=True, help="Of --writing.")
@click.option("--batches", default=200, show_default=True, help="Of --writing.")
@click.option("--server", "options", multiple=True, help="An option of the server, as --workers=1.")
def main(
    index: str,
    seconds: float,
    query_count: int,
    batches: int,
    options: tuple[str, ...],
    *,
    exports: bool,
    writes: bool,
) -> None:
    """Measure a server over INDEX."""
    if exports:
        export(index, "")
        export(index, "một")  # by relevance: hits are in different blocks of stored articles
    elif writes:
        writing(index, seconds, query_count, batches, options)
    else:
        throughput(index, seconds)


if __name__ == "__main__":
    main()
