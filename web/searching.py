"""The searcher that the web package needs, as a Protocol that tests can fake, and its callers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, Protocol

from flask import current_app, g, request

from index.article import Article
from index.history import History
from index.schema import Schema
from index.storage.cache import CacheUse
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from search.request import Bucket, FacetBy, SearchRequest
from search.results.records import Explanation, FacetValue, FoundArticle, Hit, Results
from search.suggestions.topics import Topic
from web.clients import client_network
from web.parameters import SearchParameters
from web.requests import search_request
from web.state.popular import PopularQueries
from web.state.query_log import Logged

MAX_DAYS_COUNTED = 10_000
"""The newest days that are counted: those of 27 years."""

MAX_VALUES_SCANNED = 10_000
"""The most frequent values of a facet, among which a name is looked up (arbitrary)."""

MAX_COMPLETIONS = 8
"""Completions in a list, as many as `Searcher.complete` returns."""

MAX_POPULAR_COMPLETIONS = 3
"""Of these, popular queries; the others come from the index. Arbitrary."""

LOGGED: Mapping[str | None, str] = {"api.search": "api", "pages.results": "page"}
"""The endpoints whose searches are logged, with their names in the query log."""


class Searcher(Protocol):
    """A searcher over one index, as `search.open_searcher` returns it."""

    @property
    def articles(self) -> int:
        """The number of articles in the index."""
        ...

    @property
    def identity(self) -> str:
        """The identity of the commit that is searched; it changes with every write."""
        ...

    @property
    def schema(self) -> Schema:
        """The fields of the index."""
        ...

    @property
    def history(self) -> History:
        """The counts of each write: how many records were indexed, replaced or skipped."""
        ...

    @property
    def size_bytes(self) -> int:
        """The size of the index on disk in bytes, 0 if it is not known."""
        ...

    def caches(self) -> Mapping[str, CacheUse]:
        """Return how this process used each cache since it opened the commit, by name."""
        ...

    def answer(self, request: SearchRequest) -> Results:
        """Answer a request with one page of hits. Raises ValueError for a field it cannot use."""
        ...

    def records(self, request: SearchRequest) -> Iterator[Mapping[str, Any]]:
        """Yield all articles that match, as records, from one commit, in the request's order."""
        ...

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        """Return completions of what was typed, likeliest first."""
        ...

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        """Return the articles most similar to one, best first; none for an unknown id."""
        ...

    def topics(self, size: int = 8) -> tuple[Topic, ...]:
        """Return what several of the newest articles are about, most articles first."""
        ...

    def explain(
        self,
        query: str,
        id: str,  # noqa: A002
        *,
        literal: bool = False,
        freshness: bool = True,
    ) -> Explanation | None:
        """Return why an article has its score for a query; None for an unknown id."""
        ...

    def article(
        self,
        id: str,  # noqa: A002
        query: str = "",
        *,
        literal: bool = False,
    ) -> FoundArticle | None:
        """Return an article with the spans to highlight for a query; None for an unknown id."""
        ...

    def stored(self, ids: Sequence[str]) -> Sequence[Article | None]:
        """Return whole articles, in one call to the engine; None for an unknown id."""
        ...


def count_days(searcher: Searcher, parameters: SearchParameters) -> tuple[FacetValue, ...]:
    """Count the matches of a search by day."""
    days = FacetBy("published", Bucket.DAY, limit=MAX_DAYS_COUNTED)
    return count_values(searcher, parameters, days)


def count_values(
    searcher: Searcher, parameters: SearchParameters, facet: FacetBy
) -> tuple[FacetValue, ...]:
    """Count the matches of a search by one facet."""
    search = search_request(parameters, searcher.schema)
    counted = replace(search, page=1, size=1, offset=None, cursor="", facets=(facet,))
    # Facets count all matches, so collapsing the page would be wasted work.
    return searcher.answer(replace(counted, collapse=False)).facets.get(facet.name, ())


def values_named(values: Iterable[FacetValue], typed: str) -> tuple[FacetValue, ...]:
    """Return the values that begin with a text, then those that contain it; ignore case and marks.

    >>> names = ("Tin Biển", "Biển Xanh", "Phố Thị")
    >>> [found.value for found in values_named([FacetValue(name, 1) for name in names], "bien")]
    ['Biển Xanh', 'Tin Biển']
    """
    part = fold(typed)
    folded = ((fold(value.value), value) for value in values)
    found = [(not name.startswith(part), value) for name, value in folded if part in name]
    return tuple(value for _, value in sorted(found, key=itemgetter(0)))


def completions(searcher: Searcher, typed: str) -> tuple[str, ...]:
    """Return completions of what was typed; popular queries, if offered, come first."""
    popular: PopularQueries | None = current_app.extensions.get("popular_queries")
    first = popular.beginning(typed, MAX_POPULAR_COMPLETIONS) if popular else []
    known = {" ".join(terms(query)) for query in first}
    others = searcher.complete(typed)
    additional = (query for query in others if " ".join(terms(query)) not in known)
    return (*first, *additional)[: max(len(others), MAX_COMPLETIONS)]


def run_search(searcher: Searcher, parameters: SearchParameters) -> Results:
    """Answer a search, with metrics and query log. Raises BadParameterError."""
    search = search_request(parameters, searcher.schema)
    results = searcher.answer(search)
    if current_app:
        current_app.extensions["search_metrics"].searched(results)
        first = parameters.page == 1 and not parameters.offset  # later pages are the same search
        if request.endpoint in LOGGED and first and not request.headers.get("X-Instant"):
            face = LOGGED[request.endpoint]
            g.logged = Logged(parameters.q, results.total, results.took_ms, face)
            current_app.extensions["query_log"].search(g.logged, client_network())
    return results
