"""`python -m benchmarks.corpora`: the cost of reading and indexing corpora, quality of extraction.

For each format, a corpus is written from the demo's articles, repeated with new ids, or from real
headlines with their ledes (`--texts headlines`), whose vocabulary grows like that of a real corpus.
It is read in a new process, and an index is built of it with one worker in a single process, whose
peak resident set is that of the whole build. The memory limit of 400 MB is meant for
`--articles 200000`. Pages take about 10 ms each, so there are fewer, unless set by `--pages`.
"""

import json
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import click

from benchmarks.corpus_makers import MAKERS, TEXTS, Stories
from benchmarks.engines.measured import cost_of
from benchmarks.engines.report import table
from index.article import Article
from index.corpus import Corpus
from index.corpus.legacy import recognise, recognise_bytes
from tests.index.corpus.extraction import f1, text_of
from tests.index.corpus.legacy_text import PLAIN_PUNCTUATION, WRITERS, as_cp1252
from tests.index.corpus.more_pages import MORE_SHAPES
from tests.index.corpus.page_facts import OWN_DAY, author_of
from tests.index.corpus.pages import SHAPES, Story, stories
from tests.shared_data import SHARED

PAGES = SHARED / "data" / "pages"
STEPS = ("read", "build")
_ARTICLES_PER_PAGE = 100  # one page is made for this many articles of other formats


class Workload(NamedTuple):
    """The steps to measure, the texts, and the numbers of articles and of pages."""

    steps: Sequence[str]
    texts: str
    articles: int
    pages: int


def formats_table(work: Workload, names: Iterable[str]) -> str:
    """Return a table of the cost of reading and indexing each of the named formats."""
    rows = []
    for name in names:
        file, make, are_pages = MAKERS[name]
        size = work.pages if are_pages else work.articles
        with tempfile.TemporaryDirectory() as folder:
            path, index = Path(folder) / file, Path(folder) / "index"
            make(path, Stories(TEXTS[work.texts], 0, size))
            commands = {
                "read": ("benchmarks.corpora", "--read", path, "--expect", str(size)),
                "build": ("index", "build", path, "--index", index, "--workers", "1"),
            }
            costs = [
                cost_of("-m", *command) if step in work.steps else None
                for step, command in commands.items()
            ]
        cells = [f"{size / cost.cpu_seconds:,.0f}" if cost else "-" for cost in costs]
        cells += [f"{cost.peak_memory / 1e6:.0f} MB" if cost else "-" for cost in costs]
        rows.append([name, f"{size:,}", *cells])
    head = [
        "format",
        "articles",
        "read per CPU second",
        "built per CPU second",
        "peak reading",
        "peak building",
    ]
    return table(head, rows)


class Gold(NamedTuple):
    """A page with its expected fields; `day` and `author` are "" if it shows none."""

    page: str
    text: str
    day: str
    author: str


def extraction_table() -> str:
    """Return a table of the accuracy of text, day and author, for each kind of page."""
    rows = [
        _extraction_row(f"{name.replace('_', ' ')} (own)", [_own(name, s) for s in stories(20)])
        for name in {**SHAPES, **MORE_SHAPES}
    ]
    if PAGES.is_dir():
        gold = [json.loads(line) for line in (PAGES / "gold.jsonl").read_text().splitlines()]
        real = [
            Gold(
                (PAGES / page["file"]).read_text("utf-8", "replace"),
                f"{page['lede']}\n{page['body']}",
                page["date"],
                "; ".join(page["authors"]),
            )
            for page in gold
        ]
        rows.append(_extraction_row("real pages", real))
    head = ["pages", "number", "F1 of word 4-grams", "correct dates", "correct authors"]
    return table([*head, "spurious authors"], rows)


def _own(name: str, story: Story) -> Gold:
    page = {**SHAPES, **MORE_SHAPES}[name](story)
    text = "\n".join([story.lede, *story.paragraphs])
    return Gold(page, text, OWN_DAY, author_of(name, story))


def _extraction_row(name: str, pages: Sequence[Gold]) -> list[str]:
    read_pages = [(gold, _extracted(gold.page)) for gold in pages]
    scores = [f1("".join(map(text_of, found)), gold.text) for gold, found in read_pages]
    days = [_day(found) == gold.day for gold, found in read_pages if gold.day]
    authors = [_author(found) == gold.author.lower() for gold, found in read_pages if gold.author]
    spurious = sum(_author(found) != "" for gold, found in read_pages if not gold.author)
    correct = [f"{sum(column)} of {len(column)}" if column else "-" for column in (days, authors)]
    return [name, str(len(pages)), f"{mean(scores):.3f}", *correct, str(spurious)]


def _extracted(page: str) -> list[Article]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.html"
        path.write_text(page, "utf-8")
        return [found for found in Corpus([path]) if isinstance(found, Article)]


def _day(found: Sequence[Article]) -> str:
    [published] = [article.published for article in found] or [None]
    return published.date().isoformat() if published else ""


def _author(found: Sequence[Article]) -> str:
    return "; ".join(article.author for article in found).lower()


def encodings_table() -> str:
    """Return a table of how many texts of each legacy encoding are recognised."""
    texts = [
        unicodedata.normalize("NFC", "\n".join((story.title, story.lede, *story.paragraphs)))
        .translate(PLAIN_PUNCTUATION)
        for story in stories(60)
    ]  # fmt: skip
    rows = []
    for name, write in WRITERS.items():
        as_text = sum(recognise(as_cp1252(write(text))) == name for text in texts)
        is_utf8 = name in ("viqr", "utf-8 twice")
        as_bytes = "-" if is_utf8 else str(sum(recognise_bytes(write(t)) == name for t in texts))
        rows.append([name, str(len(texts)), as_bytes, str(as_text)])
    return table(["encoding", "texts", "recognised as bytes", "recognised inside UTF-8"], rows)


def read(path: Path, expected: int) -> None:
    """Read a whole corpus and check the number of articles."""
    counts = [0, 0]  # of bad records and of articles
    for found in Corpus([path]):
        counts[isinstance(found, Article)] += 1
    if counts != [0, expected]:
        raise click.ClickException(f"{counts[1]:,} articles and {counts[0]:,} bad records")


@click.command()
@click.option("--articles", default=20_000, show_default=True, help="Of each format.")
@click.option("--pages", type=int, help="HTML pages.  [default: one for 100 articles]")
@click.option(
    "--texts",
    type=click.Choice(tuple(TEXTS)),
    default="demo",
    show_default=True,
    help="What is written in each format.",
)
@click.option(
    "--format", "names", multiple=True, type=click.Choice(tuple(MAKERS)), help="Only these."
)
@click.option(
    "--step",
    "steps",
    multiple=True,
    type=click.Choice(STEPS),
    default=STEPS,
    show_default=True,
    help="What is measured of each format.",
)
@click.option("--read", "path", type=click.Path(path_type=Path), hidden=True)
@click.option("--expect", "expected", default=0, hidden=True)
def main(
    articles: int,
    pages: int | None,
    texts: str,
    names: tuple[str, ...],
    steps: tuple[str, ...],
    path: Path | None,
    expected: int,
) -> None:
    """Print the tables; with --format, only the cost of reading and indexing these formats."""
    if path:
        read(path, expected)
        return
    work = Workload(steps, texts, articles, pages or max(1, articles // _ARTICLES_PER_PAGE))
    if not names:
        click.echo(f"{encodings_table()}\n\n{extraction_table()}\n")
    click.echo(formats_table(work, names or MAKERS))


if __name__ == "__main__":
    main()
