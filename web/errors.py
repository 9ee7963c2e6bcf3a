"""What is said when something goes wrong: JSON to programs, a Vietnamese page to people."""

from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError

from search import IndexUnavailableError
from web.parameters import BadParameterError, Complaint

_MESSAGES = {
    404: (
        "not_found",
        "There is nothing at this address.",
        "Không có gì ở địa chỉ này. Có thể bài đã được gỡ, hoặc liên kết bị gõ nhầm.",
    ),
    405: (
        "method_not_allowed",
        "This address answers GET and HEAD only.",
        "Địa chỉ này chỉ dùng để xem, không nhận dữ liệu gửi lên.",
    ),
    500: (
        "internal_error",
        "The search failed; the server's log says why.",
        "Máy chủ gặp trục trặc khi trả lời. Xin thử lại sau ít phút.",
    ),
}
_UNAVAILABLE = Complaint(
    code="index_unavailable",
    message="The index cannot be read; the server's log says why.",
    vietnamese="Kho bài tạm thời không đọc được. Xin thử lại sau ít phút.",
)
_HEADINGS = {400: "Yêu cầu chưa đúng", 404: "Không tìm thấy trang", 500: "Có lỗi xảy ra"}


def handle_errors(app: Flask) -> None:
    """Answer every error of the application; none shows a traceback."""

    def bad_parameter(error: BadParameterError) -> ResponseReturnValue:
        return _answer(error.complaint, 400)

    def refused(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None or (error.code or 500) < 400:
            return error  # a redirect, not an error
        body, status = _answer(_complaint(error), error.code or 500)
        return body, status, _allowed(error)

    def unavailable(error: IndexUnavailableError) -> ResponseReturnValue:
        app.logger.error("%s: %s", request.path, error)
        return _answer(_UNAVAILABLE, 503)

    def failed(error: Exception) -> ResponseReturnValue:
        app.logger.exception("%s failed", request.path, exc_info=error)
        return _answer(_complaint(InternalServerError()), 500)

    app.register_error_handler(BadParameterError, bad_parameter)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(IndexUnavailableError, unavailable)
    app.register_error_handler(Exception, failed)


def _answer(complaint: Complaint, status: int) -> tuple[str | dict[str, Any], int]:
    """Say it in the language of who asked."""
    if request.path.startswith("/api/") or request.path == "/healthz":
        return {"error": {"code": complaint.code, "message": complaint.message}}, status
    heading = _HEADINGS.get(status, "Không thực hiện được")
    return render_template(
        "error.html", heading=heading, complaint=complaint, status=status
    ), status


def _complaint(error: HTTPException) -> Complaint:
    status = error.code or 500
    name = error.name.lower().replace(" ", "_")
    code, message, vietnamese = _MESSAGES.get(
        status, (name, error.description or error.name, "Máy chủ không nhận yêu cầu này.")
    )
    return Complaint(code=code, message=message, vietnamese=vietnamese)


def _allowed(error: HTTPException) -> dict[str, str]:
    """Give the headers that an error must carry, such as Allow of 405."""
    return {name: value for name, value in error.get_headers() if name == "Allow"}
