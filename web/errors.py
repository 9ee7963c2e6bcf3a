"""The responses to errors: JSON for programs, a page for people."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError

from search import IndexUnavailableError
from search.engines.contract import CursorError
from web.access import AccessError
from web.problems import BadParameterError, Problem, problem
from web.state.database import StateError

RETRY_SECONDS = 5
"""When a client may try again: an index that is being replaced is back sooner."""

_MESSAGES = {
    404: (
        "not_found",
        "There is nothing at this address.",
        "Không có gì ở địa chỉ này. Có thể bài đã bị gỡ, hoặc địa chỉ bị gõ nhầm.",
    ),
    405: (
        "method_not_allowed",
        "This address does not support this method; see the Allow header.",
        "Địa chỉ này chỉ dùng để xem, không nhận dữ liệu gửi lên.",
    ),
    413: (
        "too_large",
        "The body of this request is too large; send it in smaller batches.",
        "Dữ liệu gửi lên quá lớn.",
    ),
    429: (
        "too_many_requests",
        "Too many requests; the Retry-After header says when to try again.",
        "Bạn gửi quá nhiều yêu cầu. Xin chờ một lát rồi thử lại.",
    ),
    500: (
        "internal_error",
        "The search failed; the server's log says why.",
        "Máy chủ gặp trục trặc khi trả lời. Xin thử lại sau ít phút.",
    ),
}
_UNAVAILABLE = Problem(
    code="index_unavailable",
    message="The index cannot be read; the server's log says why.",
    vietnamese="Kho bài tạm thời không đọc được. Xin thử lại sau ít phút.",
)
_STATE_UNAVAILABLE = Problem(
    code="state_unavailable",
    message="Keys and tasks cannot be read or written; the server's log says why.",
    vietnamese="Máy chủ tạm thời không kiểm tra được quyền truy cập. Xin thử lại sau ít phút.",
)
_KEPT_HEADERS = frozenset(("Allow", "Retry-After"))
_FOR_PROGRAMS = ("/api/", "/healthz", "/metrics", "/openapi.json", "/search.atom", "/search.rss")


def handle_errors(app: Flask) -> None:
    """Register a handler for every kind of error; none shows a traceback."""

    def bad_parameter(error: BadParameterError) -> ResponseReturnValue:
        return _answer(error.problem, 400)

    def no_access(error: AccessError) -> ResponseReturnValue:
        vietnamese = "Địa chỉ này chỉ dành cho người có khóa truy cập."
        refusal = Problem(code=error.code, message=str(error), vietnamese=vietnamese)
        scheme = 'Basic realm="Tim Tin"' if error.interactive else "Bearer"
        return _answer(refusal, error.status, {"WWW-Authenticate": scheme})

    def refused(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None or (error.code or 500) < 400:
            return error  # a redirect, not an error
        kept = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
        return _answer(_problem(error), error.code or 500, kept)

    def unavailable(error: IndexUnavailableError) -> ResponseReturnValue:
        app.logger.error("%s: %s", request.path, error)
        return _answer(_UNAVAILABLE, 503, {"Retry-After": str(RETRY_SECONDS)})

    def no_state(error: StateError) -> ResponseReturnValue:
        app.logger.error("%s: %s", request.path, error)
        return _answer(_STATE_UNAVAILABLE, 503, {"Retry-After": str(RETRY_SECONDS)})

    def failed(error: Exception) -> ResponseReturnValue:
        app.logger.exception("%s failed", request.path, exc_info=error)
        return _answer(_problem(InternalServerError()), 500)

    def bad_cursor(_error: CursorError) -> ResponseReturnValue:
        return _answer(problem("cursor"), 400)

    app.register_error_handler(BadParameterError, bad_parameter)
    app.register_error_handler(CursorError, bad_cursor)
    app.register_error_handler(AccessError, no_access)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(IndexUnavailableError, unavailable)
    app.register_error_handler(StateError, no_state)
    app.register_error_handler(Exception, failed)


def _answer(
    problem: Problem, status: int, headers: Mapping[str, str] | None = None
) -> tuple[str | dict[str, Any], int, dict[str, str]]:
    """Return JSON to a program, a page to a browser."""
    kept = dict(headers or {})
    if request.path.startswith(_FOR_PROGRAMS):
        error = {"code": problem.code, "message": problem.message}
        return {"error": error}, status, kept
    page = render_template("error.html", problem=problem, status=status)
    return page, status, kept


def _problem(error: HTTPException) -> Problem:
    status = error.code or 500
    name = error.name.lower().replace(" ", "_")
    code, message, vietnamese = _MESSAGES.get(
        status, (name, error.description or error.name, "Máy chủ không nhận yêu cầu này.")
    )
    return Problem(code=code, message=message, vietnamese=vietnamese)
