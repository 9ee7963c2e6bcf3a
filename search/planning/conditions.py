"""Conditions on fields: the filters of a query or request become nodes of a plan.

Days are days in Vietnam (UTC+7); both ends of a range are inclusive.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from index.schema import KEYWORD_KINDS, Field, Kind, Schema
from index.vietnamese.dates import VIETNAM, parse_period, today_in_vietnam
from search import plan
from search.interpretation.context import Context
from search.planning.planned import PlannedParts
from search.query import tree as q
from search.request import Bucket, FacetBy, FilterBy, SortBy
from search.warnings import QueryWarning, warning

RANGE = ".."
"""The separator in a range of numbers or dates: `price:10..20`, `published:2023..`."""


def filter_node(condition: FilterBy, schema: Schema) -> plan.Node:
    """Return the node of a request's filter.

    Raises ValueError for a field that cannot be filtered by, or a bound of the wrong type.
    """
    field = schema.find(condition.field)
    if field is None or not field.filter:
        known = ", ".join(declared.name for declared in schema.filters)
        raise ValueError(f"articles cannot be filtered by {condition.field!r}, only by {known}")
    nodes: list[plan.Node] = []
    if condition.values and field.kind not in KEYWORD_KINDS:
        raise ValueError(f"{field.name!r} is a {field.kind}: filter it by a range, not by values")
    if condition.values:
        nodes.append(plan.Keyword(field.name, condition.values))
    if condition.low is not None or condition.high is not None:
        nodes.append(_range(field, condition))
    return nodes[0] if len(nodes) == 1 else plan.And(tuple(nodes))


def _range(field: Field, condition: FilterBy) -> plan.Range:
    low, high = condition.low, condition.high
    if field.kind is Kind.NUMBER:
        if isinstance(low, date) or isinstance(high, date):
            raise ValueError(f"{field.name!r} is a number, not a date")
        above = None if high is None else math.nextafter(high, math.inf)
        return plan.Range(field.name, low, above)
    if field.kind is Kind.DATE:
        if isinstance(low, int | float) or isinstance(high, int | float):
            raise ValueError(f"{field.name!r} is a date, not a number")
        return plan.Range(field.name, first_moment(low), moment_after(high))
    raise ValueError(f"{field.name!r} is a {field.kind}: filter it by values, not by a range")


def first_moment(day: date | datetime | None) -> datetime | None:
    """Return the first moment of a day in Vietnam; a datetime unchanged."""
    if day is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, time(), VIETNAM)


def moment_after(day: date | datetime | None) -> datetime | None:
    """Return the moment after a day in Vietnam, or after a datetime; None after the last one.

    >>> moment_after(date.max) is None
    True
    """
    if day is None or (not isinstance(day, datetime) and day == date.max):
        return None
    step = timedelta(microseconds=1) if isinstance(day, datetime) else timedelta(days=1)
    first = day if isinstance(day, datetime) else datetime.combine(day, time(), VIETNAM)
    try:
        return first + step
    except OverflowError:
        return None


def period_node(field: str, text: str) -> plan.Range:
    """Return the node of `published:3/2024` or `published:2023..2024`, for a field of dates.

    Raises ValueError for a date that cannot be read.
    """
    start, end = _ends(text)
    today = today_in_vietnam()
    return plan.Range(
        field,
        parse_period(start, today).start if start else None,
        parse_period(end, today).end if end else None,
    )


def number_node(field: str, text: str) -> plan.Range:
    """Return the node of `price:10` or `price:10..20`. Raises ValueError for other text.

    >>> number_node("price", "10..").minimum
    10.0
    """
    start, end = _ends(text)
    low = float(start) if start else None
    high = float(end) if end else None
    if not all(end is None or math.isfinite(end) for end in (low, high)):
        raise ValueError(f"{text!r} is not a range of numbers")
    return plan.Range(field, low, None if high is None else math.nextafter(high, math.inf))


def _ends(text: str) -> tuple[str, str]:
    start, dots, end = (part.strip() for part in text.partition(RANGE))
    if not start and not end:
        raise ValueError(f"{text!r} is a range without bounds")
    return start, end if dots else start


def sort_by(sort: SortBy | None, schema: Schema) -> SortBy | None:
    """Return the order of a plan. Raises ValueError for a field that hits cannot be sorted by."""
    if sort is None:
        return None
    if sort.field not in schema or not schema[sort.field].sortable:
        known = ", ".join(declared.name for declared in schema.sortable)
        raise ValueError(f"hits cannot be sorted by {sort.field!r}, only by {known}")
    return sort


def facet_request(
    facet: FacetBy, filters: Sequence[FilterBy], match: plan.Node, schema: Schema
) -> plan.FacetRequest:
    """Return the request for the counts of a facet without its own filter.

    A user who has filtered by one source still sees the counts of the others. `match` is that of
    the query without filters. Raises ValueError for a field that is not a facet.
    """
    field = schema.find(facet.field)
    if field is None or not field.facet or (facet.bucket and field.kind is not Kind.DATE):
        known = ", ".join((*(declared.name for declared in schema.facets), *Bucket))
        raise ValueError(f"there is no facet {facet.name!r}, only {known}")
    others = [condition for condition in filters if condition.field != field.name]
    bucket = facet.bucket or (Bucket.YEAR if field.kind is Kind.DATE else None)
    return plan.FacetRequest(
        field.name,
        bucket,
        limit=facet.limit,
        match=None if len(others) == len(filters) else filtered(match, others, schema),
    )


def filtered(match: plan.Node, filters: Sequence[FilterBy], schema: Schema) -> plan.Node:
    """Return a match restricted by filters."""
    nodes = [filter_node(condition, schema) for condition in filters]
    return plan.And((match, *nodes)) if nodes else match


def plan_filter(condition: q.Filter, context: Context) -> PlannedParts:
    """Plan a filter on a field.

    A value that no article has matches nothing; an invalid date or number matches everything. Both
    add a warning.
    """
    name, value = condition.field, condition.value
    if name in (q.SINCE, q.UNTIL):
        bounds = f"{value}.." if name == q.SINCE else f"..{value}"
        return _plan_range(period_node, "published", bounds, warning("unknown_date", value=value))
    match context.reader.schema[name].kind:
        case Kind.DATE:
            return _plan_range(period_node, name, value, warning("unknown_date", value=value))
        case Kind.NUMBER:
            return _plan_range(number_node, name, value, warning("unknown_number", value=value))
        case _:
            values = context.values_of(name, value)
            warnings = () if values else (warning("unknown_value", field=name, value=value),)
            return PlannedParts((plan.Keyword(name, values),), warnings=warnings)


def _plan_range(
    range_node: Callable[[str, str], plan.Range], field: str, bounds: str, unknown: QueryWarning
) -> PlannedParts:
    """Plan a range; if its bounds are invalid, everything, with a warning."""
    try:
        return PlannedParts((range_node(field, bounds),))
    except ValueError:
        return PlannedParts((plan.Everything(),), warnings=(unknown,))
