"""Answers that are not sent again (ETag), not made again (cache), and sent smaller (gzip)."""

import gzip
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from flask import Flask, Response, g, request

from web.metrics import Metrics
from web.searching import Searcher
from web.state.query_log import Logged, QueryLog

CACHED = frozenset(
    "api.search api.facets api.article api.related api.complete api.explain pages.home "
    "pages.results pages.article pages.why site.help site.status feeds.atom feeds.rss".split()
)
"""Endpoints whose answers depend on nothing but the commit, the request and the time of day."""

TAG_SECONDS = 600
"""An answer may say "two hours ago" or filter by a period that ends now: so long it stays true."""

MIN_GZIP_BYTES = 1_000
"""Below it an answer fits in one packet anyway."""

GZIP_LEVEL = 4
"""A results page of 14 kB shrinks to 3.9 kB in .3 ms; level 9 wins 2 % more at twice the time."""

_TEXTS = (
    "text/",
    "application/json",
    "application/javascript",
    "application/xml",
    "application/atom+xml",
    "application/rss+xml",
    "application/x-suggestions+json",
    "application/opensearchdescription+xml",
    "image/svg+xml",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is kept, and what the log of queries is told whenever it is given."""

    body: bytes
    content_type: str
    logged: Logged | None


class AnswerCache:
    """The latest answers of one process, bounded by bytes; safe for many threads."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> Kept | None:
        """Return the answer with this tag, which becomes the latest; None where none is kept."""
        with self._lock:
            kept = self._kept.get(tag)
            if kept:
                self._kept.move_to_end(tag)
            return kept

    def put(self, tag: str, kept: Kept) -> None:
        """Keep an answer in place of the oldest ones; none that fills an eighth of the cache."""
        if len(kept.body) * 8 > self._max_bytes:
            return
        with self._lock:
            old = self._kept.pop(tag, None)
            self._bytes += len(kept.body) - (len(old.body) if old else 0)
            self._kept[tag] = kept
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped.body)


def cache_answers(app: Flask, searcher: Searcher, max_bytes: int) -> None:
    """Answer 304 where a client has the answer, or the kept answer; tag what is answered."""
    cache = AnswerCache(max_bytes)
    metrics: Metrics = app.extensions["search_metrics"]
    log: QueryLog = app.extensions["query_log"]

    def known() -> Response | None:
        if request.endpoint not in CACHED or request.method not in {"GET", "HEAD"}:
            return None
        g.tag = _tag(searcher.identity)
        if request.if_none_match.contains_weak(g.tag):
            return Response(status=304)
        kept = cache.get(g.tag)
        metrics.cached.labels("hit" if kept else "miss").inc()
        if kept is None:
            return None
        g.kept = True
        if kept.logged and not request.headers.get("X-Instant"):
            log.search(kept.logged, request.remote_addr or "")
        return Response(kept.body, content_type=kept.content_type)

    def tag(response: Response) -> Response:
        if response.status_code in {200, 304} and "tag" in g:
            response.set_etag(g.tag, weak=True)
            response.vary.update(("Accept-Encoding", "Accept", "Accept-Language", "Cookie"))
        new = response.status_code == 200 and "tag" in g and "kept" not in g
        if new and request.method == "GET" and "Set-Cookie" not in response.headers:
            content_type = response.content_type or ""
            cache.put(g.tag, Kept(response.get_data(), content_type, g.get("logged")))
        return response

    app.before_request(known)
    app.after_request(tag)


def _tag(identity: str) -> str:
    """Return the tag of the answer to a request: the commit, all that was asked, and the time."""
    headers = (request.headers.get(name, "") for name in ("Accept", "Accept-Language", "Cookie"))
    asked = (
        identity,
        request.root_url,
        request.full_path,
        *headers,
        str(int(time.time()) // TAG_SECONDS),
    )
    return hashlib.blake2b("\0".join(asked).encode("utf-8", "replace"), digest_size=12).hexdigest()


def compress(response: Response) -> Response:
    """Compress a text for a client that takes gzip."""
    if not response.content_type or not response.content_type.startswith(_TEXTS):
        return response
    if response.is_streamed and not response.direct_passthrough:
        return response  # an export, which a proxy compresses as it passes
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or response.status_code != 200:
        return response
    if "Content-Encoding" in response.headers or request.method == "HEAD":
        return response
    response.direct_passthrough = False
    sent, body = response.response, response.get_data()
    close = getattr(sent, "close", None)
    if close:  # a static file, which is read now
        close()
    if len(body) < MIN_GZIP_BYTES:
        response.set_data(body)
        return response
    response.set_data(gzip.compress(body, GZIP_LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response
