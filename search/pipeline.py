"""One request to one snapshot: understood, executed, and its hits made ready to show."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.article import Article
from index.vietnamese.syllables import terms
from search import plan
from search.engines.contract import Snapshot
from search.interpretation.context import Context
from search.interpretation.joined import split_words
from search.interpretation.operator_scope import operator_scope
from search.planning.conditions import facet_request, filtered, sort_by
from search.planning.freshness import freshness_features
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


def answer(request: SearchRequest, context: Context, reranker: Reranker | None = None) -> Results:
    """Answer a request. Raises ValueError for a field that cannot do what is asked of it."""
    start = time.perf_counter()
    outcome = search(request, context, reranker)
    understood, found = outcome.understood, outcome.found
    matches = found.matches
    hits = _hits(matches, context.snapshot, understood, all_highlights=request.all_highlights)
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


def search(request: SearchRequest, context: Context, reranker: Reranker | None = None) -> Outcome:
    """Find the articles of a request, the first ones ordered by meaning where it asks for that."""
    deeper = deeper_request(request) if reranker else None
    if reranker and deeper:
        outcome = _search(deeper, context)
        matches, read = outcome.found.matches, outcome.understood.interpreted_query
        ordered = reranked(matches, read, request, context.snapshot, reranker)
        return replace(outcome, found=replace(outcome.found, matches=ordered))
    outcome = _search(request, context)
    if request.semantic and reranker is None:
        told = (*outcome.warnings, warning("semantic_unavailable"))
        return replace(outcome, warnings=told)
    return outcome


def _search(request: SearchRequest, context: Context) -> Outcome:
    """Find the articles of a request; where too few hold its phrases, those with their words."""
    parsed = _parse(request.query, context, literal=request.literal)
    tree, loose = parsed.tree, q.without_phrases(parsed.tree)
    if loose != tree:  # perhaps it is executed both ways: what both need is asked for at once
        prefetch((tree, loose), context, literal=request.literal)
    understood = _understand(tree, request, context)
    queries = _corrected(request, tree, understood, context)
    counts = [_counting(query, request, context) for query in queries]
    found = _find(understood, request, context, counts)
    corrections = [
        Correction(query, counted.total)
        for query, counted in zip(queries, found.others, strict=True)
        if counted.total
    ]
    warnings = [*parsed.warnings, *understood.warnings]
    enough = plan.MIN_MATCHES if _is_headline(tree, understood) else 1
    wider = None
    if loose != tree and found.full < enough:
        wider = _without_phrases(loose, request, context, found.full)
    if wider:
        understood, found = wider
    if wider and not found.full:
        warnings.append(warning("phrase_not_found"))
    elif found.is_relaxed:
        warnings.append(warning("relaxed", full=found.full))
    if not found.matches.complete:
        warnings.append(warning("budget_spent"))
    distinct = tuple(dict.fromkeys(warnings))
    return Outcome(understood, found, tuple(corrections[:MAX_CORRECTIONS]), distinct)


def _understand(tree: q.Query, request: SearchRequest, context: Context) -> Understood:
    """Plan the search for a tree, with what articles of the time that it is about gain.

    They gain in any order of the hits: the best articles by score belong to the set of all orders.
    """
    understood = understand(tree, context, literal=request.literal, operator=request.operator)
    fresh = freshness_features(understood, context, request.now) if request.freshness else ()
    return replace(understood, features=(*understood.features, *fresh)) if fresh else understood


def _is_headline(tree: q.Query, understood: Understood) -> bool:
    """Return whether a query of words and phrases is rather a headline with its quotation marks."""
    beside = sum(len(run.typed) for run in understood.interpretations.values())
    parts = tree.children if isinstance(tree, q.Clause) else ()
    quoted = max((len(terms(p.text)) for p in parts if isinstance(p, q.Phrase)), default=0)
    return beside >= MIN_HEADLINE_SYLLABLES or (beside > 0 and quoted >= MIN_QUOTATION_SYLLABLES)


def _without_phrases(
    loose: q.Query, request: SearchRequest, context: Context, full: int
) -> tuple[Understood, Found] | None:
    """Search again with phrases read as plain words; None where that finds no more.

    A headline pasted with its quotation marks is no query for exactly these words. `full` articles
    hold them.
    """
    understood = _understand(loose, request, context)
    if understood.in_steps:
        found = _find(understood, request, context)
        found = replace(found, full=full, is_relaxed=found.matches.total > full)
    else:
        found = find_loosely(
            understood.match,
            lambda match: engine_plan(match, understood, request, context),
            context.snapshot,
            full,
        )
    if not found.is_relaxed:
        return None
    return understood, replace(found, is_relaxed=full > 0)


def _parse(query: str, context: Context, *, literal: bool) -> Parsed:
    """Parse a query, and unless it is to be taken literally part words that were joined.

    A query that holds signs only finds nothing.
    """
    parsed = parse(query, context.snapshot.schema, partial(operator_scope, context))
    if parsed.tree == q.NOTHING and query.strip():
        return Parsed(q.AnyOf(()), (*parsed.warnings, warning("no_words")))
    if literal:
        return parsed
    return Parsed(split_words(parsed.tree, context.split_joined), parsed.warnings)


def _find(
    understood: Understood,
    request: SearchRequest,
    context: Context,
    others: Sequence[plan.Plan] = (),
) -> Found:
    match = understood.match
    asked = engine_plan(match, understood, request, context)
    return find(asked, match, context.snapshot, in_steps=understood.in_steps, others=others)


def engine_plan(
    match: plan.Node, understood: Understood, request: SearchRequest, context: Context
) -> plan.Plan:
    """Return what an engine is asked for a request, given the match of its query.

    Where nothing scores, the newest articles are the most relevant.
    """
    schema = context.snapshot.schema
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


def _counting(query: str, request: SearchRequest, context: Context) -> plan.Plan:
    """Return the plan that counts the full matches of another query, filters and all."""
    tree = _parse(query, context, literal=request.literal).tree
    other = understand(tree, context, literal=request.literal, operator=request.operator)
    match = filtered(other.match, request.filters, context.snapshot.schema)
    return plan.Plan(match, limit=0)


def understood_query(
    query: str, context: Context, *, literal: bool, freshness: bool = False
) -> Understood:
    """Understand a query as `search` does, its match as wide as `search` may make it.

    It is executed only where that decides how it is read.
    """
    request = SearchRequest(query, size=1, literal=literal, freshness=freshness)
    tree = _parse(query, context, literal=literal).tree
    if q.without_phrases(tree) == tree:
        understood = _understand(tree, request, context)
    else:
        understood = search(request, context).understood
    return replace(understood, match=relaxed(understood.match, 0.0))


def similar(article: Article, size: int, context: Context) -> tuple[Hit, ...]:
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
