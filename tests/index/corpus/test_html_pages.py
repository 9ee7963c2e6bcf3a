import json
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from index.corpus.loaders.html_pages import MAX_PAGE_BYTES, decode_page
from tests.index.corpus.extraction import f1, text_of
from tests.index.corpus.files import read, write
from tests.index.corpus.legacy_text import WRITERS
from tests.index.corpus.more_pages import MORE_SHAPES
from tests.index.corpus.page_facts import OWN_DAY, author_of
from tests.index.corpus.pages import SHAPES, newspaper, stories
from tests.shared_data import SHARED

STORIES = stories(12)
PAGES = SHARED / "data" / "pages"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_text_and_metadata_of_every_page_layout_are_extracted(
    tmp_path: Path, shape: str
) -> None:
    scores = []
    for number, story in enumerate(STORIES):
        path = write(tmp_path / f"{number}.html", SHAPES[shape](story))
        [article], bad = read(path)
        assert not bad
        assert article.title == story.title
        assert article.published is not None
        assert article.published.date().isoformat() == OWN_DAY
        assert article.published_precision == ("day" if shape == "blog" else "")
        assert article.author == author_of(shape, story)
        scores.append(f1(text_of(article), "\n".join([story.lede, *story.paragraphs])))
    assert sum(scores) / len(scores) >= 0.975
    assert min(scores) > 0.9


@pytest.mark.parametrize("shape", MORE_SHAPES)
def test_the_text_and_metadata_of_other_publishing_systems_are_extracted(
    tmp_path: Path, shape: str
) -> None:
    for number, story in enumerate(STORIES[:6]):
        path = write(tmp_path / f"{number}.html", MORE_SHAPES[shape](story))
        [article], bad = read(path)
        assert not bad
        assert article.title == story.title
        assert article.published is not None
        assert article.published.date().isoformat() == OWN_DAY
        assert article.author.lower() == author_of(shape, story).lower()
        assert f1(text_of(article), "\n".join([story.lede, *story.paragraphs])) > 0.975


def test_authors_of_comments_are_not_authors_of_the_article(tmp_path: Path) -> None:
    page = MORE_SHAPES["drupal"](STORIES[0]).replace(
        '<div class="footer">',
        '<div id="comments"><div class="comment-author vcard"><b class="fn">Trần Bạn Đọc</b></div>'
        '<span class="comment-date">09/03/2026 10:00</span></div><div class="footer">',
    )
    [article], _ = read(write(tmp_path / "a.html", page))
    assert article.author == ""
    assert article.published is not None
    assert article.published.date().isoformat() == "2026-03-07"


def test_url_section_source_and_image_of_a_newspaper_are_extracted(tmp_path: Path) -> None:
    [article], _ = read(write(tmp_path / "a.html", newspaper(STORIES[0])))
    assert article.url == f"https://thu.example/thoi-su/{STORIES[0].slug}-1.html"
    assert (article.section, article.source) == ("Thời sự", "Báo Thử")
    assert article.image == "https://anh.thu.example/1.jpg"
    assert article.published == datetime.fromisoformat("2026-03-07T08:15:00+07:00")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "tcvn3", "vni", "cp1258"])
def test_pages_in_any_encoding_are_decoded(encoding: str) -> None:
    text = unicodedata.normalize("NFC", newspaper(STORIES[1]))
    raw = WRITERS[encoding](text) if encoding in WRITERS else text.encode(encoding)
    assert STORIES[1].title.split()[:4] == decode_page(raw).split("<title>")[1].split()[:4]


@pytest.mark.parametrize(
    "content",
    ["", "<html></html>", "<html><body><script>var a='chữ'</script></body></html>", "\x00\x01"],
)
def test_a_page_without_an_article_is_reported(tmp_path: Path, content: str) -> None:
    articles, [bad] = read(write(tmp_path / "a.html", content))
    assert not articles
    assert bad.reason


def test_a_page_that_is_far_too_large_is_reported(tmp_path: Path) -> None:
    articles, [bad] = read(write(tmp_path / "a.html", "<p>a</p>" * (MAX_PAGE_BYTES // 8 + 1)))
    assert not articles
    assert "4 MiB" in bad.reason


@pytest.mark.parametrize(
    "fragment", ["<div>", "<p>chữ", "<table><tr><td>", "<a href=x>", "<!--", "&"]
)
def test_a_hostile_page_is_read_in_bounded_time(tmp_path: Path, fragment: str) -> None:
    articles, bad = read(write(tmp_path / "a.html", f"<p>Đoạn đầu.</p>{fragment * 2_000}"))
    assert len(articles) + len(bad) == 1


@pytest.mark.parametrize(
    "metadata", ['{"@type":"NewsArticle"', "[" * 5000, '{"@graph": 5}', '"a"', "null"]
)
def test_broken_or_hostile_json_ld_is_ignored(tmp_path: Path, metadata: str) -> None:
    script = '<script type="application/ld+json">'
    page = newspaper(STORIES[2]).replace(script, f"{script}{metadata}</script><script>")
    [article], bad = read(write(tmp_path / "a.html", page))
    assert not bad
    assert article.title == STORIES[2].title


@pytest.mark.skipif(not PAGES.is_dir(), reason="no shared data here")
def test_real_pages_are_extracted_with_a_high_f1() -> None:
    gold = [json.loads(line) for line in (PAGES / "gold.jsonl").read_text("utf-8").splitlines()]
    scores = []
    for page in gold:
        [article], bad = read(PAGES / page["file"])
        assert not bad
        scores.append(f1(text_of(article), f"{page['lede']}\n{page['body']}"))
        if page["date"]:
            assert article.published is not None
            assert article.published.date().isoformat() == page["date"], page["file"]
        assert not {"admin", "vccorp", "vietnamnet", "baochinhphu"} & set(
            article.author.lower().replace(";", " ").split()
        )
    assert sum(scores) / len(scores) >= 0.985
