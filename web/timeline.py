"""The timeline of a search: histograms by day, month or year, presets, dates as typed."""

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from index.vietnamese.dates import parse_period
from search.results.records import FacetValue
from web import formats
from web.addresses import search_address
from web.filters import FilterLink, hours_label
from web.i18n import language, text, write_day
from web.parameters import SearchParameters

TIME_FACET = "month"
"""The facet that the histogram is drawn from."""

MAX_MONTHS = 48
"""Months with one bar each; longer ranges have one per year, wide enough to click (arbitrary)."""

MAX_DAYS = 62
"""Days with one bar each, two months; longer ranges have bars by month only (arbitrary)."""

MAX_MONTHS_BY_DAY = 2
"""Months that are also shown by day: about `MAX_DAYS` days."""

MAX_BARS = 150
"""The latest bars of a histogram; dates of 150 years ago are likely wrong (arbitrary)."""

HOURS_OF_A_DAY = 24

MIN_HEIGHT = 4
"""Minimum height in percent of a bar with an article, so that it is visible (arbitrary)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A day, month or year: how many articles it has, its height in percent, and its filter."""

    label: str
    address: str
    count: int
    height: int
    chosen: bool


class Histogram(NamedTuple):
    """The bars of a histogram, and its heading."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class DateFilter:
    """The dates of a search as typed in two fields, and the problems with them."""

    since: str = ""
    until: str = ""
    problems: tuple[str, ...] = ()


def histograms(
    months: Sequence[FacetValue],
    days: Callable[[], Sequence[FacetValue]],
    parameters: SearchParameters,
) -> tuple[Histogram, ...]:
    """Return the histograms of a search: by month or year, and by day for two months or less.

    `days` counts by day ("2024-03-07"); it is called only if needed. A single bar is not shown.
    """
    by_month = histogram(months, parameters)
    found = [Histogram(text("Số bài theo thời gian"), by_month)]
    if 1 <= len(by_month) <= MAX_MONTHS_BY_DAY or _shown_days(parameters):
        by_day = day_bars(days(), parameters)
        found = [shown for shown in found if len(shown.bars) > MAX_MONTHS_BY_DAY]
        found.append(Histogram(text("Số bài theo ngày"), by_day))
    return tuple(shown for shown in found if len(shown.bars) > 1)


def _shown_days(parameters: SearchParameters) -> bool:
    """Return whether a search is narrowed to at most `MAX_DAYS` days."""
    since, until = parameters.since, parameters.until
    return bool(since and until and 0 < (until - since).days < MAX_DAYS)


def day_bars(values: Sequence[FacetValue], parameters: SearchParameters) -> tuple[Bar, ...]:
    """Return a bar for each day that is shown, also for days without articles."""
    counts = {day: value.count for value in values if (day := _day(value.value))}
    if _shown_days(parameters) and parameters.since and parameters.until:
        first, last = parameters.since, parameters.until
    elif counts:
        first, last = max(min(counts), max(counts) - timedelta(days=MAX_DAYS - 1)), max(counts)
    else:
        return ()
    shown = [first + timedelta(days=past) for past in range((last - first).days + 1)]
    highest = max(counts.get(day, 0) for day in shown)
    return tuple(
        _bar(Span(day, day, write_day(day)), counts.get(day, 0), highest, parameters)
        for day in shown
    )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def histogram(values: Sequence[FacetValue], parameters: SearchParameters) -> tuple[Bar, ...]:
    """Return a bar for each month (of few years) or each year, also for those without articles.

    `values` are counted by month ("2024-03") or by year ("2024"); anything else is left out.
    """
    counts = {value.value: value.count for value in values if _is_bucket(value.value)}
    if not counts:
        return ()
    buckets = list(_months(min(counts), max(counts)))
    if len(buckets) > MAX_MONTHS or any(len(bucket) == len("2024") for bucket in counts):
        counts = _by_year(counts)
        buckets = [f"{year:04}" for year in range(int(min(counts)), int(max(counts)) + 1)]
    buckets = buckets[-MAX_BARS:]
    highest = max(counts.get(bucket, 0) for bucket in buckets)
    return tuple(
        _bar(_span(bucket), counts.get(bucket, 0), highest, parameters) for bucket in buckets
    )


def _is_bucket(value: str) -> bool:
    parts = value.split("-")
    return (
        len(parts) in (1, 2)
        and all(part.isascii() and part.isdecimal() for part in parts)
        and len(parts[0]) == len("2024")
        and int(parts[0]) > 0
        and (len(parts) == 1 or 1 <= int(parts[1]) <= 12)
    )


def _months(first: str, last: str) -> Iterator[str]:
    """Yield the months from one to another, at most one more than `MAX_MONTHS`."""
    year, month = int(first[:4]), int(first[5:] or 1)
    for _ in range(MAX_MONTHS + 1):
        bucket = f"{year:04}-{month:02}"
        if bucket > last:
            return
        yield bucket
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _by_year(counts: dict[str, int]) -> dict[str, int]:
    years: dict[str, int] = {}
    for bucket, count in counts.items():
        years[bucket[:4]] = years.get(bucket[:4], 0) + count
    return years


class Span(NamedTuple):
    """The first and the last day of a bar, and its label."""

    first: date
    last: date
    name: str


def _span(bucket: str) -> Span:
    """Return the days of a month ("2024-03") or a year ("2024")."""
    year, month = int(bucket[:4]), int(bucket[5:] or 0)
    first = date(year, month or 1, 1)
    last = date(year, month or 12, monthrange(year, month or 12)[1])
    return Span(first, last, formats.month(first, language()) if month else str(year))


def _bar(span: Span, count: int, highest: int, parameters: SearchParameters) -> Bar:
    chosen = (parameters.since, parameters.until) == (span.first, span.last)
    since, until = (None, None) if chosen else (span.first, span.last)
    return Bar(
        label=span.name,
        address=search_address(parameters, since=since, until=until, hours=None),
        count=count,
        height=max(MIN_HEIGHT, round(100 * count / highest)) if count and highest else 0,
        chosen=chosen,
    )


def presets(parameters: SearchParameters, today: date) -> Iterator[FilterLink]:
    """Yield links to common periods up to now."""
    hours = HOURS_OF_A_DAY if parameters.hours != HOURS_OF_A_DAY else None
    address = search_address(parameters, since=None, until=None, hours=hours)
    yield FilterLink(hours_label(HOURS_OF_A_DAY), address, chosen=hours is None)
    for label, days in (
        (text("7 ngày qua"), 7),
        (text("30 ngày qua"), 30),
        (text("12 tháng qua"), 365),
    ):
        since = today - timedelta(days=days)
        chosen = (parameters.since, parameters.until) == (since, None)
        address = search_address(
            parameters, since=None if chosen else since, until=None, hours=None
        )
        yield FilterLink(label, address, chosen=chosen)


def read_dates(
    arguments: MultiDict[str, str], today: date
) -> tuple[MultiDict[str, str], DateFilter]:
    """Parse `since` and `until` as people type them; return the arguments with ISO dates.

    "3/2026" means its first day as `since` and its last day as `until`. A reversed range is
    swapped; what is not a date is left out, with a problem.
    """
    parsed = arguments.copy()
    spans: list[tuple[date, date]] = []
    problems: list[str] = []
    for name in ("since", "until"):
        typed = parsed.pop(name, "").strip()
        try:
            period = parse_period(typed, today) if typed else None
        except ValueError:
            problems.append(_not_a_date(typed[:40]))
            continue
        if period:
            parsed[name] = ""
            spans.append((period.start.date(), (period.end - timedelta(seconds=1)).date()))
    if len(spans) == len(("since", "until")):
        spans.sort()
    since = spans[0][0] if "since" in parsed and spans else None
    until = spans[-1][1] if "until" in parsed and spans else None
    for name, day in (("since", since), ("until", until)):
        if day:
            parsed[name] = day.isoformat()
    return parsed, DateFilter(_typed(since), _typed(until), tuple(problems))


def _typed(day: date | None) -> str:
    """Return a day in the Vietnamese form, which is parsed in both languages."""
    return formats.day(day, "vi") if day else ""


def _not_a_date(typed: str) -> str:
    return text(
        "Không hiểu ngày “%(typed)s” nên chưa lọc theo ngày này. Hãy viết như 31/1/2026, 1/2026 "
        "hoặc 2026."
    ) % {"typed": typed}
