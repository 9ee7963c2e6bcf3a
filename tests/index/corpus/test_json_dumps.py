"""Layouts of JSON: arrays, dumps that wrap lists of records, feeds."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.corpus import BadRecord, LoadOptions
from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.field_names import FieldNames
from index.corpus.loaders.json_values import load_json
from index.corpus.loaders.json_wrappers import records_in
from index.corpus.notes import Notes
from index.corpus.streams import open_stream
from index.schema import DEFAULT_SCHEMA
from tests.index.corpus.files import read, write

PAIR = [{"title": "a"}, {"title": "b"}]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PAIR),
        json.dumps(PAIR, indent=2),
        "\n".join(json.dumps(record, indent=2) for record in PAIR),
        json.dumps({"articles": PAIR}),
        json.dumps({"total": 2, "facets": [{"x": 1}] * 9, "data": {"items": PAIR}}, indent=1),
        json.dumps({"hits": {"hits": [{"_id": n, "_source": r} for n, r in enumerate(PAIR)]}}),
        json.dumps({"db": [{"meta": {}, "data": {"posts": PAIR, "users": [{"x": 1}] * 5}}]}),
        "\n".join(json.dumps([record]) for record in PAIR),
        "\n".join(json.dumps({"posts": [record]}) for record in PAIR),
        "\ufeff" + "\n\ufeff".join(map(json.dumps, PAIR)),
        " ".join(map(json.dumps, PAIR)),
        "\x1e" + "\n\x1e".join(map(json.dumps, PAIR)),
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson.gz"])
def test_every_layout_of_json_is_read(tmp_path: Path, name: str, text: str) -> None:
    articles, bad = read(write(tmp_path / name, text))
    assert not bad
    assert [article.title for article in articles] == ["a", "b"]


def test_posts_of_a_forum_have_the_title_of_their_thread(tmp_path: Path) -> None:
    posts = [
        {"id": 1, "username": "mai", "cooked": "<p>Giá gạo</p>", "created_at": "2026-03-07"},
        {"id": 2, "username": "lan", "cooked": "<p>Giá lúa</p>", "topic_title": "Khác"},
    ]
    thread = {"id": 9, "title": "Chợ", "tags": [], "post_stream": {"posts": posts, "stream": [1]}}
    for dump, titles in ((thread, ["Chợ", "Khác"]), ({"latest_posts": posts}, ["", "Khác"])):
        articles, bad = read(write(tmp_path / "a.json", json.dumps(dump)))
        assert not bad
        assert [article.title for article in articles] == titles
        assert [article.body for article in articles] == ["Giá gạo", "Giá lúa"]
        assert [article.author for article in articles] == ["mai", "lan"]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("[", "]"),
        ('{"total": 5, "articles": [', "]}"),
        ('{"data": {"tags": [], "posts":\n [\n', ']}, "next": null}\n'),
        ('{"a": [', '], "b": [{"id": "z", "title": "z"}]}'),
    ],
)
def test_a_dump_longer_than_the_buffer_is_read(tmp_path: Path, before: str, behind: str) -> None:
    items = ",".join(json.dumps({"id": n, "title": "a" * 1000}) for n in range(2000))
    path = write(tmp_path / "a.json", before + items + behind)
    stream = open_stream(path, lambda taken: None)
    with stream:
        file = CorpusFile(path, ".json", stream, LoadOptions(), Notes())
        records = list(load_json(file, max_characters=100_000))
    assert not [record for record in records if isinstance(record, BadRecord)]
    assert len(records) == 2000 + ('"z"' in behind)


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Báo Thử",
    "items": [
        {"id": "1", "title": "a", "content_html": "<p>một</p>"},
        {"id": "2", "content_text": "hai"},
    ],
}


def test_a_feed_in_json_is_its_items_although_it_has_a_title(tmp_path: Path) -> None:
    articles, bad = read(write(tmp_path / "a.json", json.dumps(JSON_FEED)))
    assert not bad
    assert [(article.id, article.body) for article in articles] == [("1", "một"), ("2", "hai")]


@pytest.mark.parametrize(
    "record",
    [
        {"title": "a", "body": "b", "items": [{"title": "c", "body": "d"}]},
        {"title": "a", "related": [{"title": "c", "url": "/c"}]},
        {"title": "a", "comments": [{"author": "c", "text": "d"}]},
        {"title": "a", "items": [{"title": "ảnh", "url": "/1.jpg"}]},
    ],
)
def test_an_article_with_a_list_inside_is_one_article(
    tmp_path: Path, record: dict[str, object]
) -> None:
    [article], bad = read(write(tmp_path / "a.json", json.dumps(record)))
    assert not bad
    assert article.title == "a"


def _loaded(path: Path, max_characters: int) -> tuple[list[RawRecord | BadRecord], list[str]]:
    notes = Notes()
    with open_stream(path, lambda taken: None) as stream:
        file = CorpusFile(path, ".json", stream, LoadOptions(), notes)
        return list(load_json(file, max_characters)), list(notes.lines())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=400), min_size=1, max_size=40),
    st.sampled_from(["articles", "data.posts", "[].x.rows", "items of a feed", "hits.hits"]),
    st.integers(200, 30_000),
)
def test_the_buffer_size_does_not_change_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], shape: str, held: int
) -> None:
    items: list[dict[str, object]] = [
        {"id": str(n), "title": "t", "body": text} for n, text in enumerate(texts)
    ]
    sources = [{"_id": str(n), "_source": item} for n, item in enumerate(items)]
    dump = {
        "articles": {"total": 2, "note": 'a "[{" b', "articles": items},
        "data.posts": {"data": {"tags": [{"x": 1}], "posts": items}},
        "[].x.rows": {"db": [{"meta": {}, "x": {"rows": items}}]},
        "items of a feed": {**JSON_FEED, "items": items},
        "hits.hits": {"took": 1, "hits": {"total": 3, "hits": sources}},
    }[shape]
    path = write(tmp_path_factory.mktemp("dump") / "a.json", json.dumps(dump, ensure_ascii=False))
    longest = max(len(json.dumps(item, ensure_ascii=False)) for item in items)
    records, _ = _loaded(path, max(held, 2 * longest + 1000))
    assert not [record for record in records if isinstance(record, BadRecord)]
    ids = [record.fields.get("id") for record in records if isinstance(record, RawRecord)]
    assert ids == [str(n) for n in range(len(texts))]


def test_other_lists_of_a_dump_are_reported_and_bad_items_of_the_first_are_bad(
    tmp_path: Path,
) -> None:
    items = [{"id": n, "title": "a" * 1000} for n in range(200)]
    dump = {"posts": [*items, {"x": 1}], "users": [{"login": "mai"}] * 3}
    records, reported = _loaded(write(tmp_path / "a.json", json.dumps(dump)), 50_000)
    assert len(records) == 201
    assert reported == [f"{tmp_path / 'a.json'}: 3 objects of the dump are not articles"]
    articles, [bad] = read(write(tmp_path / "b.json", json.dumps({"posts": [*items, {"x": 1}]})))
    assert len(articles) == 200
    assert "no text" in bad.reason


class _CountingNames(FieldNames):
    """Counts the objects that are examined."""

    looked_at = 0

    def assign(self, names: tuple[str, ...]) -> dict[str, list[str]]:
        self.looked_at += 1
        return super().assign(names)


@pytest.mark.parametrize("key", ["_source", "id"])
def test_nested_lists_take_linear_time(key: str) -> None:
    value: dict[str, object] = {key: 1}
    for _ in range(14):
        value = {key: 1, "x": [value]}
    names = _CountingNames(DEFAULT_SCHEMA, {})
    assert records_in(value, names) is None
    assert names.looked_at < 100
