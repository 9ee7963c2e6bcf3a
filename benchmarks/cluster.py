"""`python -m benchmarks.cluster --index DIR --cluster opensearch://...`: cluster against folder.

Copies the folder's index to the cluster (CPU of client and nodes, size), then runs the same queries
on both, interleaved: parts of titles, as written and without marks. Prints the overlap of the first
ten hits, whether totals, facets and orders by date agree, and times; and nDCG of a test collection.
"""

from index import processor  # noqa: F401 - before NumPy, as in the commands

# isort: split

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median

import click

from benchmarks.engines.report import table
from benchmarks.totals import title_parts
from index.opensearch.client import Client
from index.opensearch.location import parse_location
from index.targets import copy, open_target
from index.vietnamese.forms import fold
from search import Searcher, open_searcher
from search.evaluate import measure, rank, read_qrels, read_queries
from search.request import SearchRequest

SYLLABLES = (2, 3, 4, 6, 8)
FACETS = ("source", "section", "year")


def write(directory: Path, cluster: str) -> str:
    """Copy the index; return the cost as a Markdown table."""
    source, target = open_target(str(directory)), open_target(cluster)
    client = Client(parse_location(cluster))
    raw = sum(
        len(f"{article.title}{article.summary}{article.body}{article.author}".encode())
        for article in source.articles()
    )
    began, nodes = time.process_time(), node_seconds(client)
    written = copy(source, target, workers=1)
    seconds, nodes = time.process_time() - began, node_seconds(client) - nodes
    bytes_ = int(target.statistics()["bytes"])
    return table(
        ["articles", "articles per client CPU second", "CPU ms of nodes per article", "index, MB",
         "raw text, MB", "index to raw text"],
        [[
            f"{written.articles:,}", f"{written.articles / seconds:,.0f}",
            f"{nodes / written.articles * 1e3:.1f}", f"{bytes_ / 1e6:,.1f}", f"{raw / 1e6:,.1f}",
            f"{bytes_ / raw:.2f}",
        ]],
    )  # fmt: skip


def node_seconds(client: Client) -> float:
    """Return the CPU seconds that all nodes of a cluster have used so far."""
    nodes = client.request("GET", "/_nodes/stats/process")["nodes"].values()
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes)) / 1e3


def effectiveness(collection: Path, searchers: Mapping[str, Searcher]) -> str:
    """Return a table of nDCG on a test collection, whose articles are in both indexes."""
    queries = read_queries(collection / "queries.jsonl")
    qrels = read_qrels(collection / "qrels.tsv")
    names = ("nDCG@10", "R@100")
    rows = []
    for kind, way in (("as written", str), ("without marks", fold)):
        for name, searcher in searchers.items():
            run = rank(searcher, {qid: way(text) for qid, text in queries.items()}, 100)
            found = measure(qrels, run)
            rows.append([kind, name, *(f"{found[one]:.4f}" for one in names)])
    return table(["queries", "index", *names], rows)


def compare(folder: Searcher, cluster: Searcher, queries: Sequence[str]) -> str:
    """Run the same queries on both; return a table of their agreement and times."""
    overlaps, same_hits, same_totals, same_facets, same_dates = [], 0, 0, 0, 0
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
        same_hits += [hit.id for hit in ours.hits] == [hit.id for hit in theirs.hits]
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
        ["queries", "overlap at ten", "same hits in order", "same total", "same facets",
         "same order by date", "folder, ms p50", "cluster, ms p50", "ratio"],
        [[
            str(count), f"{mean(overlaps):.3f}", f"{same_hits / count:.3f}",
            f"{same_totals / count:.3f}",
            f"{same_facets / count:.3f}", f"{same_dates / count:.3f}", f"{p50['folder']:.1f}",
            f"{p50['cluster']:.1f}", f"{p50['cluster'] / p50['folder']:.2f}",
        ]],
    )  # fmt: skip


@click.command()
@click.option(
    "--index", "directory", type=Path, required=True, help="A folder that contains an index."
)
@click.option("--cluster", required=True, metavar="ADDRESS", help="opensearch://HOST:PORT/NAME")
@click.option("--queries", default=20, show_default=True, help="How many of each length.")
@click.option("--written", is_flag=True, help="The cluster has the same articles already.")
@click.option("--collection", type=Path, help="A folder with queries.jsonl and qrels.tsv.")
def main(
    directory: Path, cluster: str, queries: int, collection: Path | None, *, written: bool
) -> None:
    """Compare an index in a cluster with the one in a folder."""
    if not written:
        click.echo(write(directory, cluster))
    folder, theirs = open_searcher(directory), open_searcher(cluster)
    titles = [article.title for article in folder.iterate(SearchRequest())]
    drawn = [part for size in SYLLABLES for part in title_parts(titles, size, queries)]
    for kind, queries_of_kind in (
        ("as written", drawn),
        ("without marks", [fold(q) for q in drawn]),
    ):
        for query in queries_of_kind[:: len(SYLLABLES)]:  # warm up
            folder.search(query)
            theirs.search(query)
        click.echo(f"\n{kind}")
        click.echo(compare(folder, theirs, queries_of_kind))
    if collection:
        click.echo("")
        click.echo(effectiveness(collection, {"folder": folder, "cluster": theirs}))


if __name__ == "__main__":
    main()
