import codecs
import json
import math
import random
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from tests.index.corpus.files import PACKERS, read, write

HANOI = timezone(timedelta(hours=7))

FULL = {
    "id": "bài-1",
    "title": "Tiêu đề",
    "summary": "Tóm tắt",
    "body": "Nội dung",
    "author": "Lê An",
    "source": "Báo Thử",
    "section": "Thời sự",
    "url": "https://thu.example/1",
    "published": "2024-05-31T08:00:00+07:00",
    "views": 12,
    "tags": ["a", {"b": None}],
}


def test_every_known_field_is_read_and_others_are_kept(tmp_path: Path) -> None:
    [article], bad = read(write(tmp_path / "a.jsonl", json.dumps(FULL)))
    assert not bad
    assert article == Article(
        id="bài-1",
        title="Tiêu đề",
        summary="Tóm tắt",
        body="Nội dung",
        author="Lê An",
        source="Báo Thử",
        section="Thời sự",
        url="https://thu.example/1",
        published=datetime(2024, 5, 31, 8, tzinfo=HANOI),
        extra={"views": 12, "tags": ["a", {"b": None}]},
    )


def test_category_and_date_are_aliases(tmp_path: Path) -> None:
    line = json.dumps({"title": "a", "category": "Thể thao", "date": "2025-08-07T22:00:00+07:07"})
    [article], _ = read(write(tmp_path / "a.jsonl", line))
    assert article.section == "Thể thao"
    assert article.published is not None
    assert article.published.utcoffset() == timedelta(hours=7, minutes=7)
    assert not article.extra


def test_a_section_keeps_its_category_next_to_it(tmp_path: Path) -> None:
    line = json.dumps({"title": "a", "section": "Thể thao", "category": "Bóng đá"})
    [article], _ = read(write(tmp_path / "a.jsonl", line))
    assert (article.section, dict(article.extra)) == ("Thể thao", {"category": "Bóng đá"})


def test_nulls_are_missing_and_numbers_are_ids(tmp_path: Path) -> None:
    line = json.dumps({"id": 17, "title": "a", "summary": None, "published": None, "url": None})
    [article], _ = read(write(tmp_path / "a.jsonl", line))
    assert article == Article(id="17", title="a")


def test_a_missing_id_is_derived_from_the_url_or_the_text(tmp_path: Path) -> None:
    records = [
        {"title": "a", "url": "https://x.example/1"},
        {"title": "b", "url": "https://x.example/1", "id": " "},
        {"title": "a"},
        {"title": "a", "source": "Khác"},
        {"body": "a"},
    ]
    articles, _ = read(write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, records))))
    by_url, same_url, by_text, same_text, other = (article.id for article in articles)
    assert by_url == same_url
    assert by_text == same_text
    assert len({by_url, by_text, other}) == 3
    assert [article.id for article in read(tmp_path)[0]] == [article.id for article in articles]


def test_entities_are_decoded_in_every_text(tmp_path: Path) -> None:
    text = "T&amp;T &#7841; &lt;b&gt; AT&T ?a=1&reg=2"
    line = json.dumps({"title": text, "summary": text, "body": text})
    [article], _ = read(write(tmp_path / "a.jsonl", line))
    assert article.title == article.summary == article.body == "T&T ạ <b> AT&T ?a=1&reg=2"


def test_text_is_stored_as_written(tmp_path: Path) -> None:
    text = "  Đa\u0323i ho\u0323c\r\n\tÐà Nẵng 😀\u200b "
    line = json.dumps({"title": text, "body": text})
    [article], _ = read(write(tmp_path / "a.jsonl", line))
    assert article.title == article.body == text


def test_a_lone_surrogate_becomes_the_replacement_character(tmp_path: Path) -> None:
    line = '{"title": "vui \\ud83d", "\\udc00": [{"a": "\\udfff"}], "body": "\\ud83d\\ude00"}'
    [article], _ = read(write(tmp_path / "a.jsonl", line))
    assert article == Article(
        id=article.id, title="vui \ufffd", body="😀", extra={"\ufffd": [{"a": "\ufffd"}]}
    )
    assert article.title.encode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"title": "a"', "broken JSON"),
        ('["title"]', "not a JSON object"),
        ("12", "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "no text"),
        ('{"title": " ", "body": "\\n", "summary": "a"}', "no text"),
        ('{"title": "&#8203;", "body": "\\u0000"}', "NUL"),
        ('{"title": "a", "id": "%s"}' % ("x" * 1001), "longer than 1000"),
        ('{"title": "a", "x": %s}' % ("[" * 40 + "]" * 40), "nested"),
        ("[" * 100_000, "nested"),
        ('{"title": "a", "x": %s}' % ("9" * 5000), "broken JSON"),
        ("\x1b[31m", "broken JSON"),
    ],
)
def test_a_bad_record_is_reported_and_the_rest_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    path = write(tmp_path / "a.jsonl", f'{{"title": "trước"}}\n\n{line}\n{{"title": "sau"}}\n')
    articles, [bad] = read(path)
    assert [article.title for article in articles] == ["trước", "sau"]
    assert (bad.path, bad.line) == (path, 3)
    assert reason in bad.reason
    assert str(bad).startswith(f"{path}:3: ")
    assert str(bad).isprintable()


def test_a_line_in_another_encoding_is_reported(tmp_path: Path) -> None:
    lines = [b'{"title": "a"}', '{"title": "trước"}'.encode("cp1258", "replace"), b'{"title": "b"}']
    articles, [bad] = read(write(tmp_path / "a.jsonl", b"\n".join(lines)))
    assert [article.title for article in articles] == ["a", "b"]
    assert bad.line == 2
    assert "not UTF-8" in bad.reason


