"""Translates plans to search bodies of OpenSearch, and its responses to matches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from index.opensearch.documents import document_id
from index.opensearch.mapping import ARTICLE, MAX_WINDOW, SEQUENCE
from index.schema import Kind, Schema
from search import plan
from search.engines.opensearch.collapsing import ROWS, CollapsedPage, window
from search.engines.opensearch.cursors import read_count, read_cursor, write_cursor
from search.engines.opensearch.queries import (
    MAX_CLAUSES,
    Json,
    clause_count,
    named,
    query_of,
    scored,
)
from search.engines.opensearch.widening import Answer, Question
from search.engines.periods import periods
from search.request import Bucket

_SHARD_FACTOR = 10
"""Each shard returns this many times the values of a facet, so that sums over shards are exact.

For up to 1,000 values they are; with more, counts of rare values may be too low. Arbitrary.
"""
_MIN_SHARD_VALUES = 1000
_FORMATS = {Bucket.YEAR: "yyyy", Bucket.MONTH: "yyyy-MM", Bucket.DAY: "yyyy-MM-dd"}
_VIETNAM = "+07:00"
_PRECISION_THRESHOLD = 40_000
"""OpenSearch's highest precision threshold for distinct values; counts below are nearly exact."""

_UNKNOWN = -1
"""Stands for the number of omitted values of a facet with more values than were returned."""


Select = Callable[[plan.Plan, Json], Sequence[plan.Feature]]
"""Chooses the features of a plan that get a clause beside the query of its match."""


@dataclass(frozen=True, slots=True)
class PlanSearches:
    """The searches of a plan: the first returns the page, the others facets with their own match.

    `facet_searches`: for each facet, the index of its search. `names_parts`: whether the first also
    returns which parts of the plan the hits match. `window`: the number of hits that it returns for
    collapsing, without their articles; 0 for no collapsing.
    """

    searches: tuple[Json, ...]
    facet_searches: tuple[int, ...]
    names_parts: bool
    window: int


def searches_of(question: Question, schema: Schema, select: Select) -> PlanSearches:
    """Return the searches of a plan. Raises ValueError and CursorError."""
    query_plan = question.query_plan
    match = query_of(query_plan.match, schema)
    parts = named(question.parts, schema)
    used = clause_count(match) + len(query_plan.features)
    names_parts = bool(parts) and used + clause_count(parts) <= MAX_CLAUSES
    window_size = window(query_plan)
    size = window_size or query_plan.limit
    # No scores are needed if matches are only counted.
    features = select(query_plan, match) if size else ()
    page: Json = {
        "query": scored(match, features, schema, parts if names_parts else ()),
        "size": size,
        "track_total_hits": question.counted,
    }
    if size:
        # In order of score the hits have their scores in "sort". Without "track_scores" the cluster
        # need not score all matches, and skips those that cannot reach the page.
        page |= {"track_scores": query_plan.sort is not None, "sort": sort_of(query_plan, schema)}
    if window_size:
        page |= ROWS
        if query_plan.cursor is not None:
            read_cursor(query_plan.cursor, len(page["sort"]))  # raises for an invalid cursor
    elif query_plan.cursor is not None:
        page["search_after"] = read_cursor(query_plan.cursor, len(page["sort"]))
    elif query_plan.offset + query_plan.limit > MAX_WINDOW:
        page["size"] = 0  # too deep for a page, but still counted
    else:
        page["from"] = query_plan.offset
    searches, facet_searches = [page], []
    for number, facet in enumerate(query_plan.facets):
        aggregations = _facet(facet, schema, number)
        if facet.match is None:
            page.setdefault("aggs", {}).update(aggregations)
            facet_searches.append(0)
        else:
            facet_searches.append(len(searches))
            narrowed = {"bool": {"filter": [query_of(facet.match, schema)]}}
            searches.append({"query": narrowed, "size": 0, "aggs": aggregations})
    return PlanSearches(tuple(searches), tuple(facet_searches), names_parts, window_size)


def sort_of(query_plan: plan.Plan, schema: Schema) -> list[Json]:
    """Return the order of a plan; ties are in the order of indexing."""
    ties: Json = {SEQUENCE: {"order": "asc"}}
    if query_plan.sort is None:
        return [{"_score": {"order": "desc"}}, ties]
    name = query_plan.sort.field
    if name not in schema or not schema[name].sortable:
        raise ValueError(f"the hits cannot be sorted by {name!r}")
    order = "desc" if query_plan.sort.descending else "asc"
    return [{name: {"order": order, "missing": "_last"}}, ties]


def _facet(facet: plan.FacetRequest, schema: Schema, number: int) -> Json:
    if facet.field not in schema or not schema[facet.field].facet:
        raise ValueError(f"there is no facet {facet.field!r}")
    field = schema[facet.field]
    if (field.kind is Kind.DATE) == (facet.bucket is None):
        raise ValueError(
            f"the facet {facet.field!r} cannot be counted by {facet.bucket or 'value'}"
        )
    if facet.bucket is None:
        counted: Json = {
            "field": field.name,
            "size": _requested_size(facet),
            "shard_size": max(facet.limit * _SHARD_FACTOR, _MIN_SHARD_VALUES),
            "order": [{"_count": "desc"}, {"_key": "asc"}],
        }
        return {f"f{number}": {"terms": counted}}
    histogram: Json = {
        "field": field.name,
        "calendar_interval": str(facet.bucket),
        "time_zone": _VIETNAM,
        "format": _FORMATS[facet.bucket],
        "min_doc_count": 1,
        "order": {"_key": "desc"},
    }
    return {f"f{number}": {"date_histogram": histogram}}


