"""`python -m benchmarks.indexing`: indexing raw text with one and two workers, against tantivy.

Interleaved, each in a new process: `python -m index build` with one worker and with two; and
tantivy, which gets text that is already segmented and only splits it at white space.
"""

import shutil
import statistics
import tempfile
from pathlib import Path

import click

from benchmarks.engines.building import build_in_child
from benchmarks.engines.corpora import CORPORA, read_articles, tokens_file
from benchmarks.engines.measured import Cost, cost_of
from benchmarks.engines.report import table

MIN_SPEEDUP = 1.7
"""The goal for the wall-clock speed of two workers relative to one, on two cores."""

MIN_SHARE = 0.35
"""The goal for articles per CPU second from raw text, relative to tantivy's from tokens."""


def build(corpus: str, workers: int, directory: Path) -> Cost:
    """Build an index from raw text and return what it cost."""
    shutil.rmtree(directory, ignore_errors=True)
    command = ("-m", "index", "build", *CORPORA[corpus], "--index", directory)
    cost = cost_of(*command, "--workers", workers)
    shutil.rmtree(directory)
    return cost


@click.command(help=__doc__)
@click.option("--corpus", type=click.Choice(list(CORPORA)), default="all", show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "timtin-benchmarks",
    show_default=True,
    help="Where tokens are kept between runs.",
)
def main(corpus: str, rounds: int, work: Path) -> None:
    """Build, print the cost, and fail if a goal is missed."""
    work.mkdir(parents=True, exist_ok=True)
    tokens = tokens_file(corpus, work)
    articles = sum(1 for _ in read_articles(corpus))
    builds: dict[int, list[Cost]] = {1: [], 2: []}
    tantivy = []
    for _ in range(rounds):
        for workers, costs in builds.items():
            costs.append(build(corpus, workers, work / "indexing"))
        place = work / "indexing-tantivy"
        shutil.rmtree(place, ignore_errors=True)
        tantivy.append(build_in_child("peer_tantivy", tokens, place).cpu_seconds)
        shutil.rmtree(place)
    one, two = builds.values()
    speedup = statistics.median(a.seconds / b.seconds for a, b in zip(one, two, strict=True))
    rates = [
        articles / statistics.median(cost.cpu_seconds for cost in costs)
        for costs in builds.values()
    ]
    peer = articles / statistics.median(tantivy)
    rows = [
        [
            f"{workers} workers",
            f"{articles / statistics.median(c.seconds for c in costs):,.0f}",
            f"{rate:,.0f}",
            f"{rate / peer:.2f}",
            f"{max(c.peak_memory for c in costs) >> 20}",
        ]
        for (workers, costs), rate in zip(builds.items(), rates, strict=True)
    ]
    header = [
        "",
        "articles per second",
        "per CPU second",
        "ratio to tantivy",
        "peak MB of the largest process",
    ]
    click.echo(table(header, [*rows, ["tantivy, tokens", "", f"{peer:,.0f}", "1", ""]]))
    click.echo(f"two workers are {speedup:.2f} times as fast as one (median of {rounds})")
    raise SystemExit(speedup < MIN_SPEEDUP or rates[0] < MIN_SHARE * peer)


if __name__ == "__main__":
    main()
