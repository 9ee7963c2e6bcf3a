"""`python -m benchmarks.cluster_failures`: kill nodes of a real cluster while it is in use.

Starts three nodes of 512 MB, builds an index with one replica, and kills one node after another,
the elected manager included, while two clients search; makes one hang; then kills the node that
receives a bulk request, and, without replicas, one with the only copy of a shard. Prints errors,
results that differ from those before, the slowest search, and articles that are missing afterwards.
"""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import click

from benchmarks.engines.report import table
from benchmarks.totals import title_parts
from index.analysis import analyse_all
from index.article import Article
from index.corpus import Corpus
from index.errors import IndexUnavailableError
from index.opensearch import writer
from index.opensearch.client import Client
from index.opensearch.lifecycle import Settings
from index.opensearch.location import parse_location
from index.opensearch.names import read_commit
from search import Searcher, open_searcher
from tests.opensearch_server import Server
from tests.shared_data import SHARED

HTTP, TRANSPORT, NODES = 9243, 9343, 3
ADDRESS = f"opensearch://{','.join(f'127.0.0.1:{HTTP + at}' for at in range(NODES))}/failures"
BEFORE_SECONDS, DEAD_SECONDS = 3.0, 8.0

COLUMNS = (
    "killed", "searches", "errors", "different answers", "slowest, s", "green after, s"
)  # fmt: skip

Answer = tuple[int, tuple[str, ...]]


@dataclass
class Seen:
    """Counts of the searches during a failure."""

    searches: int = 0
    errors: int = 0
    different: int = 0
    slowest: float = 0.0
    reported: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seconds: float, *, failed: bool, differs: bool) -> None:
        """Count one search."""
        with self.lock:
            self.searches += 1
            self.errors += failed
            self.different += differs
            self.slowest = max(self.slowest, seconds)

    def row(self, name: str) -> list[str]:
        """Return a row of the table."""
        return [name, str(self.searches), str(self.errors), str(self.different),
                f"{self.slowest:.2f}"]  # fmt: skip


def ask(searcher: Searcher, query: str) -> Answer:
    """Return the parts of the results that are compared."""
    found = searcher.search(query, facets=["source"])
    return found.total, tuple(hit.id for hit in found.hits)


@contextmanager
def searching(queries: Sequence[str], expected: Sequence[Answer], clients: int) -> Iterator[Seen]:
    """Search in the background; each client sends to another node first."""
    seen, ended = Seen(), threading.Event()

    def client(number: int) -> None:
        searcher, draw = open_searcher(ADDRESS), random.Random(number)
        while not ended.is_set():
            at = draw.randrange(len(queries))
            began, answer = time.perf_counter(), None
            try:
                answer = ask(searcher, queries[at])
            except IndexUnavailableError as error:
                seen.reported.add(str(error))
            taken = time.perf_counter() - began
            differs = answer is not None and answer != expected[at]
            seen.note(taken, failed=answer is None, differs=differs)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def wait_green(client: Client) -> float:
    """Wait until every shard has all its copies; return the seconds that took."""
    began = time.monotonic()
    while True:
        options = {"wait_for_status": "green", "wait_for_nodes": str(NODES), "timeout": "30s"}
        try:
            if client.request("GET", "/_cluster/health", None, options)["status"] == "green":
                return time.monotonic() - began
        except IndexUnavailableError:
            time.sleep(0.5)


def manager(client: Client) -> int:
    """Return the number of the node that is the elected manager."""
    found: Any = client.request("GET", "/_cat/cluster_manager", None, {"format": "json"})
    return int(str(found[0]["node"]).removeprefix("n"))


def kill(server: Server, victim: Callable[[], int]) -> None:
    """Kill a node, leave it dead for a while, and start it again."""
    time.sleep(BEFORE_SECONDS)
    number = victim()
    server.kill(number)
    time.sleep(DEAD_SECONDS)
    server.start_node(number, NODES)


def hang(server: Server, number: int) -> None:
    """Stop a node for a while, so that it neither answers nor closes its connections."""
    time.sleep(BEFORE_SECONDS)
    server.signal(number, signal.SIGSTOP)
    time.sleep(DEAD_SECONDS)
    server.signal(number, signal.SIGCONT)


