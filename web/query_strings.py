"""The parser of query strings: the parameters of a search, or the problem with them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import ValidationError, convert
from werkzeug.datastructures import MultiDict

from index.schema import DEFAULT_SCHEMA, Schema
from web.parameters import (
    FILTER_PARAMETERS,
    MAX_QUERY_CHARACTERS,
    MAX_VALUES_CHARACTERS,
    PATTERNS,
    WHOLE_NUMBERS,
    SearchParameters,
)
from web.problems import BadParameterError, Problem, problem
from web.requests import search_request

_LISTS = (*FILTER_PARAMETERS, "filter")
_COMMA_LISTS = ("facets", "fields")
_SINGLE = frozenset(SearchParameters.__struct_fields__) - {*_LISTS, *_COMMA_LISTS, "values"}
ALIASES: Mapping[str, str] = {"limit": "size"}
"""Other accepted names of parameters."""

_FROM_OTHER_ENGINES: Mapping[str, str] = {
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
"""Parameters of other search engines, with the names they have here."""

_OTHERS = frozenset({"id", "format", "field", "prefix", "lang", "v"})
"""Parameters of single endpoints, which must not cause a warning."""


def filter_fields(schema: Schema) -> tuple[str, ...]:
    """Return the fields that `?FIELD=value` filters by, besides source and section."""
    taken = {"id", *SearchParameters.__struct_fields__}
    return tuple(field.name for field in schema.filters if field.name not in taken)


def unknown_parameters(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> Iterator[tuple[str, str]]:
    """Yield each unknown parameter with the one that was probably meant, or ""."""
    known = {
        *SearchParameters.__struct_fields__,
        *ALIASES,
        *filter_fields(schema),
        *_OTHERS,
    } - {"values"}
    for name in arguments:
        if name not in known:
            yield name, _FROM_OTHER_ENGINES.get(name, "")


def read_parameters(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> SearchParameters:
    """Parse a query string. Empty values count as absent, unknown names are ignored.

    Raises BadParameterError for the first invalid parameter.
    """
    return _converted(_given(arguments, schema))


def read_leniently(
    arguments: MultiDict[str, str], schema: Schema = DEFAULT_SCHEMA
) -> tuple[SearchParameters, tuple[Problem, ...]]:
    """Parse a query string for a page: leave invalid parameters out and return their problems.

    A reversed period is swapped. `cursor` and `offset` are ignored: pages use page numbers.
    """
    given = _given(arguments, schema)
    given = {name: value for name, value in given.items() if name not in {"cursor", "offset"}}
    problems: list[Problem] = []
    while True:
        try:
            parameters = _converted(given)
            search_request(parameters, schema)
        except BadParameterError as error:
            found = error.problem
        else:
            return parameters, tuple(problems)
        name = found.code.removeprefix("invalid_")
        if name == "period":
            given["since"], given["until"] = given["until"], given["since"]
            continue
        problems += [found] if found not in problems else []
        given = _without(name, given)


def _without(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters without an invalid one.

    If that one was not given, the problem is with a `?FIELD=value`, or else with all filters
    together, which are then left out.
    """
    own = next((key for key in (name, "values") if given.get(key)), None)
    left_out = [own] if own else [key for key in _LISTS if given.get(key)]
    return {key: value for key, value in given.items() if key not in left_out} if left_out else {}


def _given(arguments: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """Return the values of each parameter that has any."""
    named = {ALIASES.get(name, name): value for name, value in arguments.items() if value}
    given: dict[str, Any] = {name: value for name, value in named.items() if name in _SINGLE}
    given["q"] = named.get("q", "")[:MAX_QUERY_CHARACTERS]
    for name in _LISTS:
        given[name] = tuple(arguments.getlist(name))
    for name in _COMMA_LISTS:
        parts = (part.strip() for value in arguments.getlist(name) for part in value.split(","))
        given[name] = tuple(parts)
    given["values"] = {
        name: tuple(values)
        for name in filter_fields(schema)
        if any(values := arguments.getlist(name))
    }
    return given


def _converted(given: Mapping[str, Any]) -> SearchParameters:
    """Convert and validate parameters. Raises BadParameterError for the first invalid one."""
    for name, pattern in PATTERNS.items():
        if name in given and not re.fullmatch(pattern, given[name]):
            raise BadParameterError(problem(name))
    numbers = {name: int(given[name]) for name in WHOLE_NUMBERS if name in given}  # 007 is 7
    try:
        converted = convert({**given, **numbers}, SearchParameters, strict=False)
    except ValidationError as error:
        # "Expected `int` <= 100 - at `$.size`"
        path = re.search(r"`\$\.(\w+)", str(error))
        raise BadParameterError(problem(path[1] if path else "values")) from error
    converted = _with_distinct_values(converted)  # after the limits, which count repeated values
    if converted.since and converted.until and converted.since > converted.until:
        raise BadParameterError(problem("period"))
    if converted.filter_characters > MAX_VALUES_CHARACTERS:
        raise BadParameterError(problem("values"))
    return converted


def _with_distinct_values(parameters: SearchParameters) -> SearchParameters:
    """Return the parameters without repeated and empty values in lists."""
    lists = {name: _distinct(getattr(parameters, name)) for name in (*_LISTS, *_COMMA_LISTS)}
    values = {name: _distinct(chosen) for name, chosen in parameters.values.items()}
    return parameters.changed(**lists, values=values)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))
