"""`python -m benchmarks.totals --index DIR`: how many articles match.

Queries are parts of titles, as written. Compares the totals of the match policy with those of
matching any word and all words.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median

import click

from benchmarks.engines.report import table
from index.vietnamese.syllables import terms
from search import Searcher, open_searcher
from search.request import SearchRequest

SEED = 7
SYLLABLES = (2, 4, 8)


def title_parts(titles: Sequence[str], size: int, count: int) -> list[str]:
    """Return parts of titles of `size` syllables."""
    random = Random(SEED)
    cut = [syllables for title in titles if len(syllables := terms(title)) >= size]
    chosen = random.choices(cut, k=count)
    starts = [random.randrange(len(syllables) - size + 1) for syllables in chosen]
    return [" ".join(s[at : at + size]) for s, at in zip(chosen, starts, strict=True)]


def measure(searcher: Searcher, count: int) -> str:
    """Measure the totals; return a table."""
    titles = [article.title for article in searcher.iterate(SearchRequest())]
    rows = []
    for size in SYLLABLES:
        queries = title_parts(titles, size, count)
        found = [searcher.search(query, size=1) for query in queries]
        any_word = [searcher.search(query, size=1, operator="or").total for query in queries]
        all_words = [searcher.search(query, size=1, operator="and").total for query in queries]
        totals = [results.total for results in found]
        relaxed = sum(results.relaxed for results in found)
        counted = (median(totals), median(any_word), median(all_words), totals.count(0), relaxed)
        rows.append([str(size), *(f"{value:,.0f}" for value in counted)])
    header = ["syllables", "matches", "any word", "all words", "no match", "relaxed"]
    return table(header, rows)


@click.command()
@click.option("--index", "directory", type=Path, required=True, help="The index to search in.")
@click.option("--queries", default=100, show_default=True, help="How many of each length.")
def main(directory: Path, queries: int) -> None:
    """Measure how many articles match."""
    click.echo(measure(open_searcher(directory), queries))


if __name__ == "__main__":
    main()
