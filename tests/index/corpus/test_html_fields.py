"""HTML in fields becomes text, and its first image the article's image."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.corpus.html_text import plain as plain_text
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from tests.index.corpus.files import one, read_with_notes, write


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>Giá <b>gạo</b> &amp; lúa</p><p>Hết</p>", "Giá gạo & lúa\n\nHết"),
        ("<script>var a = 1</script>Thân<style>p{}</style>", "Thân"),
        ("Gi&aacute; g&#7841;o", "Giá gạo"),
        ("Gi&amp;aacute; g&amp;#7841;o", "Giá gạo"),
        ("&lt;p&gt;Gi&aacute;&lt;/p&gt;&lt;p&gt;gạo&lt;/p&gt;", "Giá\n\ngạo"),
        ("dòng một<br>dòng hai<br/>ba", "dòng một\ndòng hai\nba"),
        ("<ul><li>một</li><li>hai</li></ul>", "một\nhai"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb"),
        ("a < b và c > d", "a < b và c > d"),
        ("<tên> chưa rõ", "<tên> chưa rõ"),
        ("<!-- wp:paragraph --><p>Thân</p><!-- /wp:paragraph -->", "Thân"),
        ("[caption id='1' width='2']<img> Ảnh[/caption]<p>Thân</p>", "Ảnh\n\nThân"),
    ],
)
@pytest.mark.parametrize("field", ["title", "summary", "body"])
def test_html_becomes_text(tmp_path: Path, field: str, text: str, plain: str) -> None:
    article = one(tmp_path, {"title": "a", "body": "b", field: text})
    assert getattr(article, field) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<a href='/mai'>Lê Mai</a>", "Lê Mai"),
        ("B&aacute;o &amp; Đài", "Báo & Đài"),
        ("<b>Kinh</b><br>tế", "Kinh tế"),
        ("a < b", "a < b"),
    ],
)
def test_html_in_names_and_labels_becomes_one_line(tmp_path: Path, text: str, plain: str) -> None:
    record = {"title": "a", "author": text, "source": text, "section": [text], "tags": [text]}
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords"))
    article = one(tmp_path, record, schema=schema)
    assert {article.author, article.source, article.section} == {plain}
    assert article.values == {"tags": [plain]}


def test_articles_with_html_are_counted_once(tmp_path: Path) -> None:
    record = {"title": "<b>a</b>", "summary": "<i>b</i>", "body": "<p>c</p>"}
    _, _, notes = read_with_notes(write(tmp_path / "a.json", json.dumps(record)))
    assert "HTML became plain text in 1 articles" in notes


@pytest.mark.parametrize(
    ("tag", "image"),
    [
        ('<img src="https://anh.example/a.jpg">', "https://anh.example/a.jpg"),
        ("<IMG alt='x' SRC=https://anh.example/a.jpg />", "https://anh.example/a.jpg"),
        ('<img src="//anh.example/a.jpg?b=1&amp;c=2">', "https://anh.example/a.jpg?b=1&c=2"),
        ('<img src="/a.jpg">', "https://thu.example/a.jpg"),
        ('<img src="data:image/gif;base64,R0" data-src="/b.jpg">', "https://thu.example/b.jpg"),
        (
            '<img src="/dem.gif" width="1" height="1"><img src="/c.jpg">',
            "https://thu.example/c.jpg",
        ),
        ('<img class="wp-smiley" src="/cuoi.png">', ""),
        ('<img src="javascript:x()">', ""),
        ('<img src="http://[x">', ""),
        ("<img>", ""),
    ],
)
def test_the_first_picture_of_a_text_is_the_image(tmp_path: Path, tag: str, image: str) -> None:
    record = {"title": "a", "body": f"<p>Thân {tag}</p>", "link": "https://thu.example/tin/1"}
    assert one(tmp_path, record).image == image
    assert one(tmp_path, {**record, "image": "https://anh.example/z.jpg"}).image.endswith("z.jpg")


@pytest.mark.parametrize(
    "fragment", ["<div>", "<p", "<b><i>", "<table><tr>", "&amp;", "<!--", "<a <"]
)
def test_hostile_html_is_read_quickly_and_keeps_its_text(tmp_path: Path, fragment: str) -> None:
    article = one(tmp_path, {"title": "a", "body": "<p>đầu</p>" + fragment * 50_000})
    assert article.body.startswith("đầu")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0<&"), max_size=200))
def test_text_without_html_is_unchanged(text: str) -> None:
    assert plain_text(text) == text


@given(st.lists(st.sampled_from(["<p>", "</p>", "<b>", "&lt;", "lúa", " ", "<br>", "<", ">", "&"])))
def test_any_html_can_be_read(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert plain_text(text).count("lúa") == text.count("lúa")
