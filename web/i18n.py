"""The language of the pages: templates have Vietnamese texts, a catalogue their translations.

Catalogues are gettext's: `translations/LANGUAGE/LC_MESSAGES/pages.po`, compiled to `pages.mo` by
`make translations`; tests check that nothing is missing and that both files agree.
"""

from datetime import date, datetime
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

from flask import Flask, has_request_context

from index.vietnamese.dates import VIETNAM
from web import formats
from web.preferences import preferences

_TRANSLATIONS = Path(__file__).with_name("translations")


def language() -> str:
    """Return the language of the current page."""
    return preferences().language if has_request_context() else "vi"


def text(message: str) -> str:
    """Return a message in the language of the page."""
    return _catalogue(language()).gettext(message)


def plural(one: str, many: str, count: int) -> str:
    """Return a message in the plural form of a count, in the language of the page."""
    return _catalogue(language()).ngettext(one, many, count)


def translatable(message: str) -> str:
    """Return a message as it is; the call marks it for extraction (gettext's N_)."""
    return message


def install(app: Flask) -> None:
    """Let templates translate (`_`, `ngettext`) and write numbers and dates in the language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(text, plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(language=language, preferences=preferences)
    app.jinja_env.filters.update(
        number=write_number,
        seconds=lambda value: formats.seconds(value, language()),
        points=lambda value: formats.decimal(value, 2, language()),
        day=lambda value: formats.day(value, language()),
        moment=write_moment,
        dated=write_dated,
        clock=write_clock,
        age=write_age,
        month=lambda value: formats.month(value, language()),
    )


def write_number(value: int) -> str:
    """Write a number in the language of the page."""
    return formats.number(value, language())


def write_plain_number(value: float) -> str:
    """Write a number of a field, which may be a year, in the language of the page."""
    return formats.plain_number(value, language())


def write_moment(value: datetime | str, precision: str = "") -> str:
    """Write a moment, given as a datetime or in ISO 8601; return other texts as they are."""
    moment = read_moment(value)
    return formats.moment(moment, precision, language()) if moment else str(value)


def write_dated(value: datetime | str, precision: str = "") -> str:
    """Write the day of a moment, like `write_moment`."""
    moment = read_moment(value)
    return formats.dated(moment, precision, language()) if moment else str(value)


def write_clock(value: datetime | str, precision: str = "") -> str:
    """Write the time of day of a moment, "" if it is unknown."""
    moment = read_moment(value)
    return formats.clock(moment, precision) if moment else ""


def write_age(value: datetime | str) -> str:
    """Write the age of a moment, such as "2 hours ago"; "" for the future and the distant past."""
    moment = read_moment(value)
    passed = formats.age(moment, datetime.now(VIETNAM)) if moment else None
    match passed:
        case None:
            return ""
        case ("minutes", 0):
            return text("vừa xong")
        case ("minutes", count):
            return plural("%(num)d phút trước", "%(num)d phút trước", count) % {"num": count}
        case ("hours", count):
            return plural("%(num)d giờ trước", "%(num)d giờ trước", count) % {"num": count}
        case ("days", 1):
            return text("hôm qua")
        case (_, count):
            return plural("%(num)d ngày trước", "%(num)d ngày trước", count) % {"num": count}


def read_moment(value: datetime | str) -> datetime | None:
    """Return a moment as an aware datetime, parsed if it is a text in ISO 8601; None if invalid."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if value.tzinfo else value.replace(tzinfo=VIETNAM)


def write_day(value: date) -> str:
    """Write a day in the language of the page."""
    return formats.day(value, language())


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == "vi":  # what the templates are written in
        return NullTranslations()
    return translation("pages", _TRANSLATIONS, [language])
