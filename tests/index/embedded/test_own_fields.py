"""A user's own fields of each kind are stored, by each kind of write."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import open_whoosh
from index.analysis import analyse, analyse_all
from index.article import Article
from index.embedded import writer
from index.embedded.columns import NO_DATE
from index.embedded.commits import read_commit
from index.embedded.limits import WriteLimits
from index.embedded.segment import OpenSegment
from index.schema import DEFAULT_SCHEMA, Schema, SchemaError
from index.schema_files import parse_field
from index.values import PART_GAP
from tests.index.embedded.segments import IN_SEGMENTS

SCHEMA = DEFAULT_SCHEMA.with_fields(
    *map(
        parse_field,
        (
            "tags:keywords:facet",
            "place:keyword:searched:filter",
            "desk:keyword:sortable",
            "caption:text",
            "note:text:shown",
            "price:number:sortable",
            "updated:date",
            "pdf:link",
        ),
    )
)
LABELS = ["Lúa gạo", "giá gạo", "Đồng Tháp", "a,b;c"]


def opened(directory: Path) -> list[OpenSegment]:
    return [OpenSegment(directory, segment) for segment in read_commit(directory).segments]


def holders(directory: Path, field: str, label: str) -> set[str]:
    """Return the ids of the articles with a label."""
    found = set()
    for segment in opened(directory):
        ordinal = segment.labels[field].dictionary.ordinal(label)
        numbers = segment.labels[field].doc_ids(ordinal).tolist() if ordinal >= 0 else []
        found |= {segment.stored.article(n).id for n in numbers if n not in segment.deleted}
    return found


def column(directory: Path, field: str) -> dict[str, float]:
    """Return the value of each article that has one."""
    found = {}
    for segment in opened(directory):
        for number in range(segment.documents):
            value = segment.columns[field][number]
            if number not in segment.deleted and value != NO_DATE and not math.isnan(value):
                found[segment.stored.article(number).id] = value.item()
    return found


moments = st.datetimes(datetime(1000, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
values = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(LABELS), max_size=4),
        "place": st.sampled_from(LABELS),
        "desk": st.sampled_from(["", *LABELS]),
        "caption": st.sampled_from(["Giá lúa tăng", "", "Mưa lớn"]),
        "note": st.just("kín"),
        "price": st.floats(allow_nan=False) | st.integers(-(10**9), 10**9),
        "updated": moments.map(datetime.isoformat),
        "pdf": st.just("https://example.org/a.pdf"),
    },
)
articles = st.lists(
    st.builds(
        lambda number, own: Article(str(number), f"Bài {number}", values=own),
        st.integers(0, 12),
        values,
    ),
    max_size=8,
)


@given(articles, articles, st.sets(st.integers(0, 12).map(str), max_size=4))
@settings(max_examples=30, deadline=None)
def test_own_fields_are_kept_whatever_is_written(
    tmp_path_factory: pytest.TempPathFactory,
    first: Sequence[Article],
    then: Sequence[Article],
    deleted: Iterable[str],
) -> None:
    directory = tmp_path_factory.mktemp("index")
    limits = WriteLimits(exact_tokens=0, beside_largest=1, flush_tokens=8, merged_flushes=2)
    writer.build(analyse_all(first, 1, SCHEMA, 2), directory, SCHEMA, limits=limits)
    writer.update(analyse_all(then, 1, SCHEMA, 2), directory, limits=limits)
    writer.delete(directory, deleted, limits=IN_SEGMENTS)
    live = {one.id: one for one in [*first, *then] if one.id not in set(deleted)}
    assert read_commit(directory).schema == SCHEMA
    for label in LABELS:
        for field in ("tags", "place", "desk"):
            has = {
                one.id
                for one in live.values()
                if label
                in ([*one.values.get(field, [])] if field == "tags" else [one.values.get(field)])
            }
            assert holders(directory, field, label) == has, (field, label)
    assert column(directory, "price") == {
        name: float(one.values["price"]) for name, one in live.items() if "price" in one.values
    }
    assert column(directory, "updated") == {
        name: datetime.fromisoformat(one.values["updated"]).timestamp() // 1
        for name, one in live.items()
        if "updated" in one.values
    }
    stored = [
        segment.stored.article(number)
        for segment in opened(directory)
        for number in range(segment.documents)
        if number not in segment.deleted
    ]
    assert {one.id: one for one in stored} == live


def test_own_texts_and_labels_are_searched_as_the_schema_says(tmp_path: Path) -> None:
    own = {
        "caption": "Giá lúa",
        "note": "kín đáo",
        "place": "Đồng Tháp",
        "tags": ["vụ mùa"],
    }
    writer.build([analyse([Article("1", "Bài báo", values=own)], SCHEMA)], tmp_path, SCHEMA)
    [segment] = opened(tmp_path)

    def positions(field: str, term: str) -> list[int]:
        ordinal = segment.fields[field].dictionary.ordinal(term)
        return segment.fields[field].positions(ordinal).tolist() if ordinal >= 0 else []

    assert positions("caption", "lúa") == [1]
    assert positions("text", "lúa") == [2 + 2 + 1 + 5 * PART_GAP]  # after title, place
    assert positions("text", "tháp") != []
    assert positions("text", "kín") == []
    assert positions("text", "mùa") == []
    assert set(segment.fields) - set(segment.layout.scored) == {*segment.layout.labels.values()}
    assert segment.lengths["caption"].tolist() == [2]
    with open_whoosh(tmp_path).searcher() as searcher:
        assert searcher.document_numbers(tags="vụ mùa")
        assert searcher.stored_fields(0)["values"] == own


def test_authors_are_split_and_their_words_stay_searchable(tmp_path: Path) -> None:
    article = Article("1", "Bài", author="Lê  An; Trần Bình, Lê An")
    writer.build([analyse([article])], tmp_path)
    [segment] = opened(tmp_path)
    labels = segment.labels["author"].dictionary
    assert [labels.term(at) for at in range(len(labels))] == ["Lê An", "Trần Bình"]
    assert segment.fields["author"].dictionary.ordinal("bình") >= 0


def test_an_index_keeps_its_schema(tmp_path: Path) -> None:
    article = Article("1", "Bài", values={"tags": ["a"]})
    writer.build([analyse([article], SCHEMA)], tmp_path, SCHEMA)
    more = [analyse([Article("2", "Bài")], SCHEMA)]
    with pytest.raises(SchemaError, match="other fields"):
        writer.update(more, tmp_path, DEFAULT_SCHEMA, limits=IN_SEGMENTS)
    assert writer.update(more, tmp_path, limits=IN_SEGMENTS).articles == 2
    assert writer.update(more, tmp_path, SCHEMA, limits=IN_SEGMENTS).articles == 2
    writer.delete(tmp_path, ["2"], limits=IN_SEGMENTS)
    assert read_commit(tmp_path).schema == SCHEMA
    writer.build([analyse([article])], tmp_path)
    assert read_commit(tmp_path).schema == DEFAULT_SCHEMA


@pytest.mark.parametrize(
    "own",
    [
        {"tags": [1]},
        {"tags": {"a": 1}},
        {"price": "12"},
        {"price": True},
        {"price": 10**400},
        {"updated": "yesterday"},
        {"updated": "2024-01-01T00:00:00"},
        {"updated": 12},
    ],
)
def test_a_value_of_another_kind_is_an_error_that_names_article_and_field(
    tmp_path: Path, own: dict[str, object]
) -> None:
    [name] = own
    with pytest.raises(ValueError, match=f"'7': {name} is a"):
        writer.build([analyse([Article("7", "Bài", values=own)], SCHEMA)], tmp_path, SCHEMA)


def test_moments_before_1970_and_fractions_are_rounded_down(tmp_path: Path) -> None:
    schema: Schema = DEFAULT_SCHEMA.with_fields(parse_field("updated:date"))
    moment = datetime(1960, 1, 1, tzinfo=UTC) + timedelta(milliseconds=300)
    articles = [Article("1", "Bài", published=moment, values={"updated": moment.isoformat()})]
    writer.build([analyse(articles, schema)], tmp_path, schema)
    assert column(tmp_path, "updated") == column(tmp_path, "published") == {"1": -315619200}
