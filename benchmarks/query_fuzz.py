"""`python -m benchmarks.query_fuzz`: any query and any text; nothing raises, nothing takes long.

Half are queries: of the grammar of the query language over titles of the index, titles with each
kind of slip, and strings of any characters; each is searched for, a hit of it explained, its
beginning completed. The other half are texts, which are segmented, analysed and shown with marks.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import click

from benchmarks.ways_of_typing import WAYS
from benchmarks.worst_queries import Grammar, vocabulary
from index.analysis import analyse
from index.article import Article
from search import Searcher, open_searcher
from search.results.highlights import HighlightQuery
from search.results.snippets import show

MAX_SECONDS = 1.0
"""Seconds of CPU that no query and no text of this length may take."""

CHARACTERS = (
    "aàáảãạăắâấbcdđeêếghiklmnoôốơớpqrstuưứvxyABCĐ 0123456789"
    " .,;:!?()[]{}\"'“”«»-–—+*~^&|\\/<>%#@_=\n\t"
    "\0\x01\x1b\u0300\u0301\u0303\u0309\u0323\u0306\u031b\u200b\u200d\u202e\ufeff\u00a0\u3000ﬁßİıǅ"
    "\ud800\udfff日本中文👨‍👩‍👧🇻🇳\u0d4d\u1100\u1161\U000e0041"
)


class Tried(NamedTuple):
    """What was tried, the seconds of CPU that it took, and the error that it raised, if any."""

    what: str
    seconds: float
    error: str


def any_text(chance: Random, words: Sequence[str]) -> str:
    """Return a text of words and any characters, mostly short."""
    parts = [
        chance.choice(words)
        if chance.random() < 0.5
        else "".join(chance.choices(CHARACTERS, k=chance.randrange(1, 9)))
        for _ in range(chance.choice((1, 3, 8, 20)))
    ]
    return chance.choice(("", " ", " ", "\u0301", ". ")).join(parts)


def any_query(chance: Random, grammar: Grammar, titles: list[str]) -> str:
    """Return a query of the grammar, a title with slips, or a text."""
    way = chance.random()
    if way < 0.3:
        return grammar.chain()[: chance.choice((40, 200, 400))]
    if way < 0.7:
        words = chance.choice(titles).split()
        start = chance.randrange(len(words))
        piece = " ".join(words[start : start + chance.randrange(1, 7)])
        return chance.choice(list(WAYS.values()))(piece, chance)
    return any_text(chance, grammar.words)


def asked(searcher: Searcher, query: str, chance: Random) -> None:
    """Ask all that can be asked of a query; raises AssertionError for an answer in itself wrong."""
    results = searcher.search(query, facets=["source", "year"])
    assert results.total >= len(results.hits)
    if results.hits and chance.random() < 0.3:
        assert searcher.explain(query, results.hits[0].id) is not None
    searcher.complete(query[: chance.randrange(1, 30)])


def analysed(text: str) -> None:
    """Analyse a text and show it with marks; raises AssertionError for marks beside it."""
    batch = analyse([Article("1", text[:80], body=text)])
    article = Article("1", "", body=text)
    marked = show(article, {"body": HighlightQuery({"giá": 1.0, "a": 0.5})}, all_highlights=True)
    spans = marked.highlights.get("body", ())
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert len(batch.articles) == 1


def tried(searcher: Searcher, count: int, seed: int) -> Iterator[Tried]:
    """Yield what was tried, queries and texts by turns."""
    chance = Random(seed)
    words = vocabulary(searcher, chance)
    grammar = Grammar(words, chance)
    titles = [hit.title for hit in searcher.search("", size=2_000).hits if hit.title.split()]
    for number in range(count):
        is_query = number % 2 == 0
        what = any_query(chance, grammar, titles) if is_query else any_text(chance, words)
        began, error = time.thread_time(), ""
        try:
            if is_query:
                asked(searcher, what, chance)
            else:
                analysed(what)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        yield Tried(what, time.thread_time() - began, error)


@click.command()
@click.option("--index", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--count", default=1_000_000, show_default=True, help="How many queries and texts.")
@click.option("--seed", default=1, show_default=True)
def main(index: Path, count: int, seed: int) -> None:
    """Try, and tell what failed and what was slow."""
    failed = late = 0
    slowest = Tried("", 0.0, "")
    for one in tried(open_searcher(index), count, seed):
        failed += bool(one.error)
        late += one.seconds > MAX_SECONDS
        slowest = max(slowest, one, key=lambda known: known.seconds)
        if one.error or one.seconds > MAX_SECONDS:
            click.echo(f"{one.seconds:.3f} s  {one.what[:200]!r}  {one.error[:200]}")
    click.echo(f"slowest: {slowest.seconds:.3f} s  {slowest.what[:120]!r}")
    click.echo(f"{count:,} queries and texts, {failed} exceptions, {late} above {MAX_SECONDS} s")
    raise SystemExit(int(failed + late > 0))


if __name__ == "__main__":
    main()
