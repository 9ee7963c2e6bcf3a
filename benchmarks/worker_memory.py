"""`python -m benchmarks.worker_memory INDEX CORPUS...`: memory of a searching process.

It runs distinct queries of 2 to 8 consecutive syllables of titles, every second one without marks,
for ten hits and three facets. Measured is the memory besides the mapped index, which all processes
share: `RssAnon` of the kernel.
"""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from benchmarks.engines.contest import Kind, Shape, draw_queries
from index.article import Article
from index.corpus import read_corpus
from index.vietnamese.forms import fold
from search import Searcher
from search.engines.embedded.engine import open_engine

SEED = 20261129
MAX_ANONYMOUS_MB = 250
"""The goal, after 10,000 different queries."""

_STEPS = (0, 1, 100, 500, 1000, 2000, 5000)
"""Numbers of queries after which a line is printed, in addition to the last."""


def different_queries(corpus: Sequence[Path], count: int) -> list[str]:
    """Draw distinct queries from the titles of a corpus."""
    articles = (article for article in read_corpus(corpus) if isinstance(article, Article))
    titles = [article.title for article in articles if article.title]
    sizes = range(2, 9)
    drawn: dict[str, None] = {}
    for seed in range(20):
        for size in sizes:
            shape = Shape(f"{size} syllables", Kind.OR, size)
            for query in draw_queries(titles, (), shape, -(-count // len(sizes)), SEED + seed):
                text = " ".join(query.terms)
                drawn[fold(text) if len(drawn) % 2 else text] = None
        if len(drawn) >= count:
            break
    queries = list(drawn)
    random.Random(SEED).shuffle(queries)
    return queries[:count]


def resident() -> Iterator[float]:
    """Yield the anonymous memory and the mapped memory, in MB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    for name in ("RssAnon:", "RssFile:"):
        yield next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


@click.command(help=__doc__)
@click.argument("index", type=click.Path(exists=True, path_type=Path))
@click.argument("corpus", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--queries", default=10_000, show_default=True)
def main(index: Path, corpus: tuple[Path, ...], queries: int) -> None:
    """Search, and print how memory grows; exit with status 1 if the goal is missed."""
    with ProcessPoolExecutor(1) as child:  # so that the titles take no memory here
        queries_drawn = child.submit(different_queries, corpus, queries).result()
    engine = open_engine(index)
    searcher = Searcher(engine)
    began = time.process_time()
    for number, query in enumerate([*queries_drawn, None]):
        if number in _STEPS or query is None:
            anonymous, mapped = resident()
            spent = time.process_time() - began
            click.echo(
                f"{number:>6} queries: {anonymous:6.0f} MB besides the mapped index, "
                f"{mapped:.0f} MB of mapped files, CPU {spent:.0f} s"
            )
        if query is not None:
            searcher.search(query, facets=["source", "section", "year"])
    for name, use in engine.reader().caches().items():
        share = f"{use.hit_rate:.2f} of lookups"
        click.echo(f"{name}: {use.nbytes >> 20} of {use.limit >> 20} MB, hits {share}")
    raise SystemExit(anonymous > MAX_ANONYMOUS_MB)


if __name__ == "__main__":
    main()
