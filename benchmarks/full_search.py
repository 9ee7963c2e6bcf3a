"""`python -m benchmarks.full_search`: the whole search, decoder and snippets included.

Queries of 2 to 8 syllables stand side by side in titles; each is searched as written and without
its marks, beside tantivy's plain OR of the same words, turn by turn in one process.
"""

import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.building import build_in_child
from benchmarks.engines.contest import Kind, Query, Shape, draw_queries
from benchmarks.engines.corpora import CORPORA, read_articles, tokens_file
from benchmarks.engines.peer_tantivy import Tantivy
from benchmarks.engines.report import table
from index.vietnamese.forms import fold
from search import open_searcher

SEED = 20240301
SYLLABLES = range(2, 9)
ROUNDS = 2
LIMITS = (10.0, 30.0)
"""Milliseconds that the median and the 95th percentile may be."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Milliseconds of queries of one kind: medians and 95th percentiles, ours and tantivy's."""

    kind: str
    queries: int
    p50: float
    p95: float
    tantivy_p50: float
    tantivy_p95: float


def measure(corpus: str, count: int, work: Path) -> list[Searched]:
    """Search `count` queries of each number of syllables, as written and without marks."""
    tokens = tokens_file(corpus, work)
    places = {engine: work / f"full-{tokens.stem}-{engine}" for engine in ("ours", "peer_tantivy")}
    for engine, place in places.items():
        shutil.rmtree(place, ignore_errors=True)
        build_in_child(engine, tokens, place)
    titles = [article.title for article in read_articles(corpus) if article.title]
    shapes = [Shape(f"{size} syllables", Kind.OR, size) for size in SYLLABLES]
    searcher, tantivy = open_searcher(places["ours"]), Tantivy(places["peer_tantivy"])
    for query in (q for shape in shapes for q in draw_queries(titles, (), shape, 10, SEED + 1)):
        searcher.search(" ".join(query.terms))
        tantivy.prepare(query)()
    asked = [query for shape in shapes for query in draw_queries(titles, (), shape, count, SEED)]
    random.Random(SEED).shuffle(asked)
    times = _times(searcher.search, tantivy, asked)
    sizes = np.array([len(query.terms) for query in asked])
    rows = [_row(f"{n} syllables", times[0, sizes == n], times[2, sizes == n]) for n in SYLLABLES]
    every = _row("all, as written", times[0], times[2])
    return [*rows, every, _row("all, without marks", times[1], times[2])]


def _times(
    search: Callable[[str], object], tantivy: Tantivy, asked: Sequence[Query]
) -> NDArray[np.float64]:
    """Return milliseconds, (3, queries): as written, without marks, tantivy; the best of rounds."""
    times = np.full((ROUNDS, 3, len(asked)), np.inf)
    for round_ in range(ROUNDS):
        for at, query in enumerate(asked):
            text = " ".join(query.terms)
            calls: tuple[Callable[[], object], ...] = (
                partial(search, text),
                partial(search, fold(text)),
                tantivy.prepare(query),
            )
            for row, call in enumerate(calls):
                began = time.perf_counter_ns()
                call()
                times[round_, row, at] = (time.perf_counter_ns() - began) / 1e6
    least: NDArray[np.float64] = times.min(axis=0)
    return least


def _row(kind: str, ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Searched:
    ends = [float(np.percentile(times, share)) for times in (ours, theirs) for share in (50, 95)]
    return Searched(kind, len(ours), *ends)


def _report(rows: Sequence[Searched]) -> str:
    header = ["whole search, ms", "queries", "p50", "p95", "tantivy OR p50", "tantivy OR p95"]
    lines = [
        [
            row.kind,
            str(row.queries),
            *(f"{value:.2f}" for value in (row.p50, row.p95, row.tantivy_p50, row.tantivy_p95)),
            f"{row.p50 / row.tantivy_p50:.1f} / {row.p95 / row.tantivy_p95:.1f}",
        ]
        for row in rows
    ]
    return table([*header, "ratio p50 / p95"], lines)


@click.command()
@click.option("--corpus", type=click.Choice(list(CORPORA)), default="all", show_default=True)
@click.option("--queries", default=50, show_default=True, help="How many of each length.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "timtin-benchmarks",
    show_default=True,
    help="Where tokens are kept between runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(corpus: str, queries: int, work: Path, *, as_json: bool) -> None:
    """Measure the whole search; fails where it is slower than promised."""
    work.mkdir(parents=True, exist_ok=True)
    rows = measure(corpus, queries, work)
    click.echo(json.dumps([asdict(row) for row in rows]) if as_json else _report(rows))
    slow = [row.kind for row in rows[-2:] if row.p50 > LIMITS[0] or row.p95 > LIMITS[1]]
    if slow:
        raise click.ClickException(f"slower than {LIMITS[0]} / {LIMITS[1]} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
