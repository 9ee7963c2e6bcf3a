"""Finds the matches of a request: plans its query, executes it, widens it if too few match."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from index.vietnamese.dates import today_in_vietnam
from index.vietnamese.syllables import terms
from search import plan
from search.interpretation.context import Context
from search.interpretation.joined import split_words
from search.interpretation.operator_scope import operator_scope
from search.planning.conditions import facet_request, filtered, sort_by
from search.planning.freshness import freshness_features
from search.planning.planner import PlannedQuery, plan_query, prefetch
from search.planning.widening import Retrieval, retrieve, retrieve_any_word
from search.query import tree as q
from search.query.parser import Parsed, parse
from search.relaxation import relaxed
from search.request import SearchRequest, SortBy
from search.results.records import Correction
from search.semantic import Reranker, deeper_request, reranked
from search.suggestions.correcting import MAX_CORRECTIONS, corrected_queries
from search.warnings import QueryWarning, warning

MIN_HEADLINE_SYLLABLES = 4
"""A query with at least this many plain syllables besides its phrases counts as a pasted headline.
Three of 100 news topics lose 0.18 to 0.50 of nDCG@10 if their quotations must match. The number is
arbitrary."""

MIN_QUOTATION_SYLLABLES = 3
"""A phrase of at least this many syllables among plain words counts as a quotation; a shorter one
is usually a single word, quoted on purpose. Arbitrary."""

MAX_CACHED_CHARACTERS = 200
"""Length of the longest query whose plan and corrections are cached, since the plan of a pasted
text takes up to 100 kB. Arbitrary."""

_NEWEST = SortBy("published", descending=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An executed request: planned query, retrieved articles, corrections with totals, warnings."""

    planned: PlannedQuery
    retrieval: Retrieval
    corrections: tuple[Correction, ...]
    warnings: tuple[QueryWarning, ...]


def search(request: SearchRequest, context: Context, reranker: Reranker | None = None) -> Outcome:
    """Find the articles of a request; with a reranker, reorder the first ones by meaning."""
    deeper = deeper_request(request) if reranker else None
    if reranker and deeper:
        outcome = _search(deeper, context)
        matches, query = outcome.retrieval.matches, outcome.planned.interpreted_query
        ordered = reranked(matches, query, request, context.reader, reranker)
        return replace(outcome, retrieval=replace(outcome.retrieval, matches=ordered))
    outcome = _search(request, context)
    if request.semantic and reranker is None:
        warnings = (*outcome.warnings, warning("semantic_unavailable"))
        return replace(outcome, warnings=warnings)
    return outcome


def _search(request: SearchRequest, context: Context) -> Outcome:
    """Find the articles of a request; if too few contain its phrases, search for their words."""
    parsed, loose, base = _prepared(request.query, request, context)
    tree, planned = parsed.tree, _with_freshness(base, request, context)
    queries = _corrected(request, tree, planned, context)
    count_plans = [_count_plan(query, request, context) for query in queries]
    # Phrases of a headline are dropped if less than a page of articles has them, others if none.
    enough = plan.MIN_MATCHES if _is_headline(tree, planned) else 1
    min_full = enough if loose != tree else 0
    found = _retrieve(planned, request, context, count_plans, min_full)
    corrections = tuple(
        Correction(query, counted.total)
        for query, counted in zip(queries, found.others, strict=True)
        if counted.total
    )
    warnings = [*parsed.warnings, *planned.warnings]
    if found.full_total < min_full:
        wider = _without_phrases(loose, request, context, found.full_total)
        if not wider and not found.matches.page:  # with `min_full`, an engine may only count
            found = _retrieve(planned, request, context)
        if wider and not found.full_total:
            warnings.append(warning("phrase_not_found"))
        planned, found = wider or (planned, found)
    if found.is_relaxed:
        warnings.append(warning("relaxed", full=found.full_total))
    warnings += _warnings_about_the_page(request, found.matches)
    return Outcome(planned, found, corrections[:MAX_CORRECTIONS], tuple(dict.fromkeys(warnings)))


def _warnings_about_the_page(request: SearchRequest, matches: plan.Matches) -> list[QueryWarning]:
    """Return warnings about what an engine left out of an answer."""
    found = []
    if not matches.complete:
        found.append(warning("budget_spent"))
    if request.collapse and matches.groups is None:
        found.append(warning("not_folded"))
    shown = matches.total if matches.groups is None else matches.groups
    if not matches.page and request.size and not request.cursor and request.start < shown:
        found.append(warning("page_too_deep"))
    return found


class _Prepared(NamedTuple):
    """A parsed query, its tree with phrases as plain words, and its plan without freshness."""

    parsed: Parsed
    loose: q.Query
    planned: PlannedQuery


def _prepared(query: str, request: SearchRequest, context: Context) -> _Prepared:
    """Parse and plan a query with the options of a request.

    Cached: pages, sort orders and filters of one query share its plan.
    """

    def make() -> _Prepared:
        parsed = _parse(query, context, literal=request.literal)
        loose = q.without_phrases(parsed.tree)
        if loose != parsed.tree:  # both may be executed: fetch the statistics of both at once
            prefetch((parsed.tree, loose), context, literal=request.literal)
        planned = plan_query(
            parsed.tree, context, literal=request.literal, operator=request.operator
        )
        return _Prepared(parsed, loose, planned)

    if len(query) > MAX_CACHED_CHARACTERS:
        return make()
    # The date is part of the key, since "từ:hôm nay" (since today) depends on it and the cache
    # lives as long as the commit: days, if nobody writes to the index.
    key = (query, request.literal, request.operator, today_in_vietnam())
    prepared: _Prepared = context.plans.get(key, make)
    return prepared


