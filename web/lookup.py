"""Direct hits: the article of a pasted address or id, and the source or section that is named."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from index.vietnamese.forms import fold
from search.request import FacetBy, SearchRequest
from web.addresses import article_address, safe_url
from web.filters import FilterLink, facet_names, field_label, value_address
from web.i18n import text
from web.parameters import SearchParameters
from web.searching import Searcher

MAX_NAME = 60
"""Characters of a query that may be the name of a source or section (arbitrary)."""

MAX_ID = 200
"""Characters of a query that may be an id (arbitrary)."""

MAX_CANDIDATES = 20
"""Hits whose addresses are compared with a pasted one (arbitrary)."""

_TRACKING = re.compile(r"utm_.*|fbclid|gclid|zarsrc|ref", re.IGNORECASE)
"""Parameters that say where a reader came from, not which article it is."""


def article_of_address(searcher: Searcher, query: str) -> str | None:
    """Return the id of the article that a pasted address is of, None where there is none.

    An engine does not look addresses up; but the words in the address are nearly always those of
    the title, so the article is among the first hits for them.
    """
    url = safe_url(query)
    if not url or len(url.split()) != 1:
        return None
    if searcher.article(url):
        return url
    words = slug_words(url)
    if not words:
        return None
    wanted = address_key(url)
    hits = searcher.answer(SearchRequest(words, size=MAX_CANDIDATES)).hits
    return next((hit.id for hit in hits if address_key(hit.url) == wanted), None)


def slug_words(url: str) -> str:
    """Return the words in the path of an address.

    >>> slug_words("https://bao.example/the-thao/gia-gao-tang-4923494.html?utm_source=x")
    'gia gao tang'
    """
    for segment in reversed(unquote(urlsplit(url).path).split("/")):
        words = re.findall(r"[^\W\d_]+", segment.rpartition(".")[0] or segment)
        if len(words) > 1:
            return " ".join(words)
    return ""


def address_key(url: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
    """Return what two addresses of one article have in common.

    The protocol, "www." or "m.", a slash at the end, the fragment and where a reader came from
    make no difference.
    """
    parts = urlsplit(safe_url(url))
    host = re.sub(r"^(?:www|m)\.", "", parts.netloc.lower())
    asked = frozenset(pair for pair in parse_qsl(parts.query) if not _TRACKING.fullmatch(pair[0]))
    return host, unquote(parts.path).rstrip("/"), asked


def direct_links(searcher: Searcher, parameters: SearchParameters) -> Iterator[FilterLink]:
    """Yield links to what a query names: the article with this id, a source, a section."""
    query = parameters.q.strip()
    if re.fullmatch(rf"(?=.*\d)\S{{1,{MAX_ID}}}", query) and (found := searcher.article(query)):
        title = found.article.title or query
        label = text("Mở bài có mã %(id)s: %(title)s") % {"id": query, "title": title}
        yield FilterLink(label, article_address(query))
    if query and len(query) <= MAX_NAME and not parameters.narrowed:
        for field, value, count in named_values(searcher, query):
            label = text("Xem tất cả bài của %(field)s %(value)s") % {
                "field": field_label(field, searcher.schema).lower(),
                "value": value,
            }
            yield FilterLink(label, value_address(field, value), count)


def named_values(
    searcher: Searcher, query: str, *, begun: bool = False
) -> Iterator[tuple[str, str, int]]:
    """Yield the fields and values that a query names, or begins, whatever its case and marks."""
    wanted = fold(query).strip()
    names = facet_names(searcher.schema)
    facets = tuple(FacetBy(field) for field in names)
    everything = searcher.answer(SearchRequest(size=1, facets=facets))
    for field in names:
        for value in everything.facets.get(field, ()):
            name = fold(value.value)
            if name == wanted or (begun and len(wanted) > 1 and name.startswith(wanted)):
                yield field, value.value, value.count
