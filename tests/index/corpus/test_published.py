import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.corpus.published import parse_published
from index.vietnamese.dates import VIETNAM

NOW = datetime(2026, 3, 8, 12, 0, tzinfo=VIETNAM)
AT = "2026-03-07T08:15:00+07:00"


MOMENTS: list[object] = [
    "2026-03-07T08:15:00+07:00",
    "2026-03-07T08:15:00.000 +07:00",
    "2026-03-07 08:15:00",
    "2026-03-07 08:15",
    "2026-03-07T01:15:00Z",
    "2026-03-07 01:15:00 UTC",
    "2026-03-07T08:15:00+0700",
    "20260307T081500+0700",
    "2026/03/07 08:15:00",
    "20260307081500",
    "Sat, 07 Mar 2026 08:15:00 +0700",
    "Sat, 7 Mar 2026 01:15:00 GMT",
    "07 Mar 2026 08:15:00 +0700",
    "Sat Mar 07 2026 08:15:00 GMT+0700 (Indochina Time)",
    "March 7, 2026 8:15 AM",
    "Mar 7, 2026, 08:15",
    "7 March 2026 at 8:15 am",
    "Thứ Bảy, 07/03/2026 08:15",
    "Thứ Bảy, 07/03/2026, 08:15 (GMT+7)",
    "Thứ bảy, 7/3/2026 - 8:15",
    "08:15 07/03/2026",
    "08:15 | 07/03/2026",
    "08:15, 07-03-2026",
    "07/03/2026 08:15 GMT+7",
    "8h15 ngày 7/3/2026",
    "Cập nhật lúc 08:15, Thứ Bảy 07/03/2026",
    "Cập nhật: 07/03/2026 08:15",
    "Ngày đăng: 07/03/2026 08:15",
    "Đăng lúc: 08:15 07/03/2026",
    "hôm qua 08:15",
    "Hôm qua, 08:15",
    "/Date(1772846100000)/",
    "\\/Date(1772846100000+0700)\\/",
    1772846100,
    1772846100000,
    "1772846100",
    "1772846100.0",
    1772846100.0,
]


@pytest.mark.parametrize("text", MOMENTS)
def test_every_form_of_one_moment_is_parsed(text: object) -> None:
    found = parse_published(text, NOW)
    assert found is not None
    assert (found.instant, found.precision) == (datetime.fromisoformat(AT), "")


@pytest.mark.parametrize("text", MOMENTS)
def test_forms_are_parsed_without_dateparser(text: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dateparser", None)  # it is part of the extra `html`
    test_every_form_of_one_moment_is_parsed(text)


@pytest.mark.parametrize(
    ("text", "start", "precision"),
    [
        ("2026-03-07", "2026-03-07", "day"),
        ("20260307", "2026-03-07", "day"),
        (20260307, "2026-03-07", "day"),
        ("07/03/2026", "2026-03-07", "day"),
        ("Thứ Bảy, 07/03/2026", "2026-03-07", "day"),
        ("ngày 7 tháng 3 năm 2026", "2026-03-07", "day"),
        ("Mar 7, 2026", "2026-03-07", "day"),
        ("7 March 2026", "2026-03-07", "day"),
        ("7th of March, 2026", "2026-03-07", "day"),
        ("hôm qua", "2026-03-07", "day"),
        ("2026-03", "2026-03-01", "month"),
        ("3/2026", "2026-03-01", "month"),
        ("tháng 3 năm 2026", "2026-03-01", "month"),
        ("March 2026", "2026-03-01", "month"),
        ("2026", "2026-01-01", "year"),
        (2026, "2026-01-01", "year"),
        ("2 ngày trước", "2026-03-06", "day"),
    ],
)
def test_precision_is_that_of_the_written_date(text: object, start: str, precision: str) -> None:
    found = parse_published(text, NOW)
    assert found is not None
    assert found.instant == datetime.fromisoformat(start).replace(tzinfo=VIETNAM)
    assert found.precision == precision


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("3 giờ trước", timedelta(hours=3)),
        ("15 phút trước", timedelta(minutes=15)),
        ("một giờ trước", timedelta(hours=1)),
        ("1h trước", timedelta(hours=1)),
        ("5m ago", timedelta(minutes=5)),
        ("2 hours ago", timedelta(hours=2)),
        ("vừa xong", timedelta()),
    ],
)
def test_relative_times_count_from_now(text: str, ago: timedelta) -> None:
    found = parse_published(text, NOW)
    assert found is not None
    assert found.instant == NOW - ago


@pytest.mark.parametrize("text", ["", " ", None, "0000-00-00 00:00:00", "0000-00-00", "null", "0"])
def test_placeholder_dates_of_databases_are_ignored(text: object) -> None:
    assert parse_published(text, NOW) is None


@pytest.mark.parametrize(
    "text",
    ["hôm nào", "2024-02-30", "32/1/2024", "x" * 200, "12", "7/3", "99:99 7/3/2026", True, [],
     "Feb 30, 2024", "0001-01-01T00:00:00Z", 1e300, float("nan")],
)  # fmt: skip
def test_an_invalid_date_is_refused(text: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        assert parse_published(text, NOW) is None, "made up"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-31T24:00:00+07:00", "2027-01-01T00:00:00+07:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
    ],
)
def test_the_end_of_a_day_and_a_leap_second_are_the_next_moment(text: str, expected: str) -> None:
    found = parse_published(text, NOW)
    assert found is not None
    assert found.instant.isoformat() == expected


zones = st.integers(-14 * 4, 14 * 4).map(lambda quarter: timezone(timedelta(minutes=15 * quarter)))
moments = st.datetimes(
    datetime(1950, 1, 1),  # noqa: DTZ001 # hypothesis requires naive bounds
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=zones,
).map(lambda moment: moment.replace(microsecond=0))


@given(moments, st.sampled_from(["iso", "rfc", "js", "vi"]))
def test_any_moment_survives_every_form(moment: datetime, form: str) -> None:
    offset = moment.strftime("%z")
    text = {
        "iso": moment.isoformat(),
        "rfc": moment.strftime("%a, %d %b %Y %H:%M:%S ") + offset,
        "js": moment.strftime("%a %b %d %Y %H:%M:%S GMT") + offset,
        "vi": moment.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y"),
    }[form]
    found = parse_published(text, NOW)
    assert found is not None
    assert found.instant == moment


@given(st.text(max_size=120) | st.floats() | st.integers())
def test_anything_is_a_date_or_a_value_error(value: object) -> None:
    try:
        found = parse_published(value, datetime(2026, 1, 1, tzinfo=UTC))
    except (ValueError, OverflowError, OSError):
        return
    assert found is None or found.instant.utcoffset() is not None


@pytest.mark.parametrize(
    "text", ["quý 1 năm 2026", "Quý I/2026", "Q1/2026", "2026-W10", "1990s", "cuối năm 2025"]
)
def test_a_quarter_or_week_is_not_read_as_a_day(text: str) -> None:
    with pytest.raises(ValueError, match="not in a known form"):
        parse_published(text, NOW)
