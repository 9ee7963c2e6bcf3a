"""One request to one snapshot: understood, executed, and its hits made ready to show."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from index.article import Article
from search.engines.contract import Snapshot
from search.interpretation.context import Context
from search.planning import plan
from search.planning.planner import Understood, understand
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
        only counted. A facet that is filtered by is counted by `_wider`.
        """
        match = _filtered(understood.match, self.filters)
        facets = tuple(name for name in self.facets if not self.filtered_by(name))
        if not self.size:
            return plan.Plan(match, limit=0, facets=facets)
        scores = bool(understood.scores) or self.by_date
        return plan.Plan(
            match=match,
            scores=understood.scores,
            pairs=understood.pairs,
            sort=self.sort if scores else plan.Sort.NEWEST,
            offset=(self.page - 1) * self.size,
            limit=self.size,
            facets=facets,
        )

    def filtered_by(self, facet: str) -> bool:
        """Say whether a filter chooses among the values of a facet."""
        return any(_narrows(node, facet) for node in self.filters)


def _wider(request: Request, facet: str, understood: Understood) -> plan.Plan:
    """Ask for the counts of a facet as they are without its own filter.

    Whoever has chosen one source still sees what choosing another one, too, would add.
    """
    others = tuple(node for node in request.filters if not _narrows(node, facet))
    return plan.Plan(_filtered(understood.match, others), limit=0, facets=(facet,))


def _filtered(match: plan.Node, filters: tuple[plan.Node, ...]) -> plan.Node:
    return plan.And((match, *filters)) if filters else match


def _narrows(node: plan.Node, facet: str) -> bool:
    if facet == plan.Facet.YEAR:
        return isinstance(node, plan.Published)
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
    hits = tuple(_hit(match, snapshot, read) for match in matches.page)
    meant = _meant(request, found, snapshot, context)
    counts = matches.facets | {
        name: snapshot.execute(_wider(request, name, read)).facets[name]
        for name in request.facets
        if request.filtered_by(name)
    }
    return Results(
        query=request.query,
        interpretation=InterpretedQuery(request.query, read.read, read.changed),
        total=matches.total,
        took_ms=round((time.perf_counter() - start) * 1000, 3),
        page=request.page,
        size=request.size,
        hits=hits,
        facets={name: _facet(name, counts[name]) for name in request.facets},
        corrections=meant,
        warnings=found.warnings,
    )


def similar(article: Article, size: int, snapshot: Snapshot, context: Context) -> tuple[Hit, ...]:
    """Give the hits for "related articles", with nothing marked."""
    nothing = understand(q.NOTHING, context, literal=True, every_word=False)
    return tuple(_hit(match, snapshot, nothing) for match in related(context, article, size))


def ranked(request: Request, snapshot: Snapshot, context: Context) -> tuple[tuple[str, float], ...]:
    """Give ids and scores of a page for a text that is all words: its signs ask for nothing."""
    _, matches = _execute(q.Words(request.query), request, snapshot, context)
    return tuple((snapshot.article(match.number).id, match.score) for match in matches.page)


def understood(request: Request, snapshot: Snapshot, context: Context) -> Understood:
    """Understand a query as `answer` does."""
    return _found(replace(request, size=0), snapshot, context).read


def _found(request: Request, snapshot: Snapshot, context: Context) -> _Found:
    """Read a query and execute it; one that holds signs only finds nothing."""
    parsed = parse(request.query, scope=partial(operator_scope, context))
    tree = parsed.tree
    if tree == q.NOTHING and request.query.strip():
        read, matches = _execute(q.AnyOf(()), request, snapshot, context)
        return _Found(tree, read, matches, (*parsed.warnings, _NO_WORDS))
    read, matches = _execute(tree, request, snapshot, context)
    warnings = [*parsed.warnings, *read.warnings]
    loose = q.without_phrases(tree)
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

    def count(query: str) -> int:
        counted = replace(request, query=query, size=0, facets=())
        return _found(counted, snapshot, context).matches.total

    return corrections(found.tree, found.read.readings, context, count)


def _execute(
    tree: q.Query, request: Request, snapshot: Snapshot, context: Context
) -> tuple[Understood, plan.Matches]:
    """Have a query tree understood and executed."""
    read = understand(tree, context, literal=request.literal, every_word=request.by_date)
    return read, snapshot.execute(request.plan(read))


def _hit(match: plan.Match, snapshot: Snapshot, read: Understood) -> Hit:
    """Make a match ready to show."""
    article = snapshot.article(match.number)
    shown = show(article, read.marks)
    return Hit(
        id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        section=article.section,
        published=article.published.isoformat() if article.published else "",
        score=match.score,
        snippet=shown.snippet,
        highlights=shown.highlights,
    )


def _facet(name: str, counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
    """Order a facet's values: most frequent first, years newest first."""
    values = [FacetValue(value, count) for value, count in counts.items() if value]
    if name == "year":
        return tuple(sorted(values, key=lambda facet: facet.value, reverse=True))
    return tuple(sorted(values, key=lambda facet: (-facet.count, facet.value)))
