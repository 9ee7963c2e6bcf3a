"""The figures as Markdown tables."""

from collections.abc import Iterable, Sequence

from benchmarks.engines.latency import Latency
from benchmarks.engines.run import Figures

NAMES = {
    "ours": "Tìm Tin",
    "peer_tantivy": "tantivy",
    "peer_whoosh": "stock Whoosh",
    "search": "Tìm Tin, whole search",
}


def report(corpora: dict[str, Figures]) -> str:
    """Return all tables."""
    parts = [part for name, figures in corpora.items() for part in _corpus(name, figures)]
    if len(corpora) > 1:
        parts += ["## Growth of the median", _growth(*list(corpora.values())[-2:])]
    return "\n\n".join(parts)


def _corpus(name: str, figures: Figures) -> Iterable[str]:
    size = figures.corpus
    yield f"## {name}: {size.articles:,} articles, {size.text_bytes / 1e6:.1f} MB of text"
    yield _latency(figures)
    yield _agreement(figures)
    yield _indexing(figures)
    text = figures.from_text
    yield (
        "From raw text (`python -m index build --workers 1`): "
        f"{size.articles / text.cpu_seconds:,.0f} articles per CPU second, "
        f"peak memory {text.peak_memory / 1e6:.0f} MB."
    )
    yield _opening(figures)
    median, minimum = figures.search_process
    yield f"`python -m search` from the shell: {median:.2f} s (median; minimum {minimum:.2f} s)."
    yield _throughput(figures)


def _latency(figures: Figures) -> str:
    engines = list(figures.built)
    peers = engines[1:]
    header = ["ms, p50 / p95", *map(_name, engines), "ours, first time"]
    header += [f"ratio to {_name(peer)}, p50 / p95" for peer in peers]
    return table(header, [_shape(name, by, peers) for name, by in figures.latency.items()])


def _shape(name: str, by: dict[str, Latency], peers: Sequence[str]) -> list[str]:
    ours = by["ours"]
    times = [f"{one.p50:.3f} / {one.p95:.3f}" for one in by.values()]
    ratios = [f"{ours.p50 / by[p].p50:.3g} / {ours.p95 / by[p].p95:.3g}" for p in peers]
    return [name, *times, f"{ours.first:.3f}", *ratios]


def _agreement(figures: Figures) -> str:
    rows = [
        [
            _name(name),
            f"{one.totals:.1%} of {one.queries}",
            f"{one.top:.1%}",
            f"{one.score:.1e}" if name == "peer_whoosh" else "(rounds lengths)",
        ]
        for name, one in figures.agreement.items()
    ]
    header = [
        "compared with ours",
        "same total",
        "same ten",
        "largest difference of scores",
    ]
    return table(header, rows)


def _indexing(figures: Figures) -> str:
    size = figures.corpus
    rows = [
        [
            _name(name),
            f"{size.articles / one.cpu_seconds:,.0f}",
            f"{one.peak_memory / 1e6:.0f} MB",
            f"{one.size / 1e6:.1f} MB",
            f"{one.size / size.text_bytes:.2f}",
        ]
        for name, one in figures.built.items()
    ]
    header = ["indexing from tokens", "articles per CPU second", "peak memory", "index"]
    return table([*header, "index : text"], rows)


def _opening(figures: Figures) -> str:
    rows = [
        [
            _name(name),
            f"{one.open_ms:.1f} ms",
            f"{one.first_answer_ms:.1f} ms",
            f"{(one.memory_first - one.memory_before) / 1e6:.0f} MB",
            f"{(one.memory_warm - one.memory_before) / 1e6:.0f} MB",
        ]
        for name, one in figures.opened.items()
    ]
    header = ["in a fresh process, after imports", "open", "open and answer", "memory for it"]
    return table([*header, "after all queries"], rows)


def _throughput(figures: Figures) -> str:
    rows = [
        [_name(name), f"{one.one:,.0f}", f"{one.two_threads:,.0f}", f"{one.two_processes:,.0f}"]
        for name, one in figures.throughput.items()
    ]
    header = ["3 words OR, queries per second", "1 thread", "2 threads", "2 processes"]
    return table(header, rows)


def _growth(small: Figures, large: Figures) -> str:
    engines = [name for name in small.built if name in large.built]
    rows = [
        [shape, *(f"{large.latency[shape][e].p50 / by[e].p50:.2f}" for e in engines)]
        for shape, by in small.latency.items()
    ]
    growth = large.corpus.articles / small.corpus.articles
    return table([f"{growth:.1f} times as many articles", *map(_name, engines)], rows)


def _name(engine: str) -> str:
    return NAMES[engine]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    lines = [list(header), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )
