"""Problems with the parameters of a request, in English and in Vietnamese."""

from collections.abc import Mapping
from dataclasses import dataclass

from search.request import Sort
from web.parameters import (
    MAX_CURSOR_CHARACTERS,
    MAX_HOURS,
    MAX_OFFSET,
    MAX_PAGE,
    MAX_SIZE,
    MAX_VALUE_CHARACTERS,
    MAX_VALUES,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused: a code and English for programs, Vietnamese for readers."""

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
        f"Số kết quả mỗi trang phải là số nguyên từ 1 đến {MAX_SIZE}.",
    ),
    "offset": (
        f"offset must be a whole number from 0 to {MAX_OFFSET}",
        f"Vị trí bắt đầu phải là số nguyên từ 0 đến {MAX_OFFSET:,}.".replace(",", "."),
    ),
    "cursor": (
        f"cursor must be the next_cursor of an answer, at most {MAX_CURSOR_CHARACTERS} characters",
        "Con trỏ phân trang không hợp lệ.",
    ),
    "sort": (
        f"sort must be one of {', '.join(Sort)} or a sortable field such as published:desc",
        "Không thể sắp xếp theo tiêu chí này.",
    ),
    "source": (
        f"at most {MAX_VALUES} sources",
        f"Chỉ lọc được tối đa {MAX_VALUES} nguồn cùng lúc.",
    ),
    "section": (
        f"at most {MAX_VALUES} sections",
        f"Chỉ lọc được tối đa {MAX_VALUES} chuyên mục cùng lúc.",
    ),
    "since": (
        "since must be a day such as 2024-01-31",
        "Ngày bắt đầu phải là một ngày hợp lệ, ví dụ 31/1/2024.",
    ),
    "until": (
        "until must be a day such as 2024-01-31",
        "Ngày kết thúc phải là một ngày hợp lệ, ví dụ 31/1/2024.",
    ),
    "hours": (
        f"hours must be a whole number from 1 to {MAX_HOURS}",
        f"Số giờ phải là số nguyên từ 1 đến {MAX_HOURS:,}.".replace(",", "."),
    ),
    "period": (
        "since must not be later than until",
        "Ngày bắt đầu không được muộn hơn ngày kết thúc.",
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
    """Return the problem with a parameter; `message` replaces the usual English one."""
    english, vietnamese = _PROBLEMS.get(name, _PROBLEMS["values"])
    return Problem(code=f"invalid_{name}", message=message or english, vietnamese=vietnamese)
