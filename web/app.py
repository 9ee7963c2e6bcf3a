"""The application: a searcher goes in, a WSGI application comes out."""

from datetime import timedelta

from flask import Flask, Response, current_app, request
from werkzeug.routing import BaseConverter

from web.access import required_scope
from web.errors import handle_errors
from web.installation import install
from web.pages import register_pages
from web.preferences import preferences
from web.searching import Searcher
from web.settings import Settings
from web.templating import install_templating

WITH_PICTURES = frozenset(("pages.home", "pages.results"))
"""Endpoints whose pages may show pictures of articles, which come from other hosts. The home page
is one: instant results appear on it."""

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'{images}; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


UNVERSIONED_SECONDS = 3_600
"""How long a static file may be cached if its address has no version; arbitrary."""


class AnyPathConverter(BaseConverter):
    """The rest of a path, whatever it contains: ids may be any strings, even with slashes."""

    regex = r"[\s\S]+"
    part_isolating = False


class SurrogateSafeResponse(Response):
    """A response that accepts text which UTF-8 cannot encode (lone surrogates in a corpus)."""

    def set_data(self, value: bytes | str) -> None:
        """Set the body; what cannot be encoded becomes a question mark."""
        super().set_data(value.encode("utf-8", "replace") if isinstance(value, str) else value)


class Application(Flask):
    """Flask with `SurrogateSafeResponse`."""

    response_class = SurrogateSafeResponse


def create_app(searcher: Searcher, settings: Settings | None = None) -> Flask:
    """Return the application that answers from one searcher (see docs/reference/http-api.md)."""
    app = Application(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(days=365)
    app.url_map.merge_slashes = False
    app.url_map.converters["anything"] = AnyPathConverter
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    install_templating(app)
    register_pages(app, searcher)
    handle_errors(app)
    app.after_request(add_security_headers)
    install(app, searcher, settings or Settings())
    return app


def add_security_headers(response: Response) -> Response:
    """Add the headers that stop scripts in articles from running, and those for caches."""
    shown = request.endpoint in WITH_PICTURES and preferences().images == "on"
    images = " https:" if shown else ""
    response.headers["Content-Security-Policy"] = _POLICY.format(images=images)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint != "static":
        settings: Settings = current_app.extensions["settings"]
        # Some shared caches ignore that a request had an Authorization header.
        private = "private, " if required_scope(settings.access) else ""
        response.headers["Cache-Control"] = f"{private}no-cache"
    elif "v" in request.args:
        response.cache_control.immutable = True
    else:  # an address that does not change with the content
        response.cache_control.max_age = UNVERSIONED_SECONDS
    return response
