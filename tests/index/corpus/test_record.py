import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.corpus import CorpusError, LoadOptions
from index.corpus.problems import InvalidRecordError
from index.corpus.word_limits import LIMITS, WordLimits, check_words
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from tests.index.corpus.files import one, read, read_with_notes, write

LONG = "Ruộng lúa ven sông được mùa, thương lái về tận bờ mua gạo. " * 6


SHAPES: dict[str, dict[str, Any]] = {
    "WordPress REST": {
        "id": 5,
        "date": "2026-03-07T08:52:11",
        "link": "https://truong.example/bai",
        "title": {"rendered": "Giá g&#7841;o"},
        "content": {"rendered": "<p>Thân bài</p>", "protected": False},
        "excerpt": {"rendered": "<p>Mở</p>"},
        "author": 3,
        "categories": [4, 5],
    },
    "RSS in JSON": {
        "guid": "5",
        "title": "Giá gạo",
        "description": "Mở",
        "content": "Thân bài",
        "link": "https://truong.example/bai",
        "pubDate": "Sat, 07 Mar 2026 08:52:11 +0700",
    },
    "capitals": {
        "ID": "5",
        "Title": "Giá gạo",
        "Summary": "Mở",
        "Body": "Thân bài",
        "URL": "https://truong.example/bai",
        "Published": "2026-03-07T08:52:11+07:00",
    },
    "Vietnamese": {
        "mã bài": "5",
        "Tiêu đề": "Giá gạo",
        "Tóm tắt": "Mở",
        "Nội dung": "Thân bài",
        "Đường dẫn": "https://truong.example/bai",
        "Ngày đăng": "08:52:11 07/03/2026",
    },
    "schema.org": {
        "_id": {"$oid": "5"},
        "headline": "Giá gạo",
        "abstract": "Mở",
        "articleBody": "Thân bài",
        "mainEntityOfPage": {"@id": "https://truong.example/bai"},
        "datePublished": "2026-03-07T08:52:11.000 +07:00",
    },
    "database": {
        "post_id": 5,
        "post_title": "Giá gạo",
        "post_excerpt": "Mở",
        "post_content": "Thân bài",
        "permalink": "https://truong.example/bai",
        "created_at": 1772848331,
    },
    "Elasticsearch": {
        "_id": "5",
        "_source": {
            "title": "Giá gạo",
            "lead": "Mở",
            "text": "Thân bài",
            "url": "https://truong.example/bai",
            "publishedAt": 1772848331000,
        },
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_fields_are_found_as_real_sources_write_them(tmp_path: Path, shape: str) -> None:
    article = one(tmp_path, SHAPES[shape])
    assert (article.id, article.title, article.summary) == ("5", "Giá gạo", "Mở")
    assert (article.body, article.url) == ("Thân bài", "https://truong.example/bai")
    assert article.published == datetime(2026, 3, 7, 1, 52, 11, tzinfo=UTC)
    assert article.author == ""


def test_records_of_beir_are_read(tmp_path: Path) -> None:
    article = one(tmp_path, {"_id": "d1", "title": "", "text": "Một đoạn văn", "metadata": {}})
    assert (article.id, article.body) == ("d1", "Một đoạn văn")


@pytest.mark.parametrize(
    ("value", "author"),
    [
        (["Mai", "Lan"], "Mai; Lan"),
        ([{"name": "Mai", "url": "x"}, {"display_name": "Lan"}], "Mai; Lan"),
        ({"@type": "Person", "name": "Mai"}, "Mai"),
        ("Mai", "Mai"),
        ([], ""),
        (7, ""),
    ],
)
def test_authors_are_names_and_not_ids(tmp_path: Path, value: object, author: str) -> None:
    assert one(tmp_path, {"title": "a", "author": value}).author == author


def test_an_author_that_is_a_number_is_kept_and_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '{"title": "a", "author": 7}')
    [article], _, notes = read_with_notes(path)
    assert article.extra == {"author": 7}
    assert any("author" in note for note in notes)


@pytest.mark.parametrize("value", ["hôm nào đó", "2024-02-30", "31/31/2024", [1, 2, 3], {"a": 1}])
def test_an_article_with_an_unparsable_date_is_kept(tmp_path: Path, value: object) -> None:
    path = write(tmp_path / "a.json", json.dumps({"title": "a", "date": value}))
    [article], bad, notes = read_with_notes(path)
    assert not bad
    assert article.published is None
    assert article.extra == {"date": value}
    assert any("have no date" in note for note in notes)
    assert any(str(path) in note for note in notes)


def test_the_next_date_is_used_if_the_first_cannot_be_parsed(tmp_path: Path) -> None:
    article = one(tmp_path, {"title": "a", "published": "?", "created_at": "2024-05-31"})
    assert article.published is not None
    assert article.extra == {"published": "?"}


def test_an_unsearched_long_text_is_reported_with_advice(tmp_path: Path) -> None:
    record = {"title": "a", "noi_dung_khac": LONG, "tags": ["x"], "data": {"chi tiết": LONG}}
    [article], _, notes = read_with_notes(write(tmp_path / "a.json", json.dumps(record)))
    assert article.body == ""
    reported = "\n".join(notes)
    assert "--map body=noi_dung_khac" in reported
    assert "data.chi tiết" in reported
    assert "tags" in reported


@pytest.mark.parametrize("name", ["noi_dung_khac", "data.chi tiết"])
def test_a_mapping_reads_fields_with_unknown_names(tmp_path: Path, name: str) -> None:
    record = {"title": "a", "noi_dung_khac": LONG, "data": {"chi tiết": LONG}, "content": "không"}
    article = one(tmp_path, record, mapping={"body": (name,)})
    assert article.body == LONG


def test_values_mapped_from_an_object_are_not_reported_as_unsearched(tmp_path: Path) -> None:
    record = {"title": "a", "data": {"html": LONG, "meta": {"views": 3}}, "other": {"text": LONG}}
    path = write(tmp_path / "a.json", json.dumps(record))
    mapping = {"body": ("data.html", "data.html", "other.text")}
    [article], _, notes = read_with_notes(path, options=LoadOptions(mapping=mapping))
    assert article.body.startswith(LONG.strip())
    assert article.extra == {"data": {"meta": {"views": 3}}}
    assert not any("is not searched" in note for note in notes)


@pytest.mark.parametrize("again", [LONG, f"<p>{LONG.strip()}</p>", f"<p>{LONG[:300]}</p>"])
def test_a_text_that_the_article_already_has_is_not_reported(tmp_path: Path, again: str) -> None:
    record: dict[str, Any] = {
        "title": "a",
        "plaintext": LONG,
        "html": again,
        "empty": None,
        "none": [],
    }
    _, _, notes = read_with_notes(write(tmp_path / "a.json", json.dumps(record)))
    assert not any("is not searched" in note for note in notes)
    [kept] = [note for note in notes if note.startswith("kept")]
    assert kept.startswith("kept, but not searched: html (--field NAME:KIND")
    record["html"] = again + " Và một câu nữa."
    _, _, notes = read_with_notes(write(tmp_path / "a.json", json.dumps(record)))
    assert any("the text of field html is not searched" in note for note in notes)


def test_several_fields_may_be_mapped_to_a_text(tmp_path: Path) -> None:
    article = one(tmp_path, {"a": "Một", "b": "Hai"}, mapping={"body": ("a", "b")})
    assert article.body == "Một\n\nHai"
    assert not article.extra


def test_several_fields_mapped_to_one_lose_nothing(tmp_path: Path) -> None:
    schema = DEFAULT_SCHEMA.with_fields(*map(parse_field, ["tags:keywords", "views:number"]))
    record = {
        "title": "a", "one": "lúa; gạo", "two": ["gạo", "giá"], "writer": "Mai", "editor": "Lan",
        "none": "", "count": 0, "other": 7,
    }  # fmt: skip
    mapping = {"tags": ("one", "two"), "author": ("writer", "editor"),
               "views": ("none", "count", "other")}  # fmt: skip
    article = one(tmp_path, record, schema=schema, mapping=mapping)
    assert article.values == {"tags": ["lúa", "gạo", "giá"], "views": 0}
    assert article.author == "Mai; Lan"
    assert article.extra == {"other": 7}


def test_a_mapping_to_no_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no field 'bodi'"):
        read(tmp_path, options=LoadOptions(mapping={"bodi": ("content",)}))


def test_own_fields_are_read_by_their_kind(tmp_path: Path) -> None:
    schema = DEFAULT_SCHEMA.with_fields(
        *map(
            parse_field,
            ["tags:keywords:facet", "views:number", "place:keyword", "note:text", "seen:date",
             "map:link"],
        )
    )  # fmt: skip
    record = {
        "title": "a",
        "Tags": "lúa gạo; xuất  khẩu",
        "views": "1.234.567",
        "place": {"name": "Đà Nẵng"},
        "note": "<p>Một</p><p>hai</p>",
        "seen": "3/2026",
        "map": ["https://x.example/1"],
    }
    article = one(tmp_path, record, schema=schema)
    assert article.values == {
        "tags": ["lúa gạo", "xuất khẩu"],
        "views": 1234567.0,
        "place": "Đà Nẵng",
        "note": "Một\n\nhai",
        "seen": "2026-03-01T00:00:00+07:00",
        "map": "https://x.example/1",
    }
    assert not article.extra


def test_an_own_value_that_cannot_be_used_is_kept_and_reported(tmp_path: Path) -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("views:number"))
    path = write(tmp_path / "a.json", '{"title": "a", "views": "nhiều"}')
    [article], _, notes = read_with_notes(path, options=LoadOptions(schema=schema))
    assert (dict(article.values), dict(article.extra)) == ({}, {"views": "nhiều"})
    assert any("views" in note for note in notes)


