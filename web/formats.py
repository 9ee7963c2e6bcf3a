"""Numbers, dates and times in the conventions of each language; days are those of Vietnam.

>>> number(1234567, "vi"), number(1234567, "en")
('1.234.567', '1,234,567')
>>> day(date(2024, 1, 3), "vi"), day(date(2024, 1, 3), "en")
('3/1/2024', '3 Jan 2024')
"""

from datetime import date, datetime, time, timedelta

from index.vietnamese.dates import VIETNAM

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

MAX_RELATIVE_DAYS = 7
"""Age up to which "3 days ago" is shown beside a date (arbitrary)."""


def number(value: int, language: str) -> str:
    """Write 1234567 as 1.234.567 or 1,234,567."""
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if language == "vi" else grouped


def plain_number(value: float, language: str) -> str:
    """Write any number as it is, ungrouped: it may be a year.

    >>> plain_number(2024.0, "vi"), plain_number(1.5, "vi"), plain_number(1.5, "en")
    ('2024', '1,5', '1.5')
    """
    written = str(value).removesuffix(".0")
    return written.replace(".", ",") if language == "vi" else written


def decimal(value: float, digits: int, language: str) -> str:
    """Write 26.2716 with two digits as 26,27 or 26.27."""
    written = f"{value:.{digits}f}"
    return written.replace(".", ",") if language == "vi" else written


def seconds(milliseconds: float, language: str) -> str:
    """Write 12.4 ms as "0,012"; never less than a thousandth."""
    return decimal(max(milliseconds, 1.0) / 1000, 3, language)


def day(value: date, language: str) -> str:
    """Write a day as 3/1/2024 or 3 Jan 2024."""
    if language == "vi":
        return f"{value.day}/{value.month}/{value.year}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def month(value: date, language: str) -> str:
    """Write a month as 3/2024 or Mar 2024."""
    if language == "vi":
        return f"{value.month}/{value.year}"
    return f"{_MONTHS[value.month - 1]} {value.year}"


def in_vietnam(value: datetime) -> datetime:
    """Return a moment in Vietnam's time zone; unchanged if that is outside datetime's range."""
    try:
        return value.astimezone(VIETNAM)
    except OverflowError:
        return value


def moment(value: datetime, precision: str, language: str) -> str:
    """Write a moment as precisely as it is known: "3/1/2024, 14:05", "3/1/2024", "1/2024"."""
    return ", ".join(filter(None, (dated(value, precision, language), clock(value, precision))))


def dated(value: datetime, precision: str, language: str) -> str:
    """Write the day, month or year of a moment, as precisely as it is known."""
    local = in_vietnam(value)
    match precision:
        case "year":
            return str(local.year)
        case "month":
            return month(local, language)
    return day(local, language)


def clock(value: datetime, precision: str) -> str:
    """Write the time of day, "14:05"; "" for midnight, which means that it is unknown."""
    local = in_vietnam(value)
    return (
        "" if precision in {"year", "month", "day"} or local.time() == time() else f"{local:%H:%M}"
    )


def age(value: datetime, now: datetime) -> tuple[str, int] | None:
    """Return the unit and the number of "3 days ago"; None for the future and the distant past.

    Days are calendar days in Vietnam: yesterday evening is one day ago.
    """
    elapsed = now - value
    if elapsed < timedelta():
        return None
    if elapsed < timedelta(hours=1):
        return "minutes", int(elapsed.total_seconds() // 60)
    days = (in_vietnam(now).date() - in_vietnam(value).date()).days
    if days == 0:
        return "hours", int(elapsed.total_seconds() // 3600)
    return ("days", days) if days <= MAX_RELATIVE_DAYS else None
