"""The search request made from the parameters of a query string."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from index.schema import Kind, Schema
from search.request import Bucket, FacetBy, FilterBy, SearchRequest, Sort, SortBy
from web.conditions import MAX_CONDITIONS, condition_of, parse_conditions
from web.parameters import FILTER_PARAMETERS, SearchParameters
from web.problems import BadParameterError, problem

MAX_FACET_VALUES = 100
"""Values of a facet in an answer; `/api/facets` finds rarer ones. Arbitrary."""


def search_request(parameters: SearchParameters, schema: Schema) -> SearchRequest:
    """Return the request of parameters. Raises BadParameterError for what the schema lacks."""
    if parameters.cursor is not None and parameters.offset is not None:
        raise BadParameterError(problem("cursor", "cursor and offset exclude each other"))
    return SearchRequest(
        query=parameters.q,
        page=parameters.page,
        size=parameters.size,
        offset=parameters.offset,
        cursor="" if parameters.cursor in {None, "*"} else str(parameters.cursor),
        sort=sort_of(parameters.sort, schema),
        filters=tuple(_filters(parameters, schema)),
        facets=tuple(facet_of(name, schema) for name in parameters.facets),
        operator=parameters.operator,
        literal=parameters.literal,
        collapse=parameters.collapse,
        all_highlights=parameters.highlights == "all",
        semantic=parameters.semantic,
        freshness=parameters.freshness,
    )


def sort_of(text: str, schema: Schema) -> SortBy | None:
    """Return the order that `sort=` names; None for relevance.

    `text` is a `Sort`, or FIELD, FIELD:asc, FIELD:desc or -FIELD.
    """
    if text in tuple(Sort):
        return Sort(text).by
    name, _, direction = text.removeprefix("-").partition(":")
    field = schema.find(name)
    if field is None or not field.sortable or direction not in {"", "asc", "desc"}:
        known = ", ".join(field.name for field in schema.sortable)
        message = f"sort must be {', '.join(Sort)}, or FIELD, FIELD:desc of {known}"
        raise BadParameterError(problem("sort", message))
    return SortBy(field.name, descending=direction == "desc" or text.startswith("-"))


def sort_names(schema: Schema) -> list[str]:
    """Return all values that `sort=` may have; FIELD means FIELD:asc, and -FIELD FIELD:desc."""
    names = [field.name for field in schema.sortable]
    return [*Sort, *(form for name in names for form in _forms(name))]


def _forms(name: str) -> tuple[str, ...]:
    return name, f"{name}:asc", f"{name}:desc", f"-{name}"


def facet_names(schema: Schema) -> list[str]:
    """Return all values that `facets=` may list: fields, periods of publication, FIELD.PERIOD."""
    dates = [field.name for field in schema.facets if field.kind is Kind.DATE]
    periods = [f"{name}.{bucket}" for name in dates for bucket in Bucket]
    return [*(field.name for field in schema.facets), *Bucket, *periods]


def facet_of(name: str, schema: Schema, limit: int = MAX_FACET_VALUES) -> FacetBy:
    """Return the facet that `facets=` names: a field, year, month, day, or FIELD.month."""
    if name in tuple(Bucket):
        return FacetBy("published", Bucket(name), limit)
    stem, _, bucket = name.partition(".")
    field = schema.find(stem)
    if field is None or not field.facet or (bucket and bucket not in tuple(Bucket)):
        known = ", ".join([*(field.name for field in schema.facets), *Bucket])
        raise BadParameterError(problem("facets", f"facets must be a list of {known}"))
    if field.kind is Kind.DATE:
        return FacetBy(field.name, Bucket(bucket) if bucket else Bucket.YEAR, limit)
    if bucket:
        raise BadParameterError(problem("facets", f"{field.name} is not counted by {bucket}"))
    return FacetBy(field.name, None, limit)


def _filters(parameters: SearchParameters, schema: Schema) -> Iterator[FilterBy]:
    for name in FILTER_PARAMETERS:
        values = getattr(parameters, name)
        if values:
            yield FilterBy(name, values)
    if parameters.since or parameters.until:
        yield FilterBy("published", low=parameters.since, high=parameters.until)
    if parameters.hours:
        yield FilterBy("published", low=datetime.now(UTC) - timedelta(hours=parameters.hours))
    for name, values in parameters.values.items():
        if values:
            yield condition_of(schema[name], values)
    conditions = [
        condition for text in parameters.filter for condition in parse_conditions(text, schema)
    ]
    if len(conditions) > MAX_CONDITIONS:
        raise BadParameterError(problem("filter", f"more than {MAX_CONDITIONS} conditions"))
    yield from conditions
