"""One request to one snapshot: understood, executed, and its hits made ready to show."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from index.article import Article
from search import plan
from search import query as q
from search.engine import Snapshot
from search.parser import parse
from search.planning import Context, Understood, understand
from search.results import Correction, FacetValue, Hit, Interpretation, QueryWarning, Results
from search.snippets import show
from search.suggestions.correcting import corrections
from search.suggestions.related import related

_PHRASE_NOT_FOUND = QueryWarning(
    "phrase_not_found", "Không bài nào có đúng cụm từ trong ngoặc kép; đây là các bài gần nhất."
)


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
        """Say what an engine is asked, given how the query was understood."""
        match = plan.And((understood.match, *self.filters)) if self.filters else understood.match
        return plan.Plan(
            match=match,
            scores=understood.scores,
            rescores=understood.rescores,
            sort=self.sort,
            offset=(self.page - 1) * self.size,
            limit=self.size,
            facets=self.facets,
        )


def answer(request: Request, snapshot: Snapshot, context: Context) -> Results:
    """Answer a request. A quoted phrase that no article has is asked for again as plain words."""
    start = time.perf_counter()
    understood, matches, warnings = _found(request, snapshot, context)
    hits = tuple(_hit(match, snapshot, understood) for match in matches.page)
    meant = (
        ()
        if request.literal or request.page > 1
        else _meant(request, understood, snapshot, context)
    )
    return Results(
        query=request.query,
        interpretation=Interpretation(request.query, understood.read, understood.changed),
        total=matches.total,
        took_ms=round((time.perf_counter() - start) * 1000, 3),
        page=request.page,
        size=request.size,
        hits=hits,
        facets={name: _facet(name, matches.facets[name]) for name in request.facets},
        corrections=meant,
        warnings=tuple(warnings),
    )


def similar(article: Article, size: int, snapshot: Snapshot, context: Context) -> tuple[Hit, ...]:
    """Give the hits for "related articles", with nothing marked."""
    nothing = understand(q.NOTHING, context, literal=True, every_word=False)
    return tuple(_hit(match, snapshot, nothing) for match in related(snapshot, article, size))


def ranked(request: Request, snapshot: Snapshot, context: Context) -> tuple[tuple[str, float], ...]:
    """Give ids and scores of a page for a text that is all words: its signs ask for nothing."""
    _, matches = _execute(q.Words(request.query), request, snapshot, context)
    return tuple((snapshot.article(match.number).id, match.score) for match in matches.page)


def _found(
    request: Request, snapshot: Snapshot, context: Context
) -> tuple[Understood, plan.Matches, list[QueryWarning]]:
    parsed = parse(request.query)
    understood, matches = _execute(parsed.tree, request, snapshot, context)
    warnings = [*parsed.warnings, *understood.warnings]
    loose = q.without_phrases(parsed.tree)
    if not matches.total and loose != parsed.tree:
        understood, matches = _execute(loose, request, snapshot, context)
        warnings += [_PHRASE_NOT_FOUND] if matches.total else []
    return understood, matches, warnings


def _meant(
    request: Request, read: Understood, snapshot: Snapshot, context: Context
) -> tuple[Correction, ...]:
    """Find other queries that may have been meant, under the same filters."""

    def count(query: str) -> int:
        tree = parse(query).tree
        understood = understand(tree, context, literal=True, every_word=request.by_date)
        asked = replace(request, size=0, facets=()).plan(understood)
        return snapshot.execute(replace(asked, scores=(), rescores=())).total

    return corrections(parse(request.query).tree, read.readings, context.language, count)


def _execute(
    tree: q.Query, request: Request, snapshot: Snapshot, context: Context
) -> tuple[Understood, plan.Matches]:
    """Have a query tree understood and executed."""
    understood = understand(tree, context, literal=request.literal, every_word=request.by_date)
    return understood, snapshot.execute(request.plan(understood))


def _hit(match: plan.Match, snapshot: Snapshot, understood: Understood) -> Hit:
    """Make a match ready to show."""
    article = snapshot.article(match.number)
    shown = show(article, understood.marks)
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
