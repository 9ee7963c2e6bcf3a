"""Conditions on fields: those that are accepted, and those that are refused with a message."""

from datetime import date, datetime
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from index.vietnamese.dates import VIETNAM
from search import open_searcher, plan
from search.planning.conditions import filter_node, number_node, period_node
from search.request import FilterBy

SCHEMA = DEFAULT_SCHEMA.with_fields(parse_field("price:number"), parse_field("tags:keywords"))


def test_days_are_those_of_vietnam_and_ranges_include_both_ends() -> None:
    node = filter_node(FilterBy("published", low=date(2024, 1, 1), high=date(2024, 1, 1)), SCHEMA)
    first, after = (datetime(2024, 1, day, tzinfo=VIETNAM) for day in (1, 2))
    assert node == plan.Range("published", first, after)


def test_a_range_to_the_last_possible_day_has_no_end() -> None:
    assert filter_node(FilterBy("published", high=date.max), SCHEMA) == plan.Range("published")
    assert period_node("published", "2023..").maximum is None


def test_numbers_include_their_end() -> None:
    node = number_node("price", "10..20")
    assert node.minimum == 10
    assert isinstance(node.maximum, float)
    assert 20 < node.maximum < 20.000001
    assert number_node("price", "..5").minimum is None


@pytest.mark.parametrize("text", ["", "..", "nan", "1..inf", "x", "1..2..3"])
def test_an_invalid_range_of_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        number_node("price", text)


@pytest.mark.parametrize(
    "condition",
    [
        FilterBy("body", ("x",)),
        FilterBy("nothing", ("x",)),
        FilterBy("published", ("2024",)),
        FilterBy("published", low=3),
        FilterBy("published", high=3.5),
        FilterBy("price", low=date(2024, 1, 1)),
        FilterBy("tags", low=1.0),
    ],
)
def test_a_condition_that_a_field_does_not_support_is_refused(condition: FilterBy) -> None:
    with pytest.raises(ValueError, match=r".+"):
        filter_node(condition, SCHEMA)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("gạo price:10..20", None),
        ("gạo price:31/2", "unknown_number"),
        ("gạo published:31-2-2024", "unknown_date"),
        ("gạo until:31-2-2024", "unknown_date"),
    ],
)
def test_a_range_that_cannot_be_read_is_reported_by_its_kind(
    query: str, code: str | None, tmp_path: Path
) -> None:
    articles = [Article(id="a", body="gạo", values={"price": 15.0})]
    build([analyse(articles, SCHEMA)], tmp_path, SCHEMA)
    results = open_searcher(tmp_path).search(query)
    assert [hit.id for hit in results.hits] == ["a"]
    assert [
        reported.code for reported in results.warnings if reported.code.startswith("unknown")
    ] == ([code] if code else [])
