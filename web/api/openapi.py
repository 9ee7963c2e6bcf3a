"""The OpenAPI 3.1 document, made from the types that validate, and a page that shows it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, render_template

from index.schema import Kind, Schema
from web.api.answers import SHAPES
from web.api.json_provider import dump
from web.hosts import public_root
from web.parameters import SearchParameters, filter_fields
from web.searching import Searcher
from web.state.tasks import MAX_QUEUED

VERSION = "1"
"""The version of the API: names are added, none renamed."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that one address has of its own."""

    name: str
    description: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    summary: str
    answer: str
    """The shape of the answer, or its media type where it is no JSON."""
    searches: bool = False
    """Whether it takes the parameters of a search."""
    parameters: tuple[Parameter, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    scope: str = ""
    status: int = 200
    errors: tuple[int, ...] = (400, 429, 503)


_ID = Parameter("id", "The article's id.", required=True)
_Q = Parameter("q", "What was typed.")
_LINES: dict[str, Any] = {
    "application/x-ndjson": {"schema": {"type": "string"}},
    "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
}
_IDS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_IDS_BODY: dict[str, Any] = {
    "application/json": {
        "schema": {"type": "object", "required": ["ids"], "properties": {"ids": _IDS}}
    }
}
_SEARCHES_BODY: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["searches"],
            "properties": {
                "searches": {
                    "type": "array",
                    "items": {"type": "object"},
                    "minItems": 1,
                    "maxItems": 10,
                }
            },
        }
    }
}

OPERATIONS = (
    Operation("get", "/api/search", "Search", "SearchAnswer", searches=True),
    Operation(
        "post",
        "/api/multi-search",
        "Answer several searches at once",
        "MultiSearchAnswer",
        body=_SEARCHES_BODY,
        errors=(400, 413, 429, 503),
    ),
    Operation(
        "get",
        "/api/facets",
        "Look for values of a facet",
        "FacetAnswer",
        searches=True,
        parameters=(
            Parameter("field", "The facet.", required=True),
            Parameter("prefix", "A text that values begin with or hold; marks do not matter."),
        ),
    ),
    Operation(
        "get",
        "/api/article",
        "Read an article",
        "ArticleAnswer",
        parameters=(_ID,),
        errors=(404, 429, 503),
    ),
    Operation(
        "get",
        "/api/related",
        "Find the articles most like one",
        "RelatedAnswer",
        parameters=(
            _ID,
            Parameter("size", "At most 50.", {"type": "integer", "minimum": 1, "maximum": 100}),
        ),
        errors=(400, 404, 429, 503),
    ),
    Operation(
        "get",
        "/api/complete",
        "Complete what is being typed",
        "CompleteAnswer",
        parameters=(
            _Q,
            Parameter(
                "format",
                "suggestions: the form that browsers read.",
                {"type": "string", "enum": ["json", "suggestions"]},
            ),
        ),
        errors=(429, 503),
    ),
    Operation(
        "get",
        "/api/explain",
        "Explain the score of an article",
        "Explanation",
        parameters=(
            _Q,
            _ID,
            Parameter("literal", "Take the words as typed.", {"type": "boolean", "default": False}),
        ),
        errors=(400, 404, 429, 503),
    ),
    Operation(
        "get",
        "/api/export",
        "Export all matches, streamed from one commit",
        "application/x-ndjson",
        searches=True,
        parameters=(
            Parameter(
                "format", "", {"type": "string", "enum": ["ndjson", "csv"], "default": "ndjson"}
            ),
        ),
    ),
    Operation(
        "get", "/search.atom", "Subscribe to a search: Atom", "application/atom+xml", searches=True
    ),
    Operation(
        "get", "/search.rss", "Subscribe to a search: RSS", "application/rss+xml", searches=True
    ),
    Operation(
        "post",
        "/api/articles",
        "Add or replace articles",
        "QueuedAnswer",
        body=_LINES,
        scope="write",
        status=202,
        errors=(400, 401, 403, 413, 415, 429, 503),
    ),
    Operation(
        "delete",
        "/api/articles",
        "Delete articles",
        "QueuedAnswer",
        body=_IDS_BODY,
        scope="write",
        status=202,
        errors=(400, 401, 403, 413, 415, 429, 503),
    ),
    Operation(
        "delete",
        "/api/articles/{id}",
        "Delete one article",
        "QueuedAnswer",
        parameters=(Parameter("id", "The article's id, quoted.", place="path", required=True),),
        scope="write",
        status=202,
        errors=(400, 401, 403, 429, 503),
    ),
    Operation(
        "get",
        "/api/tasks/{id}",
        f"Ask what became of a write; at most {MAX_QUEUED:,} wait",
        "TaskAnswer",
        parameters=(Parameter("id", "The task's id.", place="path", required=True),),
        errors=(404, 429, 503),
    ),
    Operation("get", "/healthz", "Ask whether the index can be read", "HealthAnswer", errors=()),
)


