"""The newest matches of a search as Atom and RSS, with permanent ids."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import unescape
from xml.etree import ElementTree as ET  # writes only: nothing is parsed

from flask import Blueprint, Response, request

from search.results.records import Hit
from web.addresses import article_address, safe_url, search_address
from web.api.hits import check_fields
from web.hosts import absolute, public_root
from web.parameters import SearchParameters
from web.query_strings import read_parameters
from web.requests import search_request
from web.searching import Searcher, run_search

MAX_ENTRIES = 50
"""Entries of a feed. Arbitrary: feed readers poll every few minutes."""

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile("<[^>]*>")
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One article of a feed."""

    id: str
    title: str
    link: str
    summary: str
    source: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Feeds:
    """The feeds over one searcher."""

    searcher: Searcher

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("feeds", __name__)
        routes.add_url_rule("/search.atom", "atom", self.atom)
        routes.add_url_rule("/search.rss", "rss", self.rss)
        return routes

    def atom(self) -> Response:
        """Return the newest matches as an Atom feed (RFC 4287)."""
        parameters, entries = self._newest()
        ET.register_namespace("", _ATOM)
        feed = ET.Element(f"{{{_ATOM}}}feed")
        newest = max((entry.published for entry in entries), default=_UNDATED)
        _atom(feed, "id", f"urn:uuid:{_uuid('search', search_address(parameters))}")
        _atom(feed, "title", _title(parameters))
        _atom(feed, "updated", newest.isoformat())
        _atom(feed, "link", href=absolute(search_address(parameters)), rel="alternate")
        _atom(feed, "link", href=_self_address(), rel="self")
        _atom(ET.SubElement(feed, f"{{{_ATOM}}}author"), "name", "Tìm Tin")
        for entry in entries:
            node = ET.SubElement(feed, f"{{{_ATOM}}}entry")
            _atom(node, "id", entry.id)
            _atom(node, "title", entry.title)
            _atom(node, "link", href=entry.link, rel="alternate")
            _atom(node, "published", entry.published.isoformat())
            _atom(node, "updated", entry.published.isoformat())
            _atom(node, "summary", entry.summary)
            _atom(ET.SubElement(node, f"{{{_ATOM}}}author"), "name", entry.source or "Tìm Tin")
        return _xml(feed, "application/atom+xml; charset=utf-8")

    def rss(self) -> Response:
        """Return the newest matches as an RSS 2.0 feed."""
        parameters, entries = self._newest()
        rss = ET.Element("rss", version="2.0")
        channel = ET.SubElement(rss, "channel")
        _rss(channel, "title", _title(parameters))
        _rss(channel, "link", absolute(search_address(parameters)))
        _rss(channel, "description", "Những bài mới nhất khớp với từ khóa.")
        _rss(channel, "language", "vi")
        for entry in entries:
            item = ET.SubElement(channel, "item")
            _rss(item, "title", entry.title)
            _rss(item, "link", entry.link)
            _rss(item, "guid", entry.id).set("isPermaLink", "false")
            _rss(item, "pubDate", format_datetime(entry.published))
            _rss(item, "description", entry.summary)
        return _xml(rss, "application/rss+xml; charset=utf-8")

    def _newest(self) -> tuple[SearchParameters, list[_Entry]]:
        """Return the requested search, sorted by date, and its newest matches."""
        schema = self.searcher.schema
        given = read_parameters(request.args, schema)
        check_fields(given.fields, schema)
        search_request(given, schema)  # raises for what /api/search would refuse
        newest = {"sort": "newest", "page": 1, "offset": None, "cursor": None, "facets": ()}
        parameters = given.changed(**newest, size=10)
        listed = parameters.changed(size=MAX_ENTRIES)
        return parameters, [_entry(hit) for hit in run_search(self.searcher, listed).hits]


def _entry(hit: Hit) -> _Entry:
    """Return the entry of a hit; its id depends only on the article's id, not on the server."""
    published = datetime.fromisoformat(hit.published) if hit.published else _UNDATED
    return _Entry(
        id=f"urn:uuid:{_uuid('article', hit.id)}",
        title=hit.title or hit.id,
        link=safe_url(hit.url) or absolute(article_address(hit.id)),
        summary=_plain_snippet(hit.snippet),
        source=hit.source,
        published=published,
    )


def _plain_snippet(snippet: str) -> str:
    """Return the text of a snippet, whose only tags are `<mark>`."""
    return unescape(_TAG.sub("", snippet))


def _uuid(kind: str, name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"tim-tin:{kind}:{name.encode('utf-8', 'replace')!r}")


def _title(parameters: SearchParameters) -> str:
    return f"{parameters.q} – Tìm Tin" if parameters.q.strip() else "Tìm Tin"


def _text(value: str) -> str:
    """Return a text with the characters that XML does not allow replaced by spaces."""
    return _NOT_IN_XML.sub(" ", value)


def _self_address() -> str:
    path = request.full_path.rstrip("?")
    return absolute(request.script_root + path) if public_root() else path


def _atom(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> None:
    clean = {key: _text(value) for key, value in attributes.items()}
    node = ET.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    node.text = None if text is None else _text(text)


def _rss(parent: ET.Element, name: str, text: str) -> ET.Element:
    node = ET.SubElement(parent, name)
    node.text = _text(text)
    return node


def _xml(root: ET.Element, content_type: str) -> Response:
    return Response(ET.tostring(root, "utf-8", xml_declaration=True), content_type=content_type)
