"""From a query string to the parameters of a search, or the first problem with them."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from index.schema import DEFAULT_SCHEMA, Schema
from web.parameters import FILTER_PARAMETERS, SearchParameters
from web.problems import BadParameterError, Problem, problem
from web.requests import search_request

_LISTS = (*FILTER_PARAMETERS, "filter")
_COMMA_LISTS = ("facets", "fields")
ALIASES: Mapping[str, str] = {"limit": "size"}
"""Other names of parameters, with the same values."""

_LIKELY: Mapping[str, str] = {
    "query": "q",
    "per_page": "size",
    "hitsPerPage": "size",
    "pageSize": "size",
    "rows": "size",
    "from": "offset",
    "start": "offset",
    "sort_by": "sort",
    "order_by": "sort",
    "facet_by": "facets",
    "facet": "facets",
    "filter_by": "filter",
    "fq": "filter",
    "include_fields": "fields",
    "attributesToRetrieve": "fields",
    "_source": "fields",
    "default_operator": "operator",
}
"""Parameters of other engines, with the name that each has here."""

_OTHERS = frozenset({"id", "format", "field", "prefix", "lang", "v"})
"""Parameters of single addresses, which are no mistake."""


def filter_fields(schema: Schema) -> tuple[str, ...]:
    """Return the fields that `?FIELD=value` keeps articles by, besides source and section."""
    taken = {"id", *SearchParameters.model_fields}
    return tuple(field.name for field in schema.filters if field.name not in taken)


def unknown_parameters(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> Iterator[tuple[str, str]]:
    """Yield each parameter that has no meaning, with the one that may have been meant or ""."""
    known = {
        *SearchParameters.model_fields,
        *ALIASES,
        *filter_fields(schema),
        *_OTHERS,
    } - {"values"}
    for name in arguments:
        if name not in known:
            yield name, _LIKELY.get(name, "")


def read_parameters(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> SearchParameters:
    """Read a query string. An empty value counts as absent, an unknown name is ignored.

    Raises BadParameterError with the problem of the first parameter that cannot be used.
    """
    given = _given(arguments, schema)
    try:
        return SearchParameters.model_validate(given)
    except ValidationError as error:
        raise BadParameterError(_first_problem(error)) from error


def read_leniently(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> tuple[SearchParameters, tuple[Problem, ...]]:
    """Read a query string for a page: what cannot be used is left out, and told.

    A period whose ends are the wrong way round is turned. Pages are reached by their numbers only.
    """
    given = _given(arguments, schema)
    given = {name: value for name, value in given.items() if name not in {"cursor", "offset"}}
    problems: list[Problem] = []
    while True:
        try:
            parameters = SearchParameters.model_validate(given)
            search_request(parameters, schema)
        except (ValidationError, BadParameterError) as error:
            found = _first_problem(error) if isinstance(error, ValidationError) else error.problem
        else:
            return parameters, tuple(problems)
        name = found.code.removeprefix("invalid_")
        if name == "period":
            given["since"], given["until"] = given["until"], given["since"]
            continue
        problems.append(found)
        given = _without(name, given)


def _without(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Leave out a parameter that cannot be used; `?FIELD=value` has the problems of a filter."""
    left_out = next((key for key in (name, "values") if given.get(key)), None)
    return {key: value for key, value in given.items() if key != left_out} if left_out else {}


def _given(arguments: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """Gather the values of each parameter that has any."""
    named = {ALIASES.get(name, name): value for name, value in arguments.items() if value}
    given: dict[str, Any] = {
        name: value
        for name, value in named.items()
        if name in SearchParameters.model_fields and name not in (*_LISTS, *_COMMA_LISTS, "values")
    }
    for name in _LISTS:
        given[name] = tuple(filter(None, arguments.getlist(name)))
    for name in _COMMA_LISTS:
        parts = (part.strip() for value in arguments.getlist(name) for part in value.split(","))
        given[name] = tuple(filter(None, parts))
    given["values"] = {
        name: values
        for name in filter_fields(schema)
        if (values := tuple(filter(None, arguments.getlist(name))))
    }
    return given


def _first_problem(error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_input=False)[0]
    return problem(str(first["loc"][0]) if first["loc"] else first["type"])
