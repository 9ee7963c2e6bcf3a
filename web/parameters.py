"""Which search does an address ask for? Checked parameters, or one clear complaint."""

import re
from datetime import date
from typing import Annotated, Self

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

from search.planning.plan import Facet, Sort
from search.query.parser import MAX_LENGTH

LONGEST_QUERY = MAX_LENGTH + 1
"""Characters of a query that are passed on: one more than are read, so that the search warns."""

MAX_PAGE = 1_000_000
"""The deepest page that may be asked for; pages past the last one are empty, not an error."""

MAX_SIZE = 100
MAX_VALUES = 100
"""Sources, or sections, in one request."""


class Complaint(BaseModel):
    """Why a request was refused: a code and English for programs, Vietnamese for readers."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    vietnamese: str


class BadParameterError(ValueError):
    """A parameter of a request has a value that cannot be used."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.message)
        self.complaint = complaint


_COMPLAINTS = {
    "page": (
        f"page must be a whole number from 1 to {MAX_PAGE}",
        "Số trang phải là số nguyên từ 1 đến 1.000.000.",
    ),
    "size": (
        f"size must be a whole number from 1 to {MAX_SIZE}",
        "Số kết quả mỗi trang phải là số nguyên từ 1 đến 100.",
    ),
    "sort": (
        f"sort must be one of {', '.join(Sort)}",
        "Chỉ có thể xếp theo phù hợp nhất, mới nhất hoặc cũ nhất.",
    ),
    "source": (f"at most {MAX_VALUES} sources", "Chỉ lọc được tối đa 100 nguồn cùng lúc."),
    "section": (f"at most {MAX_VALUES} sections", "Chỉ lọc được tối đa 100 mục cùng lúc."),
    "since": (
        "since must be a day such as 2024-01-31",
        "Ngày bắt đầu phải là một ngày có thật, ví dụ 2024-01-31.",
    ),
    "until": (
        "until must be a day such as 2024-01-31",
        "Ngày kết thúc phải là một ngày có thật, ví dụ 2024-01-31.",
    ),
    "period": (
        "since must not be later than until",
        "Ngày bắt đầu không thể sau ngày kết thúc.",
    ),
    "facets": (
        f"facets must be a list of {', '.join(Facet)}",
        "Chỉ có thể thống kê theo nguồn, mục hoặc năm.",
    ),
    "literal": ("literal must be 1 or 0", "Tham số literal chỉ nhận 1 hoặc 0."),
}


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
    return query[:LONGEST_QUERY]


Query = Annotated[str, AfterValidator(_beginning)]
Day = Annotated[date, BeforeValidator(_day)]
Whole = Annotated[int, BeforeValidator(_whole)]
Values = Annotated[tuple[str, ...], Field(max_length=MAX_VALUES)]


class SearchParameters(BaseModel):
    """One search as an address states it. Names and meaning are those of `Searcher.search`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: Query = ""
    page: Whole = Field(default=1, ge=1, le=MAX_PAGE)
    size: Whole = Field(default=10, ge=1, le=MAX_SIZE)
    sort: Sort = Sort.RELEVANCE
    source: Values = ()
    section: Values = ()
    since: Day | None = None
    until: Day | None = None
    facets: tuple[Facet, ...] = ()
    literal: bool = False

    @field_validator("source", "section", "facets")
    @classmethod
    def _once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(values))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise PydanticCustomError("period", "since is later than until")
        return self

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return bool(self.source or self.section or self.since or self.until)


_LISTS = ("source", "section", "facets")


def read_parameters(arguments: MultiDict[str, str]) -> SearchParameters:
    """Read a query string. An empty value counts as absent, an unknown name is ignored.

    Raises BadParameterError with a complaint about the first parameter that cannot be used.
    """
    given: dict[str, object] = {
        name: value for name, value in arguments.items() if value and name not in _LISTS
    }
    for name in ("source", "section"):
        given[name] = tuple(filter(None, arguments.getlist(name)))
    facets = (part.strip() for value in arguments.getlist("facets") for part in value.split(","))
    given["facets"] = tuple(filter(None, facets))
    try:
        return SearchParameters.model_validate(given)
    except ValidationError as error:
        where = error.errors(include_url=False, include_input=False)[0]["loc"]
        raise BadParameterError(_complaint(str(where[0]) if where else "period")) from error


def _complaint(name: str) -> Complaint:
    message, vietnamese = _COMPLAINTS[name]
    return Complaint(code=f"invalid_{name}", message=message, vietnamese=vietnamese)
