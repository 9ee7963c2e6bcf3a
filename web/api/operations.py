"""The operations of the API, as its OpenAPI document lists them."""

from dataclasses import dataclass, field
from typing import Any

from index.corpus.record import MAX_ID_CHARACTERS
from web.api.export import DEFAULT_FORMAT, FORMATS
from web.api.limits import MAX_DELETED, MAX_SEARCHES
from web.state.tasks import MAX_QUEUED


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that only some endpoints have."""

    name: str
    description: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    location: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    answer: str
    """The type of the answer, or its media type if it is not JSON."""
    others: tuple[str, ...] = ()
    """Other media types of the answer."""
    searches: bool = False
    """Whether it has the parameters of a search."""
    parameters: tuple[Parameter, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    scope: str = ""
    status: int = 200
    errors: tuple[int, ...] = (400, 429, 503)


_ID = Parameter("id", "The article's id.", required=True)
_Q = Parameter("q", "What was typed.")
_LINES: dict[str, Any] = {
    "application/x-ndjson": {"schema": {"type": "string"}},
    "application/json": {
        "schema": {
            "anyOf": [
                {"type": "array", "items": {"type": "object"}, "minItems": 1},
                {"type": "object"},
            ]
        }
    },
}
_ID_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARACTERS}
_IDS = {"type": "array", "items": _ID_TEXT, "minItems": 1, "maxItems": MAX_DELETED}
_IDS_BODY: dict[str, Any] = {
    "application/json": {
        "schema": {"type": "object", "required": ["ids"], "properties": {"ids": _IDS}}
    }
}
_SCALARS = [{"type": name} for name in ("string", "number", "boolean", "null")]
_VALUE = {"anyOf": [*_SCALARS, {"type": "array", "items": {"anyOf": _SCALARS}}]}
_SEARCHES_BODY: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["searches"],
            "properties": {
                "searches": {
                    "type": "array",
                    "items": {"type": "object", "additionalProperties": _VALUE},
                    "minItems": 1,
                    "maxItems": MAX_SEARCHES,
                }
            },
        }
    }
}
_EXPORTS = tuple(form.content_type.partition(";")[0] for form in FORMATS.values())


def _write(
    method: str,
    path: str,
    summary: str,
    *,
    body: dict[str, Any] | None = None,
    parameters: tuple[Parameter, ...] = (),
) -> Operation:
    """Return an operation that needs a key and is queued as a task."""
    return Operation(
        method,
        path,
        summary,
        "QueuedAnswer",
        body=body or {},
        parameters=parameters,
        scope="write",
        status=202,
        errors=(400, 401, 403, *((413, 415) if body else ()), 429, 503),
    )


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
        "Search the values of a facet",
        "FacetAnswer",
        searches=True,
        parameters=(
            Parameter("field", "The facet.", required=True),
            Parameter("prefix", "A text that values begin with or contain; marks are ignored."),
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
        "Find the articles most similar to one",
        "RelatedAnswer",
        parameters=(
            _ID,
            Parameter(
                "size",
                "At most 50 are returned.",
                {"type": "integer", "minimum": 1, "maximum": 100},
            ),
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
                "suggestions: the format that browsers expect.",
                {"type": "string", "enum": ["json", "suggestions"]},
            ),
        ),
        others=("application/x-suggestions+json",),
        errors=(400, 429, 503),
    ),
    Operation(
        "get",
        "/api/explain",
        "Explain the score of an article",
        "Explanation",
        parameters=(
            _Q,
            _ID,
            Parameter(
                "literal",
                "Search for exactly what was typed.",
                {"type": "boolean", "default": False},
            ),
            Parameter("freshness", "As in a search.", {"type": "boolean", "default": True}),
        ),
        errors=(400, 404, 429, 503),
    ),
    Operation(
        "get",
        "/api/export",
        "Export all matches, streamed from one commit",
        _EXPORTS[0],
        others=_EXPORTS[1:],
        searches=True,
        parameters=(
            Parameter(
                "format",
                "The format of the file.",
                {"type": "string", "enum": list(FORMATS), "default": DEFAULT_FORMAT},
            ),
        ),
    ),
    Operation(
        "get", "/search.atom", "Subscribe to a search: Atom", "application/atom+xml", searches=True
    ),
    Operation(
        "get", "/search.rss", "Subscribe to a search: RSS", "application/rss+xml", searches=True
    ),
    _write("post", "/api/articles", "Add or replace articles", body=_LINES),
    _write("delete", "/api/articles", "Delete articles", body=_IDS_BODY),
    _write(
        "delete",
        "/api/articles/{id}",
        "Delete one article",
        parameters=(
            Parameter("id", "The article's id, percent-encoded.", location="path", required=True),
        ),
    ),
    Operation(
        "get",
        "/api/tasks/{id}",
        f"Get the status of a write; at most {MAX_QUEUED:,} wait",
        "TaskAnswer",
        parameters=(Parameter("id", "The task's id.", location="path", required=True),),
        scope="write",
        errors=(401, 403, 404, 429, 503),
    ),
    Operation("get", "/healthz", "Check that the index can be read", "HealthAnswer", errors=()),
)
