"""`python -m benchmarks.corpora`: what reading corpora costs and how well pages are read.

For each format a corpus is made of the demo's articles, over and over with ids of their own, and
read in a process of its own. `--articles 200000` is the size that the limit of 400 MB is meant for.
Pages take some 60 ms each, so there are fewer of them.
"""

import csv
import gzip
import json
import sqlite3
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from html import escape
from itertools import cycle, islice
from pathlib import Path
from statistics import mean

import click

from benchmarks.engines.measured import cost_of
from benchmarks.engines.report import table
from index.article import Article
from index.corpus import Corpus
from index.corpus.legacy import recognise, recognise_bytes
from tests.index.corpus.extraction import f1, text_of
from tests.index.corpus.legacy_text import PLAIN_PUNCTUATION, WRITERS, as_cp1252
from tests.index.corpus.pages import SHAPES, newspaper, stories
from tests.shared_data import SHARED

PAGES = SHARED / "data" / "pages"
_PAGES_PER_ARTICLES = 100  # one page is made for this many articles of other formats


def records(count: int) -> Iterator[dict[str, str]]:
    """Yield records with ids of their own, made of the demo's articles."""
    for number, story in enumerate(islice(cycle(stories(60)), count)):
        yield {
            "id": str(number),
            "title": f"{story.title} ({number})",
            "summary": story.lede,
            "content": "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs),
            "author": story.author,
            "link": f"https://thu.example/{story.slug}-{number}",
            "pubDate": "2026-03-07T08:15:00+07:00",
        }


def _json_lines(path: Path, count: int) -> None:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records(count))


def _json_dump(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"total": %d, "articles": [' % count)  # noqa: UP031 # braces of JSON
        for number, record in enumerate(records(count)):
            file.write(("," if number else "") + json.dumps(record, ensure_ascii=False))
        file.write("]}")


def _csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(next(records(1))))
        writer.writeheader()
        writer.writerows(records(count))


def _text(path: Path, count: int) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for record in records(count):
            name = f"{record['id']}.txt"
            archive.writestr(name, f"{record['title']}\n\n{record['content']}")


def _feed(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            "<title>Báo Thử</title>"
        )
        for record in records(count):
            file.write(
                f"<item><guid>{record['id']}</guid><title>{escape(record['title'])}</title>"
                f"<link>{record['link']}</link><pubDate>{record['pubDate']}</pubDate>"
                f"<description>{escape(record['summary'])}</description>"
                f"<content:encoded>{escape(record['content'])}</content:encoded></item>"
            )
        file.write("</channel></rss>")


def _wiki(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("<mediawiki><siteinfo><sitename>Thử</sitename></siteinfo>")
        for number, story in enumerate(islice(cycle(stories(60)), count)):
            text = f"'''{story.title}''' [[a|b]] " + "\n\n".join(story.paragraphs)
            file.write(
                f"<page><title>{escape(story.title)} {number}</title><ns>0</ns><id>{number}</id>"
                f"<revision><text>{escape(text)}</text></revision></page>"
            )
        file.write("</mediawiki>")


def _sqlite(path: Path, count: int) -> None:
    names = list(next(records(1)))
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE articles ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        database.executemany(
            f"INSERT INTO articles VALUES ({marks})",
            (tuple(record.values()) for record in records(count)),
        )
        database.commit()


def _parquet(path: Path, count: int) -> None:
    import duckdb  # of an extra

    lines = path.with_suffix(".jsonl.gz")
    _json_lines(lines, count)
    duckdb.sql(f"COPY (SELECT * FROM read_json('{lines}')) TO '{path}'")
    lines.unlink()


def _pages(path: Path, count: int) -> None:
    path.mkdir()
    for number, story in enumerate(islice(cycle(stories(60)), count)):
        page = newspaper(replace(story, slug=str(number)))
        (path / f"{number}.html").write_text(page, "utf-8")


def _warc(path: Path, count: int) -> None:
    with path.open("wb") as file:
        for number, story in enumerate(islice(cycle(stories(60)), count)):
            body = newspaper(replace(story, slug=str(number))).encode()
            answer = (
                f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode() + body
            head = (
                "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\n"
                f"WARC-Record-ID: <urn:uuid:{number:08}-0000-0000-0000-000000000000>\r\n"
                f"WARC-Target-URI: https://thu.example/{number}\r\n"
                f"WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: {len(answer)}\r\n\r\n"
            )
            file.write(head.encode() + answer + b"\r\n\r\n")


MAKERS: Mapping[str, tuple[str, Callable[[Path, int], None], bool]] = {
    "JSON lines": ("a.jsonl.gz", _json_lines, False),
    "JSON dump": ("a.json", _json_dump, False),
    "CSV": ("a.csv", _csv, False),
    "plain text in a ZIP": ("a.zip", _text, False),
    "RSS": ("a.rss", _feed, False),
    "MediaWiki": ("a.xml", _wiki, False),
    "SQLite": ("a.sqlite", _sqlite, False),
    "Parquet": ("a.parquet", _parquet, False),
    "HTML pages": ("pages", _pages, True),
    "WARC": ("a.warc", _warc, True),
}
"""The name and the maker of each format's corpus, and whether its records are pages."""


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
    for name, shape in SHAPES.items():
        scores = [
            f1(_extracted(shape(story)), "\n".join([story.lede, *story.paragraphs]))
            for story in stories(20)
        ]
        rows.append([f"{name} (own)", str(len(scores)), f"{mean(scores):.3f}"])
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
