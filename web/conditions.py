"""The parser of `filter=`: conditions on the filterable fields of the schema.

`source:VnExpress AND published>=2024-01-31`,
`tags IN ["lúa gạo", "cà phê"] AND views:10..200`.
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from index.schema import KEYWORD_KINDS, Field, Kind, Schema
from search.request import FilterBy
from web.problems import BadParameterError, problem

MAX_CONDITIONS = 20
"""Conditions of one request. Arbitrary; each is another set of articles to intersect."""

_VALUE = r"""\[[^\]]*\] | "[^"]*" | '[^']*' | (?:(?!\s(?:AND|OR)(?:\s|$)).)+"""
_CONDITION = re.compile(
    rf"""\s*(?P<field>\w[\w.]*)\s*(?P<operator>>=|<=|!=|[:=<>]|IN(?=\s*\[))\s*(?P<value>{_VALUE})\s*""",
    re.VERBOSE,
)
_LISTED = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,]*))\s*(?:,|$)""")
_AND = re.compile(r"AND\s")


def parse_conditions(text: str, schema: Schema) -> Iterator[FilterBy]:
    """Parse conditions joined by AND. Raises BadParameterError with the place of the mistake.

    >>> from index.schema import DEFAULT_SCHEMA
    >>> [condition] = parse_conditions('source IN ["Phố Thị", "Tin Biển"]', DEFAULT_SCHEMA)
    >>> condition.field, condition.values
    ('source', ('Phố Thị', 'Tin Biển'))
    """
    pos = 0
    for _ in range(MAX_CONDITIONS):
        found = _CONDITION.match(text, pos)
        if not found:
            _refuse(f"filter: no condition such as source:VnExpress at {text[pos : pos + 40]!r}")
        yield _condition(found["field"], found["operator"], found["value"].strip(), schema)
        pos = found.end()
        if pos == len(text):
            return
        joined = _AND.match(text, pos)
        if not joined:
            _refuse(f"filter: conditions are joined by AND, not {text[pos : pos + 40]!r}")
        pos = joined.end()
    _refuse(f"filter: more than {MAX_CONDITIONS} conditions")


def condition_of(field: Field, values: tuple[str, ...]) -> FilterBy:
    """Return the condition of `?FIELD=value`; numbers and dates may be LOW..HIGH."""
    if field.kind in KEYWORD_KINDS or field.name == "id":
        return FilterBy(field.name, values)
    value, *others = values
    if others:
        _refuse(f"{field.name} takes one value or range")
    return _range(field, value)


def _condition(name: str, operator: str, value: str, schema: Schema) -> FilterBy:
    field = schema.find(name)
    if field is None or not field.filter:
        known = ", ".join(field.name for field in schema.filters)
        _refuse(f"filter: {name!r} is not a field to filter by; there are {known}")
    if operator == "!=":
        _refuse('filter: != is not supported; exclude in q, as in -source:"VnExpress"')
    if operator in {":", "=", "IN"}:
        listed = value.startswith("[") and value.endswith("]")
        values = tuple(_listed(value[1:-1])) if listed else (_unquoted(value),)
        return condition_of(field, values)
    if field.kind in KEYWORD_KINDS:
        _refuse(f"filter: {field.name} holds labels, which are not compared by {operator}")
    return _bound(field, operator, _unquoted(value))


def _listed(text: str) -> Iterator[str]:
    for double, single, bare in _LISTED.findall(text):
        if value := double or single or bare.strip():
            yield value


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _range(field: Field, text: str) -> FilterBy:
    """Parse one value or LOW..HIGH, either end of which may be missing."""
    low, dots, high = text.partition("..")
    if not dots:
        return FilterBy(field.name, low=_bound_value(field, low), high=_bound_value(field, low))
    return FilterBy(
        field.name,
        low=_bound_value(field, low) if low.strip() else None,
        high=_bound_value(field, high) if high.strip() else None,
    )


def _bound(field: Field, operator: str, text: str) -> FilterBy:
    value = _bound_value(field, text)
    try:
        end = value if "=" in operator else _beyond(value, 1 if operator == ">" else -1)
    except OverflowError:
        _refuse(f"{field.name}: there is nothing beyond {text!r}")
    return FilterBy(field.name, low=end) if ">" in operator else FilterBy(field.name, high=end)


def _beyond(value: date | datetime | float, step: int) -> date | datetime | float:
    """Return the next greater (step 1) or next smaller (step -1) value."""
    if isinstance(value, datetime):
        return value + timedelta(seconds=step)
    if isinstance(value, date):
        return value + timedelta(days=step)
    return math.nextafter(value, math.inf * step)


def _bound_value(field: Field, text: str) -> date | datetime | float:
    try:
        if field.kind is Kind.DATE:
            return _moment(text.strip())
        number = float(text)
    except ValueError:
        example = "2024-01-31" if field.kind is Kind.DATE else "10, or a range such as 10..20"
        _refuse(f"{field.name} must be a {field.kind} such as {example}, not {text[:40]!r}")
    if not math.isfinite(number):
        _refuse(f"{field.name} must be a finite number")
    return number


def _moment(text: str) -> date | datetime:
    """Parse a day, or a moment, which is in UTC if it has no offset."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return date.fromisoformat(text)
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _refuse(message: str) -> NoReturn:
    raise BadParameterError(problem("filter", message))
