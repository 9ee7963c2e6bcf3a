"""One small file of each format: its records, what they become, and how a broken one is told."""

import gzip
import io
import sqlite3
import sys
import zipfile
from pathlib import Path

import pytest

from index.article import Article
from index.corpus import Corpus, LoadOptions
from index.corpus.libraries import require
from index.corpus.problems import MissingLibraryError
from tests.index.corpus.files import read, read_with_notes, write
from tests.index.corpus.pages import newspaper, stories

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Báo Thử</title><link>https://thu.example/</link>
<item><title>Giá gạo &amp; lúa</title><link>https://thu.example/1</link>
<description><![CDATA[<a href="x"><img src="y"></a>Mở bài]]></description>
<content:encoded><![CDATA[<p>Thân <b>bài</b></p>]]></content:encoded>
<pubDate>Sat, 07 Mar 2026 08:15:00 +0700</pubDate><dc:creator>Lê Mai</dc:creator>
<category>Kinh tế</category><guid isPermaLink="false">g1</guid>
<media:thumbnail url="https://thu.example/a.jpg"/></item>
<item><title>Hai</title><link>https://thu.example/2</link></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Báo Thử</title>
<link href="https://thu.example/"/><entry><id>g1</id>
<title type="html">Giá gạo &amp;amp; lúa</title><summary>Mở bài</summary>
<link rel="alternate" href="https://thu.example/1"/><author><name>Lê Mai</name></author>
<link rel="enclosure" type="image/jpeg" href="https://thu.example/a.jpg"/>
<published>2026-03-07T08:15:00+07:00</published><updated>2026-04-01T00:00:00Z</updated>
<category term="Kinh tế"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Thân <b>bài</b></p></div></content></entry>
<entry><id>g2</id><title>Hai</title></entry></feed>"""

WXR = """<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Báo Thử</title>
<item><title>Giá gạo &amp; lúa</title><link>https://thu.example/1</link><guid>g1</guid>
<dc:creator><![CDATA[Lê Mai]]></dc:creator>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>Thân <b>bài</b></p>]]></content:encoded>
<excerpt:encoded><![CDATA[Mở bài]]></excerpt:encoded><wp:post_id>5</wp:post_id>
<wp:post_date>2026-03-07 08:15:00</wp:post_date><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type><category domain="category">Kinh tế</category>
<category domain="post_tag">lúa</category></item>
<item><title>Nháp</title><content:encoded>x</content:encoded><wp:status>draft</wp:status>
<wp:post_type>post</wp:post_type></item>
<item><title>anh.jpg</title><wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type>
</item></channel></rss>"""

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


def first_of(articles: list[Article]) -> tuple[str, ...]:
    article = articles[0]
    assert article.published is not None
    return (
        article.id, article.title, article.summary, article.body, article.author, article.source,
        article.section, article.url, article.published.isoformat(),
    )  # fmt: skip


FIRST = (
    "g1", "Giá gạo & lúa", "Mở bài", "Thân bài", "Lê Mai", "Báo Thử", "Kinh tế",
    "https://thu.example/1", "2026-03-07T08:15:00+07:00",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("a.rss", RSS, 2),
        ("a.xml", RSS, 2),
        ("a.atom", ATOM, 2),
        ("a.xml.gz", ATOM, 2),
        ("a.xml", WXR, 1),
        ("a.wxr", WXR, 1),
    ],
)
def test_feeds_and_exports(tmp_path: Path, name: str, text: str, count: int) -> None:
    articles, bad = read(write(tmp_path / name, text))
    assert not bad
    assert len(articles) == count
    assert first_of(articles) == FIRST
    if text is not WXR:
        assert articles[0].image == "https://thu.example/a.jpg"


def test_posts_of_wordpress_that_are_not_published_are_left_out_and_told(tmp_path: Path) -> None:
    articles, _, notes = read_with_notes(write(tmp_path / "a.xml", WXR))
    assert articles[0].extra["tags"] == ["lúa"]
    assert any("1 post (draft), 1 attachment" in note for note in notes)


def test_a_dump_of_mediawiki(tmp_path: Path) -> None:
    [article], bad = read(write(tmp_path / "a.xml", MEDIAWIKI))
    assert not bad
    assert (article.id, article.title, article.source) == ("7", "Hà Nội", "Bách khoa")
    assert article.body.split("\n\n") == [
        "Hà Nội là thủ đô của", "nước.", "Lịch sử", "Năm 1010."
    ]  # fmt: skip
    assert article.url == "https://w.example/wiki/H%C3%A0_N%E1%BB%99i"


@pytest.mark.parametrize("text", [RSS, ATOM, WXR, MEDIAWIKI])
def test_xml_that_was_cut_short_is_damaged(tmp_path: Path, text: str) -> None:
    _, bad = read(write(tmp_path / "a.xml", text[: len(text) * 3 // 4]))
    assert [record.damaged for record in bad] == [True]


def test_xml_cannot_read_files_or_swell(tmp_path: Path) -> None:
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


def test_xml_of_no_known_kind_is_told(tmp_path: Path) -> None:
    articles, [bad] = read(write(tmp_path / "a.xml", "<sitemap><url>x</url></sitemap>"))
    assert not articles
    assert "no feed" in bad.reason


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
def test_sql_that_fails_is_told_and_writes_nothing(database: Path, sql: str) -> None:
    articles, [bad] = read(database, options=LoadOptions(sql=sql))
    assert not articles
    assert not bad.damaged  # the file is whole
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


def test_parquet(table: Path) -> None:
    articles, bad = read(table)
    assert not bad
    assert [article.title for article in articles] == ["Bài 0", "Bài 1", "Bài 2"]
    assert articles[0].author == "An; Bình"
    assert articles[0].published is not None
    assert articles[0].published.isoformat() == "2026-03-07T08:15:00+07:00"
    [article], _ = read(table, options=LoadOptions(sql="SELECT * FROM corpus WHERE id = 2"))
    assert article.title == "Bài 2"


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
def test_pages_of_a_web_archive(tmp_path: Path, name: str) -> None:
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
def test_a_file_that_is_none_of_its_format_is_told(
    tmp_path: Path, name: str, content: bytes
) -> None:
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
    ],
)  # fmt: skip
def test_standard_input_is_what_its_first_bytes_tell(
    monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    [article] = Corpus([Path("-")])
    assert isinstance(article, Article)
    assert article.title == "a"


def test_a_missing_library_is_named_with_the_extra_that_brings_it() -> None:
    with pytest.raises(MissingLibraryError, match=r"pip install 'tim-tin\[html\]'"):
        require("no_such_library", "html", "an HTML page")


def test_a_missing_library_costs_its_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.html", "<p>chữ</p>")
    write(tmp_path / "b.txt", "Tựa")
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    [article], [bad] = read(tmp_path)
    assert article.title == "Tựa"
    assert "tim-tin[html]" in bad.reason