def searches_under_kills(
    server: Server, client: Client, queries: Sequence[str], expected: Sequence[Answer]
) -> list[list[str]]:
    """Kill a data node, the node that clients send to, and the manager, during searches."""
    with searching(queries, expected, clients=2) as seen:
        time.sleep(BEFORE_SECONDS + DEAD_SECONDS)
    rows = [[*seen.row("none"), ""]]
    victims: list[tuple[str, Callable[[], int]]] = [
        ("a node", lambda: 3),
        ("the node that clients send to", lambda: 1),
        ("the elected manager", lambda: manager(client)),
    ]
    for name, victim in victims:
        with searching(queries, expected, clients=2) as seen:
            kill(server, victim)
            green = wait_green(client)
        rows.append([*seen.row(name), f"{green:.0f}"])
        for error in seen.reported:
            click.echo(f"{name}: {error}")
    with searching(queries, expected, clients=2) as seen:
        hang(server, 3)
        green = wait_green(client)
    rows.append([*seen.row(f"none, but one hangs for {DEAD_SECONDS:.0f} s"), f"{green:.0f}"])
    return rows


def bulk_under_kill(server: Server, client: Client, articles: Sequence[Article]) -> str:
    """Kill the node that receives a bulk request; compare every copy with what was sent."""
    before = writer.statistics(ADDRESS).articles
    reports = []

    def send() -> None:
        reports.append(writer.update(analyse_all(articles, 1), ADDRESS))

    thread = threading.Thread(target=send)
    thread.start()
    kill(server, lambda: 1)
    thread.join()
    wait_green(client)
    index = read_commit(client).index
    client.request("POST", f"/{index}/_refresh")
    copies = []
    for node in client.request("GET", "/_nodes")["nodes"]:
        only = {"preference": f"_prefer_nodes:{node}"}
        copies.append(int(client.request("GET", f"/{index}/_count", None, only)["count"]))
    missing = before + len(articles) - min(copies)
    reported = reports[0].articles if reports else 0
    return (
        f"bulk of {len(articles):,}: {missing} missing, copies differ by "
        f"{max(copies) - min(copies)}, reported {reported - before:,} new and "
        f"{reports[0].replaced if reports else -1} replaced"
    )


def red_index(
    server: Server, client: Client, queries: Sequence[str], expected: Sequence[Answer]
) -> list[str]:
    """Kill a node with the only copy of a shard: errors until it is back, no wrong total."""
    index = read_commit(client).index
    client.request("PUT", f"/{index}/_settings", {"index": {"number_of_replicas": 0}})
    wait_green(client)
    shards: Any = client.request("GET", f"/_cat/shards/{index}", None, {"format": "json"})
    victim = int(str(shards[0]["node"]).removeprefix("n"))
    with searching(queries, expected, clients=2) as seen:
        kill(server, lambda: victim)
        wait_green(client)
        time.sleep(BEFORE_SECONDS)
    return [*seen.row("the only copy of a shard"), ""]


def articles_of(corpus: Path, count: int) -> list[Article]:
    """Return the first articles of a corpus."""
    found = (record for record in Corpus([corpus]) if isinstance(record, Article))
    return list(islice(found, count))


@click.command()
@click.option("--corpus", type=Path, default=SHARED / "data" / "news.jsonl.gz")
@click.option("--articles", default=3000, show_default=True)
@click.option("--folder", type=Path, default=Path("/tmp/timtin-failures"), show_default=True)
@click.option("--major", default=2, show_default=True, help="The version of OpenSearch.")
def main(corpus: Path, articles: int, folder: Path, major: int) -> None:
    """Kill nodes of a cluster of three while it is searched and written to."""
    every = articles_of(corpus, articles + articles // 3)
    built, sent = every[:articles], every[articles:]
    server = Server(folder, major, HTTP, TRANSPORT)
    try:
        server.start(NODES)
        click.echo(f"OpenSearch {server.version}")
        client = Client(parse_location(ADDRESS))
        writer.build(analyse_all(built, 1), ADDRESS, settings=Settings(shards=3, replicas=1))
        wait_green(client)
        searcher = open_searcher(ADDRESS)
        titles = [article.title for article in built]
        queries = [part for size in (2, 3, 4, 6) for part in title_parts(titles, size, 10)]
        expected = [ask(searcher, query) for query in queries]
        rows = searches_under_kills(server, client, queries, expected)
        click.echo(bulk_under_kill(server, client, sent))
        expected = [ask(searcher, query) for query in queries]
        rows.append(red_index(server, client, queries, expected))
        click.echo(table(COLUMNS, rows))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
