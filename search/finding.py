"""The matches of a request: its query understood, executed, and widened where it finds little."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.vietnamese.syllables import terms
from search import plan
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
from search.results.records import Correction
from search.semantic import Reranker, deeper_request, reranked
from search.suggestions.correcting import MAX_CORRECTIONS, corrected_queries
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


def search(request: SearchRequest, context: Context, reranker: Reranker | None = None) -> Outcome:
    """Find the articles of a request, the first ones ordered by meaning where it asks for that."""
    deeper = deeper_request(request) if reranker else None
    if reranker and deeper:
        outcome = _search(deeper, context)
        matches, read = outcome.found.matches, outcome.understood.interpreted_query
        ordered = reranked(matches, read, request, context.reader, reranker)
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
    corrections = tuple(
        Correction(query, counted.total)
        for query, counted in zip(queries, found.others, strict=True)
        if counted.total
    )
    warnings = [*parsed.warnings, *understood.warnings]
    enough = plan.MIN_MATCHES if _is_headline(tree, understood) else 1
    if loose != tree and found.full < enough:
        wider = _without_phrases(loose, request, context, found.full)
        if wider and not found.full:
            warnings.append(warning("phrase_not_found"))
        understood, found = wider or (understood, found)
    if found.is_relaxed:
        warnings.append(warning("relaxed", full=found.full))
    if not found.matches.complete:
        warnings.append(warning("budget_spent"))
    return Outcome(understood, found, corrections[:MAX_CORRECTIONS], tuple(dict.fromkeys(warnings)))


def _parse(query: str, context: Context, *, literal: bool) -> Parsed:
    """Parse a query, and unless it is to be taken literally part words that were joined.

    A query that holds signs only finds nothing.
    """
    parsed = parse(query, context.reader.schema, partial(operator_scope, context))
    if parsed.tree == q.NOTHING and query.strip():
        return Parsed(q.AnyOf(()), (*parsed.warnings, warning("no_words")))
    if literal:
        return parsed
    return Parsed(split_words(parsed.tree, context.split_joined), parsed.warnings)


def _understand(tree: q.Query, request: SearchRequest, context: Context) -> Understood:
    """Plan the search for a tree, with what articles of the time that it is about gain.

    They gain in any order of the hits: the best articles by score belong to the set of all orders.
    """
    understood = understand(tree, context, literal=request.literal, operator=request.operator)
    fresh = freshness_features(understood, context, request.now) if request.freshness else ()
    return replace(understood, features=(*understood.features, *fresh)) if fresh else understood


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
    match = filtered(other.match, request.filters, context.reader.schema)
    return plan.Plan(match, limit=0)


def _find(
    understood: Understood,
    request: SearchRequest,
    context: Context,
    others: Sequence[plan.Plan] = (),
) -> Found:
    match = understood.match
    asked = engine_plan(match, understood, request, context)
    return find(asked, match, context.reader, in_steps=understood.in_steps, others=others)


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
            context.reader,
            full,
        )
    if not found.is_relaxed:
        return None
    return understood, replace(found, is_relaxed=full > 0)


def engine_plan(
    match: plan.Node, understood: Understood, request: SearchRequest, context: Context
) -> plan.Plan:
    """Return what an engine is asked for a request, given the match of its query.

    Where nothing scores, the newest articles are the most relevant.
    """
    schema = context.reader.schema
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
