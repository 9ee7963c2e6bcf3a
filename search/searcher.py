"""Search an index from Python: `open_searcher(DIR).search("xã hội")`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from index.article import Article
from index.history import History
from index.schema import Kind, Schema
from index.storage.cache import CacheUse
from index.vietnamese import Language
from search import plan
from search.engines import open_engine
from search.engines.contract import Engine, IndexReader
from search.finding import engine_plan, plan_widest, search
from search.interpretation.context import Context
from search.pipeline import answer, similar
from search.request import Bucket, FacetBy, FilterBy, Operator, SearchRequest, Sort
from search.results.explanation import contributions
from search.results.highlights import highlights
from search.results.records import Explanation, FoundArticle, Hit, Results
from search.semantic import Semantics
from search.suggestions.completing import complete
from search.suggestions.topics import Topic, topics

MAX_CHECK_SECONDS = 0.005
"""How long a searcher with `hold_seconds` relies on its last check for a newer commit. A check
takes 25 us, and a request of the web package needs the commit six times; arbitrary otherwise."""

EXPORT_BATCH = 200
"""Articles that an export reads at a time; arbitrary: about 2 MB of text."""


def open_searcher(
    location: str | Path,
    language: Language | None = None,
    hold_seconds: float = 0.0,
    cache_bytes: int | None = None,
) -> "Searcher":
    """Open an index to search in, with the lexicon of `language` (by default the package's own).

    `location` is a folder, or an address such as `opensearch://HOST:PORT/NAME`; see `Searcher` for
    `hold_seconds`, and `open_engine` for `cache_bytes`. Raises IndexUnavailableError if no index
    can be read.
    """
    semantics = Semantics.of_index(location)
    return Searcher(open_engine(location, cache_bytes), language, hold_seconds, semantics)


class Searcher:
    """Answers queries from an engine's newest commit; safe for many threads.

    A commit is used for at least `hold_seconds` before a newer one replaces it: the caches of a
    commit pay off only if several searches use them. After that time a newer commit is used as soon
    as it is noticed: at once, or within `MAX_CHECK_SECONDS` with a `hold_seconds` above 0.
    """

    def __init__(
        self,
        engine: Engine,
        language: Language | None = None,
        hold_seconds: float = 0.0,
        semantics: Semantics | None = None,
    ) -> None:
        self._engine = engine
        self._language = language or Language.default()
        self._hold_seconds = hold_seconds
        self._semantics = semantics or Semantics(None)
        self._renewing = Lock()
        self._next_check = 0.0
        self._topics: tuple[str, int, tuple[Topic, ...]] | None = None
        self._context = Context(engine.reader(), self._language)

    @property
    def articles(self) -> int:
        """The number of articles in the index."""
        return self._newest().reader.article_count

    @property
    def identity(self) -> str:
        """The identity of the commit that is searched; it changes with every write."""
        return self._newest().reader.identity

    @property
    def schema(self) -> Schema:
        """The fields of the index."""
        return self._newest().reader.schema

    @property
    def size_bytes(self) -> int:
        """The size of the commit on disk, 0 if it is not known."""
        return self._newest().reader.size_bytes

    def caches(self) -> Mapping[str, CacheUse]:
        """Return how this process used each cache since it opened the commit, by name.

        A cache that is bounded by the number of its entries reports 0 bytes.
        """
        context = self._newest()
        return {
            **context.reader.caches(),
            "interpretations": context.interpretations.use,
            "splits": context.splits.use,
            "plans": context.plans.use,
        }

    @property
    def history(self) -> History:
        """The counts of each write: how many records were indexed, replaced or skipped."""
        return self._newest().reader.history

    def search(
        self,
        query: str,
        *,
        page: int = 1,
        size: int = 10,
        sort: Sort | str = Sort.RELEVANCE,
        source: Sequence[str] | str = (),
        section: Sequence[str] | str = (),
        since: date | None = None,
        until: date | None = None,
        facets: Sequence[str] = (),
        operator: Operator | str | None = None,
        literal: bool = False,
        freshness: bool = True,
        collapse: bool = False,
    ) -> Results:
        """Answer a query with one page of hits. `answer` has more options.

        Any string is a query. `source` and `section` keep the articles that have any of the
        values; `since` and `until` are days in Vietnam, both inclusive; `facets` may name the
        facets of the schema, "year", "month" and "day"; `operator` "and" requires all words, "or"
        any; `literal` takes the words as typed; without `freshness` dates do not score; `collapse`
        shows one of several near-duplicates, as the command line and the API do by default. Raises
        ValueError for a page or size below 1 and for an unknown sort, operator or facet,
        IndexUnavailableError if the index is missing.
        """
        columns = (("source", source), ("section", section))
        filters = [FilterBy(name, _values(values)) for name, values in columns if values]
        if since or until:
            filters.append(FilterBy("published", low=since, high=until))
        request = SearchRequest(
            query,
            page,
            size,
            sort=Sort(sort).by,
            filters=tuple(filters),
            facets=tuple(_facet_by(name, self.schema) for name in _values(facets)),
            operator=Operator(operator) if operator else None,
            literal=literal,
            freshness=freshness,
            collapse=collapse,
        )
        return self.answer(request)

    def answer(self, request: SearchRequest) -> Results:
        """Answer a request with one page of hits.

        Raises ValueError for a field that is unknown or lacks the role, such as one to sort by.
        """
        if request.page < 1 or request.size < 1:
            raise ValueError(f"page and size start at 1; they are {request.page}, {request.size}")
        reranker = self._semantics.reranker() if request.semantic else None
        return answer(request, self._newest(), reranker)

    def iterate(self, request: SearchRequest) -> Iterator[Article]:
        """Yield all articles that match, in order, whatever page the request names.

        They come from one commit and are the same that `answer` counts.
        """
        reader, all_matches = self._all(request)
        matches = reader.iterate(all_matches)
        while batch := [match.id for match in islice(matches, EXPORT_BATCH)]:
            yield from filter(None, reader.stored(batch))

    def records(self, request: SearchRequest) -> Iterator[Mapping[str, Any]]:
        """Yield what `iterate` does as records: the fields that are not empty, as JSON values.

        Takes a third of the time, since no `Article` is created.
        """
        reader, all_matches = self._all(request)
        return reader.records(all_matches)

    def _all(self, request: SearchRequest) -> tuple[IndexReader, plan.Plan]:
        """Return the commit to answer from, and the plan of all matches of a request."""
        context = self._newest()
        outcome = search(request, context)
        all_matches = engine_plan(outcome.retrieval.match, outcome.planned, request, context)
        return context.reader, all_matches

    def rank(
        self, query: str, size: int, *, literal: bool = False, semantic: bool = False
    ) -> tuple[tuple[str, float], ...]:
        """Return the ids and scores of the first `size` hits of a query, in the order of `search`.

        With `semantic` they are reranked by meaning, and scores need not descend.
        """
        request = SearchRequest(query, size=size, literal=literal, semantic=semantic)
        reranker = self._semantics.reranker() if semantic else None
        return tuple(search(request, self._newest(), reranker).retrieval.matches.page)

    def article(
        self,
        id: str,  # noqa: A002 - the contract's name
        query: str = "",
        *,
        literal: bool = False,
    ) -> FoundArticle | None:
        """Return an article with the spans to highlight for a query; None if it is unknown."""
        context = self._newest()
        [article] = context.reader.stored([id])
        if article is None:
            return None
        planned = plan_widest(query, context, literal=literal)
        return FoundArticle(article, highlights(article, planned.highlight_queries))

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        """Return whole articles, in one call to the engine; None for an unknown id."""
        return self._newest().reader.stored(ids)

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        """Return completions of what was typed, likeliest first."""
        return complete(self._newest(), typed, size)

    def topics(self, size: int = 8) -> tuple[Topic, ...]:
        """Return what several of the newest articles are about; computed once per commit."""
        context = self._newest()
        cached, identity = self._topics, context.reader.identity
        if cached is None or cached[:2] != (identity, size):
            cached = self._topics = identity, size, topics(context, size)
        return cached[2]

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        """Return the articles most similar to one, best first; none for an unknown id."""
        context = self._newest()
        [article] = context.reader.stored([id])
        return similar(article, size, context) if article else ()

    def explain(
        self,
        query: str,
        id: str,  # noqa: A002
        *,
        literal: bool = False,
        freshness: bool = True,
    ) -> Explanation | None:
        """Return why an article has its score for a query; None for an unknown id."""
        context = self._newest()
        planned = plan_widest(query, context, literal=literal, freshness=freshness)
        parts = contributions(plan.Plan(planned.match, planned.features), context.reader, id)
        if parts is None:
            return None
        return Explanation(
            id, query, planned.interpreted_query, sum(part.score for part in parts), parts
        )

    def _newest(self) -> Context:
        """Return the context of the commit to answer from: the newest, or one that is still in use.

        While one thread opens a new commit the others continue with the old one.
        """
        now = time.monotonic()
        if now < self._next_check:
            return self._context
        if not self._is_new(self._engine.reader()):
            self._next_check = max(
                self._next_check, now + min(self._hold_seconds, MAX_CHECK_SECONDS)
            )
        elif self._renewing.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._renewing.release()
        return self._context

    def _is_new(self, reader: IndexReader) -> bool:
        current = self._context.reader
        return current.is_lost or reader.identity != current.identity

    def _renew(self) -> None:
        """Switch to the newest commit, unless another thread has done so."""
        newest = self._engine.reader()
        if self._is_new(newest):
            _ = newest.models  # loaded here once, before many threads need it
            self._context = Context(newest, self._language)
            self._next_check = time.monotonic() + self._hold_seconds


def _values(values: Sequence[str] | str) -> tuple[str, ...]:
    """Return values as a tuple; a single string is one value, not its letters."""
    return (values,) if isinstance(values, str) else tuple(values)


def _facet_by(name: str, schema: Schema) -> FacetBy:
    """Return the facet with a name: a field, or "year", "month" or "day" of publication."""
    if name in tuple(Bucket):
        return FacetBy("published", Bucket(name))
    is_date = name in schema and schema[name].kind is Kind.DATE
    return FacetBy(name, Bucket.YEAR if is_date else None)
