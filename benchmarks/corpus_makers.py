"""Writers of corpora in every format, from demo articles or headlines, for `benchmarks.corpora`."""

import csv
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from html import escape
from itertools import cycle, islice, pairwise
from pathlib import Path

import zstandard

from tests.index.corpus.pages import Story, newspaper
from tests.index.corpus.pages import stories as demo_stories
from tests.shared_data import SHARED

NAMES = ("id", "title", "summary", "content", "author", "link", "pubDate")
"""The fields of a record of `_record`."""


def demo_texts() -> Iterator[Story]:
    """Yield the demo's articles, endlessly repeated."""
    return cycle(demo_stories(60))


def headlines() -> Iterator[Story]:
    """Yield 153,825 real headlines with their ledes, endlessly repeated.

    They are third-party text, used for measuring only.
    """
    while True:
        with gzip.open(SHARED / "data" / "headlines.jsonl.gz", "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                title, text = _printable(record["title"]), _printable(record.get("summary") or "")
                yield Story(title, "", (text,) if text else (), "Lê Thị Mai", "tin")


def _printable(text: str) -> str:
    """Return a text without the control characters that XML forbids."""
    return "".join(c if c.isprintable() else " " for c in text)


@dataclass(frozen=True, slots=True)
class Stories:
    """The stories of a range of numbers, each with its own title and URL."""

    texts: Callable[[], Iterator[Story]]
    start: int
    end: int

    def __iter__(self) -> Iterator[Story]:
        """Yield the stories from the first."""
        for number, story in enumerate(islice(self.texts(), self.start, self.end), self.start):
            yield replace(story, title=f"{story.title} ({number})", slug=str(number))

    def parts(self, number: int) -> "list[Stories]":
        """Split the range into that many parts of about the same size."""
        bounds = [self.start + (self.end - self.start) * n // number for n in range(number + 1)]
        return [Stories(self.texts, start, end) for start, end in pairwise(bounds)]


def _record(story: Story) -> dict[str, str]:
    return {
        "id": story.slug,
        "title": story.title,
        "summary": story.lede,
        "content": "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs),
        "author": story.author,
        "link": f"https://thu.example/{story.slug}",
        "pubDate": "2026-03-07T08:15:00+07:00",
    }


def _json_line(story: Story) -> str:
    return json.dumps(_record(story), ensure_ascii=False) + "\n"


def _json_lines(path: Path, stories: Stories) -> None:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(map(_json_line, stories))


def _json_lines_zst(path: Path, stories: Stories) -> None:
    with zstandard.open(path, "wt", encoding="utf-8") as file:
        file.writelines(map(_json_line, stories))


def _tar(path: Path, stories: Stories) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for record in map(_record, stories):
            content = json.dumps(record, ensure_ascii=False).encode()
            entry = tarfile.TarInfo(f"{record['id']}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile keeps every entry it wrote


def _trec(path: Path, stories: Stories) -> None:
    with path.open("w", encoding="utf-8") as file:
        for record in map(_record, stories):
            file.write(
                f"<DOC>\n<DOCNO>{record['id']}</DOCNO>\n<HEADLINE>{escape(record['title'])}"
                f"</HEADLINE>\n<TEXT>\n{record['content']}\n</TEXT>\n</DOC>\n"
            )


def _export(path: Path, stories: Stories) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"'
            ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Báo Thử</title>'
        )
        for record in map(_record, stories):
            file.write(
                f"<item><guid>{record['id']}</guid><title>{escape(record['title'])}</title>"
                f"<link>{record['link']}</link><wp:post_id>{record['id']}</wp:post_id>"
                f"<wp:post_date>2026-03-07 08:15:00</wp:post_date><wp:status>publish</wp:status>"
                f"<content:encoded><![CDATA[{record['content']}]]></content:encoded></item>"
            )
        file.write("</channel></rss>")


def _mixed(path: Path, stories: Stories) -> None:
    """Write a folder of files in five formats, each with a fifth of the articles."""
    path.mkdir()
    parts = stories.parts(5)
    _json_lines(path / "a.jsonl.gz", parts[0])
    _csv(path / "b.csv", parts[1])
    _feed(path / "c.xml", parts[2])
    _sqlite(path / "d.sqlite", parts[3])
    _trec(path / "e.sgml", parts[4])


def _json_dump(path: Path, stories: Stories) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"source": "Báo Thử", "articles": [')
        for number, record in enumerate(map(_record, stories)):
            file.write(("," if number else "") + json.dumps(record, ensure_ascii=False))
        file.write("]}")


def _csv(path: Path, stories: Stories) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, NAMES)
        writer.writeheader()
        writer.writerows(map(_record, stories))


def _text(path: Path, stories: Stories) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for record in map(_record, stories):
            name = f"{record['id']}.txt"
            archive.writestr(name, f"{record['title']}\n\n{record['content']}")


def _feed(path: Path, stories: Stories) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            "<title>Báo Thử</title>"
        )
        for record in map(_record, stories):
            file.write(
                f"<item><guid>{record['id']}</guid><title>{escape(record['title'])}</title>"
                f"<link>{record['link']}</link><pubDate>{record['pubDate']}</pubDate>"
                f"<description>{escape(record['summary'])}</description>"
                f"<content:encoded>{escape(record['content'])}</content:encoded></item>"
            )
        file.write("</channel></rss>")


def _wiki(path: Path, stories: Stories) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("<mediawiki><siteinfo><sitename>Thử</sitename></siteinfo>")
        for story in stories:
            text = f"'''{story.title}''' [[a|b]] " + "\n\n".join(story.paragraphs)
            file.write(
                f"<page><title>{escape(story.title)}</title><ns>0</ns><id>{story.slug}</id>"
                f"<revision><text>{escape(text)}</text></revision></page>"
            )
        file.write("</mediawiki>")


def _sqlite(path: Path, stories: Stories) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE articles ({', '.join(NAMES)})")
        placeholders = ", ".join("?" * len(NAMES))
        database.executemany(
            f"INSERT INTO articles VALUES ({placeholders})",
            (tuple(record.values()) for record in map(_record, stories)),
        )
        database.commit()


def _parquet(path: Path, stories: Stories) -> None:
    import duckdb  # of the extra `tables`, so not at the top

    lines = path.with_suffix(".jsonl.gz")
    _json_lines(lines, stories)
    duckdb.sql(f"COPY (SELECT * FROM read_json('{lines}')) TO '{path}'")
    lines.unlink()


def _pages(path: Path, stories: Stories) -> None:
    path.mkdir()
    for story in stories:
        (path / f"{story.slug}.html").write_text(newspaper(story), "utf-8")


def _warc(path: Path, stories: Stories) -> None:
    with path.open("wb") as file:
        for story in stories:
            body = newspaper(story).encode()
            response = (
                f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode() + body
            head = (
                "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\n"
                f"WARC-Record-ID: <urn:uuid:{story.slug:>08}-0000-0000-0000-000000000000>\r\n"
                f"WARC-Target-URI: https://thu.example/{story.slug}\r\n"
                f"WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: {len(response)}\r\n\r\n"
            )
            file.write(head.encode() + response + b"\r\n\r\n")


MAKERS: Mapping[str, tuple[str, Callable[[Path, Stories], None], bool]] = {
    "JSON lines": ("a.jsonl.gz", _json_lines, False),
    "JSON lines, zst": ("a.jsonl.zst", _json_lines_zst, False),
    "JSON dump": ("a.json", _json_dump, False),
    "CSV": ("a.csv", _csv, False),
    "plain text in a ZIP": ("a.zip", _text, False),
    "JSON in a tar.gz": ("a.tar.gz", _tar, False),
    "TREC": ("a.sgml", _trec, False),
    "folder of five formats": ("mixed", _mixed, False),
    "WordPress export": ("a.wxr", _export, False),
    "RSS": ("a.rss", _feed, False),
    "MediaWiki": ("a.xml", _wiki, False),
    "SQLite": ("a.sqlite", _sqlite, False),
    "Parquet": ("a.parquet", _parquet, False),
    "HTML pages": ("pages", _pages, True),
    "WARC": ("a.warc", _warc, True),
}
"""For each format: the file name, the writer, and whether its records are pages."""

TEXTS: Mapping[str, Callable[[], Iterator[Story]]] = {"demo": demo_texts, "headlines": headlines}
"""The sources of text."""
