"""Bars by month or year, presets, and dates as people type them."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from index.schema import DEFAULT_SCHEMA
from search.results.records import FacetValue
from web.filters import active_filters
from web.parameters import SearchParameters
from web.query_strings import read_parameters
from web.timeline import (
    MAX_BARS,
    MAX_DAYS,
    MAX_MONTHS,
    day_bars,
    histogram,
    histograms,
    presets,
    read_dates,
)

TODAY = date(2026, 3, 2)
NOTHING = SearchParameters()
MONTHS = st.builds("{:04}-{:02}".format, st.integers(1000, 9998), st.integers(1, 12))


def values(counts: dict[str, int]) -> list[FacetValue]:
    return [FacetValue(value, count) for value, count in counts.items()]


def test_months_without_articles_are_shown() -> None:
    bars = histogram(values({"2024-11": 10, "2025-02": 1}), NOTHING)
    assert [(bar.label, bar.count, bar.height) for bar in bars] == [
        ("11/2024", 10, 100),
        ("12/2024", 0, 0),
        ("1/2025", 0, 0),
        ("2/2025", 1, 10),
    ]
    assert bars[0].address == "/search?since=2024-11-01&until=2024-11-30"
    assert bars[3].address == "/search?since=2025-02-01&until=2025-02-28"


def test_clicking_a_chosen_bar_removes_its_filter() -> None:
    chosen = NOTHING.changed(since=date(2024, 2, 1), until=date(2024, 2, 29))
    bars = histogram(values({"2024-01": 5, "2024-02": 3}), chosen)
    assert [bar.chosen for bar in bars] == [False, True]
    assert bars[1].address == "/search?"


def test_many_months_are_added_up_to_years() -> None:
    bars = histogram(values({"2019-05": 2, "2024-01": 3, "2024-12": 4}), NOTHING)
    assert [(bar.label, bar.count) for bar in bars] == [
        ("2019", 2), ("2020", 0), ("2021", 0), ("2022", 0), ("2023", 0), ("2024", 7),
    ]  # fmt: skip


@given(st.dictionaries(MONTHS, st.integers(1, 10**6), min_size=1, max_size=30))
def test_bars_are_few_and_lose_nothing_of_the_last_years(counts: dict[str, int]) -> None:
    bars = histogram(values(counts), NOTHING)
    assert 1 <= len(bars) <= max(MAX_BARS, MAX_MONTHS)
    first = bars[0].address.split("since=")[1][:4]
    assert sum(bar.count for bar in bars) == sum(
        count for month, count in counts.items() if month[:4] >= first
    )
    assert max(bar.height for bar in bars) == 100
    assert all((bar.height > 0) == (bar.count > 0) for bar in bars)


@pytest.mark.parametrize("value", ["", "x", "2024-13", "2024-00", "0000", "24-01", "２０２４-01"])
def test_an_invalid_month_is_no_bar(value: str) -> None:
    assert histogram(values({value: 3}), NOTHING) == ()


def test_presets_go_back_from_today() -> None:
    week = next(link for link in presets(NOTHING, TODAY) if link.label == "7 ngày qua")
    assert week.address == "/search?since=2026-02-23"
    chosen = NOTHING.changed(since=date(2026, 2, 23))
    assert [link.chosen for link in presets(chosen, TODAY)] == [False, True, False, False]


def test_the_last_day_is_24_hours() -> None:
    day, week, *_ = presets(NOTHING.changed(since=date(2026, 2, 23)), TODAY)
    assert (day.label, day.address, day.chosen) == ("24 giờ qua", "/search?hours=24", False)
    chosen = NOTHING.changed(hours=24)
    day, week, *_ = presets(chosen, TODAY)
    assert (day.address, day.chosen) == ("/search?", True)
    assert week.address == "/search?since=2026-02-23"
    [filtered] = active_filters(chosen, DEFAULT_SCHEMA)
    assert (filtered.label, filtered.address) == ("24 giờ qua", "/search?")


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("3/2026", "", "2026-03-01", None),
        ("", "3/2026", None, "2026-03-31"),
        ("2025", "2024", "2024-01-01", "2025-12-31"),
        ("tháng 2", "hôm qua", "2026-02-01", "2026-03-01"),
        ("2024-01-31", "31.1.2024", "2024-01-31", "2024-01-31"),
    ],
)
def test_dates_are_read_as_typed(
    since: str, until: str, first: str | None, last: str | None
) -> None:
    read, dates = read_dates(MultiDict({"since": since, "until": until}), TODAY)
    assert (read.get("since"), read.get("until")) == (first, last)
    assert dates.problems == ()


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_leaves_parameters_that_can_be_used(since: str, until: str) -> None:
    read, dates = read_dates(MultiDict({"q": "x", "since": since, "until": until}), TODAY)
    parameters = read_parameters(read)
    reported = len(dates.problems) + bool(parameters.since) + bool(parameters.until)
    assert reported == bool(since.strip()) + bool(until.strip())
    again, _ = read_dates(MultiDict({"since": dates.since, "until": dates.until}), TODAY)
    assert (again.get("since"), again.get("until")) == (read.get("since"), read.get("until"))


def days(counts: dict[str, int]) -> Callable[[], list[FacetValue]]:
    return lambda: values(counts)


def never() -> list[FacetValue]:
    raise AssertionError("days are counted although nobody sees them")


def test_two_months_are_shown_by_day() -> None:
    counted = days({"2024-02-28": 2, "2024-03-01": 1})
    [shown] = histograms(values({"2024-02": 2, "2024-03": 1}), counted, NOTHING)
    assert [(bar.label, bar.count, bar.height) for bar in shown.bars] == [
        ("28/2/2024", 2, 100), ("29/2/2024", 0, 0), ("1/3/2024", 1, 50),
    ]  # fmt: skip
    assert shown.bars[0].address == "/search?since=2024-02-28&until=2024-02-28"


def test_a_month_that_is_chosen_is_shown_by_day_below_the_months() -> None:
    chosen = NOTHING.changed(since=date(2024, 2, 1), until=date(2024, 2, 29))
    months = values({"2024-01": 5, "2024-02": 3, "2024-04": 1})
    by_month, by_day = histograms(months, days({"2024-02-10": 3, "2024-04-01": 1}), chosen)
    assert [bar.chosen for bar in by_month.bars] == [False, True, False, False]
    assert len(by_day.bars) == 29
    assert [bar.label for bar in by_day.bars if bar.count] == ["10/2/2024"]


def test_many_months_are_not_counted_by_day_and_a_single_bar_is_none() -> None:
    months = values({"2024-01": 5, "2024-02": 3, "2024-04": 1})
    assert [one.name for one in histograms(months, never, NOTHING)] == ["Số bài theo thời gian"]
    assert histograms(values({"2024-02": 2}), days({"2024-02-28": 2}), NOTHING) == ()
    assert histograms((), never, NOTHING) == ()


@given(st.dictionaries(st.dates(), st.integers(1, 9), max_size=20), st.dates(), st.dates())
def test_any_days_are_few_bars(counts: dict[date, int], since: date, until: date) -> None:
    chosen = NOTHING.changed(since=since, until=until)
    for parameters in (NOTHING, chosen):
        bars = day_bars(values({str(day): n for day, n in counts.items()}), parameters)
        assert len(bars) <= MAX_DAYS
        assert all((bar.height > 0) == (bar.count > 0) for bar in bars)
