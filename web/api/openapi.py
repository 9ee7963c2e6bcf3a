"""The OpenAPI 3.1 document, generated from the types that validate requests, and its page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, render_template
from msgspec.json import schema_components

from index.schema import Kind, Schema
from web.api.answers import ANSWER_TYPES, SCHEMAS
from web.api.hits import field_names
from web.api.json_provider import dump
from web.api.operations import OPERATIONS, Operation, Parameter
from web.hosts import public_root
from web.parameters import SearchParameters
from web.query_strings import filter_fields
from web.requests import facet_names, sort_names
from web.searching import Searcher

VERSION = "1"
"""The version of the API; it stays while names are only added."""


@dataclass(frozen=True, slots=True)
class OpenApi:
    """The document and its page, over one searcher's schema."""

    searcher: Searcher
    cached_document: list[tuple[Schema, dict[str, Any]]] = field(default_factory=list)
    """A cache of at most one document, which takes 30 ms to generate, with its schema."""

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("openapi", __name__)
        routes.add_url_rule("/openapi.json", "document", self.document)
        routes.add_url_rule("/docs", "page", self.page)
        return routes

    def document(self) -> Response:
        """Return the document for programs."""
        body = dump(self._document(public_root()))
        return Response(body + b"\n", content_type="application/json")

    def page(self) -> str:
        """Show the document to people."""
        return render_template("docs.html", document=self._document(""))

    def _document(self, root: str) -> dict[str, Any]:
        """Return the document for a root address; only the schema invalidates the cached one."""
        schema = self.searcher.schema
        cached = next(iter(self.cached_document), None)
        if cached is None or cached[0] is not schema:
            cached = (schema, openapi_document(schema, ""))
            self.cached_document[:] = [cached]
        return {**cached[1], "servers": [{"url": root or "/"}]}


def openapi_document(schema: Schema, root: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an index with these fields."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, schema)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tìm Tin",
            "version": VERSION,
            "description": "Full-text search for Vietnamese articles.",
        },
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, schema: Schema) -> dict[str, Any]:
    own = [_parameter(parameter, schema) for parameter in operation.parameters]
    taken = {parameter.name for parameter in operation.parameters}
    searched = [
        parameter for parameter in _search_parameters(schema) if parameter["name"] not in taken
    ]
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method}{operation.path}".replace("/", "_").strip("_"),
        "parameters": own + (searched if operation.searches else []),
        "responses": {
            str(operation.status): {
                "description": operation.summary,
                "content": _content(operation),
            },
            **{str(status): _error(status) for status in operation.errors},
        },
    }
    if operation.path == "/healthz":
        described["responses"]["503"] = {
            "description": "The index cannot be read",
            "content": _content(operation),
        }
    if operation.body:
        described["requestBody"] = {"required": True, "content": operation.body}
    if operation.scope:
        described["security"] = [{"key": []}]
        described["description"] = f"Needs a key of the scope {operation.scope}."
    return described


def _content(operation: Operation) -> dict[str, Any]:
    if operation.answer in ANSWER_TYPES:
        shape = {"schema": {"$ref": f"{SCHEMAS}{operation.answer}"}}
        return {"application/json": shape, **{other: {"schema": {}} for other in operation.others}}
    return {
        media: {"schema": {"type": "string"}} for media in (operation.answer, *operation.others)
    }


def _error(status: int) -> dict[str, Any]:
    meanings = {
        400: "A parameter or the body is invalid",
        401: "No valid key",
        403: "The key lacks the required scope",
        404: "There is nothing with this id",
        413: "The body is too large",
        415: "The body has an encoding that is not accepted",
        429: "Too many requests; Retry-After says when to continue",
        503: "The index or the queue is not available; Retry-After says when to try again",
    }
    reference = {"schema": {"$ref": f"{SCHEMAS}ErrorAnswer"}}
    return {"description": meanings[status], "content": {"application/json": reference}}


def _parameter(parameter: Parameter, schema: Schema) -> dict[str, Any]:
    facet = {"type": "string", "enum": facet_names(schema)}
    return {
        "name": parameter.name,
        "in": parameter.location,
        "required": parameter.required,
        "description": parameter.description,
        "schema": facet if parameter.name == "field" else parameter.schema,
    }


def _search_parameters(schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a search: those of `SearchParameters`, then one for each field."""
    model = _components(SearchParameters)[SearchParameters.__name__]
    for name, property_ in model["properties"].items():
        if name == "values":
            continue
        shape = _without_null(dict(property_))
        description = shape.pop("description", "")
        _name_values(name, shape, schema)
        yield {
            "name": name,
            "in": "query",
            "required": False,
            "description": description,
            "schema": _or_empty(shape),
        } | _listed(name, shape)
    for name in filter_fields(schema):
        labels = schema[name].kind in {Kind.KEYWORD, Kind.KEYWORDS}
        meaning = "any of these values; may be repeated" if labels else "a value or LOW..HIGH"
        shape = {"type": "array", "items": {"type": "string"}} if labels else {"type": "string"}
        yield {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"{schema[name].label('en')}: {meaning}.",
            "schema": shape,
        } | _listed(name, shape)


def _name_values(name: str, shape: dict[str, Any], schema: Schema) -> None:
    """List the allowed values of a parameter in its shape; an empty one counts as absent."""
    if name == "facets":
        shape["items"] = {"type": "string", "enum": [*facet_names(schema), ""]}
    elif name == "fields":
        shape["items"] = {"type": "string", "enum": [*field_names(schema), ""]}
    elif name == "sort":
        shape.pop("maxLength", None)
        shape["enum"] = sort_names(schema)


def _or_empty(shape: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON schema that also allows "", which forms send and which counts as absent."""
    plain_text = shape.get("type") == "string" and not {"enum", "pattern", "format"} & shape.keys()
    if plain_text or shape.get("type") == "array":
        return shape
    kept = {key: shape.pop(key) for key in ("default",) if key in shape}
    return {"anyOf": [shape, {"const": ""}], **kept}


def _listed(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    if shape.get("type") != "array":
        return {}
    return {"style": "form", "explode": name not in {"facets", "fields"}}


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON schema without null: a query string cannot have it."""
    options = [option for option in shape.pop("anyOf", []) if option.get("type") != "null"]
    if shape.get("default", "") is None:
        del shape["default"]
    shape.pop("title", None)
    return shape | (options[0] if options else {})


def _schemas() -> dict[str, Any]:
    """Return the JSON schemas of all answers and of the types that answers and parameters use."""
    shapes = _components(*ANSWER_TYPES.values(), SearchParameters)
    del shapes[SearchParameters.__name__]  # operations list the parameters one by one
    return shapes


def _components(*types: type) -> dict[str, Any]:
    """Return the JSON schemas of types and of all types that they use, by name."""
    return schema_components(types, ref_template=f"{SCHEMAS}{{name}}")[1]
