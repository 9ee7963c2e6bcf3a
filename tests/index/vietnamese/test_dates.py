from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.dates import VIETNAM, parse_instant, parse_period, today_in_vietnam

TODAY = date(2026, 2, 15)  # a Sunday


def days(text: str, today: date = TODAY) -> tuple[str, str]:
    """Return the first and the last day of a period."""
    start, end = parse_period(text, today)
    assert start.utcoffset() == end.utcoffset() == timedelta(hours=7)
    assert start.time() == end.time() == datetime.min.time()
    return str(start.date()), str(end.date() - timedelta(1))


@pytest.mark.parametrize(
    "text",
    [
        "3-1-2024",
        "03/01/2024",
        "3.1.2024",
        "3 / 1 / 2024",
        "ngày 3/1/2024",
        "3/1/24",
        "ngày 3 tháng 1 năm 2024",
        "Ngày 3, tháng 1, năm 2024",
        "ngay 3 thang 1 nam 2024",
        "mùng ba tháng một năm 2024",
        "3 tháng 1 2024",
        "2024-01-03",
        "2024/1/3",
        " 3-1-2024. ",
        "ngày 3 tháng 1 năm 2024",
    ],
)
def test_the_day_comes_before_the_month(text: str) -> None:
    assert days(text) == ("2024-01-03", "2024-01-03")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2/2024", "2024-02-01", "2024-02-29"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("tháng 2/2024", "2024-02-01", "2024-02-29"),
        ("tháng hai năm 2024", "2024-02-01", "2024-02-29"),
        ("tháng năm năm 2024", "2024-05-01", "2024-05-31"),
        ("tháng mười hai năm ngoái", "2025-12-01", "2025-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("năm 2024", "2024-01-01", "2024-12-31"),
        ("quý III/2024", "2024-07-01", "2024-09-30"),
        ("quý 4 năm 2024", "2024-10-01", "2024-12-31"),
        ("hôm nay", "2026-02-15", "2026-02-15"),
        ("HOM QUA", "2026-02-14", "2026-02-14"),
        ("hôm kia", "2026-02-13", "2026-02-13"),
        ("tuần này", "2026-02-09", "2026-02-15"),
        ("tuần trước", "2026-02-02", "2026-02-08"),
        ("tháng này", "2026-02-01", "2026-02-28"),
        ("tháng trước", "2026-01-01", "2026-01-31"),
        ("năm nay", "2026-01-01", "2026-12-31"),
        ("năm ngoái", "2025-01-01", "2025-12-31"),
        ("7 ngày qua", "2026-02-08", "2026-02-15"),
        ("tuần qua", "2026-02-08", "2026-02-15"),
    ],
)
def test_days_months_years_and_ranges_are_parsed_as_periods(
    text: str, first: str, last: str
) -> None:
    assert days(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("tháng 2", "2026-02-01"),
        ("tháng 3", "2025-03-01"),
        ("ngày 15/2", "2026-02-15"),
        ("16-2", "2025-02-16"),
        ("29-2", "2024-02-29"),
        ("quý 2", "2025-04-01"),
    ],
)
def test_without_a_year_it_is_the_latest_that_has_begun(text: str, first: str) -> None:
    assert days(text)[0] == first


def test_the_month_before_january_is_december_of_the_last_year() -> None:
    assert days("tháng trước", date(2026, 1, 31)) == ("2025-12-01", "2025-12-31")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "31-2-2024",
        "29-2-2023",
        "31-2",
        "13/2024",
        "1/24",
        "0/0/2024",
        "32/1/2024",
        "99999",
        "0001",
        "9999",
        "1-2-3-4",
        "tháng 13",
        "hôm",
        "x" * 10000,
        "٣-١-٢٠٢٤",
    ],
)
def test_text_that_is_no_date_is_a_clear_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a date: '.*' \(.+\); write 3-1-2024"):
        parse_period(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-03T08:15:00+07:00",
        "2024-01-03T01:15Z",
        "2024-01-03 08:15",
        "20240103T0815",
        "Wed, 03 Jan 2024 01:15:00 GMT",
        "3 Jan 2024 08:15 +0700",
        "3 Jan 2024 01:15 -0000",
        "Thứ tư, 3/1/2024, 08:15 (GMT+7)",
        "03/01/2024 08:15 GMT+7",
        "8:15 3-1-2024",
        "8 giờ 15 phút, ngày 3 tháng 1 năm 2024",
        "lúc 8h15 ngày 3.1.2024",
        "T4, 3/1/2024 8g15",
        "03/01/2024 | 08:15 SA",
        "3/1/2024 - 08:15:00",
        "3/1/2024 10:15 UTC+09",
    ],
)
def test_dates_with_a_time_are_parsed_as_instants(text: str) -> None:
    instant = parse_instant(text)
    assert instant.tzinfo is not None
    assert instant == datetime(2024, 1, 3, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"), [("3-1-2024", (2024, 1, 3)), ("1/2024", (2024, 1, 1)), ("2024", (2024, 1, 1))]
)
def test_an_instant_without_a_time_is_the_beginning(text: str, day: tuple[int, int, int]) -> None:
    assert parse_instant(text) == datetime(*day, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hôm nay",
        "tháng 3",
        "3-1",
        "08:15",
        "25:00 3/1/2024",
        "2024-02-30T00:00:00",
        "9999",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "Sat, 99 Jan 2024",
        "1704243300",
    ],
)
def test_a_record_without_a_readable_day_is_a_clear_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a date: "):
        parse_instant(text)


aware = st.datetimes(
    datetime(1000, 1, 2),  # noqa: DTZ001
    datetime(9998, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from([VIETNAM, UTC]),
)


@given(aware)
def test_iso_and_mail_dates_round_trip(instant: datetime) -> None:
    assert parse_instant(instant.isoformat()) == instant
    assert parse_instant(format_datetime(instant)) == instant.replace(microsecond=0)


@given(st.dates(date(1000, 1, 1), date(9998, 12, 31)), st.sampled_from("-/."))
def test_days_round_trip_day_first(day: date, sign: str) -> None:
    text = f"{day.day}{sign}{day.month}{sign}{day.year}"
    assert days(text) == (str(day), str(day))
    assert parse_instant(text).date() == day


@given(st.text(alphabet="0123456789-/.: thángnămyqu+GMT", max_size=30) | st.text(max_size=30))
def test_any_string_is_parsed_or_refused(text: str) -> None:
    for read in (parse_instant, lambda text: parse_period(text, TODAY).start):
        try:
            assert 1000 <= read(text).year < 9999
        except ValueError as error:
            assert str(error).startswith("not a date: ")


def test_today_is_that_of_vietnam() -> None:
    assert today_in_vietnam() == datetime.now(UTC).astimezone(VIETNAM).date()
