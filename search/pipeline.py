"""One request to one snapshot: understood, executed, and its hits made ready to show."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from index.article import Article
from index.vietnamese.syllables import terms
from search import plan
from search.engines.contract import Snapshot
from search.interpretation.context import Context
from search.interpretation.joined import split_words
from search.interpretation.operator_scope import operator_scope
from search.planning.conditions import facet_request, filtered, sort_by
from search.planning.freshness import asks_for_news
from search.planning.planner import Understood, prefetch, understand
from search.planning.widening import Found, find, find_loosely
from search.query import tree as q
from search.query.parser import Parsed, parse
from search.relaxation import relaxed
from search.request import SearchRequest, SortBy
from search.results.records import Correction, FacetValue, Hit, InterpretedQuery, Results
from search.results.snippets import show
from search.semantic import Reranker, deeper_request, reranked
from search.suggestions.correcting import MAX_CORRECTIONS, corrected_queries
from search.suggestions.related import related
from search.warnings import QueryWarning, warning

MIN_HEADLINE_SYLLABLES = 4
"""Plain syllables beside quoted phrases from which on a query is taken for a pasted headline; three
of 100 news topics lose .18 to .50 of nDCG@10 where their quotation marks are hard conditions."""

MIN_QUOTATION_SYLLABLES = 3
"""Syllables of a phrase beside plain words that is taken for a quotation; shorter ones are mostly
one word, quoted on purpose. Arbitrary."""

_NEWEST = SortBy("published", descending=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An executed request: the planned query, the matches, corrections with totals, warnings."""

    understood: Understood
    found: Found
    corrections: tuple[Correction, ...]
    warnings: tuple[QueryWarning, ...]


def answer(
    request: SearchRequest,
    snapshot: Snapshot,
    context: Context,
    reranker: Reranker | None = None,
) -> Results:
    """Answer a request. Raises ValueError for a field that cannot do what is asked of it."""
    start = time.perf_counter()
    outcome = search(request, snapshot, context, reranker)
    understood, found = outcome.understood, outcome.found
    matches = found.matches
    hits = _hits(matches, snapshot, understood, all_highlights=request.all_highlights)
    facets = {
        facet.name: tuple(FacetValue(*counted) for counted in counts.counts.items())
        for facet, counts in zip(request.facets, matches.facets, strict=True)
    }
    return Results(
        query=request.query,
        interpretation=InterpretedQuery(
            request.query, understood.interpreted_query, understood.changed
        ),
        total=matches.total,
        took_ms=round((time.perf_counter() - start) * 1000, 3),
        page=request.page,
        size=request.size,
        hits=hits,
        full_total=found.full,
        relaxed=found.is_relaxed,
        next_cursor=matches.cursor,
        groups=matches.groups,
        facets=facets,
        corrections=outcome.corrections,
        warnings=outcome.warnings,
    )


def search(
    request: SearchRequest,
    snapshot: Snapshot,
    context: Context,
    reranker: Reranker | None = None,
) -> Outcome:
    """Find the articles of a request, the first ones ordered by meaning where it asks for that."""
    deeper = deeper_request(request) if reranker else None
    if reranker and deeper:
        outcome = _search(deeper, snapshot, context)
        matches, read = outcome.found.matches, outcome.understood.interpreted_query
        ordered = reranked(matches, read, request, snapshot, reranker)
        return replace(outcome, found=replace(outcome.found, matches=ordered))
    outcome = _search(request, snapshot, context)
    if request.semantic and reranker is None:
        told = (*outcome.warnings, warning("semantic_unavailable"))
        return replace(outcome, warnings=told)
    return outcome


def _search(request: SearchRequest, snapshot: Snapshot, context: Context) -> Outcome:
    """Find the articles of a request.

    A query that holds signs only finds nothing. A quoted phrase that no article has is asked for
    again as plain words.
    """
    parsed = _parse(request.query, context, literal=request.literal)
    tree, warnings = parsed.tree, list(parsed.warnings)
    if tree == q.NOTHING and request.query.strip():
        tree = q.AnyOf(())
        warnings.append(warning("no_words"))
    loose = q.without_phrases(tree)
    if loose != tree:  # perhaps it is executed both ways: what both need is asked for at once
        prefetch((tree, loose), context, literal=request.literal)
    understood = understand(tree, context, literal=request.literal, operator=request.operator)
    queries = _corrected(request, tree, understood, context)
    counts = [_counting(query, request, snapshot, context) for query in queries]
    if request.freshness:  # in any order: the best articles belong to the set of all orders
        understood = _with_freshness(understood, context, request.now)
    found = _find(understood, request, snapshot, counts)
    corrections = tuple(
        Correction(query, counted.total)
        for query, counted in zip(queries, found.others, strict=True)
        if counted.total
    )
    warnings += understood.warnings
    if loose != tree and found.full < (plan.MIN_MATCHES if _is_headline(tree, understood) else 1):
        understood, found, told = _without_phrases(loose, understood, found, request, context)
        warnings += told
    elif found.is_relaxed:
        warnings.append(warning("relaxed", full=found.full))
    if not found.matches.complete:
        warnings.append(warning("budget_spent"))
    distinct = tuple(dict.fromkeys(warnings))
    return Outcome(understood, found, corrections[:MAX_CORRECTIONS], distinct)


