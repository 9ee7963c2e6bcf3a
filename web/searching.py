"""What do the pages ask of search? A Protocol, so that they can be tried without an index."""

from datetime import date
from typing import Protocol

from search.planning.plan import Sort
from search.results.records import Explanation, FoundArticle, Hit, Results
from web.parameters import SearchParameters


class Searcher(Protocol):
    """A searcher over one index, as `search.open_searcher` gives it."""

    @property
    def articles(self) -> int:
        """Give the number of articles in the index."""
        ...

    def search(
        self,
        query: str,
        *,
        page: int = 1,
        size: int = 10,
        sort: Sort = Sort.RELEVANCE,
        source: tuple[str, ...] = (),
        section: tuple[str, ...] = (),
        since: date | None = None,
        until: date | None = None,
        facets: tuple[str, ...] = (),
        literal: bool = False,
    ) -> Results:
        """Answer one page; `until` includes its day, `source` and `section` mean any of them."""
        ...

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        """Give queries that begin with what was typed so far, the likeliest first."""
        ...

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        """Give the articles most like the one with this id; none where there is no such one."""
        ...

    def explain(
        self,
        query: str,
        id: str,  # noqa: A002
        *,
        literal: bool = False,
    ) -> Explanation | None:
        """Say why the article with this id has the score it has; None where there is none."""
        ...

    def article(
        self,
        id: str,  # noqa: A002
        query: str = "",
        *,
        literal: bool = False,
    ) -> FoundArticle | None:
        """Give the article with this id, with the spans of a query's terms."""
        ...


def ask(searcher: Searcher, parameters: SearchParameters) -> Results:
    """Put a search that was read from an address to a searcher."""
    return searcher.search(
        parameters.q,
        page=parameters.page,
        size=parameters.size,
        sort=parameters.sort,
        source=parameters.source,
        section=parameters.section,
        since=parameters.since,
        until=parameters.until,
        facets=parameters.facets,
        literal=parameters.literal,
    )
