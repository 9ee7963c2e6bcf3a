"""The parameters of a search as an address states them, checked, or the first problem with them."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from werkzeug.datastructures import MultiDict

from index.schema import DEFAULT_SCHEMA, Schema
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

SORTS = ("relevance", "newest", "oldest")
"""The orders that have names of their own; any sortable field is one, too."""


class Problem(BaseModel):
    """Why a request was refused: a code and English for programs, Vietnamese for readers."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    vietnamese: str


class BadParameterError(ValueError):
    """A parameter of a request has a value that cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "page": (
        f"page must be a whole number from 1 to {MAX_PAGE}",
        "Số trang phải là số nguyên từ 1 đến 1.000.000.",
    ),
    "size": (
        f"size must be a whole number from 1 to {MAX_SIZE}",
        "Số kết quả mỗi trang phải là số nguyên từ 1 đến 100.",
    ),
    "offset": (
        f"offset must be a whole number from 0 to {MAX_OFFSET}",
        "Vị trí bắt đầu phải là số nguyên từ 0 đến 100.000.000.",
    ),
    "cursor": (
        f"cursor must be the next_cursor of an answer, at most {MAX_CURSOR_CHARACTERS} characters",
        "Con trỏ trang không hợp lệ.",
    ),
    "sort": (
        f"sort must be one of {', '.join(SORTS)} or a sortable field such as published:desc",
        "Không thể sắp xếp theo tiêu chí này.",
    ),
    "source": (f"at most {MAX_VALUES} sources", "Chỉ lọc được tối đa 100 nguồn cùng lúc."),
    "section": (
        f"at most {MAX_VALUES} sections",
        "Chỉ lọc được tối đa 100 chuyên mục cùng lúc.",
    ),
    "since": (
        "since must be a day such as 2024-01-31",
        "Ngày bắt đầu phải là một ngày hợp lệ, ví dụ 2024-01-31.",
    ),
    "until": (
        "until must be a day such as 2024-01-31",
        "Ngày kết thúc phải là một ngày hợp lệ, ví dụ 2024-01-31.",
    ),
    "period": (
        "since must not be later than until",
        "Ngày bắt đầu không thể sau ngày kết thúc.",
    ),
    "facets": (
        "facets must be a list of fields that are facets, or year, month and day",
        "Không thể thống kê theo trường này.",
    ),
    "literal": ("literal must be 1 or 0", "Tham số literal chỉ nhận 1 hoặc 0."),
    "collapse": ("collapse must be 1 or 0", "Tham số collapse chỉ nhận 1 hoặc 0."),
    "semantic": ("semantic must be 1 or 0", "Tham số semantic chỉ nhận 1 hoặc 0."),
    "highlights": (
        "highlights must be passage or all",
        "Tham số highlights chỉ nhận passage hoặc all.",
    ),
    "operator": ("operator must be or, or and", "Tham số operator chỉ nhận or hoặc and."),
    "fields": (
        "fields must be a list of fields of an article or of a hit",
        "Danh sách trường không hợp lệ.",
    ),
    "filter": (
        "filter must be conditions such as source:VnExpress AND published>=2024-01-31",
        "Điều kiện lọc không hợp lệ.",
    ),
    "values": (
        f"a filter has at most {MAX_VALUES} values of {MAX_VALUE_CHARACTERS} characters",
        "Giá trị lọc quá dài hoặc quá nhiều.",
    ),
}


def problem(name: str, message: str = "") -> Problem:
    """Return the problem with a parameter, told by its own message where there is one."""
    english, vietnamese = _PROBLEMS.get(name, _PROBLEMS["values"])
    return Problem(code=f"invalid_{name}", message=message or english, vietnamese=vietnamese)


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
    offset: Whole | None = Field(
        default=None, ge=0, le=MAX_OFFSET, description="Hits that are skipped, in place of `page`."
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
    collapse: bool = Field(default=False, description="Show one of several near-duplicates.")
    highlights: Annotated[str, Field(pattern="^(passage|all)$")] = "passage"
    semantic: bool = Field(default=False, description="Hybrid search, where the index has vectors.")
    values: Mapping[str, Values] = Field(
        default_factory=dict,
        description="Filters by fields that a user declared, and by author: `FIELD=value`.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise PydanticCustomError("period", "since is later than until")
        listed = (self.source, self.section, self.filter, *self.values.values())
        if sum(len(value) for values in listed for value in values) > MAX_VALUES_CHARACTERS:
            raise PydanticCustomError("values", "too many characters of filters")
        return self

    @field_validator("literal", "collapse", "semantic", mode="before")
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
            or self.filter
            or any(self.values.values())
        )


_LISTS = ("source", "section", "filter")
_COMMA_LISTS = ("facets", "fields")
ALIASES: Mapping[str, str] = {"limit": "size"}
"""Other names of parameters, with the same values."""

_LIKELY: Mapping[str, str] = {
    "query": "q",
    "per_page": "size",
    "hitsPerPage": "size",
    "pageSize": "size",
    "rows": "size",
    "from": "offset",
    "start": "offset",
    "sort_by": "sort",
    "order_by": "sort",
    "facet_by": "facets",
    "facet": "facets",
    "filter_by": "filter",
    "fq": "filter",
    "include_fields": "fields",
    "attributesToRetrieve": "fields",
    "_source": "fields",
    "default_operator": "operator",
}
"""Parameters of other engines, with the name that each has here."""

_OTHERS = frozenset({"id", "format", "field", "prefix", "lang", "v"})
"""Parameters of single addresses, which are no mistake."""


def filter_fields(schema: Schema) -> tuple[str, ...]:
    """Return the fields that `?FIELD=value` keeps articles by, besides source and section."""
    taken = {"id", *SearchParameters.model_fields}
    return tuple(field.name for field in schema.filters if field.name not in taken)


def unknown_parameters(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> Iterator[tuple[str, str]]:
    """Yield each parameter that has no meaning, with the one that may have been meant or ""."""
    known = {
        *SearchParameters.model_fields,
        *ALIASES,
        *filter_fields(schema),
        *_OTHERS,
    } - {"values"}
    for name in arguments:
        if name not in known:
            yield name, _LIKELY.get(name, "")


def read_parameters(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> SearchParameters:
    """Read a query string. An empty value counts as absent, an unknown name is ignored.

    Raises BadParameterError with the problem of the first parameter that cannot be used.
    """
    given = _given(arguments, schema)
    try:
        return SearchParameters.model_validate(given)
    except ValidationError as error:
        raise BadParameterError(_first_problem(error)) from error


def read_leniently(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> tuple[SearchParameters, tuple[Problem, ...]]:
    """Read a query string for a page: what cannot be used is left out, and told.

    A period whose ends are the wrong way round is turned.
    """
    given = _given(arguments, schema)
    problems: list[Problem] = []
    while True:
        try:
            return SearchParameters.model_validate(given), tuple(problems)
        except ValidationError as error:
            found = _first_problem(error)
            name = found.code.removeprefix("invalid_")
            if name == "period":
                given["since"], given["until"] = given["until"], given["since"]
                continue
            problems.append(found)
            left = {key: value for key, value in given.items() if key != name}
            given = left if len(left) < len(given) else {}


def _given(arguments: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """Gather the values of each parameter that has any."""
    named = {ALIASES.get(name, name): value for name, value in arguments.items() if value}
    given: dict[str, Any] = {
        name: value
        for name, value in named.items()
        if name in SearchParameters.model_fields and name not in (*_LISTS, *_COMMA_LISTS, "values")
    }
    for name in _LISTS:
        given[name] = tuple(filter(None, arguments.getlist(name)))
    for name in _COMMA_LISTS:
        parts = (part.strip() for value in arguments.getlist(name) for part in value.split(","))
        given[name] = tuple(filter(None, parts))
    given["values"] = {
        name: values
        for name in filter_fields(schema)
        if (values := tuple(filter(None, arguments.getlist(name))))
    }
    return given


def _first_problem(error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_input=False)[0]
    return problem(str(first["loc"][0]) if first["loc"] else first["type"])
