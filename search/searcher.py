"""Ask an index from Python: `open_searcher(DIR).search("xã hội")`."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from index.article import Article
from index.history import History
from index.schema import Kind, Schema
from index.vietnamese import Language
from search import plan
from search.engines import open_engine
from search.engines.contract import Engine, Snapshot
from search.interpretation.context import Context
from search.pipeline import answer, engine_plan, search, similar, understood_query
from search.request import Bucket, FacetBy, FilterBy, Operator, SearchRequest
from search.results.explanation import contributions
from search.results.highlights import highlights
from search.results.records import Explanation, FoundArticle, Hit, Results
from search.suggestions.completing import complete

EXPORT_BATCH = 200
"""Articles that an export reads at a time; arbitrary: some 2 MB of text."""


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
        """The number of articles in the index."""
        return self._engine.snapshot().article_count

    @property
    def identity(self) -> str:
        """The name of the commit that is searched; another one after every write."""
        return self._engine.snapshot().identity

    @property
    def schema(self) -> Schema:
        """The fields of the index."""
        return self._engine.snapshot().schema

    @property
    def history(self) -> History:
        """What became of the records that were written to the index."""
        return self._engine.snapshot().history

    def search(
        self,
        query: str,
        *,
        page: int = 1,
        size: int = 10,
        sort: plan.Sort | str = plan.Sort.RELEVANCE,
        source: Sequence[str] | str = (),
        section: Sequence[str] | str = (),
        since: date | None = None,
        until: date | None = None,
        facets: Sequence[str] = (),
        operator: Operator | str | None = None,
        literal: bool = False,
    ) -> Results:
        """Answer a query with one page of hits. `answer` can do more.

        Any string is a query. `source` and `section` keep the articles that have any of the
        values; `since` and `until` are days in Vietnam, both inclusive; `facets` may name the
        facets of the schema, "year", "month" and "day"; `operator` "and" asks for all words, "or"
        for any; `literal` takes the words as typed. Raises ValueError for a page or size below 1,
        an unknown sort, operator or facet, IndexUnavailableError where the index has gone.
        """
        columns = (("source", source), ("section", section))
        filters = [FilterBy(name, _values(values)) for name, values in columns if values]
        if since or until:
            filters.append(FilterBy("published", low=since, high=until))
        request = SearchRequest(
            query,
            page,
            size,
            sort=plan.Sort(sort).by,
            filters=tuple(filters),
            facets=tuple(_facet_by(name, self.schema) for name in _values(facets)),
            operator=Operator(operator) if operator else None,
            literal=literal,
        )
        return self.answer(request)

    def answer(self, request: SearchRequest) -> Results:
        """Answer a request with one page of hits.

        Raises ValueError for what the index cannot do: an unknown field, a role it has not.
        """
        if request.page < 1 or request.size < 1:
            raise ValueError(f"page and size start at 1; they are {request.page}, {request.size}")
        return answer(request, *self._snapshot())

    def iterate(self, request: SearchRequest) -> Iterator[Article]:
        """Yield all articles that match, in order, whatever page the request asks for.

        All of them are of one commit, and the same that `answer` counts.
        """
        snapshot, context = self._snapshot()
        outcome = search(request, snapshot, context)
        asked = engine_plan(outcome.found.match, outcome.understood, request, snapshot)
        batch: list[str] = []
        for match in snapshot.iterate(asked):
            batch.append(match.id)
            if len(batch) == EXPORT_BATCH:
                yield from filter(None, snapshot.stored(batch))
                batch.clear()
        yield from filter(None, snapshot.stored(batch))

    def rank(
        self, query: str, size: int, *, literal: bool = False
    ) -> tuple[tuple[str, float], ...]:
        """Return ids and scores of the best `size` articles of a query, as `search` finds them."""
        snapshot, context = self._snapshot()
        request = SearchRequest(query, size=size, literal=literal)
        return tuple(search(request, snapshot, context).found.matches.page)

    def article(
        self,
        id: str,  # noqa: A002 - the contract's name
        query: str = "",
        *,
        literal: bool = False,
    ) -> FoundArticle | None:
        """Return an article to read, with the terms of a query marked; None where there is none."""
        snapshot, context = self._snapshot()
        [article] = snapshot.stored([id])
        if article is None:
            return None
        understood = understood_query(query, snapshot, context, literal=literal)
        return FoundArticle(article, highlights(article, understood.marks))

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        """Return queries that go on from what was typed, likeliest first."""
        return complete(self._snapshot()[1], typed, size)

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        """Return the articles nearest to one, best first; none where there is no such article."""
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
        """Return why an article has its score for a query; None where there is no such article."""
        snapshot, context = self._snapshot()
        understood = understood_query(query, snapshot, context, literal=literal)
        parts = contributions(plan.Plan(understood.match, understood.features), snapshot, id)
        if parts is None:
            return None
        return Explanation(
            id, query, understood.interpreted_query, sum(part.score for part in parts), parts
        )

    def _snapshot(self) -> tuple[Snapshot, Context]:
        """Return the newest commit, and what queries to it are understood with."""
        snapshot = self._engine.snapshot()
        context = self._context
        if context is None or context.snapshot.identity != snapshot.identity:
            context = self._context = Context(snapshot, self._language)
        return context.snapshot, context


def _values(values: Sequence[str] | str) -> tuple[str, ...]:
    """Return values as a tuple; a single string is one value, not its letters."""
    return (values,) if isinstance(values, str) else tuple(values)


def _facet_by(name: str, schema: Schema) -> FacetBy:
    """Return the facet of a name: a field, or a period of the day of publication."""
    if name in tuple(Bucket):
        return FacetBy("published", Bucket(name))
    is_date = name in schema and schema[name].kind is Kind.DATE
    return FacetBy(name, Bucket.YEAR if is_date else None)