def test_replaced_characters_are_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '{"title": "mặt cười \\ud83d"}')
    [article], _, notes = read_with_notes(path)
    assert "\ufffd" in article.title
    assert any("1 articles have bytes or halves of characters" in note for note in notes)


def test_an_article_with_infinite_or_nan_numbers_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"title": "a", "x": NaN, "y": [-Infinity, 1e999]}')
    [article], bad = read(path)
    assert not bad
    assert article.extra == {"x": None, "y": [None, None]}


@pytest.mark.parametrize(("date", "precision"), [("3/2026", "month"), ("2026-03-07", "day")])
def test_the_precision_of_a_date_is_kept(tmp_path: Path, date: str, precision: str) -> None:
    article = one(tmp_path, {"title": "a", "date": date})
    assert article.published_precision == precision
    exported = {"title": "a", "published": "2026-03-01T00:00:00+07:00"}
    again = one(tmp_path, {**exported, "published_precision": precision})
    assert again.published_precision == precision


def test_embeds_of_wordpress_are_read(tmp_path: Path) -> None:
    record = {
        **SHAPES["WordPress REST"],
        "_embedded": {
            "author": [{"id": 3, "name": "Lê Mai"}],
            "wp:featuredmedia": [{"source_url": "https://truong.example/a.jpg"}],
            "wp:term": [
                [{"taxonomy": "category", "name": "Hoạt động"}],
                [{"taxonomy": "post_tag", "name": "lúa"}, "lạ"],
            ],
        },
    }
    article = one(tmp_path, record)
    assert (article.author, article.section) == ("Lê Mai", "Hoạt động")
    assert article.image == "https://truong.example/a.jpg"
    assert article.extra["tags"] == ["lúa"]