@dataclass(frozen=True, slots=True)
class OpenApi:
    """The document and its page, over one searcher's schema."""

    searcher: Searcher
    made: dict[str, tuple[Schema, dict[str, Any]]] = field(default_factory=dict)
    """The latest document by its root: it takes 30 ms to make."""

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
        """Return the document, which changes with the schema."""
        schema = self.searcher.schema
        made = self.made.get(root)
        if made is None or made[0] is not schema:
            made = self.made[root] = (schema, openapi_document(schema, root))
        return made[1]


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
            "schemas": _shapes(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, schema: Schema) -> dict[str, Any]:
    own = [_own(parameter) for parameter in operation.parameters]
    taken = {parameter.name for parameter in operation.parameters}
    searched = [one for one in _search_parameters(schema) if one["name"] not in taken]
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
    if operation.answer in SHAPES:
        return {
            "application/json": {"schema": {"$ref": f"#/components/schemas/{operation.answer}"}}
        }
    media = [operation.answer]
    media += ["text/csv"] if operation.path == "/api/export" else []
    return {one: {"schema": {"type": "string"}} for one in media}


def _error(status: int) -> dict[str, Any]:
    meanings = {
        400: "A parameter or body that cannot be used",
        401: "No valid key",
        403: "A key of too small a scope",
        404: "Nothing of this id",
        413: "Too large a body",
        415: "A body in an encoding that is not read",
        429: "Too many requests; Retry-After says when to go on",
        503: "The index, or the queue, cannot serve now; Retry-After says when to ask again",
    }
    reference = {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}
    return {"description": meanings[status], "content": {"application/json": reference}}


def _own(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _search_parameters(schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a search: those of the model, then a filter for each field."""
    model = SearchParameters.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, property_ in model["properties"].items():
        if name == "values":
            continue
        shape = _without_null(dict(property_))
        yield {
            "name": name,
            "in": "query",
            "required": False,
            "description": shape.pop("description", ""),
            "schema": shape,
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


def _listed(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    if shape.get("type") != "array":
        return {}
    return {"style": "form", "explode": name not in {"facets", "fields"}}


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without "or null": an absent parameter is left out of a query string."""
    options = [one for one in shape.pop("anyOf", []) if one.get("type") != "null"]
    if shape.get("default", "") is None:
        del shape["default"]
    shape.pop("title", None)
    return shape | (options[0] if options else {})


def _shapes() -> dict[str, Any]:
    """Return the schemas of all answers, and of what they and the parameters refer to."""
    shapes: dict[str, Any] = {}
    model = SearchParameters.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, adapter in SHAPES.items():
        shape: dict[str, Any] = adapter.json_schema(
            ref_template="#/components/schemas/{model}", mode="serialization"
        )
        shapes |= shape.pop("$defs", {})
        shapes[name] = shape
    defined: dict[str, Any] = model.get("$defs", {})
    return shapes | defined
