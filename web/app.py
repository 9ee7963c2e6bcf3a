"""The application: a searcher goes in, a WSGI application comes out."""

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for
from werkzeug.routing import BaseConverter

from web import formats
from web.addresses import host, remembered_fields
from web.api import Api
from web.errors import handle_errors
from web.pages import Pages
from web.searching import Searcher
from web.warnings import vietnamese

_STATIC = Path(__file__).with_name("static")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Anything(BaseConverter):
    """The rest of a path, whatever it holds: ids are any strings, also with slashes."""

    regex = r"[\s\S]+"
    part_isolating = False


class AnyText(Response):
    """A response that survives text which UTF-8 cannot hold (a lone surrogate in a corpus)."""

    def set_data(self, value: bytes | str) -> None:
        """Take the body; what cannot be encoded becomes a question mark."""
        super().set_data(value.encode("utf-8", "replace") if isinstance(value, str) else value)


class Application(Flask):
    """Flask with responses that can carry any text."""

    response_class = AnyText


def create_app(searcher: Searcher) -> Flask:
    """Make the application that answers from one searcher; see DESIGN for its addresses."""
    app = Application(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(days=365)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.url_map.converters["anything"] = Anything
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.filters.update(
        number=formats.number,
        seconds=formats.seconds,
        points=formats.points,
        day=formats.day,
        moment=formats.moment,
        iso_day=formats.iso_day,
        host=host,
        sentence=vietnamese,
    )
    app.jinja_env.globals.update(asset=_asset, remembered_fields=remembered_fields)
    app.register_blueprint(Pages(searcher).blueprint())
    app.register_blueprint(Api(searcher).blueprint())
    handle_errors(app)
    app.after_request(_guard)
    return app


def _asset(name: str) -> str:
    """Give the address of a static file, which changes with its content and so may be kept."""
    return url_for("static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


def _guard(response: Response) -> Response:
    """Tell browsers to run nothing that a corpus may have smuggled in, and what may be kept."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-cache"
    elif "v" in request.args:
        response.cache_control.immutable = True
    return response
