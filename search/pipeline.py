"""Answers a request from one reader: finds the matches and renders the hits of the page."""

import time

from index.article import Article
from search import plan
from search.engines.contract import IndexReader
from search.finding import search
from search.interpretation.context import Context
from search.planning.planner import PlannedQuery, plan_query
from search.query import tree as q
from search.request import SearchRequest
from search.results.records import FacetValue, Hit, InterpretedQuery, Results
from search.results.snippets import render_hit
from search.semantic import Reranker
from search.suggestions.related import related


def answer(request: SearchRequest, context: Context, reranker: Reranker | None = None) -> Results:
    """Answer a request. Raises ValueError for a field without the role that the request needs."""
    start = time.perf_counter()
    outcome = search(request, context, reranker)
    planned, found = outcome.planned, outcome.retrieval
    matches = found.matches
    hits = _hits(matches, context.reader, planned, all_highlights=request.all_highlights)
    facets = {
        facet.name: tuple(FacetValue(*counted) for counted in counts.counts.items())
        for facet, counts in zip(request.facets, matches.facets, strict=True)
    }
    return Results(
        query=request.query,
        interpretation=InterpretedQuery(request.query, planned.interpreted_query, planned.changed),
        total=matches.total,
        took_ms=round((time.perf_counter() - start) * 1000, 3),
        page=request.page,
        size=request.size,
        hits=hits,
        full_total=found.full_total,
        relaxed=found.is_relaxed,
        next_cursor=matches.cursor,
        groups=matches.groups,
        facets=facets,
        corrections=outcome.corrections,
        warnings=outcome.warnings,
    )


def similar(article: Article, size: int, context: Context) -> tuple[Hit, ...]:
    """Return the related articles of an article as hits, without highlights."""
    nothing = plan_query(q.NOTHING, context, literal=True)
    found = related(context, article, size)
    return tuple(_hit(other, score, nothing, all_highlights=False) for other, score in found)


def _hits(
    matches: plan.Matches, reader: IndexReader, planned: PlannedQuery, *, all_highlights: bool
) -> tuple[Hit, ...]:
    """Return matches as hits, without articles deleted since (in an index without snapshots)."""
    page = matches.page
    articles = reader.stored([match.id for match in page]) if page else []
    similar = matches.similar or (0,) * len(page)
    return tuple(
        _hit(article, match.score, planned, others, all_highlights=all_highlights)
        for match, article, others in zip(page, articles, similar, strict=True)
        if article
    )


def _hit(
    article: Article,
    score: float,
    planned: PlannedQuery,
    similar: int = 0,
    *,
    all_highlights: bool,
) -> Hit:
    """Return an article as a hit that stands for `similar` near-duplicates."""
    shown = render_hit(article, planned.highlight_queries, all_highlights=all_highlights)
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
        author=article.author,
        image=article.image,
        published_precision=article.published_precision,
        has_body=bool(article.body.strip()),
        values=article.values,
        similar=similar,
    )
