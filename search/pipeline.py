"""One request to one snapshot: understood, executed, and its hits made ready to show."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.article import Article
from search.engines.contract import Snapshot
from search.interpretation.context import Context
from search.planning import plan
from search.planning.planner import Understood, look_up, understand
from search.query import tree as q
from search.query.operator_scope import operator_scope
from search.query.parser import parse
from search.results.records import (
    Correction,
    FacetValue,
    Hit,
    InterpretedQuery,
    Results,
)
from search.results.snippets import show
from search.results.warnings import QueryWarning, warning
from search.suggestions.correcting import corrections
from search.suggestions.related import related

_PHRASE_NOT_FOUND = warning("phrase_not_found")
_NO_WORDS = warning("no_words")
_EVERY_WORD = warning("every_word")


@dataclass(frozen=True, slots=True)
class Request:
    """A query and all that was asked with it; `filters` are conditions that do not score."""

    query: str
    page: int = 1
    size: int = 10
    sort: plan.Sort = plan.Sort.RELEVANCE
    filters: tuple[plan.Node, ...] = ()
    facets: tuple[str, ...] = ()
    literal: bool = False

    @property
    def by_date(self) -> bool:
        """Whether the hits are sorted by date."""
        return self.sort is not plan.Sort.RELEVANCE

    def plan(self, understood: Understood) -> plan.Plan:
        """Say what an engine is asked, given how the query was understood.

        Where nothing scores, the newest articles are the most relevant; a page without hits is
        only counted.
        """
        match = _filtered(understood.match, self.filters)
        facets = tuple(_facet_request(name, self, understood) for name in self.facets)
        if not self.size:
            return plan.Plan(match, limit=0, facets=facets)
        scores = bool(understood.features) or self.by_date
        return plan.Plan(
            match=match,
            features=understood.features,
            sort=(self.sort if scores else plan.Sort.NEWEST).by,
            offset=(self.page - 1) * self.size,
            limit=self.size,
            facets=facets,
        )


def _facet_request(facet: str, request: Request, understood: Understood) -> plan.FacetRequest:
    """Ask for the counts of a facet as they are without its own filter.

    Whoever has chosen one source still sees what choosing another one, too, would add.
    """
    others = tuple(node for node in request.filters if not _narrows(node, facet))
    match = None if others == request.filters else _filtered(understood.match, others)
    if facet == plan.Facet.YEAR:
        return plan.FacetRequest("published", plan.Bucket.YEAR, match=match)
    return plan.FacetRequest(facet, match=match)


def _filtered(match: plan.Node, filters: tuple[plan.Node, ...]) -> plan.Node:
    return plan.And((match, *filters)) if filters else match


def _narrows(node: plan.Node, facet: str) -> bool:
    if facet == plan.Facet.YEAR:
        return isinstance(node, plan.Range) and node.field == "published"
    return isinstance(node, plan.Keyword) and node.field == facet


@dataclass(frozen=True, slots=True)
class _Found:
    """What became of a request: its query as typed and as it was read, and what that matches."""

    tree: q.Query
    read: Understood
    matches: plan.Matches
    warnings: tuple[QueryWarning, ...]


def answer(request: Request, snapshot: Snapshot, context: Context) -> Results:
    """Answer a request. A quoted phrase that no article has is asked for again as plain words."""
    start = time.perf_counter()
    found = _found(request, snapshot, context)
    read, matches = found.read, found.matches
    hits = _hits(matches.page, snapshot, read)
    meant = _meant(request, found, snapshot, context)
    counts = dict(zip(request.facets, matches.facets, strict=True))
    return Results(
        query=request.query,
        interpretation=InterpretedQuery(request.query, read.read, read.changed),
        total=matches.total,
        took_ms=round((time.perf_counter() - start) * 1000, 3),
        page=request.page,
        size=request.size,
        hits=hits,
        facets={name: _facet(counts[name].counts) for name in request.facets},
        corrections=meant,
        warnings=found.warnings,
    )


def similar(article: Article, size: int, snapshot: Snapshot, context: Context) -> tuple[Hit, ...]:
    """Give the hits for "related articles", with nothing marked."""
    nothing = understand(q.NOTHING, context, literal=True, every_word=False)
    found = related(context, article, size)
    return tuple(_hit(other, score, nothing) for other, score in found)


def ranked(request: Request, snapshot: Snapshot, context: Context) -> tuple[tuple[str, float], ...]:
    """Give ids and scores of a page for a text that is all words: its signs ask for nothing."""
    _, matches = _execute(q.Words(request.query), request, snapshot, context)
    return tuple(matches.page)


def understood(request: Request, snapshot: Snapshot, context: Context) -> Understood:
    """Understand a query as `answer` does; executed only where that decides how it is read."""
    tree = parse(request.query, scope=partial(operator_scope, context)).tree
    if q.without_phrases(tree) == tree:
        return understand(tree, context, literal=request.literal, every_word=request.by_date)
    return _found(replace(request, size=0), snapshot, context).read


def _found(request: Request, snapshot: Snapshot, context: Context) -> _Found:
    """Read a query and execute it; one that holds signs only finds nothing."""
    parsed = parse(request.query, scope=partial(operator_scope, context))
    tree = parsed.tree
    if tree == q.NOTHING and request.query.strip():
        read, matches = _execute(q.AnyOf(()), request, snapshot, context)
        return _Found(tree, read, matches, (*parsed.warnings, _NO_WORDS))
    loose = q.without_phrases(tree)
    if loose != tree:  # perhaps it is read both ways: what both need is asked for at once
        look_up((tree, loose), context, literal=request.literal)
    read, matches = _execute(tree, request, snapshot, context)
    warnings = [*parsed.warnings, *read.warnings]
    if not matches.total and loose != tree:
        read, matches = _execute(loose, request, snapshot, context)
        warnings += [_PHRASE_NOT_FOUND] if matches.total else []
    if request.by_date and any(len(reading.best) > 1 for reading in read.readings.values()):
        warnings.append(_EVERY_WORD)
    return _Found(tree, read, matches, tuple(warnings))


def _meant(
    request: Request, found: _Found, snapshot: Snapshot, context: Context
) -> tuple[Correction, ...]:
    """Find other queries that may have been meant, and what they would find, filters and all."""
    if request.literal or request.page > 1:
        return ()

    counted = replace(request, size=0, facets=())

    def count(queries: Sequence[str]) -> list[int]:
        return _totals(queries, counted, snapshot, context)

    return corrections(found.tree, found.read.readings, context, count)


def _execute(
    tree: q.Query, request: Request, snapshot: Snapshot, context: Context
) -> tuple[Understood, plan.Matches]:
    """Have a query tree understood and executed."""
    read = understand(tree, context, literal=request.literal, every_word=request.by_date)
    [matches] = snapshot.execute([request.plan(read)])
    return read, matches


def _totals(
    queries: Sequence[str], request: Request, snapshot: Snapshot, context: Context
) -> list[int]:
    """Count what other queries would find, all at once, as `_found` does."""
    trees = [parse(query, scope=partial(operator_scope, context)).tree for query in queries]
    both = [(tree, q.without_phrases(tree)) for tree in trees]
    literal, every_word = request.literal, request.by_date
    plans = [
        request.plan(
            understand(tree, context, literal=literal, every_word=every_word, scored=False)
        )
        for pair in both
        for tree in dict.fromkeys(pair)
    ]
    totals = iter([matches.total for matches in snapshot.execute(plans)])
    # A query with a phrase has two: the second counts where the first finds nothing.
    found = [[next(totals) for _ in dict.fromkeys(pair)] for pair in both]
    return [next(filter(None, counts), 0) for counts in found]


def _hits(page: Sequence[plan.Match], snapshot: Snapshot, read: Understood) -> tuple[Hit, ...]:
    """Make matches ready to show; one deleted meanwhile, in an index not frozen, is left out."""
    articles = snapshot.stored([match.id for match in page]) if page else []
    pairs = zip(page, articles, strict=True)
    return tuple(_hit(article, match.score, read) for match, article in pairs if article)


def _hit(article: Article, score: float, read: Understood) -> Hit:
    """Make an article ready to show."""
    shown = show(article, read.marks)
    return Hit(
        id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        section=article.section,
        published=article.published.isoformat() if article.published else "",
        score=score,
        snippet=shown.snippet,
        highlights=shown.highlights,
    )


def _facet(counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(value, count) for value, count in counts.items())
