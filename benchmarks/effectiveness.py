"""`python -m benchmarks.effectiveness`: nDCG of each collection, for each way of typing.

Prints nDCG@10 on the four collections, compared with plain BM25 over syllables and over words; the
share of the literal queries' nDCG that each way of typing keeps; and how many marks are restored.
Fails if a figure is more than 0.005 below `effectiveness.json`. Takes about five minutes.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean
from unittest.mock import patch

import click
from ir_measures import Qrel

from benchmarks.restoration import restoration
from benchmarks.short_queries import shortened
from benchmarks.ways_of_typing import WAYS, typed
from index.vietnamese.syllables import terms
from index.vietnamese.words import search_words
from search import open_searcher
from search.engines.contract import IndexReader
from search.engines.embedded.engine import open_engine
from search.evaluate import Run, measure, rank, read_qrels, read_queries
from search.plan import Or, Plan, Term, TermScore
from search.ranking import BM25, SIMILARITIES
from tests.shared_data import SHARED

BASELINE = Path(__file__).with_name("effectiveness.json")
TOLERANCE = 0.005
DEPTH = 10
SAMPLE = 300
"""Queries of a collection that are run in every way of typing; the others only as written."""

SHORT_WAYS = (
    *("as written", "no marks", "one slip", "no marks and a slip", "Telex"),
    *("all joined, no marks", "one joined word", "doubled keys", "first consonant by ear"),
    *("last consonant by ear", "last letter missing", "chat spelling"),
)
MEASURE = "nDCG@10"
NEWS = SHARED / "data/news.jsonl.gz"
COLLECTIONS: Mapping[str, tuple[Path, ...]] = {
    "mds200_topics": (NEWS,),
    "viquad": (),
    "alqac2023_legal": (),
    "xquad_vi": (),
}
"""The collections, and further corpora that are indexed together with each."""

TEXTBOOK = BM25(k1=1.2, b=0.75)
"""The parameters of Lucene and of most textbooks (Manning et al. 2008, 11.4.3)."""

Figures = dict[str, dict[str, float]]
"""For each row of the table, the figure of each collection."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Queries with relevance judgements, and the folder of their index."""

    name: str
    index: Path
    queries: Mapping[str, str]
    qrels: list[Qrel]

    def sample(self) -> dict[str, str]:
        """Return the queries that are run in every way of typing."""
        qids = sorted(self.queries)
        chosen = Random(self.name).sample(qids, min(SAMPLE, len(qids)))
        return {qid: self.queries[qid] for qid in sorted(chosen)}

    def score(self, run: Run) -> float:
        """Return the mean nDCG@10 of a run."""
        return measure(self.qrels, run)[MEASURE]


def read_collection(name: str, indexes: Path) -> Collection:
    """Read a collection, and build its index if there is none yet."""
    folder, index = SHARED / "data/collections" / name, indexes / name
    if not index.exists():
        corpora = [str(folder / "corpus.jsonl.gz"), *map(str, COLLECTIONS[name])]
        command = [sys.executable, "-m", "index", "build", *corpora, "--index", str(index)]
        subprocess.run(command, check=True)
    qrels = read_qrels(folder / "qrels.tsv")
    judged = {qrel.query_id for qrel in qrels}
    queries = read_queries(folder / "queries.jsonl")
    return Collection(name, index, {q: t for q, t in queries.items() if q in judged}, qrels)


def measured(collection: Collection) -> dict[str, float]:
    """Return every figure of one collection."""
    searcher = open_searcher(collection.index)
    figures = textbook(collection)
    figures["ours"] = collection.score(rank(searcher, collection.queries, DEPTH))
    sample = collection.sample()
    short = shortened(sample, open_engine(collection.index).reader())
    for name, queries, ways in (("", sample, WAYS), ("short, ", short, SHORT_WAYS)):
        literal = {qid: searcher.rank(text, DEPTH, literal=True) for qid, text in queries.items()}
        figures[f"{name}literal"] = literal_score = collection.score(literal)
        for way in ways:
            typed_queries = {qid: typed(way, qid, text) for qid, text in queries.items()}
            figures[name + way] = (
                collection.score(rank(searcher, typed_queries, DEPTH)) / literal_score
            )
    return figures


def textbook(collection: Collection) -> dict[str, float]:
    """Return the figures of plain BM25 over syllables and over words, with the usual parameters.

    Not with ours, which are chosen for a sum of several fields.
    """
    with patch.dict(SIMILARITIES, text=TEXTBOOK, words=TEXTBOOK):
        reader = open_engine(collection.index).reader()
        return {
            "syllables": collection.score(_bm25(reader, "text", terms, collection.queries)),
            "words": collection.score(_bm25(reader, "words", search_words, collection.queries)),
        }


def _bm25(
    reader: IndexReader,
    field: str,
    analyse: Callable[[str], list[str]],
    queries: Mapping[str, str],
) -> Run:
    """Return the run of plain BM25 over one field."""
    run = {}
    for qid, text in queries.items():
        tokens = dict.fromkeys(analyse(text))
        plan = Plan(
            match=Or(tuple(Term(field, token) for token in tokens)),
            features=tuple(TermScore(field, token, 1.0) for token in tokens),
            limit=DEPTH,
        )
        [matches] = reader.execute([plan])
        run[qid] = matches.page
    return run


def by_row(columns: Mapping[str, Mapping[str, float]]) -> Figures:
    """Transpose the figures of each collection to rows, and add their mean."""
    rows: Figures = {}
    for row in next(iter(columns.values())):
        figures = {name: column[row] for name, column in columns.items()}
        rows[row] = figures | {"mean": fmean(figures.values())}
    return rows


def lost(before: Figures, now: Figures) -> list[str]:
    """Return the figures that are lower than before by more than the tolerance.

    For ways of typing only the mean is compared, since the samples of single collections are noisy.
    """
    return [
        f"{row}, {name}: {now[row][name]:.4f} after {figure:.4f}"
        for row, figures in before.items()
        for name, figure in figures.items()
        if (name == "mean" or row in ("ours", "syllables", "words"))
        and now.get(row, {}).get(name, 0.0) < figure - TOLERANCE
    ]


def table(rows: Figures) -> str:
    """Return the figures as a Markdown table."""
    names = [*COLLECTIONS, "mean"]
    lines = [f"| | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    for row, figures in rows.items():
        cells = [f"{figures[name]:.4f}" if name in figures else "" for name in names]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines)


@click.command()
@click.option(
    "--indexes",
    type=click.Path(path_type=Path),
    help="Build the indexes in this folder, or reuse those in it.",
)
@click.option("--accept", is_flag=True, help="Accept the figures as the new baseline.")
def main(indexes: Path | None, *, accept: bool) -> None:
    """Measure, print the table, and compare with the accepted figures."""
    with tempfile.TemporaryDirectory(prefix="timtin-") as work:
        columns = {}
        for name in COLLECTIONS:
            columns[name] = measured(read_collection(name, indexes or Path(work)))
            click.echo(f"{name}: {columns[name]['ours']:.4f}", err=True)
        rows = by_row(columns)
        language = open_engine((indexes or Path(work)) / "mds200_topics").reader().models.language
        rows |= {row: {"mean": share} for row, share in restoration(language).items()}
    click.echo(table(rows))
    if accept:
        BASELINE.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    elif losses := lost(json.loads(BASELINE.read_text("utf-8")), rows):
        raise click.ClickException("\n  ".join(["lower than accepted:", *losses]))


if __name__ == "__main__":
    main()