def _is_headline(tree: q.Query, understood: Understood) -> bool:
    """Return whether a query of words and phrases is rather a headline with its quotation marks."""
    beside = sum(len(run.typed) for run in understood.interpretations.values())
    parts = tree.children if isinstance(tree, q.Clause) else ()
    quoted = max((len(terms(p.text)) for p in parts if isinstance(p, q.Phrase)), default=0)
    return beside >= MIN_HEADLINE_SYLLABLES or (beside > 0 and quoted >= MIN_QUOTATION_SYLLABLES)


def _without_phrases(
    loose: q.Query,
    strict: Understood,
    found: Found,
    request: SearchRequest,
    context: Context,
) -> tuple[Understood, Found, tuple[QueryWarning, ...]]:
    """Search again with phrases read as plain words, where too few articles hold them.

    A headline pasted with its quotation marks is no query for exactly these words.
    """
    literal, snapshot = request.literal, context.snapshot
    understood = understand(loose, context, literal=literal, operator=request.operator)
    if understood.in_steps:
        wider = _find(understood, request, snapshot)
        wider = replace(wider, full=found.full, is_relaxed=wider.matches.total > found.full)
    else:
        wider = find_loosely(
            understood.match,
            lambda match: engine_plan(match, understood, request, snapshot),
            snapshot,
            found.full,
        )
    if not wider.is_relaxed:
        return strict, found, ()
    if found.full:
        return understood, wider, (warning("relaxed", full=found.full),)
    return understood, replace(wider, is_relaxed=False), (warning("phrase_not_found"),)


def _parse(query: str, context: Context, *, literal: bool) -> Parsed:
    """Parse a query, and unless it is to be taken literally part words that were joined."""
    parsed = parse(query, context.snapshot.schema, partial(operator_scope, context))
    if literal:
        return parsed
    return Parsed(split_words(parsed.tree, context.split_joined), parsed.warnings)


def _find(
    understood: Understood,
    request: SearchRequest,
    snapshot: Snapshot,
    others: Sequence[plan.Plan] = (),
) -> Found:
    match = understood.match
    asked = engine_plan(match, understood, request, snapshot)
    return find(asked, match, snapshot, in_steps=understood.in_steps, others=others)


def engine_plan(
    match: plan.Node, understood: Understood, request: SearchRequest, snapshot: Snapshot
) -> plan.Plan:
    """Return what an engine is asked for a request, given the match of its query.

    Where nothing scores, the newest articles are the most relevant.
    """
    schema = snapshot.schema
    sort = sort_by(request.sort, schema)
    cursor = request.cursor if request.cursor not in ("", "*") else None
    return plan.Plan(
        match=filtered(match, request.filters, schema),
        features=understood.features,
        sort=sort if sort or understood.features else _NEWEST,
        offset=0 if request.cursor else request.start,
        limit=request.size,
        facets=tuple(facet_request(f, request.filters, match, schema) for f in request.facets),
        cursor=cursor,
        collapse=request.collapse,
    )


def _corrected(
    request: SearchRequest, tree: q.Query, understood: Understood, context: Context
) -> list[str]:
    """Return other queries that may have been meant; none where they were not asked for."""
    if request.literal or request.start or request.cursor or not understood.interpretations:
        return []
    return corrected_queries(tree, understood.interpretations, context)


def _counting(
    query: str, request: SearchRequest, snapshot: Snapshot, context: Context
) -> plan.Plan:
    """Return the plan that counts the full matches of another query, filters and all."""
    tree = _parse(query, context, literal=request.literal).tree
    other = understand(tree, context, literal=request.literal, operator=request.operator)
    match = filtered(other.match, request.filters, snapshot.schema)
    return plan.Plan(match, limit=0)


def understood_query(
    query: str, snapshot: Snapshot, context: Context, *, literal: bool, freshness: bool = False
) -> Understood:
    """Understand a query as `search` does, its match as wide as `search` may make it.

    It is executed only where that decides how it is read.
    """
    tree = _parse(query, context, literal=literal).tree
    if q.without_phrases(tree) == tree:
        understood = understand(tree, context, literal=literal)
        if freshness:
            understood = _with_freshness(understood, context)
    else:
        request = SearchRequest(query, size=1, literal=literal, freshness=freshness)
        understood = search(request, snapshot, context).understood
    return replace(understood, match=relaxed(understood.match, 0.0))


def _with_freshness(
    understood: Understood, context: Context, now: datetime | None = None
) -> Understood:
    """Return a query with what articles of the time that it is about gain."""
    fresh = asks_for_news(understood, context, now)
    return replace(understood, features=(*understood.features, *fresh)) if fresh else understood


def similar(article: Article, size: int, snapshot: Snapshot, context: Context) -> tuple[Hit, ...]:
    """Return the hits for "related articles", with nothing marked."""
    nothing = understand(q.NOTHING, context, literal=True)
    found = related(context, article, size)
    return tuple(_hit(other, score, nothing, all_highlights=False) for other, score in found)


def _hits(
    matches: plan.Matches, snapshot: Snapshot, understood: Understood, *, all_highlights: bool
) -> tuple[Hit, ...]:
    """Make matches ready to show; one deleted meanwhile, in an index not frozen, is left out."""
    page = matches.page
    articles = snapshot.stored([match.id for match in page]) if page else []
    similar = matches.similar or (0,) * len(page)
    return tuple(
        _hit(article, match.score, understood, others, all_highlights=all_highlights)
        for match, article, others in zip(page, articles, similar, strict=True)
        if article
    )


def _hit(
    article: Article,
    score: float,
    understood: Understood,
    similar: int = 0,
    *,
    all_highlights: bool,
) -> Hit:
    """Make an article ready to show that stands for `similar` others."""
    shown = show(article, understood.marks, all_highlights=all_highlights)
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
