"""The parameters of a search as an address states them, and the limits of each."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from search.query.parser import MAX_LENGTH
from search.request import Operator

MAX_QUERY_CHARACTERS = MAX_LENGTH + 1
"""Characters of a query that are passed on: one more than are read, so that the search warns."""

MAX_PAGE = 1_000_000
"""The deepest page that may be asked for; pages past the last one are empty, not an error."""

MAX_OFFSET = 100_000_000
"""The last hit of the deepest page of the greatest size."""

MAX_SIZE = 100
MAX_VALUES = 100
"""Values of one filter in one request."""

MAX_VALUE_CHARACTERS = 200
"""Characters of one value: arbitrary; every link of a page repeats all of them."""

MAX_VALUES_CHARACTERS = 4_000
"""Characters of all filters of a request: arbitrary, 100 names of 40; links repeat them all."""

MAX_FILTER_CHARACTERS = 1_000
"""Characters of one `filter`: arbitrary, enough for 20 conditions."""

MAX_CURSOR_CHARACTERS = 2_000
"""Characters of a cursor: arbitrary; a page's address must fit in a request line."""

MAX_HOURS = 9_999
"""Hours of `hours`: arbitrary, a year and more; `since` reaches further back."""

FILTER_PARAMETERS = ("section", "source")
"""Fields that are parameters by themselves; the others are in `SearchParameters.values`."""


def _day(value: object) -> object:
    """Let only YYYY-MM-DD through; pydantic alone would read "0" as a day of 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticCustomError("day", "not a day")
    return value


def _whole(value: object) -> object:
    """Let only plain digits through; pydantic alone would read "1_0" and "1.0"."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise PydanticCustomError("whole", "not a whole number")
    return value


def _beginning(query: str) -> str:
    return query[:MAX_QUERY_CHARACTERS]


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


Query = Annotated[str, AfterValidator(_beginning)]
Day = Annotated[date, BeforeValidator(_day)]
Whole = Annotated[int, BeforeValidator(_whole)]
# The limits stand before the validator: after it, pydantic's JSON schema does not name them.
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET), BeforeValidator(_whole)]
Value = Annotated[str, Field(max_length=MAX_VALUE_CHARACTERS)]
Values = Annotated[tuple[Value, ...], Field(max_length=MAX_VALUES), AfterValidator(_once)]

Filters = Annotated[
    tuple[Annotated[str, Field(max_length=MAX_FILTER_CHARACTERS)], ...], Field(max_length=20)
]


class SearchParameters(BaseModel):
    """One search as an address states it; `web.requests` turns it into a `SearchRequest`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Query = Field(default="", description="What was typed, in the query language.")
    page: Whole = Field(default=1, ge=1, le=MAX_PAGE)
    size: Whole = Field(default=10, ge=1, le=MAX_SIZE, description="Hits a page; also `limit`.")
    offset: Offset | None = Field(
        default=None, description="Hits that are skipped, in place of `page`."
    )
    cursor: str | None = Field(
        default=None,
        max_length=MAX_CURSOR_CHARACTERS,
        description="`*`, then the `next_cursor` of each answer: deep pages at the cost of one.",
    )
    sort: str = Field(
        default="relevance",
        max_length=80,
        description="relevance, newest, oldest, or a sortable field: `views`, `views:desc`.",
    )
    source: Values = Field(default=(), description="Any of these sources; may be repeated.")
    section: Values = Field(default=(), description="Any of these sections; may be repeated.")
    since: Day | None = Field(default=None, description="The first day, in Vietnam.")
    until: Day | None = Field(default=None, description="The last day, in Vietnam.")
    hours: Whole | None = Field(
        default=None, ge=1, le=MAX_HOURS, description="Articles of this many hours up to now."
    )
    filter: Filters = Field(
        default=(),
        description="Conditions on any field: `source:A AND views>=10`; may be repeated.",
    )
    facets: Values = Field(
        default=(), description="Fields to count matches by; also year, month, day."
    )
    fields: Values = Field(default=(), description="The fields of hits to give back.")
    operator: Operator | None = Field(
        default=None, description="or: any of the words; and: all of them."
    )
    literal: bool = Field(default=False, description="Take the words as typed.")
    collapse: bool = Field(
        default=True,
        description="Show one of several near-duplicates; 0 shows all. An export holds all.",
    )
    highlights: Annotated[str, Field(pattern="^(passage|all)$")] = "passage"
    semantic: bool = Field(
        default=False, description="Order the first hits by meaning, too; needs vectors."
    )
    freshness: bool = Field(
        default=True, description="Let articles of the time that is asked about come first."
    )
    values: Mapping[str, Values] = Field(
        default_factory=dict,
        description="Filters by fields that a user declared, and by author: `FIELD=value`.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise PydanticCustomError("period", "since is later than until")
        own = (getattr(self, name) for name in FILTER_PARAMETERS)
        listed = (*own, self.filter, *self.values.values())
        if sum(len(value) for values in listed for value in values) > MAX_VALUES_CHARACTERS:
            raise PydanticCustomError("values", "too many characters of filters")
        return self

    @field_validator("literal", "collapse", "semantic", "freshness", mode="before")
    @classmethod
    def _flag(cls, value: object) -> object:
        if isinstance(value, str) and value.lower() not in {"0", "1", "true", "false"}:
            raise PydanticCustomError("flag", "not a flag")
        return value

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
