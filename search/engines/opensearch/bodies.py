"""Searches as OpenSearch takes them, and its answers as a plan's matches."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.opensearch.mapping import MAX_WINDOW
from index.schema import Kind, Schema
from search import plan
from search.engines.contract import CursorError
from search.engines.opensearch.queries import Json, query_of, scored
from search.request import Bucket

_SHARD_FACTOR = 10
"""How many more values than asked for each shard counts, so that sums over shards are exact.

With three shards and some 1,000 values all are counted; above, rare values may come short.
"""
_MIN_SHARD_VALUES = 1000
_FORMATS = {Bucket.YEAR: "yyyy", Bucket.MONTH: "yyyy-MM", Bucket.DAY: "yyyy-MM-dd"}
_VIETNAM = "+07:00"
_DISTINCT = 40_000
"""The precision of OpenSearch's count of distinct values at most; below it is exact, nearly."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan as searches: the first gives the page, the others count facets of their own match."""

    searches: tuple[Json, ...]
    facet_searches: tuple[int, ...]


def asked(
    wanted: plan.Plan, schema: Schema, select: Callable[[plan.Plan], Sequence[plan.Feature]]
) -> Asked:
    """Return the searches of a plan. Raises ValueError and CursorError.

    `select` returns the features that are worth a clause.
    """
    match = query_of(wanted.match, schema)
    page: Json = {
        "query": scored(match, select(wanted), schema),
        "size": wanted.limit,
        "track_total_hits": True,
        "track_scores": True,
        "sort": sort_of(wanted, schema),
        "_source": ["article"],
    }
    if wanted.cursor is not None:
        page["search_after"] = read_cursor(wanted.cursor, len(page["sort"]))
    elif wanted.offset + wanted.limit > MAX_WINDOW:
        page["size"] = 0  # counted, but no page lies so deep
    else:
        page["from"] = wanted.offset
    searches, places = [page], []
    for number, facet in enumerate(wanted.facets):
        aggregations = _facet(facet, schema, number)
        if facet.match is None:
            page.setdefault("aggs", {}).update(aggregations)
            places.append(0)
        else:
            places.append(len(searches))
            narrowed = {"bool": {"filter": [query_of(facet.match, schema)]}}
            searches.append({"query": narrowed, "size": 0, "aggs": aggregations})
    return Asked(tuple(searches), tuple(places))


def sort_of(wanted: plan.Plan, schema: Schema) -> list[Json]:
    """Return the order of a plan; of equal ones the article indexed first comes first."""
    ties: Json = {"sequence": {"order": "asc"}}
    if wanted.sort is None:
        return [{"_score": {"order": "desc"}}, ties]
    name = wanted.sort.field
    if name not in schema or not schema[name].sortable:
        raise ValueError(f"the hits cannot be sorted by {name!r}")
    order = "desc" if wanted.sort.descending else "asc"
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
            "size": max(facet.limit, 1),
            "shard_size": max(facet.limit * _SHARD_FACTOR, _MIN_SHARD_VALUES),
            "order": [{"_count": "desc"}, {"_key": "asc"}],
        }
        distinct: Json = {"field": field.name, "precision_threshold": _DISTINCT}
        return {f"f{number}": {"terms": counted}, f"n{number}": {"cardinality": distinct}}
    histogram: Json = {
        "field": field.name,
        "calendar_interval": str(facet.bucket),
        "time_zone": _VIETNAM,
        "format": _FORMATS[facet.bucket],
        "min_doc_count": 1,
        "order": {"_key": "desc"},
    }
    return {f"f{number}": {"date_histogram": histogram}}


def matches_of(wanted: plan.Plan, places: Sequence[int], answers: Sequence[Json]) -> plan.Matches:
    """Return the answer to a plan from the answers to its searches."""
    hits = answers[0]["hits"]["hits"]
    total = int(answers[0]["hits"]["total"]["value"])
    page = tuple(match_of(hit) for hit in hits)
    facets = tuple(
        _counts(facet, answers[place]["aggregations"], number)
        for number, (facet, place) in enumerate(zip(wanted.facets, places, strict=True))
    )
    return plan.Matches(total, page, facets, _cursor_behind(wanted, hits, total))


def match_of(hit: Mapping[str, Any]) -> plan.Match:
    """Return one hit as a match; without features its score is 0."""
    return plan.Match(str(hit["_source"]["article"]["id"]), float(hit["_score"] or 0.0))


def _counts(facet: plan.FacetRequest, found: Json, number: int) -> plan.FacetCounts:
    buckets = found[f"f{number}"]["buckets"]
    labels = facet.bucket is None
    pairs = [
        (str(bucket["key"] if labels else bucket["key_as_string"]), int(bucket["doc_count"]))
        for bucket in buckets
    ]
    distinct = int(found[f"n{number}"]["value"]) if labels else len(pairs)
    kept = dict(pairs[: facet.limit])
    return plan.FacetCounts(kept, max(distinct - len(kept), 0))


def _cursor_behind(wanted: plan.Plan, hits: Sequence[Json], total: int) -> str | None:
    """Return the cursor behind a page: what the last hit is sorted by, and how many came before."""
    if not hits:
        return None
    before = read_count(wanted.cursor) if wanted.cursor is not None else wanted.offset
    seen = before + len(hits)
    return None if seen >= total else write_cursor(hits[-1]["sort"], seen)


def write_cursor(values: Sequence[Any], seen: int) -> str:
    """Return the cursor behind a hit that is sorted by these values."""
    text = json.dumps([seen, *values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read(cursor: str) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error) as error:
        raise CursorError(f"{cursor!r} is not a cursor of an earlier answer") from error
    if not isinstance(values, list) or not values or not isinstance(values[0], int):
        raise CursorError(f"{cursor!r} is not a cursor of an earlier answer")
    return values


def read_count(cursor: str) -> int:
    """Return how many matches lie before a cursor. Raises CursorError."""
    return int(_read(cursor)[0])


def read_cursor(cursor: str, length: int) -> list[Any]:
    """Return the values that a cursor's hit is sorted by. Raises CursorError."""
    _, *values = _read(cursor)
    plain = all(isinstance(value, (int, float, str, type(None))) for value in values)
    if len(values) != length or not plain:
        raise CursorError(f"{cursor!r} is not a cursor of an earlier answer")
    return values
