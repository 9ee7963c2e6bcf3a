"""Addresses of searches and articles on this site, and the check of addresses of other sites."""

from functools import lru_cache
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from flask import has_request_context, request

from web.parameters import SearchParameters

_DOT_SEGMENTS = (".", "..")
"""Ids that browsers resolve as relative path segments even if quoted; they go into `?id=`."""


def search_address(parameters: SearchParameters, **changes: object) -> str:
    """Return the address of a search with some parameters changed, at page 1 unless given."""
    changed = parameters.changed(**({"page": 1} | changes))
    return _rooted(f"/search?{_query_string(changed)}")


def article_address(
    article: str,
    parameters: SearchParameters | None = None,
    rank: int = 0,
    *,
    highlighted: bool = True,
) -> str:
    """Return the address of an article's page, with the search that it was found by.

    `rank` counts the hits of that search from 1. Every reserved character of the id is quoted, also
    slashes, since browsers normalise "//" and "..".
    """
    address = _about("article", article, parameters)
    extra = [("at", str(rank))] if rank else []
    extra += [] if highlighted else [("mark", "0")]
    return f"{address}{'&' if '?' in address else '?'}{urlencode(extra)}" if extra else address


def hit_address(rank: int, parameters: SearchParameters) -> str:
    """Return the address that redirects to the article at a rank among the hits of a search."""
    return _rooted(f"/hit/{rank}?{_query_string(parameters)}")


def values_address(field: str, parameters: SearchParameters) -> str:
    """Return the address of the page of all values of a facet of a search."""
    return _rooted(f"/values/{field}?{_query_string(parameters)}")


def feed_address(kind: str, parameters: SearchParameters) -> str:
    """Return the address of the feed of a search; `kind` is "atom" or "rss"."""
    return _rooted(f"/search.{kind}?{_query_string(parameters)}")


def export_address(form: str, parameters: SearchParameters) -> str:
    """Return the address of the export of a search; `form` is a name in `export.FORMATS`."""
    return _rooted(
        f"/api/export?{urlencode([('format', form), *_pairs(parameters)], errors='replace')}"
    )


def why_address(article: str, parameters: SearchParameters) -> str:
    """Return the address of the page that explains an article's score."""
    return _about("why", article, parameters)


def _about(page: str, article: str, parameters: SearchParameters | None) -> str:
    query = _query_string(parameters) if parameters else ""
    if article in _DOT_SEGMENTS:
        return _rooted(f"/{page}?id={article}" + (f"&{query}" if query else ""))
    address = _rooted(f"/{page}/{quote(article, safe='', errors='replace')}")
    return f"{address}?{query}" if query else address


def _rooted(path: str) -> str:
    """Return a path with the prefix that the site is served under."""
    return (request.script_root if has_request_context() else "") + path


def safe_url(url: str) -> str:
    """Return a URL that is safe to link to (http or https, with a host), else ""."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else ""


def host(url: str) -> str:
    """Return the host of a safe URL without "www.", else ""."""
    return urlsplit(safe_url(url)).netloc.rpartition("@")[2].removeprefix("www.")


def hidden_fields(parameters: SearchParameters) -> list[tuple[str, str]]:
    """Return the hidden inputs of the search form: all parameters but the query and the page."""
    return [pair for pair in _pairs(parameters) if pair[0] not in {"q", "page"}]


def _query_string(parameters: SearchParameters) -> str:
    """Return the parameters as `urllib.parse.urlencode` does, which takes three times as long."""
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in _pairs(parameters)])


@lru_cache(maxsize=512)  # a page quotes its query about 60 times, and each value of a facet once
def _quoted(text: str) -> str:
    return quote_plus(text, errors="replace")


def _pairs(parameters: SearchParameters) -> list[tuple[str, str]]:
    """Return the names and values of parameters that differ from the defaults, in a fixed order."""
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
