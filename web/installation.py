"""Set-up of everything but the pages: keys, limits, hosts, logs, metrics, caches, the API."""

import re
from collections.abc import Iterable
from functools import partial
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, request
from flask_cors import CORS
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix

from web.access import protect, required_scope
from web.api.export import Export
from web.api.feeds import Feeds
from web.api.json_provider import OrjsonProvider
from web.api.openapi import OpenApi
from web.api.queries import Queries
from web.api.search import SearchApi
from web.api.writing import Writing
from web.bodies import install_bodies, limit_body
from web.caching import cache_responses, compress
from web.clients import client_network
from web.hosts import HostCheck, absolute
from web.logs import identify_requests
from web.metrics import Metrics
from web.searching import Searcher
from web.settings import Access, Settings
from web.state.keys import Keys
from web.state.popular import PopularQueries
from web.state.query_log import QueryLog
from web.state.tasks import Tasks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES = 1_000_000
"""Bytes of a request body outside the writing endpoints. Arbitrary: a multi-search of long queries
has 100,000."""


def install(app: Flask, searcher: Searcher, settings: Settings) -> None:
    """Add everything but the pages to an application.

    Flask runs `after_request` functions in reverse order: what is registered first runs last.
    """
    keys = Keys(settings.state) if settings.state else None
    tasks = Tasks(settings.state, settings.max_queued) if settings.state else None
    logs = settings.state if settings.query_log else None
    log = QueryLog(logs, with_pseudonyms=settings.popular_queries)
    popular = PopularQueries(log) if logs and settings.popular_queries else None
    metrics = Metrics(searcher, tasks)
    app.extensions |= {"settings": settings, "query_log": log, "search_metrics": metrics}
    app.extensions["popular_queries"] = popular
    app.extensions["bodies"] = install_bodies()
    app.after_request(_log_click)
    app.json = OrjsonProvider(app)
    identify_requests(app, access_log=settings.access_log)
    if settings.rate_limit:
        _limit_rates(app, settings)
    if settings.metrics:
        metrics.install(app)
    if settings.cors:
        _allow_origins(app, settings.cors)
    app.before_request(partial(_limit_body, settings))
    protect(app, keys, settings.access)
    app.after_request(partial(_vary_by_key, settings.access))
    app.after_request(compress)
    cache_responses(app, searcher, settings.answer_cache_bytes)
    app.jinja_env.globals["absolute"] = absolute
    for part in (
        SearchApi(searcher),
        Export(searcher, BoundedSemaphore(settings.max_exports)),
        Feeds(searcher),
        Writing(tasks, settings.hold_seconds),
        Queries(log),
        OpenApi(searcher),
    ):
        app.register_blueprint(part.blueprint())
    app.add_url_rule("/robots.txt", "robots", _robots)
    _add_middleware(app, settings)


def _limit_body(settings: Settings) -> None:
    """Refuse a body that is larger than its endpoint accepts."""
    writes = request.blueprint == "writing"
    limit_body(settings.max_upload_bytes if writes else MAX_BODY_BYTES)


def _allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Let scripts of these origins read the API; "*" means all of them."""
    if "*" in origins:
        CORS(app, resources=r"/api/.*", origins="*", send_wildcard=True, max_age=86_400)
        return
    # Flask-CORS treats what looks like a regular expression as one, and matches only the beginning:
    # "https://*.tin.example" would allow https://atin.example.evil.example.
    exact = [rf"{re.escape(origin)}\Z" for origin in origins]
    CORS(app, resources=r"/api/.*", origins=exact, max_age=86_400)
    app.after_request(_vary_by_origin)


def _vary_by_key(access: Access, response: Response) -> Response:
    """Have caches store answers by key."""
    if required_scope(access):
        response.vary.add("Authorization")
    return response


def _vary_by_origin(response: Response) -> Response:
    """Have caches store answers by origin."""
    if request.path.startswith("/api/"):
        response.vary.add("Origin")
    return response


def _limit_rates(app: Flask, settings: Settings) -> None:
    """Answer 429 to a client that exceeds the rate limit."""
    limiter = Limiter(
        lambda: client_network() or "unknown",  # an empty key would not be counted
        app=app,
        application_limits=[settings.rate_limit],  # one limit for all endpoints together
        storage_uri=settings.rate_storage,
        strategy="moving-window",
        headers_enabled=True,
        in_memory_fallback_enabled=True,  # a storage that is down must not stop searches
    )
    limiter.request_filter(lambda: request.endpoint in {"static", "api.health", "api.live"})


def _log_click(response: Response) -> Response:
    """Log that an article was opened from the results of a search."""
    if (
        request.endpoint == "pages.article"
        and response.status_code == 200
        and request.args.get("q")
    ):
        article = (request.view_args or {}).get("article", "")
        current_app.extensions["query_log"].click(request.args["q"], article)
    return response


def _robots() -> Response:
    """Let crawlers read articles, not the endless space of searches."""
    paths = ("/api/", "/search", "/why/", "/queries", "/metrics", "/hit/", "/values/")
    lines = ["User-agent: *", *(f"Disallow: {request.script_root}{path}" for path in paths)]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _add_middleware(app: Flask, settings: Settings) -> None:
    """Wrap the application in the middleware that runs before routing."""
    inner: WSGIApplication = app.wsgi_app
    if settings.base_path:
        inner = BasePath(inner, settings.base_path)
    wrapped: WSGIApplication = HostCheck(inner, settings.trusted_hosts)
    if settings.proxies:
        count = settings.proxies
        # Not X-Forwarded-Prefix: proxies pass on a client's own, and all links would begin with it.
        wrapped = ProxyFix(wrapped, x_for=count, x_proto=count, x_host=count)
    app.wsgi_app = wrapped  # type: ignore[assignment, method-assign] # Flask's own way of adding middleware


class BasePath:
    """A WSGI middleware that serves an application under a path."""

    def __init__(self, application: "WSGIApplication", path: str) -> None:
        self._application = application
        self._path = "/" + path.strip("/")

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Move the prefix from PATH_INFO to SCRIPT_NAME; a proxy may have stripped it already."""
        path = environ.get("PATH_INFO", "")
        if path == self._path or path.startswith(self._path + "/"):
            environ["PATH_INFO"] = path[len(self._path) :] or "/"
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") or self._path
        return self._application(environ, start_response)
