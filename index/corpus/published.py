"""The date of a record, in the many forms of real sources, and its precision.

>>> parse_published("Cập nhật lúc 08:15, Thứ Bảy 07/03/2026").instant.isoformat()
'2026-03-07T08:15:00+07:00'
>>> parse_published("03/2026").precision
'month'
"""

import importlib
import math
import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple

from index.article import Precision
from index.vietnamese.dates import VIETNAM, YEARS, parse_instant, parse_period
from index.vietnamese.forms import fold

MAX_DATE_CHARACTERS = 100
"""Characters of a date that is parsed; the longest known form has 70."""


class Published(NamedTuple):
    """A moment with its offset from UTC, and its precision."""

    instant: datetime
    precision: Precision


def parse_published(value: object, now: datetime | None = None) -> Published | None:
    """Parse a record's date; None if it is empty or a database's zero ("0000-00-00").

    A time without an offset is Vietnam's. "3 giờ trước" is relative to `now`. Raises ValueError for
    an unknown form.
    """
    found = _parse(value, now or datetime.now(VIETNAM))
    if found and found.instant.year not in YEARS:
        raise ValueError(f"the year {found.instant.year} is not from {YEARS.start} to {YEARS[-1]}")
    return found


def _parse(value: object, now: datetime) -> Published | None:
    if isinstance(value, datetime):
        return Published(value if value.tzinfo else value.replace(tzinfo=VIETNAM), "")
    if isinstance(value, date):
        return Published(datetime.combine(value, time(), VIETNAM), "day")
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise ValueError("neither text nor a number")
    if isinstance(value, int | float):
        return _from_number(value)
    return _usual_iso(value or "") or _from_text(value or "", now)


_PREFIX = re.compile(
    r"^(?:(?:cap nhat|ngay dang|dang|ngay|thoi gian|xuat ban|published|posted|updated|date)\s*"
    r"(?:luc|ngay|on|at|vao|tin)?\s*:?\s+|(?:cap nhat|dang|ngay dang|published|posted)\s*:\s*)+"
)
_ZERO = re.compile(r"(?:0[0\W]*(?:t[0\W]*z?)?)?")  # "0000-00-00t00:00:00z", folded


_USUAL_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:[0-5]\d)", re.ASCII)


def _usual_iso(value: str) -> Published | None:
    """Parse the form of most dates, in a tenth of the time of `_from_text`."""
    if _USUAL_ISO.fullmatch(value):
        with suppress(ValueError):  # a leap second, or the end of a day
            return Published(datetime.fromisoformat(value), "")
    return None


def _from_text(value: str, now: datetime) -> Published | None:
    text = re.sub(r"\s+", " ", value).strip(" .,;|-–•()[]")
    if len(text) > MAX_DATE_CHARACTERS:
        raise ValueError(f"longer than {MAX_DATE_CHARACTERS} characters")
    folded = fold(text)
    if _ZERO.fullmatch(folded):
        return None
    if re.fullmatch(r"-?\d{1,19}(?:\.\d{1,9})?", folded):
        return _from_number(float(folded) if "." in folded else int(folded))
    if folded in ("null", "none", "nan", "n/a", "undefined"):
        return None
    if moment := _DOT_NET.fullmatch(folded):
        return _from_number(int(moment[1]))
    bare = _PREFIX.sub("", folded).strip(" .,;|-")
    for parse in (_iso, _relative, _english, _vietnamese):
        try:
            if found := parse(bare, now):
                return found
        except (ValueError, OverflowError):
            continue
    if found := _by_dateparser(text):
        return found
    raise ValueError("not in a known form of dates")


_DOT_NET = re.compile(r"\\?/date\((-?\d{1,19})(?:[+-]\d{4})?\)\\?/")
"""How ASP.NET writes milliseconds since 1970; the offset there does not change the moment."""

_SECONDS = (1e8, 1e10)  # 1973 to 2286
_UNITS = (1.0, 1e3, 1e6, 1e9)  # of seconds: also milli-, micro- and nanoseconds


