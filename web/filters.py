"""The filters beside the results: the values to choose from, and those that are chosen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from index.schema import KEYWORD_KINDS, Schema
from search.request import Sort
from search.results.records import FacetValue
from web.addresses import search_address, values_address
from web.i18n import language, plural, text, write_day
from web.parameters import FILTER_PARAMETERS, SearchParameters

FIRST_FACETS = ("section", "source", "author")
"""The facets that come first, in this order; the user's own follow."""

MAX_OPEN_VALUES = 6
"""Values of a facet that are visible; the others are hidden under "Xem thêm" (arbitrary)."""

MAX_VALUES = 18
"""Values of a facet beside the results, visible or hidden (arbitrary).

The page of the facet lists all of them; 57 sources took 9 kB of each results page.
"""


@dataclass(frozen=True, slots=True)
class FilterLink:
    """A link that sets a filter or, if it is set, removes it."""

    label: str
    address: str
    count: int = 0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FacetView:
    """The values of one facet: some visible, some hidden, all of them on the page `all_address`."""

    field: str
    name: str
    visible: tuple[FilterLink, ...]
    hidden: tuple[FilterLink, ...]
    all_address: str


def facet_names(schema: Schema) -> tuple[str, ...]:
    """Return the keyword fields that are facets, in the order of the page."""
    names = [field.name for field in schema.facets if field.kind in KEYWORD_KINDS]
    first = [name for name in FIRST_FACETS if name in names]
    return (*first, *(name for name in names if name not in first))


def facet_views(
    facets: Mapping[str, tuple[FacetValue, ...]], parameters: SearchParameters, schema: Schema
) -> Iterator[FacetView]:
    """Yield each facet that leaves a choice: with two values or more, or one that is set.

    Chosen values come first, even if no article has them.
    """
    for field in facet_names(schema):
        offered = with_chosen(field, facets.get(field, ()), parameters)
        if len(offered) > 1 or chosen_values(field, parameters):
            links = facet_links(field, offered[:MAX_VALUES], parameters)
            yield FacetView(
                field,
                field_label(field, schema),
                links[:MAX_OPEN_VALUES],
                links[MAX_OPEN_VALUES:],
                values_address(field, parameters) if len(offered) > MAX_OPEN_VALUES else "",
            )


def with_chosen(
    field: str, values: Iterable[FacetValue], parameters: SearchParameters
) -> tuple[FacetValue, ...]:
    """Return the chosen values of a facet, even those that no article has, then the others."""
    counts = {value.value: value.count for value in values if value.value}
    ordered = dict.fromkeys((*chosen_values(field, parameters), *counts))
    return tuple(FacetValue(value, counts.get(value, 0)) for value in ordered)


def facet_links(
    field: str, values: Iterable[FacetValue], parameters: SearchParameters
) -> tuple[FilterLink, ...]:
    """Return for each value of a facet the link that sets or removes it."""
    chosen = chosen_values(field, parameters)
    return tuple(
        FilterLink(
            v.value,
            _toggled(field, v.value, parameters),
            v.count,
            v.value in chosen,
        )
        for v in values
    )


def field_label(name: str, schema: Schema) -> str:
    """Return the name of a field in the language of the page."""
    return schema[name].label(language()) if name in schema else name


def chosen_values(field: str, parameters: SearchParameters) -> tuple[str, ...]:
    """Return the values of a field that a search is narrowed to."""
    if field in FILTER_PARAMETERS:
        values: tuple[str, ...] = getattr(parameters, field)
        return values
    return parameters.values.get(field, ())


def value_address(field: str, *values: str, parameters: SearchParameters | None = None) -> str:
    """Return the address of a search (by default of all articles) narrowed to values of a field."""
    kept = parameters or SearchParameters()
    if field in FILTER_PARAMETERS:
        return search_address(kept, **{field: values})
    others = {name: chosen for name, chosen in kept.values.items() if name != field}
    return search_address(kept, values=others | ({field: values} if values else {}))


def sort_links(parameters: SearchParameters, schema: Schema) -> tuple[FilterLink, ...]:
    """Return the sort orders of a search: the standard ones, then those by sortable own fields."""
    own = (field for field in schema.own if field.sortable)
    labels = {
        Sort.RELEVANCE: text("Phù hợp"),
        Sort.NEWEST: text("Mới nhất"),
        Sort.OLDEST: text("Cũ nhất"),
        **{f"{field.name}:desc": f"{field.label(language())} ↓" for field in own},
    }
    labels.setdefault(parameters.sort, parameters.sort)  # an order that no link offers
    return tuple(
        FilterLink(label, search_address(parameters, sort=sort), chosen=sort == parameters.sort)
        for sort, label in labels.items()
    )


def active_filters(parameters: SearchParameters, schema: Schema) -> Iterator[FilterLink]:
    """Yield each filter that is set, with the address of the search without it."""
    for field in (*FILTER_PARAMETERS, *parameters.values):
        for value in chosen_values(field, parameters):
            label = f"{field_label(field, schema)}: {value}"
            yield FilterLink(label, _toggled(field, value, parameters))
    for condition in parameters.filter:
        others = tuple(other for other in parameters.filter if other != condition)
        yield FilterLink(condition, search_address(parameters, filter=others))
    if parameters.since or parameters.until:
        without = search_address(parameters, since=None, until=None)
        yield FilterLink(period_label(parameters.since, parameters.until), without)
    if parameters.hours:
        yield FilterLink(hours_label(parameters.hours), search_address(parameters, hours=None))


def unfiltered_address(parameters: SearchParameters) -> str:
    """Return the address of the search without any filter."""
    nothing: dict[str, object] = dict.fromkeys((*FILTER_PARAMETERS, "filter"), ())
    return search_address(parameters, since=None, until=None, hours=None, values={}, **nothing)


def _toggled(field: str, value: str, parameters: SearchParameters) -> str:
    """Return the address with the value added or, if it is set, removed."""
    values = chosen_values(field, parameters)
    others = tuple(other for other in values if other != value)
    toggled = others if value in values else (*values, value)
    return value_address(field, *toggled, parameters=parameters)


def hours_label(hours: int) -> str:
    """Return the label of the filter by the last hours."""
    return plural("%(num)d giờ qua", "%(num)d giờ qua", hours) % {"num": hours}


def period_label(since: date | None, until: date | None) -> str:
    """Return the label of a filter by date: a year, a day, or from and to."""
    if since and until:
        return _bounded(since, until)
    if since:
        return text("Từ %(day)s") % {"day": write_day(since)}
    return text("Đến %(day)s") % {"day": write_day(until or date.max)}


def _bounded(since: date, until: date) -> str:
    if since == until:
        return text("Ngày %(day)s") % {"day": write_day(since)}
    if (since, until) == (date(since.year, 1, 1), date(since.year, 12, 31)):
        return text("Năm %(year)d") % {"year": since.year}
    return text("Từ %(since)s đến %(until)s") % {
        "since": write_day(since),
        "until": write_day(until),
    }
