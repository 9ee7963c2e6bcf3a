"""Feeds and WordPress exports, valid ones and invalid ones as found in practice."""

import io
from pathlib import Path

import lxml.etree as etree
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.corpus.loaders.feeds import MAX_AUTHORS, MAX_KINDS
from index.corpus.loaders.xml_repairs import RepairedXml
from tests.index.corpus.feeds import ATOM, RSS, WXR
from tests.index.corpus.files import read, read_with_notes, write


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
def test_feeds_and_exports_become_articles(
    tmp_path: Path, name: str, text: str, count: int
) -> None:
    articles, bad = read(write(tmp_path / name, text))
    assert not bad
    assert len(articles) == count
    assert first_of(articles) == FIRST
    if text is not WXR:
        assert articles[0].image == "https://thu.example/a.jpg"


def feed(*items: str) -> str:
    return f"<rss><channel><title>Báo Thử</title>{''.join(items)}</channel></rss>"


def item(title: str, description: str = "") -> str:
    return f"<item><title>{title}</title><description>{description}</description></item>"


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("AT&T và R&D", "AT&T và R&D"),
        ("Gi&aacute; g&#7841;o &amp; l&uacute;a", "Giá gạo & lúa"),
        ("lúa & gạo &lạ; &x", "lúa & gạo &lạ; &x"),
        ("gạo <3 lúa, 1 < 2", "gạo <3 lúa, 1 < 2"),
        ("<![CDATA[AT&T a]] < &aacute; ]]>", "AT&T a]] < á"),
    ],
)
@pytest.mark.parametrize("before", ["", "\n \n", "\ufeff", "\ufeff\n"])
def test_feeds_with_common_faults_lose_no_letter(
    tmp_path: Path, title: str, read_as: str, before: str
) -> None:
    text = (
        f'{before}<?xml version="1.0" encoding="UTF-8"?>{feed(item(title), item("hai"))}\n<!-- -->'
    )
    articles, bad = read(write(tmp_path / "a.rss", text))
    assert not bad
    assert [article.title for article in articles] == [read_as, "hai"]


@given(st.text("xq&;<]![ á", max_size=30), st.integers(0, 70))
@settings(deadline=None)
def test_no_word_is_lost_wherever_a_buffer_ends(text: str, shift: int) -> None:
    title = f"{'x' * (32768 - 40 - shift)} {text} lúa".replace("<", "< ")
    stream = io.BytesIO(feed(item(title), item("hai")).encode())
    mended = RepairedXml(io.BufferedReader(stream))
    content = b"".join(iter(lambda: mended.read(32768), b""))
    root = etree.fromstring(content)
    assert root[0][1][0].text == title


@pytest.mark.parametrize("text", [feed(item("một", "<![CDATA[mô tả]]>"), item("hai")), ATOM])
def test_a_feed_truncated_anywhere_is_damaged(tmp_path: Path, text: str) -> None:
    content = text.encode()
    for size in range(len("<rss><channel>"), len(content)):
        _, bad = read(write(tmp_path / "a.xml", content[:size]))
        assert any(record.damaged for record in bad), content[:size]


@pytest.mark.parametrize("second", [feed(item("hai")), '<?xml version="1.0"?>' + feed(item("hai"))])
def test_a_second_feed_after_the_first_is_reported(tmp_path: Path, second: str) -> None:
    articles, bad = read(write(tmp_path / "a.rss", feed(item("một")) + second))
    assert len(articles) == 2 or [record.damaged for record in bad] == [True]


def test_the_picture_in_a_description_is_found(tmp_path: Path) -> None:
    description = '<![CDATA[<a href="/1"><img src="https://anh.example/1.jpg?a=1&amp;b=2"></a>Mở]]>'
    [article], _ = read(write(tmp_path / "a.rss", feed(item("một", description))))
    assert (article.image, article.summary) == ("https://anh.example/1.jpg?a=1&b=2", "Mở")


def test_authors_have_their_display_names(tmp_path: Path) -> None:
    login = (
        "<wp:author><wp:author_login><![CDATA[mai]]></wp:author_login>"
        "<wp:author_display_name><![CDATA[Lê Mai]]></wp:author_display_name></wp:author><item>"
    )
    exported = WXR.replace("<![CDATA[Lê Mai]]>", "mai").replace("<item>", login, 1)
    [article], _ = read(write(tmp_path / "a.wxr", exported))
    assert article.author == "Lê Mai"
    labelled = ATOM.replace('term="Kinh tế"', 'term="kinh-te" label="Kinh tế"')
    articles, _ = read(write(tmp_path / "a.atom", labelled))
    assert articles[0].section == "Kinh tế"


def test_posts_of_wordpress_that_are_not_published_are_left_out_and_reported(
    tmp_path: Path,
) -> None:
    articles, _, notes = read_with_notes(write(tmp_path / "a.xml", WXR))
    assert articles[0].extra["tags"] == ["lúa"]
    assert any("1 post (draft), 1 attachment" in note for note in notes)


def test_a_site_of_too_many_authors_keeps_the_logins_of_some(tmp_path: Path) -> None:
    authors = "".join(
        f"<wp:author><wp:author_login>u{n}</wp:author_login>"
        f"<wp:author_display_name>Lê Mai {n}</wp:author_display_name></wp:author>"
        for n in range(MAX_AUTHORS + 1)
    )
    long = (
        "<wp:author><wp:author_login>dai</wp:author_login>"
        f"<wp:author_display_name>{'x' * 500_000}</wp:author_display_name></wp:author>"
    )
    for login, shown in (("u7", "Lê Mai 7"), (f"u{MAX_AUTHORS}",) * 2, ("dai", "dai")):
        exported = WXR.replace("<![CDATA[Lê Mai]]>", login)
        exported = exported.replace("<item>", f"{long}{authors}<item>", 1)
        [article], _ = read(write(tmp_path / "a.wxr", exported))
        assert article.author == shown


def test_some_of_many_omitted_kinds_are_reported_by_name(tmp_path: Path) -> None:
    items = "".join(
        f"<item><title>a</title><wp:post_type>k{n}{'x' * 500}</wp:post_type></item>"
        for n in range(2 * MAX_KINDS)
    )
    exported = WXR.replace("<item>", f"{items}<item>", 1)
    _, _, notes = read_with_notes(write(tmp_path / "a.wxr", exported))
    [reported] = [note for note in notes if "left out" in note]
    assert f"{MAX_KINDS + 2} others" in reported  # WXR has two kinds of its own
    assert len(reported) < 2_000
