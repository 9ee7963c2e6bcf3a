"""`python -m benchmarks.query_fuzz`: random queries and texts; none may raise or take long.

Half are queries: from the grammar of the query language over titles of the demo corpus, titles with
each kind of typo, and strings of any characters. Each is searched in one of several small indexes;
a hit is explained and a prefix completed. The other half are texts, which are segmented, analysed
and highlighted. Slices of SLICE run in child processes; the number of a slice is its random seed,
so `--first N` continues where another run ended.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import click

from benchmarks.ways_of_typing import WAYS
from benchmarks.worst_queries import Grammar, vocabulary
from index.analysis import analyse
from index.article import Article
from index.corpus.loading import Corpus
from index.embedded.limits import WriteLimits
from index.embedded.writer import build, delete, update
from search import Searcher, open_searcher
from search.results.highlights import HighlightQuery
from search.results.snippets import render_hit

DEMO = Path(__file__).parent.parent / "demo"

MAX_SECONDS = 1.0
"""CPU seconds that a query or text may take."""

SLICE = 5_000
"""Queries and texts per seed: about twenty seconds."""

SHARE_EXPLAINED = 0.3
SHARE_COMPLETED = 0.5
"""Shares of the queries for which a hit is explained, and for which a prefix is completed."""

LENGTHS = (20, 20, 40, 40, 80, 200)
"""Lengths in characters of queries from the grammar; `benchmarks.worst_queries` has long ones."""

CHARACTERS = (
    "aàáảãạăắâấbcdđeêếghiklmnoôốơớpqrstuưứvxyABCĐ 0123456789"
    " .,;:!?()[]{}\"'“”«»-–—+*~^&|\\/<>%#@_=\n\t"
    "\0\x01\x1b\u0300\u0301\u0303\u0309\u0323\u0306\u031b\u200b\u200d\u202e\ufeff\u00a0\u3000ﬁßİıǅ"
    "\ud800\udfff日本中文👨‍👩‍👧🇻🇳\u0d4d\u1100\u1161\U000e0041"
)


class Sources(NamedTuple):
    """The words and titles from which queries and texts are generated."""

    words: Sequence[str]
    titles: Sequence[str]


class Tried(NamedTuple):
    """A query or text, the CPU seconds it took, and the error it raised, if any."""

    what: str
    seconds: float
    error: str


def any_text(chance: Random, words: Sequence[str]) -> str:
    """Return a text of words and any characters, mostly short."""
    parts = [
        chance.choice(words)
        if chance.random() < 0.5
        else "".join(chance.choices(CHARACTERS, k=chance.randrange(1, 9)))
        for _ in range(chance.choice((1, 1, 3, 3, 8, 20)))
    ]
    return chance.choice(("", " ", " ", "\u0301", ". ")).join(parts)


def any_query(chance: Random, grammar: Grammar, titles: Sequence[str]) -> str:
    """Return a query from the grammar, a title with typos, or a text."""
    way = chance.random()
    if way < 0.1:
        return grammar.chain()[: chance.choice(LENGTHS)]
    if way < 0.7:
        words = chance.choice(titles).split()
        start = chance.randrange(len(words))
        part = " ".join(words[start : start + chance.randrange(1, 7)])
        return chance.choice(list(WAYS.values()))(part, chance)
    return any_text(chance, grammar.words)


def try_query(searcher: Searcher, query: str, chance: Random) -> None:
    """Search, explain and complete a query. Raises AssertionError for inconsistent results."""
    results = searcher.search(query, facets=["source", "year"])
    assert results.total >= len(results.hits)
    if results.hits and chance.random() < SHARE_EXPLAINED:
        assert searcher.explain(query, results.hits[0].id) is not None
    if chance.random() < SHARE_COMPLETED:
        searcher.complete(query[: chance.randrange(1, 30)])


def try_text(text: str) -> None:
    """Analyse and highlight a text. Raises AssertionError for a highlight outside of it."""
    batch = analyse([Article("1", text[:80], body=text)])
    article = Article("1", "", body=text)
    marked = render_hit(
        article, {"body": HighlightQuery({"giá": 1.0, "a": 0.5})}, all_highlights=True
    )
    spans = marked.highlights.get("body", ())
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert len(batch.articles) == 1


def sources(demo: Searcher) -> Sources:
    """Return the words and the titles of the demo corpus."""
    titles = [hit.title for hit in demo.search("", size=2_000).hits if hit.title.split()]
    return Sources(vocabulary(demo, Random(0)), titles)


def build_shapes(folder: Path) -> list[Path]:
    """Build small indexes of several shapes, the demo corpus first, and return their folders.

    The others have several segments with replaced and deleted articles, texts of any characters,
    no words, one article, and none.
    """
    chance = Random(0)
    demo = [record for record in Corpus([DEMO]) if isinstance(record, Article)]
    words = " ".join(article.title for article in demo).split()
    odd = [
        Article(str(at), any_text(chance, words), body=any_text(chance, words), source=f"Báo {at}")
        for at in range(40)
    ]
    wordless = [Article(str(at), "…", body="?! ." * at) for at in range(3)]
    shapes = {"demo": demo, "odd": odd, "wordless": wordless, "one": demo[:1], "none": []}
    for name, articles in shapes.items():
        build([analyse(articles)], folder / name)
    limits = WriteLimits(exact_tokens=0, beside_largest=1)
    build([analyse(demo[:30])], folder / "segments", limits=limits)
    for start in (20, 40, 50):
        update([analyse(demo[start : start + 15])], folder / "segments", limits=limits)
    delete(folder / "segments", [article.id for article in demo[::7]], limits=limits)
    assert list((folder / "segments").glob("*.removed"))
    return [folder / name for name in (*shapes, "segments")]


def tried(
    searchers: Sequence[Searcher], drawn_from: Sources, count: int, seed: int
) -> Iterator[Tried]:
    """Try queries and texts alternately; yield the outcomes."""
    chance = Random(seed)
    grammar = Grammar(drawn_from.words, chance)
    for number in range(count):
        is_query = number % 2 == 0
        if is_query:
            what = any_query(chance, grammar, drawn_from.titles)
        else:
            what = any_text(chance, drawn_from.words)
        searcher = chance.choice(searchers)
        began, error = time.thread_time(), ""
        try:
            if is_query:
                try_query(searcher, what, chance)
            else:
                try_text(what)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        yield Tried(what, time.thread_time() - began, error)


class Slice(NamedTuple):
    """The outcomes of one slice: those that failed or were too slow, and the slowest."""

    faults: list[Tried]
    slowest: Tried


def try_slice(folders: Sequence[Path], seed: int) -> Slice:
    """Try the queries and texts of one seed, with searchers that have seen no query."""
    searchers = [open_searcher(folder) for folder in folders]
    all_tried = list(tried(searchers, sources(searchers[0]), SLICE, seed))
    faults = [one for one in all_tried if one.error or one.seconds > MAX_SECONDS]
    return Slice(faults, max(all_tried, key=lambda one: one.seconds))


@click.command()
@click.option("--count", default=1_000_000, show_default=True, help="How many queries and texts.")
@click.option("--first", default=0, show_default=True, help="The number of the first slice.")
@click.option("--processes", default=2, show_default=True)
def main(count: int, first: int, processes: int) -> None:
    """Try random queries and texts; print failures and the slowest."""
    failed = slow = done = 0
    slowest = Tried("", 0.0, "")
    seeds = range(first, first + -(-count // SLICE))
    with (
        tempfile.TemporaryDirectory() as folder,
        multiprocessing.get_context("spawn").Pool(processes) as pool,
    ):
        try_one = partial(try_slice, build_shapes(Path(folder)))
        for seed, found in zip(seeds, pool.imap(try_one, seeds), strict=True):
            for one in found.faults:
                failed += bool(one.error)
                slow += one.seconds > MAX_SECONDS
                what = f"{one.what[:200]!r}  {one.error[:200]}"
                click.echo(f"slice {seed}: {one.seconds:.3f} s  {what}")
            slowest = max(slowest, found.slowest, key=lambda known: known.seconds)
            done += SLICE
            if done % (4 * SLICE) == 0:
                click.echo(f"{done:,} done, slices to {seed}")
    click.echo(f"slowest: {slowest.seconds:.3f} s  {slowest.what[:120]!r}")
    click.echo(f"{done:,} queries and texts, {failed} exceptions, {slow} above {MAX_SECONDS} s")
    raise SystemExit(int(failed + slow > 0))


if __name__ == "__main__":
    main()
