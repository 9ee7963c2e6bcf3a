"""How do Vietnamese readers write numbers and dates?"""

from datetime import date, datetime


def number(value: int) -> str:
    """Write 1234567 as 1.234.567."""
    return f"{value:,}".replace(",", ".")


def seconds(milliseconds: float) -> str:
    """Write 12.4 ms as "0,012"; never less than a thousandth."""
    return f"{max(milliseconds, 1.0) / 1000:.3f}".replace(".", ",")


def points(value: float) -> str:
    """Write a score of 26.2716 as "26,27"."""
    return f"{value:.2f}".replace(".", ",")


def day(value: date) -> str:
    """Write a day (or a moment's day, in its own offset) as 3/1/2024."""
    return f"{value.day}/{value.month}/{value.year}"


def moment(value: datetime) -> str:
    """Write a moment as "3/1/2024, 14:05"; midnight stands for a day without a time."""
    return f"{day(value)}, {value:%H:%M}" if value.hour or value.minute else day(value)


def iso_day(value: str) -> str:
    """Write an ISO 8601 moment as 3/1/2024; what is none stays as it is."""
    try:
        return day(datetime.fromisoformat(value))
    except ValueError:
        return value
