"""How can these results be narrowed down, and what narrows them down now?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from search.planning.plan import Facet
from search.results.records import FacetValue
from web.addresses import search_address
from web.formats import day
from web.parameters import SearchParameters

NAMES: Mapping[Facet, str] = {Facet.SECTION: "Mục", Facet.SOURCE: "Nguồn", Facet.YEAR: "Năm"}
AT_FIRST = 8
"""Values of a facet that are shown at once; the others wait behind "Xem thêm"."""

AT_MOST = 40
"""Values of a facet on a page; the rarer ones are reached by words or by `source:`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that sets a filter or, where it is set, takes it away."""

    label: str
    address: str
    count: int = 0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of one facet; the first few are shown at once, the others on demand."""

    name: str
    first: tuple[Choice, ...]
    more: tuple[Choice, ...]


def facet_choices(
    facets: Mapping[str, tuple[FacetValue, ...]], parameters: SearchParameters
) -> Iterator[Choices]:
    """Give each facet that leaves a choice: two values or more, or one that is set."""
    for facet, name in NAMES.items():
        values = (_choice(facet, value, parameters) for value in facets.get(facet, ()))
        choices = tuple(choice for choice in values if choice)[:AT_MOST]
        if len(choices) > 1 or any(choice.chosen for choice in choices):
            yield Choices(name, choices[:AT_FIRST], choices[AT_FIRST:])


def active_filters(parameters: SearchParameters) -> Iterator[Choice]:
    """Give each filter that is set, with the address of the search without it."""
    for facet in (Facet.SECTION, Facet.SOURCE):
        for value in getattr(parameters, facet):
            yield Choice(f"{NAMES[facet]}: {value}", _toggled(facet, value, parameters))
    if parameters.since or parameters.until:
        without = search_address(parameters, since=None, until=None)
        yield Choice(_period(parameters.since, parameters.until), without)


def _choice(facet: Facet, value: FacetValue, parameters: SearchParameters) -> Choice | None:
    if facet == Facet.YEAR:
        return _year(value, parameters)
    if not value.value:
        return None
    chosen = value.value in getattr(parameters, facet)
    return Choice(value.value, _toggled(facet, value.value, parameters), value.count, chosen)


def _toggled(facet: Facet, value: str, parameters: SearchParameters) -> str:
    """Give the address with the value added or, where it is set, removed."""
    values: tuple[str, ...] = getattr(parameters, facet)
    others = tuple(other for other in values if other != value)
    toggled = others if value in values else (*values, value)
    return search_address(parameters, **{facet.value: toggled})


def _year(value: FacetValue, parameters: SearchParameters) -> Choice | None:
    """Give the choice of a year, which is a filter by its first and last day."""
    if not re.fullmatch(r"[1-9][0-9]{3}", value.value):
        return None
    first, last = date(int(value.value), 1, 1), date(int(value.value), 12, 31)
    chosen = (parameters.since, parameters.until) == (first, last)
    since, until = (None, None) if chosen else (first, last)
    address = search_address(parameters, since=since, until=until)
    return Choice(value.value, address, value.count, chosen)


def _period(since: date | None, until: date | None) -> str:
    if since and until:
        if (since, until) == (date(since.year, 1, 1), date(since.year, 12, 31)):
            return f"Năm: {since.year}"
        return f"Từ {day(since)} đến {day(until)}" if since != until else f"Ngày {day(since)}"
    return f"Từ {day(since)}" if since else f"Đến {day(until or date.max)}"