def _from_number(number: float) -> Published:
    """Parse a year, a day written 20260307, or a moment in units since 1970."""
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    if number == int(number):
        whole = int(number)
        if 1900 <= whole <= 2100:
            return Published(datetime(whole, 1, 1, tzinfo=VIETNAM), "year")
        if 19000101 <= whole <= 21001231:
            day = date(whole // 10000, whole // 100 % 100, whole % 100)
            return Published(datetime.combine(day, time(), VIETNAM), "day")
        if len(str(whole)) == 14 and 1900 <= whole // 10**10 <= 2100:  # 20260307081500
            return Published(
                datetime.strptime(str(whole), "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM), ""
            )
    for unit in _UNITS:
        if _SECONDS[0] <= number / unit < _SECONDS[1]:
            return Published(datetime.fromtimestamp(number / unit, VIETNAM), "")
    raise ValueError("a number that is neither a year nor seconds since 1970")


_ISO = re.compile(
    r"(?P<day>\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{8})"
    r"(?:(?: ?t ?|, ?| +)(?P<clock>\d{1,2}:?\d\d(?::?\d\d)?)(?:[.,](?P<fraction>\d{1,9}))?"
    r" ?(?P<zone>z|utc|gmt|(?:(?:utc|gmt) ?)?[+-]\d\d?(?::?\d\d)?)?"
    r"(?: ?\[[a-z_/]+\])?)?"
)


def _iso(text: str, now: datetime) -> Published | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    digits = re.split("[-/]", found["day"])
    year, month, day = (
        map(int, digits) if len(digits) == 3 else (int(text[:4]), int(text[4:6]), int(text[6:8]))
    )
    if not found["clock"]:
        return Published(datetime(year, month, day, tzinfo=VIETNAM), "day")
    clock = found["clock"].replace(":", "").zfill(4)
    hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:6] or 0)
    micro = int((found["fraction"] or "").ljust(6, "0")[:6])
    extra = timedelta()
    if hour == 24 or second == 60:  # the end of a day, a leap second
        extra = timedelta(days=hour == 24, seconds=second == 60)
        hour, second = hour % 24, second % 60
        second = 59 if extra.seconds else second
    moment = datetime(year, month, day, hour, minute, second, micro, _zone(found["zone"]))
    return Published(moment + extra, "")


_ZONES = {"z": 0, "utc": 0, "gmt": 0, "ut": 0, "ict": 7, "est": -5, "edt": -4, "pst": -8, "pdt": -7}


def _zone(name: str | None) -> timezone:
    if not name:
        return VIETNAM
    bare = re.sub(r"^(?:utc|gmt) ?(?=[+-])", "", name)
    if bare in _ZONES:
        return timezone(timedelta(hours=_ZONES[bare])) if _ZONES[bare] else UTC
    digits = bare[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    if minutes > 59:
        raise ValueError("an offset of more than 59 minutes")
    if bare == "-0000":
        return UTC
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if bare[0] == "-" else offset)


_AGO = re.compile(
    r"(?:khoang |hon |about |cach day )?(?P<count>\d{1,5} ?|(?:mot|an?) )"
    r"(?P<unit>giay|phut|gio|tieng|ngay|tuan|thang|nam"
    r"|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|[smhd])"
    r"(?: (?:truoc|ago))?"
)
_UNIT_SECONDS = {
    "s": 1, "m": 60, "h": 3600, "d": 86400,
    "giay": 1, "se": 1, "phut": 60, "mi": 60, "gio": 3600, "tieng": 3600, "ho": 3600, "hr": 3600,
    "ngay": 86400, "da": 86400, "tuan": 604800, "we": 604800, "thang": 2592000, "mo": 2592000,
    "nam": 31536000, "ye": 31536000,
}  # fmt: skip
_DAYS_AGO = {"hom nay": 0, "today": 0, "hom qua": 1, "yesterday": 1, "hom kia": 2}


