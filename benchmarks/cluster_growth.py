"""`python -m benchmarks.cluster_growth --cluster opensearch://HOST:PORT`: how latency grows.

Builds the headlines once and thirteen times (two million) from raw text into two indexes of a
cluster, with one shard and no replica, and queries both interleaved: parts of titles as written and
without marks, first pages with three facets, collapsed pages, and completions of titles.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

import click

from benchmarks.engines.measured import cost_of
from benchmarks.engines.report import table
from benchmarks.large import copy_records
from benchmarks.totals import title_parts
from index.article import Article
from index.corpus import Corpus
from index.targets import open_target
from index.vietnamese.forms import fold
from search import Searcher, open_searcher
from tests.shared_data import SHARED

HEADLINES = SHARED / "data" / "headlines.jsonl.gz"
SYLLABLES = (2, 3, 4, 6, 8)
FACETS = ("source", "section", "year")
TYPED_LETTERS = (4, 8, 12, 20)

Ask = Callable[[Searcher, str], object]


def build(address: str, copies: int) -> list[str]:
    """Build an index of that many copies; return a row with its cost."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "headlines.jsonl.gz"
        copy_records(HEADLINES, corpus, copies)
        cost = cost_of("-m", "index", "build", corpus, "--index", address, "--workers", "1")
    found = open_target(address).statistics()
    return [
        f"{found['articles']:,}", f"{cost.seconds / 60:.1f}", f"{cost.cpu_seconds:,.0f}",
        f"{found['articles'] / cost.cpu_seconds:,.0f}", f"{cost.peak_memory / 1e6:.0f}",
        f"{found['bytes'] / 1e6:,.0f}",
    ]  # fmt: skip


def compare(
    name: str, ask: Ask, queries: Sequence[str], searchers: Sequence[Searcher]
) -> list[str]:
    """Run the same queries on each index, interleaved; return a row of times."""
    times: list[list[float]] = [[] for _ in searchers]
    for query in queries:
        for taken, searcher in zip(times, searchers, strict=True):
            began = time.perf_counter()
            ask(searcher, query)
            taken.append((time.perf_counter() - began) * 1e3)
    middle = [median(taken) for taken in times]
    high = [quantiles(taken, n=20)[-1] for taken in times]
    return [
        name, str(len(queries)),
        *(f"{p50:.1f} / {p95:.1f}" for p50, p95 in zip(middle, high, strict=True)),
        f"{middle[-1] / middle[0]:.2f}",
    ]  # fmt: skip


@click.command()
@click.option("--cluster", required=True, metavar="ADDRESS", help="opensearch://HOST:PORT")
@click.option("--copies", default=13, show_default=True)
@click.option("--queries", default=20, show_default=True, help="How many of each length.")
@click.option("--built", is_flag=True, help="Both indexes exist already.")
def main(cluster: str, copies: int, queries: int, *, built: bool) -> None:
    """Compare an index with one that has many times as many articles."""
    addresses = [f"{cluster}/growth-{count}" for count in (1, copies)]
    os.environ |= {"TIMTIN_CLUSTER_REPLICAS": "0", "TIMTIN_CLUSTER_SHARDS": "1"}
    if not built:
        rows = [build(one, count) for one, count in zip(addresses, (1, copies), strict=True)]
        head = ["articles", "minutes", "client, CPU s", "articles per CPU second", "memory, MB",
                "index, MB"]  # fmt: skip
        click.echo(table(head, rows))
    searchers = [open_searcher(one) for one in addresses]
    titles = [record.title for record in Corpus([HEADLINES]) if isinstance(record, Article)]
    drawn = [part for size in SYLLABLES for part in title_parts(titles, size, queries)]
    typed = [
        title[:length]
        for length in TYPED_LETTERS
        for title in titles[:: len(titles) // (2 * queries)]
    ]
    workloads: list[tuple[str, Ask, list[str]]] = [
        ("as written", lambda one, query: one.search(query, facets=FACETS), drawn),
        ("without marks", lambda one, query: one.search(query, facets=FACETS),
         [fold(query) for query in drawn]),
        ("near-duplicates collapsed", lambda one, query: one.search(query, collapse=True),
         drawn[::2]),
        ("completions", lambda one, query: one.complete(query), typed),
    ]  # fmt: skip
    for name, ask, texts in workloads:  # warm up
        compare(name, ask, texts[::10], searchers)
    rows = [compare(name, ask, texts, searchers) for name, ask, texts in workloads]
    head = ["queries", "times", "p50 / p95 of one, ms", f"of {copies}, ms", "p50, growth"]
    click.echo(table(head, rows))


if __name__ == "__main__":
    main()
