"""`python -m benchmarks.suggestions`: completions, corrections and related articles.

Titles are typed letter by letter, with and without marks. For related articles, it counts how many
of the articles that are relevant to the same topic of a test collection are offered for each other.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import click
import numpy as np

from benchmarks.engines.report import table
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from search.engines.contract import IndexReader
from search.engines.embedded.engine import open_engine
from search.interpretation.context import Context
from search.interpretation.interpreter import interpret
from search.plan import Everything, Plan
from search.query.tree import Words
from search.suggestions.completing import complete
from search.suggestions.correcting import corrected_queries
from search.suggestions.related import related
from tests.shared_data import SHARED

SEED = 20240301
LETTERS = 20
SIZE = 8
"""Completions requested at a time."""
"""Letters of a title that are typed."""
SYLLABLES = range(1, 5)
"""Lengths of the unmarked queries for which corrections are computed."""
RELATED = 5

DATA = SHARED / "data"
TOPICS = DATA / "collections" / "mds200_topics"
CORPORA = (DATA / "news.jsonl.gz", DATA / "headlines.jsonl.gz", TOPICS / "corpus.jsonl.gz")

_Suggestion = TypeVar("_Suggestion")


def build(directory: Path) -> None:
    """Index all articles of the shared data, including those of the topics."""
    command = [sys.executable, "-m", "index", "build", *map(str, CORPORA)]
    subprocess.run([*command, "--index", str(directory)], check=True)


def sample_titles(reader: IndexReader, count: int) -> list[str]:
    """Draw a sample of titles that are long enough."""
    every = [match.id for match in reader.iterate(Plan(Everything()))]
    ids = random.Random(SEED).sample(every, min(2 * count, len(every)))
    titles = (article.title for article in reader.stored(ids) if article)
    return [title for title in titles if len(title) > LETTERS][:count]


def timed(suggest: Callable[[str], Sequence[_Suggestion]], texts: Iterable[str]) -> list[str]:
    """Return the number of calls, percentiles of CPU ms, and the share with a result."""
    times, with_result = [], 0
    for text in texts:
        start = time.thread_time()
        with_result += bool(suggest(text))
        times.append((time.thread_time() - start) * 1000)
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    share = with_result / len(times)
    return [f"{len(times):,}", f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f}", f"{share:.1%}"]


def letters_needed(context: Context, title: str) -> int:
    """Return how many letters of a title, typed without marks, it takes until it is offered."""
    folded = " ".join(terms(fold(title)))
    for end in range(1, len(folded) + 1):
        if folded[:end].endswith(" "):
            continue
        offered = complete(context, folded[:end], SIZE)
        if any(" ".join(terms(fold(one))) == folded for one in offered):
            return len(folded[:end].replace(" ", ""))
    return len(folded)


def topics() -> dict[str, list[str]]:
    """Return the ids of the relevant articles of each topic."""
    relevant = defaultdict(list)
    for line in (TOPICS / "qrels.tsv").read_text("utf-8").splitlines():
        topic, article, degree = line.split("\t")
        if int(degree) > 0:
            relevant[topic].append(article)
    return relevant


def share_offered(context: Context) -> float:
    """Return the share of a topic's other articles that are offered as related."""
    found = possible = 0
    for ids in topics().values():
        for one in ids:
            offered = set(_related_ids(context, one))
            others = set(ids) - {one}
            found += len(offered & others)
            possible += min(len(others), RELATED)
    return found / possible


def _related_ids(context: Context, article_id: str) -> list[str]:
    [article] = context.reader.stored([article_id])
    if article is None:
        raise click.ClickException(f"the index lacks {article_id}; build it from {TOPICS}, too")
    return [other.id for other, _ in related(context, article, RELATED)]


def measure(reader: IndexReader, count: int) -> str:
    """Measure everything on one index; return a table."""
    context = Context(reader, Language.default())
    titles = sample_titles(reader, count)
    typed = [title[:end] for title in titles for end in range(1, LETTERS + 1)]
    queries = [" ".join(fold(t).split()[:n]) for t in titles for n in SYLLABLES]
    ids = [article for relevant in topics().values() for article in relevant]

    def corrections(query: str) -> Sequence[object]:
        tree = Words(query)
        interpretations = {tree: interpret(query.split(), context.model, context.language)}
        return corrected_queries(tree, interpretations, context)

    def best_path(query: str) -> Sequence[object]:
        return interpret(query.split(), context.model, context.language).best

    complete(context, "tin tuc")
    rows = [
        ["completions, as written", *timed(lambda text: complete(context, text), typed)],
        ["... without marks", *timed(lambda t: complete(context, t), map(fold, typed))],
        ["corrections", *timed(corrections, queries)],
        ["... of which interpretation", *timed(best_path, queries)],
        ["related articles", *timed(lambda one: _related_ids(context, one), ids)],
    ]
    header = ["", "calls", "CPU ms, p50", "p95", "p99", "with a result"]
    needed = [letters_needed(context, title) for title in titles]
    p25, p50, p75 = np.percentile(needed, [25, 50, 75])
    letters = f"A title is among {SIZE} after {p50:.0f} letters (quartiles {p25:.0f}, {p75:.0f})."
    offered = f"{share_offered(context):.3f} of the articles of a topic are related to each other."
    return f"{reader.article_count:,} articles\n\n{table(header, rows)}\n\n{letters}\n{offered}"


@click.command()
@click.option("--index", "directory", type=Path, help="Use an index of these articles.")
@click.option("--titles", default=300, show_default=True, help="How many titles are typed.")
def main(directory: Path | None, titles: int) -> None:
    """Measure completions, corrections and related articles on all real articles."""
    with tempfile.TemporaryDirectory() as folder:
        if directory is None:
            directory = Path(folder) / "index"
            build(directory)
        click.echo(measure(open_engine(directory).reader(), titles))


if __name__ == "__main__":
    main()