def _parse(query: str, context: Context, *, literal: bool) -> Parsed:
    """Parse a query, and unless it is literal, split joined words ("thủtướng").

    A query without letters or digits finds nothing.
    """
    parsed = parse(query, context.reader.schema, partial(operator_scope, context))
    if parsed.tree == q.NOTHING and query.strip():
        return Parsed(q.AnyOf(()), (*parsed.warnings, warning("no_words")))
    if literal:
        return parsed
    tree, is_partial = split_words(parsed.tree, context.split_joined)
    found = (warning("interpreted_partly"),) if is_partial else ()
    return Parsed(tree, (*parsed.warnings, *found))


def _with_freshness(
    planned: PlannedQuery, request: SearchRequest, context: Context
) -> PlannedQuery:
    """Return a planned query with its freshness features, unless the request has none.

    They are added for every sort order: the best articles by score belong to the matches in all of
    them.
    """
    fresh = freshness_features(planned, context, request.now) if request.freshness else ()
    return replace(planned, features=(*planned.features, *fresh)) if fresh else planned


def _corrected(
    request: SearchRequest, tree: q.Query, planned: PlannedQuery, context: Context
) -> list[str]:
    """Return queries to suggest instead; none for a literal query or a later page."""
    if request.literal or request.start or request.cursor or not planned.interpretations:
        return []
    if len(request.query) > MAX_CACHED_CHARACTERS:
        return corrected_queries(tree, planned.interpretations, context)
    cached = context.corrections.get(
        request.query,
        lambda: tuple(corrected_queries(tree, planned.interpretations, context)),
    )
    return list(cached)


def _count_plan(query: str, request: SearchRequest, context: Context) -> plan.Plan:
    """Return the plan that counts the full matches of another query under the same filters."""
    other = _prepared(query, request, context).planned
    match = filtered(other.match, request.filters, context.reader.schema)
    return plan.Plan(match, limit=0)


def _retrieve(
    planned: PlannedQuery,
    request: SearchRequest,
    context: Context,
    others: Sequence[plan.Plan] = (),
    min_full: int = 0,
) -> Retrieval:
    match = planned.match
    full_plan = replace(engine_plan(match, planned, request, context), min_full=min_full)
    return retrieve(full_plan, match, context.reader, in_steps=planned.in_steps, others=others)


def _is_headline(tree: q.Query, planned: PlannedQuery) -> bool:
    """Return whether a query of words and phrases is likely a pasted headline with quotations."""
    plain = sum(len(run.typed) for run in planned.interpretations.values())
    parts = tree.children if isinstance(tree, q.Sequence) else ()
    quoted = max((len(terms(p.text)) for p in parts if isinstance(p, q.Phrase)), default=0)
    return plain >= MIN_HEADLINE_SYLLABLES or (plain > 0 and quoted >= MIN_QUOTATION_SYLLABLES)


def _without_phrases(
    loose: q.Query, request: SearchRequest, context: Context, full_total: int
) -> tuple[PlannedQuery, Retrieval] | None:
    """Search again with phrases as plain words; return None if that finds no more articles.

    `full_total` is the number of articles that contain the phrases. If it is 0, the results do not
    count as relaxed; instead, a warning says that no article contains them.
    """
    planned = plan_query(loose, context, literal=request.literal, operator=request.operator)
    planned = _with_freshness(planned, request, context)
    if planned.in_steps:
        found = replace(_retrieve(planned, request, context), full_total=full_total)
    else:
        found = retrieve_any_word(
            planned.match,
            lambda match: engine_plan(match, planned, request, context),
            context.reader,
            full_total,
        )
    if found.matches.total <= full_total:
        return None
    return planned, replace(found, is_relaxed=full_total > 0)


def engine_plan(
    match: plan.Node, planned: PlannedQuery, request: SearchRequest, context: Context
) -> plan.Plan:
    """Return the plan of a request for the engine, given the match of its query.

    If the request names no order and nothing scores, the newest articles come first.
    """
    schema = context.reader.schema
    sort = sort_by(request.sort, schema)
    cursor = request.cursor if request.cursor not in ("", "*") else None  # "*": from the first hit
    return plan.Plan(
        match=filtered(match, request.filters, schema),
        features=planned.features,
        sort=sort if sort or planned.features else _NEWEST,
        offset=0 if request.cursor else request.start,
        limit=request.size,
        facets=tuple(facet_request(f, request.filters, match, schema) for f in request.facets),
        cursor=cursor,
        collapse=request.collapse,
    )


def plan_widest(
    query: str, context: Context, *, literal: bool, freshness: bool = False
) -> PlannedQuery:
    """Plan a query as `search` does, with its match relaxed as far as `search` may relax it.

    A query with phrases is executed to learn whether enough articles contain them.
    """
    request = SearchRequest(query, size=1, literal=literal, freshness=freshness)
    parsed, loose, base = _prepared(query, request, context)
    if loose == parsed.tree:
        planned = _with_freshness(base, request, context)
    else:
        planned = search(request, context).planned
    return replace(planned, match=relaxed(planned.match, 0.0))
