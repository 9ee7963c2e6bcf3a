"""`python -m benchmarks.forgetting --index DIR`: compare an index after writes with a fresh build.

A share of the articles is deleted from a copy, or replaced in several updates; another copy is also
purged, so that its files equal those of a build of the same articles. Queries are parts of titles,
both of unchanged articles and of those deleted or replaced: as written, without marks, with a typo,
and with two syllables joined.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from string import ascii_lowercase
from time import process_time

import click

from benchmarks.engines.report import table
from benchmarks.totals import title_parts
from index.analysis import analyse_all
from index.article import Article
from index.embedded import writer
from index.embedded.reading import read_articles
from index.schema import DEFAULT_SCHEMA
from index.vietnamese.forms import fold
from search import Searcher, open_searcher

SEED = 7
SYLLABLES = (2, 3, 4, 6)

_COMPARED: dict[str, Callable[[Searcher, str], object]] = {
    "interpretations": lambda searcher, query: searcher.search(query).interpretation,
    "corrections": lambda searcher, query: [c.query for c in searcher.search(query).corrections],
    "totals": lambda searcher, query: searcher.search(query).total,
    "first hits": lambda searcher, query: [hit.id for hit in searcher.search(query, size=1).hits],
    "hits": lambda searcher, query: [hit.id for hit in searcher.search(query).hits],
    "completions": lambda searcher, query: set(searcher.complete(query[: -(len(query) // 3)])),
}
"""The results that are compared between two indexes."""


def typed(query: str, random: Random) -> str:
    """Return a query typed in one of four ways."""
    way = random.randrange(4)
    if way == 0:
        return query
    syllables = fold(query).split()
    if way == 1:
        at = random.randrange(len(syllables))
        letters = list(syllables[at])
        letters[random.randrange(len(letters))] = random.choice(ascii_lowercase)
        syllables[at] = "".join(letters)
    elif way == 2:
        syllables[:2] = ["".join(syllables[:2])]
    return " ".join(syllables)


def queries_of(titles: Sequence[str], count: int) -> list[str]:
    """Return `count` queries that are parts of titles."""
    random = Random(SEED)
    each = -(-count // len(SYLLABLES))
    parts = [part for size in SYLLABLES for part in title_parts(titles, size, each)]
    return [typed(query, random) for query in parts][:count]


def compared(one: Searcher, other: Searcher, queries: Sequence[str]) -> Iterator[str]:
    """Yield for each result of `_COMPARED` the share of queries for which it differs."""
    for result_of in _COMPARED.values():
        differing = sum(result_of(one, query) != result_of(other, query) for query in queries)
        yield f"{differing / len(queries):.3f}"


def measure(directory: Path, share: float, updates: int, count: int, work: Path) -> str:
    """Change a share of the articles of a copy; return a table comparing it with a purged one."""
    random = Random(SEED)
    unchanged: dict[str, str] = {}
    changed: dict[str, Article] = {}
    for article in read_articles(directory):
        if random.random() < share:
            changed[article.id] = article
        else:
            unchanged[article.id] = article.title
    shutil.copytree(directory, work / "changed")
    started = process_time()
    if updates:
        for at in range(updates):
            some = [*changed.values()][at::updates]
            writer.update(
                analyse_all(some, 1, writer.stored_schema(directory) or DEFAULT_SCHEMA),
                work / "changed",
            )
    else:
        writer.delete(work / "changed", changed)
    seconds = process_time() - started
    shutil.copytree(work / "changed", work / "fresh")
    writer.purge(work / "fresh")
    one, fresh = open_searcher(work / "changed"), open_searcher(work / "fresh")
    titles = {"unchanged": unchanged, "changed": {id_: one.title for id_, one in changed.items()}}
    rows = [
        [name, *compared(one, fresh, queries_of([*some.values()], count))]
        for name, some in titles.items()
    ]
    what = f"replaced in {updates} updates" if updates else "deleted"
    return (
        f"{len(changed):,} of {len(changed) + len(unchanged):,} articles {what} in {seconds:.1f} s "
        f"of CPU; share of queries that differ:\n{table(['titles', *_COMPARED], rows)}"
    )


@click.command()
@click.option("--index", "directory", type=Path, required=True, help="The index to copy.")
@click.option("--share", default=0.1, show_default=True, help="Share of the articles to change.")
@click.option("--updates", default=0, help="Updates that replace them; 0 deletes them.")
@click.option("--queries", default=250, show_default=True, help="How many of each kind of titles.")
def main(directory: Path, share: float, updates: int, queries: int) -> None:
    """Compare an index after deletions or updates with a fresh build of the same articles."""
    with tempfile.TemporaryDirectory() as work:
        click.echo(measure(directory, share, updates, queries, Path(work)))


if __name__ == "__main__":
    main()
