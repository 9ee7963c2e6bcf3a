"""The server's log: one JSON object per line, with the id of the request."""

import json
import logging
import re
import sys
import time
import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger("timtin")


# JSON does not escape them; terminals obey C1 controls, and bidirectional ones reorder text.
_ESCAPED = {
    code: f"\\u{code:04x}"
    for code in (*range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}


def log_line(entry: dict[str, Any], **options: Any) -> str:  # noqa: ANN401 - json's own
    r"""Return a log entry as JSON, with the characters escaped that terminals act on.

    >>> print(log_line({"path": "/l\xfaa\x9b31m"}))
    {"path": "/l\xfaa\u009b31m"}
    """
    return json.dumps(entry, ensure_ascii=False, **options).translate(_ESCAPED)


def configure_logs() -> None:
    """Write the log of this process to standard error. As JSON, values cannot forge log lines."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer(serializer=log_line)
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def identify_requests(app: Flask, *, access_log: bool) -> None:
    """Set an id for each request, or keep that of a proxy; with `access_log`, log each request."""

    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if access_log:
            _log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                bytes=response.content_length,
                ms=round((time.perf_counter() - g.get("began", 0.0)) * 1000, 1),
            )
        return response

    app.before_request(begin)
    app.after_request(end)
