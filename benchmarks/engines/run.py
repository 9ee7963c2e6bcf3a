"""All measurements on one corpus, in order."""

import json
import random
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.engines import latency, throughput
from benchmarks.engines.building import Built, build_in_child, open_contestant, size_of
from benchmarks.engines.contest import SHAPES, Query, draw_queries
from benchmarks.engines.corpora import CORPORA, read_articles, text_bytes, tokens_file
from benchmarks.engines.latency import Agreement, Latency
from benchmarks.engines.measured import Cost, cost_of
from benchmarks.engines.opening import Opened, open_in_child
from benchmarks.engines.throughput import Throughput

SEED = 20240131
COMPARED = 3
"""Queries of each shape whose results are compared: stock Whoosh is slow at scoring all matches."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """A corpus: its articles, and the UTF-8 bytes of their title, summary, body and author."""

    articles: int
    text_bytes: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one corpus, by engine."""

    corpus: Sizes
    built: dict[str, Built]
    from_text: Cost
    latency: dict[str, dict[str, Latency]]
    agreement: dict[str, Agreement]
    opened: dict[str, Opened]
    search_process: tuple[float, float]
    throughput: dict[str, Throughput]


@dataclass(frozen=True, slots=True)
class Effort:
    """The amount of work: queries of each shape, seconds of load, starts from the shell."""

    queries: int
    seconds: float
    starts: int


@dataclass(frozen=True, slots=True)
class DrawnQueries:
    """Queries of all shapes: measured ones, ones to warm up with, ones to compare results of."""

    measured: Sequence[Query]
    warm: Sequence[Query]
    compared: Sequence[Query]

    def of(self, shape: str) -> list[Query]:
        """Return the measured queries of one shape."""
        return [query for query in self.measured if query.shape.name == shape]


def draw(corpus: str, count: int) -> DrawnQueries:
    """Draw `count` queries of each shape from the titles of a corpus."""
    articles = list(read_articles(corpus))
    sources = sorted({article.source for article in articles if article.source})
    titles = [article.title for article in articles if article.title]
    counts = (count, max(count // 4, 5), COMPARED)
    return DrawnQueries(*(_queries(titles, sources, n, SEED + at) for at, n in enumerate(counts)))


def measure(
    corpus: str, engines: Sequence[str], work: Path, drawn: DrawnQueries, effort: Effort
) -> Figures:
    """Index a corpus with each engine, and run the queries on all."""
    tokens = tokens_file(corpus, work)
    directories = {engine: work / f"{tokens.stem}-{engine}" for engine in engines}
    _log(f"{corpus}: indexing")
    built = {engine: _built(engine, tokens, directories[engine]) for engine in engines}
    from_text = _from_text(corpus, work)
    sizes = _sizes(corpus)
    _log(f"{corpus}: querying")
    contestants = {
        engine: open_contestant(engine, directory) for engine, directory in directories.items()
    }
    latencies = latency.measure(contestants, drawn.measured, drawn.warm)
    _log(f"{corpus}: comparing results")
    ours = contestants.pop("ours")
    agreement = {
        name: latency.compare(ours, one, drawn.compared) for name, one in contestants.items()
    }
    _log(f"{corpus}: opening, and queries per second")
    texts = [" ".join(query.terms) for query in drawn.of("2 words OR")]
    three = drawn.of("3 words OR")
    opened = {
        name: open_in_child(name, directory, texts) for name, directory in directories.items()
    }
    return Figures(
        corpus=sizes,
        built=built,
        from_text=from_text,
        latency=latencies,
        agreement=agreement,
        opened={**opened, "search": open_in_child("search", directories["ours"], texts)},
        search_process=_search_process(texts[0], directories["ours"], effort.starts),
        throughput={
            name: throughput.measure(name, directory, three, effort.seconds)
            for name, directory in directories.items()
        },
    )


def _sizes(corpus: str) -> Sizes:
    articles = list(read_articles(corpus))
    return Sizes(len(articles), text_bytes(articles))


def _queries(titles: Sequence[str], sources: Sequence[str], count: int, seed: int) -> list[Query]:
    queries = [q for s in SHAPES for q in draw_queries(titles, sources, s, count, seed)]
    random.Random(seed).shuffle(queries)
    return queries


def _built(engine: str, tokens: Path, directory: Path) -> Built:
    """Index with an engine; for other engines than ours, reuse an index of the same tokens."""
    figures = directory.with_suffix(".json")
    if engine == "ours" or not figures.exists():
        shutil.rmtree(directory, ignore_errors=True)
        built = build_in_child(engine, tokens, directory)
        figures.write_text(json.dumps(asdict(built)))
    return Built(**json.loads(figures.read_text()))


def _from_text(corpus: str, work: Path) -> Cost:
    """Index raw text on the command line with one worker, and return the cost."""
    directory = work / f"{corpus}-from-text"
    shutil.rmtree(directory, ignore_errors=True)
    build = ("-m", "index", "build", *CORPORA[corpus], "--index", directory, "--workers", 1)
    cost = cost_of(*build)
    if not size_of(directory):
        raise RuntimeError(f"{directory}: there is no index")
    shutil.rmtree(directory)
    return cost


def _search_process(query: str, directory: Path, times: int) -> tuple[float, float]:
    """Return the median and minimum seconds of `python -m search` from the shell."""
    search = ("-m", "search", query, "--index", directory)
    seconds = [cost_of(*search).seconds for _ in range(times)]
    return statistics.median(seconds), min(seconds)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
