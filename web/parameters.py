"""The parameters of a search in a query string, and their limits."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from search.query.parser import MAX_LENGTH
from search.request import Operator

MAX_QUERY_CHARACTERS = MAX_LENGTH + 1
"""Characters of a query that are passed on: one more than the parser reads, so that it warns."""

MAX_PAGE = 1_000_000
"""The last page that may be requested. Pages after the last hit are empty, not an error."""

MAX_OFFSET = 100_000_000
"""The hits on `MAX_PAGE` pages of the maximum size."""

MAX_SIZE = 100
"""Hits per page. Arbitrary, as in similar APIs; an export streams all hits."""

MAX_VALUES = 100
"""Values of one filter in one request; arbitrary."""

MAX_VALUE_CHARACTERS = 200
"""Characters of one value. Arbitrary; every link of a results page repeats all of them."""

MAX_VALUES_CHARACTERS = 4_000
"""Characters of all filters of a request. Arbitrary, 100 names of 40; links repeat them all."""

MAX_FILTER_CHARACTERS = 1_000
"""Characters of one `filter`. Arbitrary, enough for 20 conditions."""

MAX_CURSOR_CHARACTERS = 2_000
"""Characters of a cursor. Arbitrary; the address must fit into a request line."""

MAX_HOURS = 9_999
"""The highest value of `hours`. Arbitrary, more than a year; `since` reaches further back."""

FILTER_PARAMETERS = ("section", "source")
"""Fields with a parameter of their own; the others are in `SearchParameters.values`."""


WHOLE_NUMBERS = ("page", "size", "offset", "hours")
PATTERNS: Mapping[str, str] = {
    **dict.fromkeys(WHOLE_NUMBERS, "[0-9]{1,9}"),
    **dict.fromkeys(("since", "until"), "[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    **dict.fromkeys(("literal", "collapse", "semantic", "freshness"), "(?i)0|1|true|false"),
    "operator": "|".join(Operator),
    "highlights": "passage|all",
}
"""Regular expressions of parameter values; conversion alone would accept "1e2" as a number."""

Value = Annotated[str, Meta(max_length=MAX_VALUE_CHARACTERS)]
_Values = tuple[Value, ...]


class SearchParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One search as in a query string; `web.requests` turns it into a `SearchRequest`."""

    q: Annotated[str, Meta(description="What was typed, in the query language.")] = ""
    page: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1
    size: Annotated[
        int, Meta(ge=1, le=MAX_SIZE, description="Hits per page; also accepted as `limit`.")
    ] = 10
    offset: Annotated[
        Annotated[int, Meta(ge=0, le=MAX_OFFSET)] | None,
        Meta(description="Hits to skip, instead of `page`."),
    ] = None
    cursor: Annotated[
        Annotated[str, Meta(max_length=MAX_CURSOR_CHARACTERS)] | None,
        Meta(description="`*`, then the `next_cursor` of each answer: deep pages cost no more."),
    ] = None
    sort: Annotated[
        str,
        Meta(
            max_length=80,
            description="relevance, newest, oldest, or a sortable field: `views`, `views:desc`.",
        ),
    ] = "relevance"
    source: Annotated[
        _Values,
        Meta(max_length=MAX_VALUES, description="Any of these sources; may be repeated."),
    ] = ()
    section: Annotated[
        _Values,
        Meta(max_length=MAX_VALUES, description="Any of these sections; may be repeated."),
    ] = ()
    since: Annotated[date | None, Meta(description="The first day, in Vietnamese time.")] = None
    until: Annotated[date | None, Meta(description="The last day, in Vietnamese time.")] = None
    hours: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_HOURS)] | None,
        Meta(description="Only articles of this many hours up to now."),
    ] = None
    filter: Annotated[
        tuple[Annotated[str, Meta(max_length=MAX_FILTER_CHARACTERS)], ...],
        Meta(
            max_length=20,
            description="Conditions on any field: `source:A AND views>=10`; may be repeated.",
        ),
    ] = ()
    facets: Annotated[
        _Values,
        Meta(
            max_length=MAX_VALUES,
            description="Fields to count matches by; also year, month, day.",
        ),
    ] = ()
    fields: Annotated[
        _Values, Meta(max_length=MAX_VALUES, description="The fields of hits to return.")
    ] = ()
    operator: Annotated[
        Operator | None, Meta(description="or: any of the words; and: all of them.")
    ] = None
    literal: Annotated[bool, Meta(description="Search for exactly what was typed.")] = False
    collapse: Annotated[
        bool,
        Meta(
            description="Show one of several near-duplicates; 0 shows all. An export contains all."
        ),
    ] = True
    highlights: Annotated[str, Meta(pattern="^(passage|all)$")] = "passage"
    semantic: Annotated[
        bool, Meta(description="Rerank the first hits by meaning; needs vectors.")
    ] = False
    freshness: Annotated[
        bool, Meta(description="For queries about news, rank articles of that time higher.")
    ] = True
    values: Annotated[
        Mapping[str, Annotated[_Values, Meta(max_length=MAX_VALUES)]],
        Meta(description="Filters by the index's own fields, and by author: `FIELD=value`."),
    ] = field(default_factory=dict)

    def changed(self, **changes: object) -> "SearchParameters":
        """Return a copy with some parameters changed."""
        return replace(self, **changes)

    @property
    def filter_characters(self) -> int:
        """The number of characters of all filter values."""
        own = (getattr(self, name) for name in FILTER_PARAMETERS)
        listed = (*own, self.filter, *self.values.values())
        return sum(len(value) for values in listed for value in values)

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return bool(
            self.source
            or self.section
            or self.since
            or self.until
            or self.hours
            or self.filter
            or any(self.values.values())
        )
