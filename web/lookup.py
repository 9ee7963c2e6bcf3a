"""Direct links: the article of a pasted address or id, and the source or section of that name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from urllib.parse import parse_qsl, unquote, urlsplit

from index.vietnamese.forms import fold
from search.request import FacetBy, SearchRequest
from search.warnings import QueryWarning
from web.addresses import article_address, safe_url, search_address
from web.filters import FilterLink, facet_names, field_label, value_address
from web.i18n import text
from web.parameters import SearchParameters
from web.searching import MAX_VALUES_SCANNED, Searcher, count_values, values_named

MAX_NAME = 60
"""Characters of a query that may be the name of a source or section (arbitrary)."""

MAX_ID = 200
"""Characters of a query that may be an id (arbitrary)."""

MAX_CANDIDATES = 20
"""Hits whose addresses are compared with a pasted one (arbitrary)."""

MAX_MEANT = 3
"""Values offered in place of one that no article has (arbitrary)."""

MAX_COMPLETED = 8
"""Values offered for a condition that is being typed, as many as completions."""

_UNFINISHED = re.compile(
    r'(?:^|\s)(?P<name>-?(?:tác giả|chuyên mục|[^\s:"]+)):"?(?P<value>[^":]*)$', re.IGNORECASE
)
"""A condition at the end of a query; two field names have two words."""

_TRACKING = re.compile(r"utm_.*|fbclid|gclid|zarsrc|ref", re.IGNORECASE)
"""Parameters that track where a reader came from and do not identify the article."""


def article_of_address(searcher: Searcher, query: str) -> str | None:
    """Return the id of the article with a pasted address, None if there is none.

    Engines have no index of addresses. But the words of an address are nearly always those of the
    title, so the article is among the first hits for them.
    """
    url = safe_url(query)
    if not url or len(url.split()) != 1:
        return None
    if searcher.article(url):
        return url
    words = slug_words(url)
    if not words:
        return None
    key = address_key(url)
    hits = searcher.answer(SearchRequest(words, size=MAX_CANDIDATES)).hits
    return next((hit.id for hit in hits if address_key(hit.url) == key), None)


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
    """Return a key that is equal for all addresses of one article.

    It ignores the protocol, "www." or "m.", a final slash, the fragment and tracking parameters.
    """
    parts = urlsplit(safe_url(url))
    host = re.sub(r"^(?:www|m)\.", "", parts.netloc.lower())
    query = frozenset(pair for pair in parse_qsl(parts.query) if not _TRACKING.fullmatch(pair[0]))
    return host, unquote(parts.path).rstrip("/"), query


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value of a facet and its number of articles; `rank` is its place on the page."""

    field: str
    value: str
    count: int
    rank: int


def direct_links(
    searcher: Searcher, named_values: "NamedValues", parameters: SearchParameters
) -> Iterator[FilterLink]:
    """Yield links to what a query names: the article with that id, a source or a section."""
    query = parameters.q.strip()
    if re.fullmatch(rf"(?=.*\d)\S{{1,{MAX_ID}}}", query) and (found := searcher.article(query)):
        title = found.article.title or query
        label = text("Mở bài có mã %(id)s: %(title)s") % {"id": query, "title": title}
        yield FilterLink(label, article_address(query))
    if query and len(query) <= MAX_NAME and not parameters.narrowed:
        for named in named_values(query):
            label = text("Xem tất cả bài của %(field)s %(value)s") % {
                "field": field_label(named.field, searcher.schema).lower(),
                "value": named.value,
            }
            yield FilterLink(label, value_address(named.field, named.value), named.count)


def meant_values(
    searcher: Searcher, parameters: SearchParameters, warnings: Iterable[QueryWarning]
) -> Iterator[FilterLink]:
    """Yield searches with an existing value in place of one that no article has.

    `nguồn:tuoitre` and `site:tuoitre.vn` mean the source "Tuổi Trẻ".
    """
    unknown = (v for v in warnings if v.code == "unknown_value")
    for warning in islice(unknown, MAX_MEANT):  # each costs a search
        field, typed = (str(dict(warning.params)[name]) for name in ("field", "value"))
        written = re.compile(rf':\s*"?{re.escape(typed)}(?![\w.-])"?')
        if field not in facet_names(searcher.schema) or not written.search(parameters.q):
            continue
        letters = _letters_only(typed)
        values = count_values(
            searcher, SearchParameters(), FacetBy(field, limit=MAX_VALUES_SCANNED)
        )
        for value in [v for v in values if letters in _letters_only(v.value)][:MAX_MEANT]:
            query = written.sub(lambda _: f':"{value.value}"', parameters.q, count=1)  # noqa: B023
            label = text("Ý bạn là %(field)s %(value)s?") % {
                "field": field_label(field, searcher.schema).lower(),
                "value": value.value,
            }
            yield FilterLink(label, search_address(parameters, q=query))


def _letters_only(name: str) -> str:
    """Return a name without case, marks and spaces; for a host name, its longest label.

    >>> _letters_only("Tuổi Trẻ"), _letters_only("www.tuoitre.com.vn")
    ('tuoitre', 'tuoitre')
    """
    if re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", name):
        name = max(name.split("."), key=len)
    return re.sub(r"[\W_]+", "", fold(name))


def completed_conditions(searcher: Searcher, typed: str) -> tuple[str, ...]:
    """Return completions of the condition being typed: `nguồn:tu` -> `nguồn:"Tuổi Trẻ"`.

    () for a query that does not end in a condition on a facet of labels.
    """
    unfinished = _UNFINISHED.search(typed)
    field = unfinished and searcher.schema.find(unfinished["name"].removeprefix("-"))
    if not unfinished or not field or field.name not in facet_names(searcher.schema):
        return ()
    facet = FacetBy(field.name, limit=MAX_VALUES_SCANNED)
    named = values_named(count_values(searcher, SearchParameters(), facet), unfinished["value"])
    head = typed[: unfinished.end("name")]
    return tuple(f'{head}:"{value.value}"' for value in named if value.value)[:MAX_COMPLETED]


class NamedValues:
    """The facet values of one index by name; counted and folded once per commit."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._cached: tuple[str, Mapping[str, tuple[NamedValue, ...]]] | None = None

    def __call__(self, query: str, *, prefix: bool = False) -> tuple[NamedValue, ...]:
        """Return the facet values that a query names, in the order of the fields.

        Case and marks are ignored; with `prefix` the query may be the beginning of a value.
        """
        typed = fold(query).strip()
        by_name = self._by_name()
        if not prefix or len(typed) <= 1:
            return by_name.get(typed, ())
        named = [
            value for name, values in by_name.items() if name.startswith(typed) for value in values
        ]
        return tuple(sorted(named, key=attrgetter("rank")))

    def _by_name(self) -> Mapping[str, tuple[NamedValue, ...]]:
        identity = self._searcher.identity
        if self._cached is None or self._cached[0] != identity:
            self._cached = identity, self._count()
        return self._cached[1]

    def _count(self) -> Mapping[str, tuple[NamedValue, ...]]:
        names = facet_names(self._searcher.schema)
        facets = tuple(FacetBy(field) for field in names)
        counted = self._searcher.answer(SearchRequest(size=1, facets=facets)).facets
        all_values = [(field, value) for field in names for value in counted.get(field, ())]
        by_name: dict[str, tuple[NamedValue, ...]] = {}
        for rank, (field, value) in enumerate(all_values):
            name = fold(value.value)
            named_value = NamedValue(field, value.value, value.count, rank)
            by_name[name] = (*by_name.get(name, ()), named_value)
        return by_name