def test_an_endless_line_is_skipped_in_bounded_memory(tmp_path: Path) -> None:
    long = b'{"title": "' + b"a" * (17 << 20) + b'"}'
    path = write(tmp_path / "a.jsonl.zst", b'{"title": "a"}\n' + long + b'\n{"title": "b"}')
    articles, [bad] = read(path)
    assert [article.title for article in articles] == ["a", "b"]
    assert bad.line == 2
    assert "16 MiB" in bad.reason


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_truncated_file_yields_its_complete_records(tmp_path: Path, suffix: str) -> None:
    letters = random.Random(1)
    lines = [
        json.dumps({"id": n, "title": "".join(letters.choices("abcdefghij ", k=500))})
        for n in range(1000)
    ]
    path = write(tmp_path / f"a.jsonl{suffix}", "\n".join(lines))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    articles, [bad] = read(path)
    assert [article.id for article in articles] == [str(n) for n in range(len(articles))]
    assert 100 < len(articles) < 900
    assert bad.line == len(articles) + 1
    assert "cannot be read from here on" in bad.reason
    assert bad.damaged


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_an_uncompressed_file_with_a_compression_suffix_is_reported(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_text('{"title": "a"}\n')
    articles, [bad] = read(path)
    assert not articles
    assert "cannot be read" in bad.reason


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_concatenated_compressed_files_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(b"".join(PACKERS[suffix](b'{"title": "%d"}\n' % n) for n in range(3)))
    articles, bad = read(path)
    assert [article.title for article in articles] == ["0", "1", "2"]
    assert not bad


def test_a_json_file_is_an_array_or_lines(tmp_path: Path) -> None:
    array = write(tmp_path / "a.json", '\ufeff [{"title": "a"},\n {"x": 1},\n {"title": "b"}]')
    lines = write(tmp_path / "b.json", '{"title": "c"}\n{"title": "d"}')
    articles, [bad] = read(array, lines)
    assert [article.title for article in articles] == ["a", "b", "c", "d"]
    assert bad.reason.startswith("item 2 of the array: no text")
    articles, [bad] = read(write(tmp_path / "c.json", '[{"title": "a"},\n'))
    assert [article.title for article in articles] == ["a"]
    assert (bad.line, bad.damaged) == (2, True)
    assert "cut short" in bad.reason


ENCODINGS = {
    "utf-8": ("utf-8", b""),
    "utf-8 marked": ("utf-8", codecs.BOM_UTF8),
    "utf-16-le": ("utf-16-le", b""),
    "utf-16-le marked": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-be": ("utf-16-be", b""),
    "utf-16-be marked": ("utf-16-be", codecs.BOM_UTF16_BE),
    "utf-32-le": ("utf-32-le", b""),
    "utf-32-le marked": ("utf-32-le", codecs.BOM_UTF32_LE),
    "utf-32-be": ("utf-32-be", b""),
    "utf-32-be marked": ("utf-32-be", codecs.BOM_UTF32_BE),
}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0&"), max_size=30)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False).filter(math.isfinite)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
moments = st.integers(-30_000_000_000, 200_000_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, HANOI)
)
labels = texts.map(lambda text: " ".join(unicodedata.normalize("NFC", text).split()))
articles = st.builds(
    Article,
    id=texts.filter(str.strip),
    title=texts.filter(str.strip),
    summary=texts,
    body=texts,
    # An author with "<" may contain HTML, and becomes one line.
    author=texts.map(lambda text: " ".join(text.split()) if "<" in text else text),
    source=labels,
    section=labels.filter(bool),
    url=texts,
    published=moments,
    extra=st.dictionaries(texts.map(lambda name: f"x {name}"), values, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(articles, max_size=5),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(sorted(PACKERS)),
    st.booleans(),
)
def test_any_article_survives_json_lines(
    tmp_path_factory: pytest.TempPathFactory,
    written: list[Article],
    encoding: str,
    suffix: str,
    escaped: bool,  # noqa: FBT001
) -> None:
    def record(article: Article) -> str:
        names = [name for name in Article.__slots__ if name not in {"extra", "values"}]
        fields = {name: getattr(article, name) for name in names}
        fields["published"] = article.published.isoformat() if article.published else None
        return json.dumps({**fields, **article.extra}, ensure_ascii=escaped)

    name, mark = ENCODINGS[encoding]
    content = mark + "\r\n".join(map(record, written)).encode(name)
    path = write(tmp_path_factory.mktemp("corpus") / f"a.jsonl{suffix}", content)
    assert read(path) == (written, [])


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200) | texts.map(str.encode),
    st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.txt", "a.tsv.gz", "a.jsonl.zst"]),
    st.booleans(),
)
def test_any_bytes_are_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory,
    content: bytes,
    name: str,
    packed: bool,  # noqa: FBT001
) -> None:
    path = tmp_path_factory.mktemp("corpus") / name
    if packed:
        write(path, content)
    else:
        path.write_bytes(content)
    articles, bad = read(path)
    for article in articles:
        assert json.dumps([article.title, article.body, *article.extra]).encode()
        assert (article.title + article.body).strip()
        assert article.id
    assert all(record.reason for record in bad)


def test_a_broken_record_between_lines_affects_itself_only(tmp_path: Path) -> None:
    lines = ['{"title": "a"}', '{"title": "b', '{"title": c}', '{"title": "d"} x', '{"title": "e"}']
    articles, bad = read(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert [article.title for article in articles] == ["a", "d", "e"]
    assert [record.line for record in bad] == [2, 3, 4]
    assert not any(record.damaged for record in bad)
