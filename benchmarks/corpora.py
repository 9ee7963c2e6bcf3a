"""`python -m benchmarks.corpora`: what reading corpora costs and how well pages are read.

For each format a corpus is made of the demo's articles, over and over with ids of their own, and
read in a process of its own. `--articles 200000` is the size that the limit of 400 MB is meant for.
Pages take some 60 ms each, so there are fewer of them.
"""

import json
import tempfile
import unicodedata
from collections.abc import Collection
from pathlib import Path
from statistics import mean

import click

from benchmarks.corpus_makers import MAKERS
from benchmarks.engines.measured import cost_of
from benchmarks.engines.report import table
from index.article import Article
from index.corpus import Corpus
from index.corpus.legacy import recognise, recognise_bytes
from tests.index.corpus.extraction import f1, text_of
from tests.index.corpus.legacy_text import PLAIN_PUNCTUATION, WRITERS, as_cp1252
from tests.index.corpus.more_pages import MORE_SHAPES
from tests.index.corpus.pages import SHAPES, stories
from tests.shared_data import SHARED

PAGES = SHARED / "data" / "pages"
_PAGES_PER_ARTICLES = 100  # one page is made for this many articles of other formats


def formats_table(count: int, names: Collection[str]) -> str:
    """Return what reading each of the named formats costs."""
    rows = []
    for name, (file, make, are_pages) in MAKERS.items():
        if name not in names:
            continue
        size = max(1, count // _PAGES_PER_ARTICLES) if are_pages else count
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file
            make(path, size)
            cost = cost_of("-m", "benchmarks.corpora", "--read", path, "--expect", str(size))
        rate, peak = size / cost.cpu_seconds, cost.peak_memory / 1e6
        rows.append([name, f"{size:,}", f"{rate:,.0f}", f"{peak:.0f} MB"])
    return table(["format", "articles", "articles a CPU second", "peak memory"], rows)


def extraction_table() -> str:
    """Return how well the text of pages is read, in each shape of page."""
    rows = []
    for name, shape in {**SHAPES, **MORE_SHAPES}.items():
        scores = [
            f1(_extracted(shape(story)), "\n".join([story.lede, *story.paragraphs]))
            for story in stories(20)
        ]
        rows.append([f"{name.replace('_', ' ')} (own)", str(len(scores)), f"{mean(scores):.3f}"])
    if PAGES.is_dir():
        gold = [json.loads(line) for line in (PAGES / "gold.jsonl").read_text().splitlines()]
        scores = [
            f1(
                _extracted((PAGES / page["file"]).read_text("utf-8", "replace")),
                f"{page['lede']}\n{page['body']}",
            )
            for page in gold
        ]
        rows.append(["real pages", str(len(scores)), f"{mean(scores):.3f}"])
    return table(["pages", "number", "F1 of runs of four words"], rows)


def _extracted(page: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.html"
        path.write_text(page, "utf-8")
        return "".join(text_of(found) for found in Corpus([path]) if isinstance(found, Article))


def encodings_table() -> str:
    """Return how many texts of each legacy encoding are recognised."""
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
    """Read a corpus to its end and check that nothing is missing."""
    taken = [0, 0]
    for found in Corpus([path]):
        taken[isinstance(found, Article)] += 1
    if taken != [0, expected]:
        raise click.ClickException(f"{taken[1]:,} articles and {taken[0]:,} bad records")


@click.command()
@click.option("--articles", "count", default=20_000, show_default=True, help="Of each format.")
@click.option(
    "--format", "names", multiple=True, type=click.Choice(tuple(MAKERS)), help="Only these."
)
@click.option("--read", "path", type=click.Path(path_type=Path), hidden=True)
@click.option("--expect", "expected", default=0, hidden=True)
def main(count: int, names: tuple[str, ...], path: Path | None, expected: int) -> None:
    """Print the tables; with --format, only what reading these formats costs."""
    if path:
        read(path, expected)
    elif names:
        click.echo(formats_table(count, names))
    else:
        tables = (encodings_table(), extraction_table(), formats_table(count, MAKERS))
        click.echo("\n\n".join(tables))


if __name__ == "__main__":
    main()