def _relative(text: str, now: datetime) -> Published | None:
    """Parse a date relative to the present: "3 giờ trước", "hôm qua 08:15", "vừa xong"."""
    if text in ("vua xong", "moi day", "just now", "bay gio", "now"):
        return Published(now, "")
    if ("truoc" in text or "ago" in text or "cach day" in text) and (found := _AGO.fullmatch(text)):
        unit = found["unit"]
        seconds = _UNIT_SECONDS.get(unit) or _UNIT_SECONDS[unit[:2]]
        count = int(found["count"]) if found["count"].strip().isdigit() else 1
        moment = now - timedelta(seconds=count * seconds)
        if seconds < 86400:
            return Published(moment, "")
        start = datetime.combine(moment.astimezone(VIETNAM).date(), time(), VIETNAM)
        return Published(start, "day")
    for name, days in _DAYS_AGO.items():
        if name in text:
            day = (now.astimezone(VIETNAM) - timedelta(days)).date()
            rest = text.replace(name, f"{day.day}/{day.month}/{day.year}", 1)
            return _vietnamese(rest, now)
    return None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = re.compile(
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_ENGLISH_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?([ap])?\.?(?:m\b\.?)?")
_HOUR_ONLY = re.compile(r"\b(\d{1,2}) ?([ap])\.?m\b\.?")
_ENGLISH_ZONE = re.compile(
    r"(?:\b(?:gmt|utc) ?)?[+-]\d\d:?\d\d\b|\b(?:gmt|utc|ut|z|ict|[ep][sd]t)\b"
)
_WEEKDAY = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b")


def _english(text: str, now: datetime) -> Published | None:
    """Parse a date with the English name of its month, in any order."""
    month = _MONTH_NAME.search(text)
    if not month:
        return None
    rest = re.sub(r"\([a-z ]*(?:\)|$)", " ", text[: month.start()] + " , " + text[month.end() :])
    zone: timezone = VIETNAM
    # An offset must follow the time, so that "5-2024" does not count as one.
    if (clock := _ENGLISH_CLOCK.search(rest)) and (
        found := _ENGLISH_ZONE.search(rest, clock.end())
    ):
        zone = _zone(found[0].strip())
        rest = rest[: found.start()] + " " + rest[found.end() :]
    time_of_day, rest = _english_clock(rest)
    rest = _WEEKDAY.sub(" ", rest)
    numbers = re.findall(r"\d+", rest)
    if re.sub(r"\d+(?:st|nd|rd|th)?\b|\b(?:at|on|of|the)\b|[\s,.\-/|]", "", rest):
        return None
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(years) != 1 or len(days) + 1 != len(numbers) or len(days) > 1:
        return None
    day = datetime(
        int(years[0]), _MONTHS.index(month[1][:3]) + 1, int(days[0]) if days else 1, tzinfo=zone
    )
    if time_of_day is None:
        return Published(day.replace(tzinfo=VIETNAM), "day" if days else "month")
    return Published(day + time_of_day, "")


def _english_clock(rest: str) -> tuple[timedelta | None, str]:
    """Return the time of day and the text without it."""
    clock = _ENGLISH_CLOCK.search(rest)
    hour_only = None if clock else _HOUR_ONLY.search(rest)
    if clock:
        hour, minute, second, mark = int(clock[1]), int(clock[2]), int(clock[3] or 0), clock[4]
    elif hour_only:
        hour, minute, second, mark = int(hour_only[1]), 0, 0, hour_only[2]
    else:
        return None, rest
    if mark and hour <= 12:
        hour = hour % 12 + (12 if mark == "p" else 0)
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError("no time of day")
    found = clock or hour_only
    assert found is not None  # noqa: S101 # for the type checker
    time_of_day = timedelta(hours=hour, minutes=minute, seconds=second)
    return time_of_day, rest[: found.start()] + " " + rest[found.end() :]


_OTHER_PERIOD = re.compile(r"\bquy\b|\bq[1-4]\b|\d{4}-?w\d\d$")
"""A quarter or a week, which no `Precision` can express."""

_CLOCK = re.compile(r"\d ?(?::|h|g(?!h)|gio) ?\d?")


def _vietnamese(text: str, now: datetime) -> Published | None:
    if _OTHER_PERIOD.search(text):
        return None  # `parse_instant` would return its first month or day
    instant = parse_instant(text)
    if _CLOCK.search(text):
        return Published(instant, "")
    try:
        period = parse_period(text, instant.date())
    except ValueError:  # a weekday before the day
        return Published(instant, "day")
    days = (period.end - period.start).days
    return Published(instant, "day" if days == 1 else "month" if days < 100 else "year")


def _by_dateparser(text: str) -> Published | None:
    """Parse by dateparser, if installed (extra `html`): last, since it takes 2 ms per date."""
    try:
        dateparser = importlib.import_module("dateparser")
    except ImportError:
        return None
    if not re.search(r"[12]\d{3}", text):  # dateparser would make up a year
        return None
    try:
        found = dateparser.parse(
            text,
            languages=["vi", "en"],
            settings={
                "DATE_ORDER": "DMY",
                "REQUIRE_PARTS": ["day", "month", "year"],
                "TIMEZONE": "+0700",
                "RETURN_AS_TIMEZONE_AWARE": True,
                "PARSERS": ["absolute-time"],  # the others read "1990s" as seconds from now
            },
        )
    except (ValueError, OverflowError, TypeError, RecursionError):
        return None
    if found is None:
        return None
    return Published(found, "" if ":" in text else "day")
