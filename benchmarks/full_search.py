"""`python -m benchmarks.full_search`: latency of the whole search, including decoder and snippets.

Queries are 2 to 8 consecutive syllables of titles, as written and without marks. They are compared
with tantivy's plain OR of the same words, with and without tantivy's snippets of title and body
(`SnippetGenerator`), interleaved in one process.
"""

import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import partial
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.building import build_in_child
from benchmarks.engines.contest import Kind, Query, Shape, draw_queries
from benchmarks.engines.corpora import CORPORA, read_articles, tokens_file
from benchmarks.engines.peer_tantivy_snippets import TantivySnippets
from benchmarks.engines.report import table
from index.vietnamese.forms import fold
from search import open_searcher

SEED = 20240301
SYLLABLES = range(2, 9)
ROUNDS = 2
PERCENTILES = ("p50", "p95")
GOALS_MS = (10.0, 30.0)
"""The goals in milliseconds for the median and the 95th percentile."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Milliseconds for queries of one kind: medians and 95th percentiles.

    `tantivy` is its plain search, `snippets` its search with snippets.
    """

    kind: str
    queries: int
    p50: float
    p95: float
    tantivy_p50: float
    tantivy_p95: float
    snippets_p50: float
    snippets_p95: float


def measure(corpus: str, count: int, work: Path) -> list[Searched]:
    """Search `count` queries of each number of syllables, as written and without marks."""
    tokens = tokens_file(corpus, work)
    directories = {
        engine: work / f"full-{tokens.stem}-{engine}"
        for engine in ("ours", "peer_tantivy_snippets")
    }
    for engine, directory in directories.items():
        shutil.rmtree(directory, ignore_errors=True)
        build_in_child(engine, tokens, directory)
    titles = [article.title for article in read_articles(corpus) if article.title]
    shapes = [Shape(f"{size} syllables", Kind.OR, size) for size in SYLLABLES]
    searcher = open_searcher(directories["ours"])
    tantivy = TantivySnippets(directories["peer_tantivy_snippets"])
    for query in (q for shape in shapes for q in draw_queries(titles, (), shape, 10, SEED + 1)):
        searcher.search(" ".join(query.terms))
        tantivy.prepare_page(query)()
    drawn = [query for shape in shapes for query in draw_queries(titles, (), shape, count, SEED)]
    random.Random(SEED).shuffle(drawn)
    times = _times(searcher.search, tantivy, drawn)
    sizes = np.array([len(query.terms) for query in drawn])
    written, unmarked = times[[0, 2, 3]], times[[1, 2, 3]]
    rows = [_row(f"{n} syllables", written[:, sizes == n]) for n in SYLLABLES]
    return [*rows, _row("all, as written", written), _row("all, without marks", unmarked)]


def _times(
    search: Callable[[str], object], tantivy: TantivySnippets, drawn: Sequence[Query]
) -> NDArray[np.float64]:
    """Return milliseconds of shape (4, queries), the minimum of all rounds.

    The rows: as written, without marks, tantivy, tantivy with snippets.
    """
    times = np.full((ROUNDS, 4, len(drawn)), np.inf)
    for round_ in range(ROUNDS):
        for at, query in enumerate(drawn):
            text = " ".join(query.terms)
            calls: tuple[Callable[[], object], ...] = (
                partial(search, text),
                partial(search, fold(text)),
                tantivy.prepare(query),
                tantivy.prepare_page(query),
            )
            for row, call in enumerate(calls):
                began = time.perf_counter_ns()
                call()
                times[round_, row, at] = (time.perf_counter_ns() - began) / 1e6
    minimum: NDArray[np.float64] = times.min(axis=0)
    return minimum


def _row(kind: str, times: NDArray[np.float64]) -> Searched:
    """Return a row of the table; the rows of `times`: ours, tantivy, tantivy with snippets."""
    percentiles = [float(np.percentile(row, percent)) for row in times for percent in (50, 95)]
    return Searched(kind, times.shape[1], *percentiles)


def _report(rows: Sequence[Searched]) -> str:
    peers = [
        f"{name} {percentile}"
        for name in ("tantivy OR", "with snippets")
        for percentile in PERCENTILES
    ]
    header = ["whole search, ms", "queries", *PERCENTILES, *peers]
    lines = [
        [
            row.kind,
            str(row.queries),
            *(f"{value:.2f}" for value in astuple(row)[2:]),
            f"{row.p50 / row.snippets_p50:.2f} / {row.p95 / row.snippets_p95:.2f}",
        ]
        for row in rows
    ]
    return table([*header, "ratio to tantivy with snippets, p50 / p95"], lines)


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
    """Measure the whole search; fail if a goal is missed."""
    work.mkdir(parents=True, exist_ok=True)
    rows = measure(corpus, queries, work)
    click.echo(json.dumps([asdict(row) for row in rows]) if as_json else _report(rows))
    slow = [row.kind for row in rows[-2:] if row.p50 > GOALS_MS[0] or row.p95 > GOALS_MS[1]]
    if slow:
        raise click.ClickException(
            f"slower than {GOALS_MS[0]} / {GOALS_MS[1]} ms: {', '.join(slow)}"
        )


if __name__ == "__main__":
    main()
