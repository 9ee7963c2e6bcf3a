"""Numbers, dates and page numbers as readers see them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import formats
from web.paging import paging


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (999, "999"), (1234, "1.234"), (34862000, "34.862.000")]
)
def test_thousands_are_separated_by_dots(value: int, written: str) -> None:
    assert formats.number(value, "vi") == written


@pytest.mark.parametrize(
    ("milliseconds", "written"), [(0.02, "0,001"), (12.4, "0,012"), (1500, "1,500")]
)
def test_seconds_have_a_decimal_comma(milliseconds: float, written: str) -> None:
    assert formats.seconds(milliseconds, "vi") == written


def test_dates_have_the_day_first_and_no_zeros() -> None:
    assert formats.day(date(2024, 1, 3), "vi") == "3/1/2024"
    assert formats.day(date(2024, 1, 3), "en") == "3 Jan 2024"


@pytest.mark.parametrize(
    ("iso", "precision", "vietnamese", "english"),
    [
        ("2024-01-03T00:00:00+07:00", "", "3/1/2024", "3 Jan 2024"),
        ("2024-01-03T09:05:00+07:00", "", "3/1/2024, 09:05", "3 Jan 2024, 09:05"),
        ("2026-03-01T20:00:00+00:00", "", "2/3/2026, 03:00", "2 Mar 2026, 03:00"),
        ("2024-12-31T20:00:00-05:00", "", "1/1/2025, 08:00", "1 Jan 2025, 08:00"),
        ("2026-03-01T00:00:00+07:00", "month", "3/2026", "Mar 2026"),
        ("2026-01-01T00:00:00+07:00", "year", "2026", "2026"),
        ("2026-03-02T08:00:00+07:00", "day", "2/3/2026", "2 Mar 2026"),
        ("9999-12-31T23:00:00-11:00", "", "31/12/9999, 23:00", "31 Dec 9999, 23:00"),
    ],
)
def test_moments_are_vietnams_and_as_precise_as_known(
    iso: str, precision: str, vietnamese: str, english: str
) -> None:
    moment = datetime.fromisoformat(iso)
    assert formats.moment(moment, precision, "vi") == vietnamese
    assert formats.moment(moment, precision, "en") == english


NOW = datetime.fromisoformat("2026-03-02T00:30:00+07:00")


@pytest.mark.parametrize(
    ("iso", "age"),
    [
        ("2026-03-02T00:29:30+07:00", ("minutes", 0)),
        ("2026-03-01T17:20:00+00:00", ("minutes", 10)),
        ("2026-03-01T22:30:00+07:00", ("days", 1)),
        ("2026-03-01T00:00:00+07:00", ("days", 1)),
        ("2026-02-23T00:00:00+07:00", ("days", 7)),
        ("2026-02-22T23:00:00+07:00", None),
        ("2026-03-02T00:31:00+07:00", None),
    ],
)
def test_how_long_ago_counts_days_of_the_calendar(iso: str, age: tuple[str, int] | None) -> None:
    assert formats.age(datetime.fromisoformat(iso), NOW) == age


def test_pages_far_away_are_left_out() -> None:
    assert paging(50, 10, 1000).numbers == (1, None, 48, 49, 50, 51, 52, None, 100)
    assert paging(1, 10, 30).numbers == (1, 2, 3)
    assert paging(4, 10, 70).numbers == (1, 2, 3, 4, 5, 6, 7)
    assert paging(1, 10, 0).numbers == (1,)


@given(st.integers(1, 10**6), st.integers(1, 100), st.integers(0, 10**7))
def test_pages_ascend_from_the_first_to_the_last(page: int, size: int, total: int) -> None:
    offered = paging(page, size, total)
    numbers = [number for number in offered.numbers if number]
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1]) == (1, offered.last)
    assert (offered.last - 1) * size < max(total, 1) <= max(offered.last * size, 1)
    assert (page in numbers) is (page <= offered.last)


@given(st.integers(1, 2000), st.integers(1, 20000))
def test_a_gap_replaces_two_pages_or_more(page: int, total: int) -> None:
    numbers = paging(page, 10, total).numbers
    for before, gap, after in zip(numbers, numbers[1:], numbers[2:], strict=False):
        if gap is None:
            assert before is not None
            assert after is not None
            assert after - before > 2