def _requested_size(facet: plan.FacetRequest) -> int:
    """Return how many values to request: more than are shown, to know how many are left out."""
    return max(facet.limit + 1, _MIN_SHARD_VALUES)


def distinct_body(query_plan: plan.Plan, number: int, schema: Schema) -> Json:
    """Return the search that counts the values of a facet of a plan."""
    facet = query_plan.facets[number]
    match = query_of(facet.match or query_plan.match, schema)
    distinct = {"field": facet.field, "precision_threshold": _PRECISION_THRESHOLD}
    aggregations = {"distinct": {"cardinality": distinct}}
    return {"query": {"bool": {"filter": [match]}}, "size": 0, "aggs": aggregations}


def with_distinct_count(facet: plan.FacetCounts, answer: Json) -> plan.FacetCounts:
    """Return a facet with the answer to `distinct_body`."""
    distinct = int(answer["aggregations"]["distinct"]["value"])
    return plan.FacetCounts(facet.counts, max(distinct - len(facet.counts), 1))


def answer_of(
    question: Question,
    request: PlanSearches,
    answers: Sequence[Json],
    collapsed: CollapsedPage | None = None,
) -> Answer:
    """Return the answer to a plan from the answers to its searches, and its collapsed page."""
    query_plan = question.query_plan
    hits = collapsed.page if collapsed else answers[0]["hits"]["hits"]
    facets = tuple(
        _counts(facet, answers[search]["aggregations"], number)
        for number, (facet, search) in enumerate(
            zip(query_plan.facets, request.facet_searches, strict=True)
        )
    )
    total = total_of(answers[0]) if question.counted else len(hits)
    matches = plan.Matches(total, (), tuple(facet.shown for facet in facets))
    if collapsed:
        groups = total - collapsed.left_out
        matches = replace(matches, groups=groups, similar=collapsed.similar)
    cursor = _cursor_after(query_plan, hits, total if question.counted else None, collapsed)
    matches = replace(matches, page=tuple(map(match_of, hits)), cursor=cursor)
    matched = tuple(map(matched_parts, hits)) if request.names_parts else ()
    values = tuple(
        tuple(values_of(hit["_source"], facet) for facet in question.facets) for hit in hits
    )
    return Answer(matches, matched, values, tuple(facet.all_counts for facet in facets))


def total_of(answer: Json) -> int:
    """Return the total number of matches of a response."""
    return int(answer["hits"]["total"]["value"])


def parts_body(ids: Sequence[str], parts: Sequence[Json]) -> Json:
    """Return the search for which of the named parts each of some articles matches."""
    keys = [document_id(article_id) for article_id in ids]
    query = {"bool": {"filter": [{"ids": {"values": keys}}], "should": list(parts)}}
    return {"query": query, "size": len(keys), "_source": False}


def matched_parts(hit: Mapping[str, Any]) -> frozenset[int]:
    """Return the indices of the parts that a hit matches; their queries are named by them."""
    return frozenset(map(int, hit.get("matched_queries", ())))


def match_of(hit: Mapping[str, Any]) -> plan.Match:
    """Return a hit as a match; without features its score is 0."""
    score = hit["sort"][0] if hit["_score"] is None else hit["_score"]
    return plan.Match(str(hit["_source"][ARTICLE]["id"]), float(score))


def values_of(source: Json, facet: plan.FacetRequest) -> tuple[str, ...]:
    """Return the values of a facet that a document has, as the cluster would count them.

    >>> values_of({"published": 1_483_203_600}, plan.FacetRequest("published", Bucket.MONTH))
    ('2017-01',)
    """
    found = source.get(facet.field)
    if found is None:
        return ()
    if facet.bucket is None:
        return tuple(dict.fromkeys(found))
    return tuple(map(str, periods(np.array([found], np.int64), facet.bucket)))


class _Counted(NamedTuple):
    """A facet as shown, and the counts of all its values if all were returned."""

    shown: plan.FacetCounts
    all_counts: Mapping[str, int] | None


def _counts(facet: plan.FacetRequest, found: Json, number: int) -> _Counted:
    buckets = found[f"f{number}"]["buckets"]
    labels = facet.bucket is None
    pairs = [
        (str(bucket["key"] if labels else bucket["key_as_string"]), int(bucket["doc_count"]))
        for bucket in buckets
    ]
    if labels and found[f"f{number}"]["sum_other_doc_count"]:
        return _Counted(plan.FacetCounts(dict(pairs[: facet.limit]), _UNKNOWN), None)
    counts = dict(pairs)
    return _Counted(plan.facet_counts(counts, facet), counts)


def _cursor_after(
    query_plan: plan.Plan, hits: Sequence[Json], total: int | None, collapsed: CollapsedPage | None
) -> str | None:
    """Return the cursor after a page: the sort values of the last hit, and how many came before.

    None after the last of `total` matches. With collapsing, hidden hits count, too, and the cursor
    is placed just before the next hit that is shown.
    """
    if collapsed:
        if collapsed.is_last or not collapsed.passed:
            return None
        return write_cursor(collapsed.last["sort"], collapsed.passed)
    if not hits:
        return None
    before = read_count(query_plan.cursor) if query_plan.cursor is not None else query_plan.offset
    seen = before + len(hits)
    return None if total is not None and seen >= total else write_cursor(hits[-1]["sort"], seen)
