"""Ask an index from Python: `open_searcher(DIR).search("xã hội")`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from index.article import Article
from index.schema import Schema
from index.vietnamese import Language
from index.vietnamese.dates import VIETNAM
from search.engines import open_engine
from search.engines.contract import Engine, Snapshot
from search.interpretation.context import Context
from search.pipeline import Request, answer, ranked, similar, understood
from search.planning import plan
from search.request import Bucket, FacetBy, FilterBy, SearchRequest, SortBy
from search.results.explanation import contributions
from search.results.highlights import highlights
from search.results.records import Explanation, FoundArticle, Hit, Results
from search.suggestions.completing import complete


def open_searcher(location: str | Path, language: Language | None = None) -> "Searcher":
    """Open an index to search in, with the facts of `language` (by default the package's own).

    `location` is a folder, or an address such as `opensearch://HOST:PORT/NAME`. Raises
    IndexUnavailableError where no index can be read.
    """
    return Searcher(open_engine(location), language)


class Searcher:
    """Answers queries from an engine, always from its newest commit; safe for many threads."""

    def __init__(self, engine: Engine, language: Language | None = None) -> None:
        self._engine = engine
        self._language = language or Language.default()
        self._context: Context | None = None
        self._snapshot()

    @property
    def articles(self) -> int:
        """How many articles there are to search in."""
        return self._engine.snapshot().articles

    def search(
        self,
        query: str,
        *,
        page: int = 1,
        size: int = 10,
        sort: plan.Sort | str = plan.Sort.RELEVANCE,
        source: Sequence[str] = (),
        section: Sequence[str] = (),
        since: date | None = None,
        until: date | None = None,
        facets: Sequence[str] = (),
        literal: bool = False,
    ) -> Results:
        """Answer a query with one page of hits.

        Any string is a query. `source` and `section` keep the articles that have any of the
        values; `since` and `until` are days in Vietnam, both inclusive; `facets` may name
        "source", "section" and "year"; `literal` takes the words as typed. Raises ValueError for
        a page or size below 1, an unknown sort or an unknown facet, IndexUnavailableError where the
        index has gone.
        """
        if page < 1 or size < 1:
            raise ValueError(f"page and size start at 1; they are {page} and {size}")
        if unknown := set(facets) - set(plan.Facet):
            raise ValueError(f"there is no facet {sorted(unknown)}, only {', '.join(plan.Facet)}")
        columns = (("source", source), ("section", section))
        filters = (
            *(plan.Keyword(name, tuple(values)) for name, values in columns if values),
            *_between(since, until),
        )
        request = Request(query, page, size, plan.Sort(sort), filters, tuple(facets), literal)
        return answer(request, *self._snapshot())

    @property
    def identity(self) -> str:
        """The name of the commit that is searched; another one after every write."""
        return self._engine.snapshot().identity

    @property
    def schema(self) -> Schema:
        """The fields of the index."""
        return self._engine.snapshot().schema

    def answer(self, request: SearchRequest) -> Results:
        """Answer a request with one page of hits.

        Raises ValueError for what the index cannot do: an unknown field, a role it has not.
        """
        asked = Request(
            request.query,
            request.start // request.size + 1,
            request.size,
            _sort(request.sort),
            tuple(_node(condition) for condition in request.filters),
            tuple(_facet(facet) for facet in request.facets),
            request.literal,
        )
        return answer(asked, *self._snapshot())

    def iterate(self, request: SearchRequest) -> Iterator[Article]:
        """Yield all articles that match, in order, whatever page the request asks for."""
        page, asked = 1, replace(request, size=100, offset=None)
        while hits := self.answer(replace(asked, page=page)).hits:
            snapshot = self._engine.snapshot()
            yield from filter(None, snapshot.stored([hit.id for hit in hits]))
            page += 1

    def rank(
        self, query: str, size: int, *, literal: bool = False
    ) -> tuple[tuple[str, float], ...]:
        """Give ids and scores of the best `size` articles for a plain text, as `search` would.

        Quotation marks, minus signs and colons of the text are not the query language's.
        """
        return ranked(Request(query, size=size, literal=literal), *self._snapshot())

    def article(
        self,
        id: str,  # noqa: A002 - the contract's name
        query: str = "",
        *,
        literal: bool = False,
    ) -> FoundArticle | None:
        """Give an article to read, with the terms of a query marked; None where there is none."""
        snapshot, context = self._snapshot()
        [article] = snapshot.stored([id])
        if article is None:
            return None
        read = understood(Request(query, literal=literal), snapshot, context)
        return FoundArticle(article, highlights(article, read.marks))

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        """Give queries that go on from what was typed, likeliest first."""
        return complete(self._snapshot()[1], typed, size)

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        """Give the articles nearest to one, best first; none where there is no such article."""
        snapshot, context = self._snapshot()
        [article] = snapshot.stored([id])
        return similar(article, size, snapshot, context) if article else ()

    def explain(
        self,
        query: str,
        id: str,  # noqa: A002
        *,
        literal: bool = False,
    ) -> Explanation | None:
        """Say why an article has the score it has for a query; None where there is none."""
        snapshot, context = self._snapshot()
        read = understood(Request(query, literal=literal), snapshot, context)
        parts = contributions(read, snapshot, id)
        if parts is None:
            return None
        return Explanation(id, query, read.read, sum(part.score for part in parts), parts)

    def _snapshot(self) -> tuple[Snapshot, Context]:
        """Take the newest commit, and what queries to it are understood with."""
        snapshot = self._engine.snapshot()
        context = self._context
        if context is None or context.snapshot.identity != snapshot.identity:
            context = self._context = Context(snapshot, self._language)
        return context.snapshot, context


def _between(since: date | None, until: date | None) -> Iterator[plan.Node]:
    """Keep the articles of the days from `since` to `until`, in Vietnam."""
    if since or until:
        start = datetime.combine(since, time(), VIETNAM) if since else None
        # The day after the last day that can be written does not exist: no end excludes as much.
        last = until if until and until < date.max else None
        end = datetime.combine(last, time(), VIETNAM) + timedelta(days=1) if last else None
        yield plan.Range("published", start, end)


def _sort(sort: SortBy | None) -> plan.Sort:
    if sort is None:
        return plan.Sort.RELEVANCE
    if sort.field != "published":
        raise ValueError(f"hits cannot be sorted by {sort.field!r}")
    return plan.Sort.NEWEST if sort.descending else plan.Sort.OLDEST


def _node(condition: FilterBy) -> plan.Node:
    if condition.field in {"source", "section", "id"}:
        return plan.Keyword(condition.field, condition.values)
    low, high = condition.low, condition.high
    if condition.field != "published" or isinstance(low, float) or isinstance(high, float):
        raise ValueError(f"articles cannot be filtered by {condition.field!r}")
    return plan.And(tuple(_between(low, high)))


def _facet(facet: FacetBy) -> str:
    if facet.name not in set(plan.Facet) or facet.bucket not in {None, Bucket.YEAR}:
        raise ValueError(f"there is no facet {facet.name!r}, only {', '.join(plan.Facet)}")
    return facet.name
