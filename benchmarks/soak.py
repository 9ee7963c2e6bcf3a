"""`python -m benchmarks.soak`: commits to the index of a server under load.

Every commit replaces all articles by another version, or deletes some of them. Each response must
be from a single commit, no client may see an older commit after a newer one, and the memory, files
and maps of the server's workers must not grow. `tests/web/test_soak.py` is the short form.
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote

import click

from index.analysis import analyse
from index.article import Article
from index.embedded.limits import WriteLimits
from index.embedded.writer import delete, update

IN_SEGMENTS = WriteLimits(exact_tokens=0, beside_largest=1)
"""As in a large index: the counts of deleted articles are in files of their segments."""

ARTICLES = 60
"""Articles of a version; a page shows a third of them."""

WORDS = "hội nghị tổng kết công tác năm kinh tế xã hội giao thông giá gạo tăng mưa lũ".split()
QUERIES = ("hoi nghi", "giá gạo", "kinh te xa hoi", '"tổng kết"', "gi*", "tin -xyz")
MAX_GROWTH = 1.1
"""The final memory may be at most this multiple of the memory after `SETTLED` commits."""
SETTLED = 20
"""Commits after which the caches are full."""

_STALE = re.compile(r"segment-\S+ \(deleted\)")


@dataclass(frozen=True, slots=True)
class Use:
    """Resources of a server's workers: private bytes, open files, maps of removed files."""

    memory: int
    files: int
    stale_maps: int


@dataclass(slots=True)
class Seen:
    """What clients saw: responses by status, those of two commits, those of an older commit."""

    statuses: Counter[int] = field(default_factory=Counter)
    mixed: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@contextmanager
def serving(index: Path, workers: int) -> Iterator[tuple[int, int]]:
    """Start a server; yield its port and process id."""
    command = [sys.executable, "-m", "web", "--index", str(index), "--port", "0"]
    command += ["--workers", str(workers), "--no-query-log"]
    log = index.with_suffix(".log")
    with log.open("w") as stderr, subprocess.Popen(command, stderr=stderr) as process:
        try:
            while not (found := re.search(r"http://[^/]+:(\d+)/", log.read_text("utf-8"))):
                if process.poll() is not None:
                    raise RuntimeError(log.read_text("utf-8"))
                time.sleep(0.05)
            yield int(found[1]), process.pid
        finally:
            process.terminate()
            process.wait(20)


def use(server: int) -> Use:
    """Return the resources of a server's workers."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    memory = files = stale = 0
    for child in children:
        rollup = Path(f"/proc/{child}/smaps_rollup").read_text()
        anonymous = re.search(r"^Anonymous:\s+(\d+) kB", rollup, re.MULTILINE)
        memory += int(anonymous[1]) * 1024 if anonymous else 0
        files += sum(1 for _ in Path(f"/proc/{child}/fd").iterdir())
        stale += len(_STALE.findall(Path(f"/proc/{child}/maps").read_text()))
    return Use(memory, files, stale)


def write(index: Path, version: int) -> None:
    """Commit another version of all articles, or every third time a deletion."""
    if version % 3 == 2:
        deleted = [str(at) for at in range(version % 4, ARTICLES, 4)]
        delete(index, deleted, limits=IN_SEGMENTS)
        assert list(index.glob("*.removed"))
        return
    articles = [
        Article(
            str(at),
            f"Tin {version} {' '.join(WORDS[at % 5 :])}",
            body=" ".join(WORDS[(at + version) % 16 :] * 6),
        )
        for at in range(ARTICLES)
    ]
    update([analyse(articles)], index, limits=IN_SEGMENTS)


def client(port: int, stop: threading.Event, seen: Seen, number: int) -> None:
    """Send requests over one connection until `stop` is set, and record the responses."""
    newest, at = -1, number
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        while not stop.is_set():
            query = QUERIES[at % len(QUERIES)]
            at += 1
            began = time.monotonic()
            try:
                connection.request(
                    "GET", f"/api/search?q={quote(query)}&size=20&collapse=0&n={at % 97}"
                )
                response = connection.getresponse()
                status, content = response.status, json.loads(response.read())
            except (OSError, HTTPException, ValueError):
                seen.statuses[0] += 1
                connection.close()
                newest = -1  # another worker may respond from now on
                continue
            seen.statuses[status] += 1
            seen.seconds.append(time.monotonic() - began)
            versions = {int(hit["title"].split()[1]) for hit in content.get("hits", ())}
            if len(versions) > 1:
                seen.mixed.append(f"{query}: {versions}")
            if versions and max(versions) < newest:
                seen.stale.append(f"{query}: {max(versions)} after {newest}")
            newest = max((newest, *versions))


def soak(index: Path, commits: int, clients: int, pause: float) -> tuple[Seen, list[Use]]:
    """Commit under load; return what clients saw, and the resources after each commit."""
    write(index, 0)
    seen, stop, uses = Seen(), threading.Event(), []
    with serving(index, workers=2) as (port, server):
        threads = [
            threading.Thread(target=client, args=(port, stop, seen, number), daemon=True)
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        for version in range(1, commits + 1):
            write(index, version)
            time.sleep(pause)
            with suppress(FileNotFoundError):  # the worker has just exited
                uses.append(use(server))
        stop.set()
        for thread in threads:
            thread.join(40)
        time.sleep(1)
        uses.append(use(server))
    return seen, uses


@click.command()
@click.option("--commits", default=200, show_default=True)
@click.option("--clients", default=32, show_default=True)
@click.option("--pause", default=1.0, show_default=True, help="Seconds between commits.")
def main(commits: int, clients: int, pause: float) -> None:
    """Commit under load; fail for mixed or stale responses, errors, or growing memory."""
    with tempfile.TemporaryDirectory() as folder:
        seen, uses = soak(Path(folder) / "index", commits, clients, pause)
    requests = sum(seen.statuses.values())
    times = sorted(seen.seconds)
    early, late = uses[min(SETTLED, len(uses)) - 1], uses[-1]
    growth = late.memory / early.memory
    click.echo(
        f"{commits} commits, {clients} clients, {requests:,} requests: {dict(seen.statuses)}"
    )
    click.echo(f"p50 {times[len(times) // 2]:.3f} s, p99 {times[len(times) * 99 // 100]:.3f} s")
    click.echo(f"{len(seen.mixed)} responses of several commits, {len(seen.stale)} stale responses")
    for one in (*seen.mixed[:3], *seen.stale[:3]):
        click.echo(f"  {one}")
    memory = ", ".join(f"{one.memory >> 20}" for one in uses[SETTLED - 1 :: SETTLED])
    click.echo(f"MB of the workers every {SETTLED} commits: {memory}")
    click.echo(f"after {SETTLED} commits: {early}\nat the end:       {late}\ngrowth {growth:.2f}")
    failed = seen.mixed or seen.stale or set(seen.statuses) - {200} or growth > MAX_GROWTH
    raise SystemExit(int(bool(failed)))


if __name__ == "__main__":
    main()