def test_an_article_of_too_many_distinct_words_is_skipped(tmp_path: Path) -> None:
    """A build keeps all distinct words in memory. The message names the record."""
    table = " ".join(f"w{number}" for number in range(LIMITS.distinct + 1000))
    book = " ".join(f"w{number % 9999}" for number in range(2 * LIMITS.distinct))
    chinese = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(600_000))
    records = [{"id": name, "body": text} for name, text in (("t", table), ("b", book))]
    records.append({"id": "c", "body": chinese})
    articles, bad = read(write(tmp_path / "a.json", json.dumps(records)))
    assert [article.id for article in articles] == ["b", "c"]
    assert "distinct words" in str(bad[0])


def test_an_article_of_too_many_words_is_skipped(tmp_path: Path) -> None:
    records = [{"id": "1", "body": "a b " * (LIMITS.words // 2 + 1)}, {"id": "2", "body": "a b"}]
    articles, bad = read(write(tmp_path / "a.json", json.dumps(records)))
    assert [article.id for article in articles] == ["2"]
    assert "3,000,000 words" in str(bad[0])


@given(
    words=st.lists(st.sampled_from("a b c d e 一 二".split())),
    distinct=st.integers(1, 6),
    count=st.integers(1, 9),
)
def test_words_are_counted_over_all_texts(words: list[str], distinct: int, count: int) -> None:
    texts = [" ".join(words[:3]), " ".join(words[3:])]
    too_many = len(set(words)) > distinct or len(words) > count
    too_many &= sum(map(len, texts)) > 2 * min(distinct, count)
    with pytest.raises(InvalidRecordError) if too_many else nullcontext():
        check_words(texts, WordLimits(count, distinct))
