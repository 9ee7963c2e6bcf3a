"""Parsing of dates as they are written in Vietnam: the day always comes before the month.

A query names a period ("tháng 3", "hôm qua", "1/2024"); an article is published at an instant
(the same forms, ISO 8601 or RFC 2822, with or without a time of day). Dates without a UTC offset
are in Vietnam's time, UTC+7 all year round.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple

from index.vietnamese.forms import fold

VIETNAM = timezone(timedelta(hours=7))
"""Vietnam's offset from UTC, unchanged since 1975."""

YEARS = range(1000, 9999)
"""Years that are accepted: the end of a period (the next year) and any UTC offset still fit a
`datetime`."""

MAX_DATE_CHARACTERS = 100
"""Characters of a date; a longer text is refused. Arbitrary."""


class Period(NamedTuple):
    """The instants [start, end), both timezone-aware."""

    start: datetime
    end: datetime


def parse_period(text: str, today: date) -> Period:
    """Parse the period that a query names; diacritics may be missing ("thang 3").

    A text without a year means the latest such period that has begun by `today`: in February,
    "tháng 3" is March of last year. Raises ValueError, with the reason, if the text is no date.
    """
    return _period(text, _tidy(text), today)


def parse_instant(text: str) -> datetime:
    """Parse the date of a record to a timezone-aware datetime.

    Without a time of day it is midnight; of a month or a year it is the first day. Accepted are
    "2024-01-03T08:15:00+07:00", "Wed, 03 Jan 2024 08:15:00 GMT", "Thứ tư, 3/1/2024, 08:15
    (GMT+7)", "3-1-2024", "1/2024". Raises ValueError, with the reason, for anything else and for
    a date without a year.
    """
    tidy = _tidy(text)
    try:
        instant = _international(tidy) or _vietnamese(text, tidy)
    except OverflowError as error:
        raise _unreadable(text, str(error)) from error
    if instant.year not in YEARS:
        raise _unreadable(text, f"the year {instant.year} is not from 1000 to 9998")
    return instant


def today_in_vietnam() -> date:
    """Return the current day in Vietnam."""
    return datetime.now(VIETNAM).date()


def _tidy(text: str) -> str:
    """Return the text folded, with single spaces and without leading or trailing punctuation."""
    if len(text) > MAX_DATE_CHARACTERS:
        raise _unreadable(
            text[:MAX_DATE_CHARACTERS] + "...", f"longer than {MAX_DATE_CHARACTERS} characters"
        )
    return re.sub(r"\s+", " ", fold(text)).strip(" .,;:|-")


def _unreadable(text: str, reason: str) -> ValueError:
    return ValueError(
        f"not a date: {text!r} ({reason}); write 3-1-2024, 1/2024, 2024, 2024-01-03 or tháng 3"
    )


_ENGLISH_MONTH = re.compile(
    r"(?:[a-z]{3,9},? )?\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
)
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>[0-9]{1,2}) ?(?::|h|g|gio)(?: ?(?P<minute>[0-9]{2})(?![0-9]))?"
    r"(?:(?: ?:| phut) ?(?P<second>[0-9]{2})(?![0-9]))?(?: phut)?"
    r" ?(?P<half>am|pm|sa|ch)?(?![a-z])"
)
_OFFSET = re.compile(
    r"\(?(?:gmt|utc) ?(?P<sign>[+-]) ?(?P<hours>[01]?[0-9])(?::?(?P<minutes>[0-5][0-9]))?\)?"
)
_WEEKDAY = re.compile(r"\b(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|cn|t[2-7])\b")


def _international(tidy: str) -> datetime | None:
    """Parse ISO 8601 and RFC 2822; return None for anything else."""
    try:
        if re.match(r"\d{4}-?\d\d-?\d\d|\d{4}-?w\d\d", tidy):
            instant = datetime.fromisoformat(tidy.upper())
        elif _ENGLISH_MONTH.match(tidy):
            # Importing it takes 13 ms, and no query needs it.
            from email.utils import parsedate_to_datetime

            instant = parsedate_to_datetime(tidy)
            if instant.tzinfo is None and tidy.endswith("-0000"):
                instant = instant.replace(tzinfo=UTC)
        else:
            return None
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)


def _vietnamese(text: str, tidy: str) -> datetime:
    """Parse a Vietnamese date with a time of day before or after it."""
    zone: timezone = VIETNAM
    if offset := _OFFSET.search(tidy):
        zone = _zone(offset)
        tidy = _without(tidy, offset)
    clock = time()
    if found := _CLOCK.search(tidy):
        clock = _clock(text, found)
        tidy = _without(tidy, found)
    day = re.sub(r"\b(?:luc|vao)\b", " ", _WEEKDAY.sub(" ", tidy))
    start = _period(text, re.sub(r"\s+", " ", day).strip(" ,|-–;"), None).start
    return datetime.combine(start.date(), clock, zone)


def _without(text: str, found: re.Match[str]) -> str:
    return text[: found.start()] + " " + text[found.end() :]


def _zone(offset: re.Match[str]) -> timezone:
    minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
    return timezone(timedelta(minutes=-minutes if offset["sign"] == "-" else minutes))


def _clock(text: str, found: re.Match[str]) -> time:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if found["half"] and hour <= 12:
        hour = hour % 12 + (12 if found["half"] in ("pm", "ch") else 0)
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise _unreadable(text, str(error)) from error


