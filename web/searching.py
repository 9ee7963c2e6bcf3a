"""The searcher as the web package asks it: a Protocol, so that it can be tried without an index."""

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
"""Days that are counted, the newest: those of 27 years."""

MAX_VALUES_SCANNED = 10_000
"""Values of a facet that are looked through for a name; the most frequent ones (arbitrary)."""

MAX_COMPLETIONS = 8
"""Completions that a list shows, as many as `Searcher.complete` returns."""

MAX_POPULAR_COMPLETIONS = 3
"""Of them, those that other people asked; the titles of the index keep the rest. Arbitrary."""

LOGGED: Mapping[str | None, str] = {"api.search": "api", "pages.results": "page"}
"""The endpoints whose searches people typed, with what the log of queries calls them."""


class Searcher(Protocol):
    """A searcher over one index, as `search.open_searcher` returns it."""

    @property
    def articles(self) -> int:
        """The number of articles in the index."""
        ...

    @property
    def identity(self) -> str:
        """The name of the commit that is searched; another one after every write."""
        ...

    @property
    def schema(self) -> Schema:
        """The fields of the index."""
        ...

    @property
    def history(self) -> History:
        """What became of the records that were written to the index."""
        ...

    @property
    def size_bytes(self) -> int:
        """How large the index is on disk, 0 where nobody can tell."""
        ...

    def caches(self) -> Mapping[str, CacheUse]:
        """Return how this process used its caches since it turned to the commit, by name."""
        ...

    def answer(self, request: SearchRequest) -> Results:
        """Answer one page of a search. Raises ValueError for what the index cannot do."""
        ...

    def records(self, request: SearchRequest) -> Iterator[Mapping[str, Any]]:
        """Yield all articles that match as records, from one commit, in the request's order."""
        ...

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        """Return queries that begin with what was typed so far, the likeliest first."""
        ...

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        """Return the articles most like the one with this id; none where there is no such one."""
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
        """Return why the article with this id has its score; None where there is no such one."""
        ...

    def article(
        self,
        id: str,  # noqa: A002
        query: str = "",
        *,
        literal: bool = False,
    ) -> FoundArticle | None:
        """Return the article with this id, with the spans of a query's terms."""
        ...

    def stored(self, ids: Sequence[str]) -> Sequence[Article | None]:
        """Return articles whole, in one call to the engine; None for an id that is unknown."""
        ...


def count_days(searcher: Searcher, parameters: SearchParameters) -> tuple[FacetValue, ...]:
    """Count the articles of a search by day, whatever days it is narrowed to."""
    days = FacetBy("published", Bucket.DAY, limit=MAX_DAYS_COUNTED)
    return count_values(searcher, parameters, days)


def count_values(
    searcher: Searcher, parameters: SearchParameters, facet: FacetBy
) -> tuple[FacetValue, ...]:
    """Count the articles of a search by one facet, whatever page of it was asked for."""
    search = search_request(parameters, searcher.schema)
    counted = replace(search, page=1, size=1, offset=None, cursor="", facets=(facet,))
    # Facets count all matches, and no page is shown.
    return searcher.answer(replace(counted, collapse=False)).facets.get(facet.name, ())


def values_named(values: Iterable[FacetValue], typed: str) -> tuple[FacetValue, ...]:
    """Return the values that begin with a text, then those that hold it, whatever case and marks.

    >>> names = ("Tin Biển", "Biển Xanh", "Phố Thị")
    >>> [one.value for one in values_named([FacetValue(name, 1) for name in names], "bien")]
    ['Biển Xanh', 'Tin Biển']
    """
    wanted = fold(typed)
    folded = ((fold(one.value), one) for one in values)
    found = [(not name.startswith(wanted), one) for name, one in folded if wanted in name]
    return tuple(one for _, one in sorted(found, key=itemgetter(0)))


def completions(searcher: Searcher, typed: str) -> tuple[str, ...]:
    """Return queries that begin with what was typed: popular ones first, where they are offered."""
    popular: PopularQueries | None = current_app.extensions.get("popular_queries")
    first = popular.beginning(typed, MAX_POPULAR_COMPLETIONS) if popular else []
    known = {" ".join(terms(query)) for query in first}
    others = searcher.complete(typed)
    more = (query for query in others if " ".join(terms(query)) not in known)
    return (*first, *more)[: max(len(others), MAX_COMPLETIONS)]


def run_search(searcher: Searcher, parameters: SearchParameters) -> Results:
    """Answer the search that an address states. Raises BadParameterError."""
    search = search_request(parameters, searcher.schema)
    results = searcher.answer(search)
    if current_app:
        current_app.extensions["search_metrics"].searched(results)
        first = parameters.page == 1 and not parameters.offset  # further pages: the same search
        if request.endpoint in LOGGED and first and not request.headers.get("X-Instant"):
            face = LOGGED[request.endpoint]
            g.logged = Logged(parameters.q, results.total, results.took_ms, face)
            current_app.extensions["query_log"].search(g.logged, client_network())
    return results
