"""Addresses of searches and articles below the root of the site, and foreign ones that are safe."""

from functools import lru_cache
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from flask import has_request_context, request

from web.parameters import SearchParameters

_FOLDED = (".", "..")
"""Ids that browsers would take for folders, however they are quoted; they go into `?id=`."""


def search_address(parameters: SearchParameters, **changes: object) -> str:
    """Return the address of a search with some parameters changed; it starts at page 1 again."""
    changed = parameters.changed(**({"page": 1} | changes))
    return _rooted(f"/search?{_query_string(changed)}")


def article_address(
    article: str, parameters: SearchParameters | None = None, at: int = 0, *, marked: bool = True
) -> str:
    """Return the address of an article's page, which remembers the search it was found by.

    `at` is its place among the hits, counted from 1. Every reserved character of the id is quoted,
    slashes too: browsers would fold "//" and "..".
    """
    address = _about("article", article, parameters)
    more = [("at", str(at))] if at else []
    more += [] if marked else [("mark", "0")]
    return f"{address}{'&' if '?' in address else '?'}{urlencode(more)}" if more else address


def hit_address(at: int, parameters: SearchParameters) -> str:
    """Return the address that leads to the article at a place among the hits of a search."""
    return _rooted(f"/hit/{at}?{_query_string(parameters)}")


def values_address(field: str, parameters: SearchParameters) -> str:
    """Return the address of the page of all values of a facet of a search."""
    return _rooted(f"/values/{field}?{_query_string(parameters)}")


def feed_address(kind: str, parameters: SearchParameters) -> str:
    """Return the address of the newest matches of a search, `kind` being "atom" or "rss"."""
    return _rooted(f"/search.{kind}?{_query_string(parameters)}")


def export_address(form: str, parameters: SearchParameters) -> str:
    """Return the address of all matches of a search; `form` is a name in `export.FORMATS`."""
    return _rooted(
        f"/api/export?{urlencode([('format', form), *_pairs(parameters)], errors='replace')}"
    )


def why_address(article: str, parameters: SearchParameters) -> str:
    """Return the address of the page that says why a search found an article."""
    return _about("why", article, parameters)


def _about(page: str, article: str, parameters: SearchParameters | None) -> str:
    query = _query_string(parameters) if parameters else ""
    if article in _FOLDED:
        return _rooted(f"/{page}?id={article}" + (f"&{query}" if query else ""))
    address = _rooted(f"/{page}/{quote(article, safe='', errors='replace')}")
    return f"{address}?{query}" if query else address


def _rooted(path: str) -> str:
    """Return a path below the root that the site is answered at."""
    return (request.script_root if has_request_context() else "") + path


def safe_url(url: str) -> str:
    """Return the url when a reader may follow it (http or https, with a host), else ""."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else ""


def host(url: str) -> str:
    """Return the host of a safe url without "www.", else ""."""
    return urlsplit(safe_url(url)).netloc.rpartition("@")[2].removeprefix("www.")


def hidden_fields(parameters: SearchParameters) -> list[tuple[str, str]]:
    """Return the hidden inputs of a form: all parameters but the words and the page."""
    return [pair for pair in _pairs(parameters) if pair[0] not in {"q", "page"}]


def _query_string(parameters: SearchParameters) -> str:
    return urlencode(_pairs(parameters), errors="replace", quote_via=_quoted)


@lru_cache(maxsize=256)  # a page quotes its query some 60 times
def _quoted(text: str, safe: str, encoding: str | None, errors: str) -> str:
    return quote_plus(text, safe, encoding, errors)


def _pairs(parameters: SearchParameters) -> list[tuple[str, str]]:
    """List name and value of what differs from the defaults, always in the same order."""
    pairs = [("q", parameters.q)] if parameters.q else []
    pairs += [("source", value) for value in parameters.source]
    pairs += [("section", value) for value in parameters.section]
    pairs += [(name, value) for name, values in parameters.values.items() for value in values]
    pairs += [("filter", value) for value in parameters.filter]
    pairs += [("since", parameters.since.isoformat())] if parameters.since else []
    pairs += [("until", parameters.until.isoformat())] if parameters.until else []
    pairs += [("hours", str(parameters.hours))] if parameters.hours else []
    pairs += [("sort", parameters.sort)] if parameters.sort != "relevance" else []
    pairs += [("operator", parameters.operator)] if parameters.operator else []
    pairs += [("literal", "1")] if parameters.literal else []
    pairs += [] if parameters.collapse else [("collapse", "0")]
    pairs += [("semantic", "1")] if parameters.semantic else []
    pairs += [] if parameters.freshness else [("freshness", "0")]
    pairs += [("size", str(parameters.size))] if parameters.size != 10 else []
    pairs += [("page", str(parameters.page))] if parameters.page != 1 else []
    return pairs