_NAMES = ("mot", "hai", "ba", "tu", "nam", "sau", "bay", "tam", "chin", "muoi")
_NUMBER = {
    **{str(number): number for number in range(1, 32)},
    **{f"0{number}": number for number in range(1, 10)},
    **{name: number for number, name in enumerate(_NAMES, 1)},
    "bon": 4,
    "muoi mot": 11,
    "muoi hai": 12,
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
}
"""Folded spellings of the numbers of days, months and quarters ("tháng tư", "quý III")."""

_NAMED = "|".join(_NAMES)
_YEAR = "(?P<year>[0-9]{4})"
_OF_YEAR = rf"(?:(?:,? nam | ?[,/.-] ?| ){_YEAR})?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        (
            r"(?:ngay |mung |mong )?(?P<day>[0-9]{1,2}) ?[-/.] ?(?P<month>[0-9]{1,2})"
            r"(?: ?[-/.] ?(?P<year>[0-9]{4}|[0-9]{2}))?"
        ),
        rf"{_YEAR} ?[-/.] ?(?P<month>[0-9]{{1,2}})(?: ?[-/.] ?(?P<day>[0-9]{{1,2}}))?",
        rf"(?P<month>[0-9]{{1,2}}) ?[-/.] ?{_YEAR}",
        (
            rf"(?:(?:ngay |mung |mong )?(?P<day>[0-9]{{1,2}}|{_NAMED}),? )?"
            rf"thang (?P<month>[0-9]{{1,2}}|muoi hai|muoi mot|bon|{_NAMED}){_OF_YEAR}"
        ),
        rf"quy (?P<quarter>[1-4]|i{{1,3}}|iv|mot|hai|ba|bon|tu){_OF_YEAR}",
        rf"(?:nam )?{_YEAR}",
    )
)
_CALENDAR = re.compile("(?P<unit>tuan|thang|nam) (?P<which>nay|truoc|ngoai)")
_LATELY = re.compile("(?:(?P<count>[0-9]{1,3}) )?(?P<unit>ngay|tuan|thang|nam) (?:qua|gan day)")
_DAYS_OF = {"ngay": 1, "tuan": 7, "thang": 30, "nam": 365}


def _period(text: str, tidy: str, today: date | None) -> Period:
    """Parse a date without a time of day. If `today` is None, the date must name a year."""
    if today:
        if days := _relative(tidy, today):
            return _between(*days)
        tidy = re.sub("nam (?:ngoai|truoc)$", f"nam {today.year - 1}", tidy)
        tidy = re.sub("nam nay$", f"nam {today.year}", tidy)
    for form in _FORMS:
        if found := form.fullmatch(tidy):
            return _between(*_days(text, found.groupdict(), today))
    raise _unreadable(text, "no known date format")


def _between(first: date, end: date) -> Period:
    midnight = time(tzinfo=VIETNAM)
    return Period(datetime.combine(first, midnight), datetime.combine(end, midnight))


def _relative(tidy: str, today: date) -> tuple[date, date] | None:
    """Return the [first, end) days of a relative date; None if the text is not one."""
    ago = {"hom nay": 0, "hom qua": 1, "hom kia": 2}.get(tidy)
    if ago is not None:
        return today - timedelta(ago), today - timedelta(ago - 1)
    if found := _LATELY.fullmatch(tidy):
        days = int(found["count"] or 1) * _DAYS_OF[found["unit"]]
        return today - timedelta(days), today + timedelta(1)
    if found := _CALENDAR.fullmatch(tidy):
        return _calendar(found["unit"], 0 if found["which"] == "nay" else -1, today)
    return None


def _calendar(unit: str, shift: int, today: date) -> tuple[date, date]:
    """Return the [first, end) days of this week, month or year (shift 0) or the last (-1)."""
    if unit == "tuan":
        monday = today + timedelta(7 * shift - today.weekday())
        return monday, monday + timedelta(7)
    if unit == "thang":
        month = today.replace(day=1)
        return _months_on(month, shift), _months_on(month, shift + 1)
    return date(today.year + shift, 1, 1), date(today.year + shift + 1, 1, 1)


def _months_on(first: date, months: int) -> date:
    """Return the first day of a month moved by a number of months."""
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)


def _days(text: str, parts: dict[str, str | None], today: date | None) -> tuple[date, date]:
    """Return the [first, end) days of the period that the parts of a match name."""
    numbers = {
        part: _NUMBER.get(written, 0)
        for part, written in parts.items()
        if written and part != "year"
    }
    written = parts.get("year")
    reason = "the year is missing"
    for year in _years(written, today):
        try:
            days = _span(year, **numbers)
        except ValueError as error:
            reason = str(error)
            continue
        if written or not today or days[0] <= today:
            return days
    raise _unreadable(text, reason)


def _years(written: str | None, today: date | None) -> Iterator[int]:
    """Yield the year written, or without one the last nine years, latest first.

    29 February may be eight years back. A year of two digits is 1970 to 2069.
    """
    if written:
        yield int(written) + (0 if len(written) == 4 else 2000 if int(written) < 70 else 1900)
    elif today:
        yield from range(today.year, today.year - 9, -1)


def _span(
    year: int, month: int | None = None, day: int | None = None, quarter: int | None = None
) -> tuple[date, date]:
    """Return the [first, end) days of a period. Raises ValueError for a day that does not exist."""
    if year not in YEARS:
        raise ValueError("years go from 1000 to 9998")
    if day is not None:
        first = date(year, month or 0, day)
        return first, first + timedelta(1)
    if quarter is not None:
        month = 3 * quarter - 2
    first = date(year, 1 if month is None else month, 1)
    return first, _months_on(first, 3 if quarter else 12 if month is None else 1)
