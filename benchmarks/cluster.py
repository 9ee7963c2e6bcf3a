"""`python -m benchmarks.cluster --index DIR --cluster opensearch://...`: a cluster beside a folder.

Copies the folder's index to the cluster (client CPU, size), then asks both the same queries in
turn, pieces of titles as written and without marks: the overlap of the first ten, totals, facets
and orders by date, and how long each takes.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

import click

from benchmarks.engines.report import table
from benchmarks.totals import pieces
from index.targets import copy, open_target
from index.vietnamese.forms import fold
from search import Searcher, open_searcher
from search.request import SearchRequest

SYLLABLES = (2, 3, 4, 6, 8)
FACETS = ("source", "section", "year")


def write(directory: Path, cluster: str) -> str:
    """Copy the index and lay out what it took."""
    source, target = open_target(str(directory)), open_target(cluster)
    began = time.process_time()
    written = copy(source, target, workers=1)
    seconds = time.process_time() - began
    folder, copied = source.statistics(), target.statistics()
    return table(
        ["articles", "articles a client CPU second", "index, MB", "folder, MB"],
        [
            [
                f"{written.articles:,}",
                f"{written.articles / seconds:,.0f}",
                f"{copied['bytes'] / 1e6:,.1f}",
                f"{folder['bytes'] / 1e6:,.1f}",
            ]
        ],
    )


def compare(folder: Searcher, cluster: Searcher, queries: Sequence[str]) -> str:
    """Ask both the same queries and lay out how far they agree."""
    overlaps, same_totals, same_facets, same_dates = [], 0, 0, 0
    times: dict[str, list[float]] = {"folder": [], "cluster": []}
    for query in queries:
        answers = []
        for name, searcher in (("folder", folder), ("cluster", cluster)):
            began = time.perf_counter()
            answers.append(searcher.search(query, facets=FACETS))
            times[name].append(time.perf_counter() - began)
        ours, theirs = answers
        wanted = {hit.id for hit in ours.hits}
        if wanted:
            overlaps.append(len(wanted & {hit.id for hit in theirs.hits}) / len(wanted))
        same_totals += ours.total == theirs.total
        same_facets += ours.facets == theirs.facets
        newest = [
            [hit.id for hit in searcher.search(query, sort="newest").hits]
            for searcher in (folder, cluster)
        ]
        same_dates += newest[0] == newest[1]
    count = len(queries)
    p50 = {name: median(taken) * 1e3 for name, taken in times.items()}
    return table(
        ["queries", "overlap at ten", "same total", "same facets", "same order by date",
         "folder, ms p50", "cluster, ms p50", "ratio"],
        [[
            str(count), f"{mean(overlaps):.3f}", f"{same_totals / count:.3f}",
            f"{same_facets / count:.3f}", f"{same_dates / count:.3f}", f"{p50['folder']:.1f}",
            f"{p50['cluster']:.1f}", f"{p50['cluster'] / p50['folder']:.2f}",
        ]],
    )  # fmt: skip


@click.command()
@click.option(
    "--index", "directory", type=Path, required=True, help="A folder that holds an index."
)
@click.option("--cluster", required=True, metavar="ADDRESS", help="opensearch://HOST:PORT/NAME")
@click.option("--queries", default=20, show_default=True, help="How many of each length.")
def main(directory: Path, cluster: str, queries: int) -> None:
    """Compare an index in a cluster with the one in a folder."""
    click.echo(write(directory, cluster))
    folder, theirs = open_searcher(directory), open_searcher(cluster)
    titles = [article.title for article in folder.iterate(SearchRequest())]
    written = [piece for size in SYLLABLES for piece in pieces(titles, size, queries)]
    for kind, asked in (("as written", written), ("without marks", [fold(q) for q in written])):
        click.echo(f"\n{kind}")
        click.echo(compare(folder, theirs, asked))


if __name__ == "__main__":
    main()
