"""Corpora of every format, made of the demo's articles, for `benchmarks.corpora`."""

import csv
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from html import escape
from itertools import cycle, islice
from pathlib import Path

import zstandard

from tests.index.corpus.pages import newspaper, stories


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


def _json_lines_zst(path: Path, count: int) -> None:
    with zstandard.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records(count))


def _tar(path: Path, count: int) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for record in records(count):
            content = json.dumps(record, ensure_ascii=False).encode()
            entry = tarfile.TarInfo(f"{record['id']}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            archive.members.clear()  # type: ignore[attr-defined]  # it keeps all it wrote


def _trec(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for record in records(count):
            file.write(
                f"<DOC>\n<DOCNO>{record['id']}</DOCNO>\n<HEADLINE>{escape(record['title'])}"
                f"</HEADLINE>\n<TEXT>\n{record['content']}\n</TEXT>\n</DOC>\n"
            )


def _export(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"'
            ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Báo Thử</title>'
        )
        for record in records(count):
            file.write(
                f"<item><guid>{record['id']}</guid><title>{escape(record['title'])}</title>"
                f"<link>{record['link']}</link><wp:post_id>{record['id']}</wp:post_id>"
                f"<wp:post_date>2026-03-07 08:15:00</wp:post_date><wp:status>publish</wp:status>"
                f"<content:encoded><![CDATA[{record['content']}]]></content:encoded></item>"
            )
        file.write("</channel></rss>")


def _mixed(path: Path, count: int) -> None:
    """Write a folder of five formats, a fifth of the articles each."""
    path.mkdir()
    fifth = count // 5
    _json_lines(path / "a.jsonl.gz", fifth)
    _csv(path / "b.csv", fifth)
    _feed(path / "c.xml", fifth)
    _sqlite(path / "d.sqlite", fifth)
    _trec(path / "e.sgml", count - 4 * fifth)


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
    "JSON lines, zst": ("a.jsonl.zst", _json_lines_zst, False),
    "JSON dump": ("a.json", _json_dump, False),
    "CSV": ("a.csv", _csv, False),
    "plain text in a ZIP": ("a.zip", _text, False),
    "JSON in a tar.gz": ("a.tar.gz", _tar, False),
    "TREC": ("a.sgml", _trec, False),
    "folder of five formats": ("mixed", _mixed, False),
    "WordPress's export": ("a.wxr", _export, False),
    "RSS": ("a.rss", _feed, False),
    "MediaWiki": ("a.xml", _wiki, False),
    "SQLite": ("a.sqlite", _sqlite, False),
    "Parquet": ("a.parquet", _parquet, False),
    "HTML pages": ("pages", _pages, True),
    "WARC": ("a.warc", _warc, True),
}
"""The name and the maker of each format's corpus, and whether its records are pages."""
