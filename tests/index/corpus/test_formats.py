"""One small file of each format: its records, their articles, and the report of a broken one."""

import gzip
import io
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from index.article import Article
from index.corpus import Corpus, LoadOptions
from index.corpus.libraries import require
from index.corpus.problems import MissingLibraryError
from tests.index.corpus.feeds import ATOM, RSS, WXR
from tests.index.corpus.files import read, read_with_notes, write
from tests.index.corpus.pages import newspaper, stories

MEDIAWIKI = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo>
<sitename>Bách khoa</sitename><base>https://w.example/wiki/Trang_Chính</base></siteinfo>
<page><title>Hà Nội</title><ns>0</ns><id>7</id><revision><id>9</id>
<timestamp>2026-03-07T01:15:00Z</timestamp><text>'''Hà Nội''' là [[thủ đô]] của
[[Việt Nam|nước]].&lt;ref&gt;nguồn&lt;/ref&gt; {{Thông tin|a=b}}
[[Tập tin:a.jpg|nhỏ|Ảnh]]
== Lịch sử ==
Năm 1010.</text></revision></page>
<page><title>Thảo luận</title><ns>1</ns><id>8</id><revision><text>y</text></revision></page>
<page><title>Kẻ Chợ</title><ns>0</ns><id>9</id><redirect title="Hà Nội"/>
<revision><text>y</text></revision></page></mediawiki>"""


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def test_pages_of_a_mediawiki_dump_become_articles(tmp_path: Path) -> None:
    [article], bad = read(write(tmp_path / "a.xml", MEDIAWIKI))
    assert not bad
    assert (article.id, article.title, article.source) == ("7", "Hà Nội", "Bách khoa")
    assert article.body.split("\n\n") == [
        "Hà Nội là thủ đô của", "nước.", "Lịch sử", "Năm 1010."
    ]  # fmt: skip
    assert article.url == "https://w.example/wiki/H%C3%A0_N%E1%BB%99i"


@pytest.mark.parametrize("text", [RSS, ATOM, WXR, MEDIAWIKI])
def test_truncated_xml_is_damaged(tmp_path: Path, text: str) -> None:
    _, bad = read(write(tmp_path / "a.xml", text[: len(text) * 3 // 4]))
    assert [record.damaged for record in bad] == [True]


def test_xml_entities_neither_read_files_nor_expand(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", "bí mật")
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    text = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "chữ">{bomb}'
        f'<!ENTITY f SYSTEM "file://{secret}">]>'
        "<rss><channel><item><title>Một &f; &a11;</title></item></channel></rss>"
    )
    articles, bad = read(write(tmp_path / "a.rss", text))
    assert len(articles) + len(bad) >= 1
    assert not any("bí mật" in a.title or len(a.title) > 1000 for a in articles)


def test_xml_of_no_known_kind_is_reported(tmp_path: Path) -> None:
    articles, [bad] = read(write(tmp_path / "a.xml", "<sitemap><url>x</url></sitemap>"))
    assert not articles
    assert "not a feed" in bad.reason


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "a.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bai (id INTEGER, title TEXT, content TEXT, ngay TEXT)")
    connection.execute("CREATE TABLE nguoi (ten TEXT)")
    rows = [(number, f"Bài {number}", "<p>Thân</p>", "2026-03-07") for number in range(3)]
    connection.executemany("INSERT INTO bai VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_the_table_of_articles_is_found(database: Path, packed: bool) -> None:  # noqa: FBT001
    path = database
    if packed:
        path = database.with_suffix(".sqlite.gz")
        path.write_bytes(gzip.compress(database.read_bytes()))
    articles, bad = read(path)
    assert not bad
    assert [(article.id, article.body) for article in articles] == [
        ("0", "Thân"), ("1", "Thân"), ("2", "Thân")
    ]  # fmt: skip


def test_sql_selects_the_records(database: Path) -> None:
    sql = "SELECT title, ngay AS published FROM bai WHERE id = 1"
    [article], bad = read(database, options=LoadOptions(sql=sql))
    assert not bad
    assert article.title == "Bài 1"
    assert article.published is not None


@pytest.mark.parametrize("sql", ["SELEC", "SELECT * FROM nothing", "DROP TABLE bai"])
def test_sql_that_fails_is_reported_and_writes_nothing(database: Path, sql: str) -> None:
    articles, [bad] = read(database, options=LoadOptions(sql=sql))
    assert not articles
    assert not bad.damaged  # the file is complete
    assert len(read(database)[0]) == 3


def test_a_database_without_articles_names_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE nguoi (ten TEXT)")
    connection.close()
    _, [bad] = read(path)
    assert "nguoi" in bad.reason
    assert "--sql" in bad.reason


@pytest.fixture
def table(tmp_path: Path) -> Path:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "it's.parquet"
    rows = (
        "SELECT i AS id, 'Bài ' || i AS title, 'Thân' AS text, ['An', 'Bình'] AS authors, "
        "TIMESTAMP '2026-03-07 08:15:00' AS published FROM range(3) t(i)"
    )
    quoted = str(path).replace("'", "''")
    duckdb.sql(f"COPY ({rows}) TO '{quoted}'")
    return path


def test_rows_of_a_parquet_file_become_articles(table: Path) -> None:
    articles, bad = read(table)
    assert not bad
    assert [article.title for article in articles] == ["Bài 0", "Bài 1", "Bài 2"]
    assert articles[0].author == "An; Bình"
    assert articles[0].published is not None
    assert articles[0].published.isoformat() == "2026-03-07T08:15:00+07:00"
    [article], _ = read(table, options=LoadOptions(sql="SELECT * FROM corpus WHERE id = 2"))
    assert article.title == "Bài 2"


MEASURE = """
import re, sys
from pathlib import Path
import duckdb
from index.corpus import Corpus, LoadOptions
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
duckdb.connect().execute("SELECT 1")
before = peak()
assert list(Corpus([Path(sys.argv[1])], LoadOptions(sql="SELECT * FROM corpus LIMIT 9")))
print(peak() - before)
"""


def test_a_row_group_takes_little_more_memory_than_its_page(
    tmp_path: Path,
) -> None:
    """29 MB in one incompressible page; with its default settings DuckDB takes 90 MB for it."""
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "a.parquet"
    body = " || ".join(f"md5((i * 9 + {n})::varchar)" for n in range(9))
    duckdb.sql(f"COPY (SELECT {body} AS body FROM range(100000) t(i)) TO '{path}'")
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, path], check=True, capture_output=True, text=True
    )
    assert int(ran.stdout) < 76_000


def warc(pages: list[tuple[str, str, bytes]]) -> bytes:
    records = []
    for number, (url, kind, body) in enumerate(pages):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = head.encode() + body
        records.append(
            (
                "WARC/1.0\r\nWARC-Type: response\r\n"
                f"WARC-Record-ID: <urn:uuid:{number:08}-0000-0000-0000-000000000000>\r\n"
                f"WARC-Target-URI: {url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
                "Content-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(answer)}\r\n\r\n"
            ).encode()
            + answer
            + b"\r\n\r\n"
        )
    return b"".join(records)


ARCHIVE = warc(
    [
        (f"https://thu.example/{number}", "text/html; charset=utf-8", newspaper(story).encode())
        for number, story in enumerate(stories(2))
    ]
    + [("https://thu.example/a.png", "image/png", b"\x89PNG")]
)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_html_responses_of_a_warc_become_articles(tmp_path: Path, name: str) -> None:
    articles, bad, notes = read_with_notes(write(tmp_path / name, ARCHIVE))
    assert not bad
    assert [article.title for article in articles] == [story.title for story in stories(2)]
    assert any("1 image/png (200)" in note for note in notes)


def test_a_zip_is_read_as_a_folder(tmp_path: Path, database: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b/a.xml", RSS)
        archive.writestr("a.jsonl.gz", gzip.compress(b'{"title": "a"}'))
        archive.writestr("ảnh.jpg", b"\xff")
        archive.writestr("c.zip", b"PK")
        archive.write(database, "a.sqlite")
    articles, bad = read(path)
    assert len(articles) == 6
    assert sorted(record.path.name for record in bad) == ["c.zip", "ảnh.jpg"]
    assert not any(record.damaged for record in bad)


@pytest.mark.parametrize("name", ["a.zip", "a.sqlite", "a.parquet", "a.warc", "a.xml.gz"])
@pytest.mark.parametrize("content", [b"", b"junk" * 100, b"PK\x03\x04junk", b"PAR1xxxxPAR1"])
def test_a_file_of_another_format_is_reported(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    articles, bad = read(path)
    assert not articles
    assert bad or not content


@pytest.mark.parametrize(
    "content",
    [
        b'{"title": "a"}\n', b'[{"title": "a"}]', gzip.compress(b'{"title": "a"}'),
        b"id;title\n1;a\n",
        b"<rss><channel><item><title>a</title></item></channel></rss>",
        zipped("a.jsonl", b'{"title": "a"}\n'), gzip.compress(zipped("b.csv", b"id,title\n1,a")),
        b"a\n\nB, c; d.", b"a",
    ],
)  # fmt: skip
def test_the_format_of_standard_input_is_detected(
    monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    [article] = Corpus([Path("-")])
    assert isinstance(article, Article)
    assert article.title == "a"


def test_a_missing_library_is_reported_with_its_extra() -> None:
    with pytest.raises(MissingLibraryError, match=r"pip install 'tim-tin\[html\]'"):
        require("no_such_library", "html", "an HTML page")


def test_a_missing_library_affects_its_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.html", "<p>chữ</p>")
    write(tmp_path / "b.txt", "Tựa")
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    [article], [bad] = read(tmp_path)
    assert article.title == "Tựa"
    assert "tim-tin[html]" in bad.reason
