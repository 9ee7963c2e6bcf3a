"""The types of JSON answers, for the OpenAPI document; some are records of `search`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from search.results.records import (
    Correction,
    Explanation,
    FacetValue,
    Hit,
    InterpretedQuery,
)

SCHEMAS = "#/components/schemas/"
"""The path of named types within the OpenAPI document."""

_HIT = {"anyOf": [{"$ref": f"{SCHEMAS}{Hit.__name__}"}, {"type": "object"}]}


class Warned(TypedDict):
    """A warning about a part of a request: a code for programs, a sentence for people."""

    code: str
    params: dict[str, Any]
    message: str


class SearchAnswer(TypedDict):
    """One page of the answer to one query. With `fields`, hits have only these and their id.

    `total` counts all matches, `groups` the hits on all pages if near-duplicates are collapsed.
    """

    query: str
    interpretation: InterpretedQuery
    total: int
    groups: NotRequired[int]
    full_total: int
    relaxed: bool
    took_ms: float
    page: int
    size: int
    hits: Annotated[list[Any], Meta(extra_json_schema={"items": _HIT})]
    facets: dict[str, list[FacetValue]]
    corrections: list[Correction]
    warnings: list[Warned]
    offset: NotRequired[int]
    next_cursor: NotRequired[str | None]


class MultiSearchAnswer(TypedDict):
    """The answers to several searches, in their order."""

    results: list[SearchAnswer]


class FacetAnswer(TypedDict):
    """Values of one facet; those that begin with `prefix` come first."""

    field: str
    values: list[FacetValue]


class ArticleAnswer(TypedDict):
    """One article; `published` is ISO 8601 or "", `values` contains the user's own fields."""

    id: str
    title: str
    summary: str
    body: str
    author: str
    source: str
    section: str
    url: str
    image: str
    published: str
    values: dict[str, Any]
    extra: dict[str, Any]


class RelatedAnswer(TypedDict):
    """The articles most similar to one."""

    id: str
    hits: list[Hit]


class CompleteAnswer(TypedDict):
    """Completions of what was typed, likeliest first."""

    query: str
    completions: list[str]


class Queued(TypedDict):
    """A task that was accepted."""

    id: str
    status: Literal["queued"]


class QueuedAnswer(TypedDict):
    """The task that a write was queued as."""

    task: Queued


class TaskAnswer(TypedDict):
    """The status of a task; its report counts records read, indexed, replaced, skipped, deleted."""

    id: str
    kind: Literal["add", "delete"]
    status: Literal["queued", "running", "done", "failed"]
    report: dict[str, Any]
    queued: float
    began: float | None
    ended: float | None
    error: NotRequired[str]


class Failure(TypedDict):
    """What went wrong: a stable code, and a sentence that may change."""

    code: str
    message: str


class ErrorAnswer(TypedDict):
    """The answer to every request that fails."""

    error: Failure


class HealthAnswer(TypedDict):
    """Whether the index can be read, and if so its number of `articles`."""

    status: Literal["ok", "unavailable"]
    articles: NotRequired[int]


ANSWER_TYPES: Mapping[str, type] = {
    shape.__name__: shape
    for shape in (
        SearchAnswer,
        MultiSearchAnswer,
        FacetAnswer,
        ArticleAnswer,
        RelatedAnswer,
        CompleteAnswer,
        Explanation,
        QueuedAnswer,
        TaskAnswer,
        ErrorAnswer,
        HealthAnswer,
    )
}
"""The types by their names in the document."""
