"""The JSON endpoints that read: search, facets, related articles, completions, explanations."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, Response, abort, current_app, request
from werkzeug.datastructures import MultiDict

from web.api.hits import article_dict, check_fields, selected
from web.api.json_provider import dump
from web.api.limits import MAX_SEARCHES
from web.bodies import read_body
from web.parameters import MAX_QUERY_CHARACTERS
from web.problems import BadParameterError, Problem, problem
from web.query_strings import read_parameters, unknown_parameters
from web.requests import MAX_FACET_VALUES, facet_of
from web.searching import (
    MAX_VALUES_SCANNED,
    Searcher,
    completions,
    count_values,
    run_search,
    values_named,
)
from web.warnings import sentence

SUGGESTIONS = "application/x-suggestions+json"
"""The media type of completions for browsers (OpenSearch 1.1, extension "Suggestions")."""

MAX_RELATED = 50
"""Related articles in an answer; arbitrary."""


@dataclass(frozen=True, slots=True)
class SearchApi:
    """The endpoints that read, over one searcher."""

    searcher: Searcher

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("api", __name__)
        routes.add_url_rule("/api/search", "search", self.search)
        routes.add_url_rule("/api/multi-search", "multi_search", self.multi, methods=["POST"])
        routes.add_url_rule("/api/facets", "facets", self.facets)
        routes.add_url_rule("/api/article", "article", self.article)
        routes.add_url_rule("/api/related", "related", self.related)
        routes.add_url_rule("/api/complete", "complete", self.complete)
        routes.add_url_rule("/api/explain", "explain", self.explain)
        routes.add_url_rule("/api/schema", "schema", self.schema)
        routes.add_url_rule("/healthz", "health", self.health)
        routes.add_url_rule("/healthz/live", "live", self.live)
        return routes

    def search(self) -> Response:
        """Answer one search."""
        return _json(self._answer(request.args))

    def multi(self) -> dict[str, Any]:
        """Answer several searches, each with the parameters of `/api/search` as an object."""
        try:
            body = orjson.loads(read_body())
        except orjson.JSONDecodeError:
            body = None
        searches = body.get("searches") if isinstance(body, dict) else None
        if not isinstance(searches, list) or not 1 <= len(searches) <= MAX_SEARCHES:
            message = f'the body must be {{"searches": [...]}} with 1 to {MAX_SEARCHES} objects'
            raise BadParameterError(_bad_body(message))
        return {"results": [self._answer(_arguments(search)) for search in searches]}

    def _answer(self, arguments: MultiDict[str, str]) -> dict[str, Any]:
        schema = self.searcher.schema
        parameters = read_parameters(arguments, schema)
        check_fields(parameters.fields, schema)
        results = run_search(self.searcher, parameters)
        language = request.accept_languages.best_match(("vi", "en"), "vi")
        answer = results.as_dict(partial(sentence, language=language))
        answer["warnings"] = [*answer["warnings"], *_unknown_parameters(arguments, self.searcher)]
        if parameters.fields:
            answer["hits"] = selected(answer["hits"], parameters.fields, self.searcher)
        if parameters.offset is not None:
            answer["offset"] = parameters.offset
        if parameters.cursor is not None:
            answer["next_cursor"] = results.next_cursor
        return answer

    def facets(self) -> dict[str, Any]:
        """Return the values of one facet that begin with or contain a text, with their counts."""
        schema = self.searcher.schema
        facet = facet_of(request.args.get("field", ""), schema, MAX_VALUES_SCANNED)
        parameters = read_parameters(request.args, schema)
        check_fields(parameters.fields, schema)
        values = count_values(self.searcher, parameters, facet)
        matching = values_named(values, request.args.get("prefix", ""))[:MAX_FACET_VALUES]
        return {
            "field": facet.name,
            "values": [_value(v.value, v.count) for v in matching],
        }

    def article(self) -> dict[str, Any]:
        """Return the whole article `id`; fields that the schema does not name are in "extra"."""
        found = self.searcher.article(request.args.get("id", ""))
        if found is None:
            abort(404)
        return article_dict(found.article)

    def related(self) -> dict[str, Any]:
        """Return the articles most similar to the article `id`."""
        article = request.args.get("id", "")
        if self.searcher.article(article) is None:
            abort(404)
        size = min(read_parameters(request.args).size, MAX_RELATED)
        return {"id": article, "hits": self.searcher.related(article, size)}

    def complete(self) -> Response:
        """Return completions of what was typed, in the requested format."""
        typed = request.args.get("q", "")[:MAX_QUERY_CHARACTERS]
        form = request.args.get("format", "json")
        if form not in {"json", "suggestions"}:
            raise BadParameterError(problem("format", "format must be json or suggestions"))
        found = completions(self.searcher, typed)
        if form == "suggestions" or SUGGESTIONS in str(request.accept_mimetypes):
            return Response(dump([typed, found]), content_type=SUGGESTIONS)
        return _json({"query": typed, "completions": found})

    def explain(self) -> dict[str, Any]:
        """Return why the article `id` has its score for the query `q`."""
        parameters = read_parameters(request.args)
        explanation = self.searcher.explain(
            parameters.q,
            request.args.get("id", ""),
            literal=parameters.literal,
            freshness=parameters.freshness,
        )
        if explanation is None:
            abort(404)
        return explanation.as_dict()

    def schema(self) -> dict[str, Any]:
        """Return the fields of the index."""
        return self.searcher.schema.as_dict()

    def health(self) -> tuple[dict[str, Any], int]:
        """Return whether the index can be read, for a load balancer."""
        try:
            return {"status": "ok", "articles": self.searcher.articles}, 200
        except Exception as error:
            # One line without a traceback, since load balancers poll every few seconds.
            current_app.logger.error("The index cannot be read: %r", error)
            return {"status": "unavailable"}, 503

    def live(self) -> dict[str, str]:
        """Return ok: the process answers, whether or not the index can be read."""
        return {"status": "ok"}


def _value(value: str, count: int) -> dict[str, Any]:
    return {"value": value, "count": count}


def _unknown_parameters(arguments: MultiDict[str, str], searcher: Searcher) -> list[dict[str, Any]]:
    """Return a warning for each unknown parameter."""
    return [
        {
            "code": "unknown_parameter",
            "params": {"name": name[:80], "likely": likely},
            "message": f"The parameter {name[:80]!r} has no meaning here and was ignored."
            + (f" Did you mean {likely!r}?" if likely else ""),
        }
        for name, likely in list(unknown_parameters(arguments, searcher.schema))[:MAX_FACET_VALUES]
    ]


def _arguments(search: object) -> MultiDict[str, str]:
    """Return the parameters in a JSON object in the form of a query string's."""
    if not isinstance(search, dict):
        raise BadParameterError(_bad_body("each search must be an object of parameters"))
    pairs = [
        (str(name), _text(value))
        for name, listed in search.items()
        for value in (listed if isinstance(listed, list) else [listed])
    ]
    return MultiDict(pairs)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    raise BadParameterError(
        _bad_body("parameters must be strings, numbers, booleans or lists of these")
    )


def _bad_body(message: str) -> Problem:
    return problem("body", message)


def _json(value: object) -> Response:
    return Response(dump(value) + b"\n", content_type="application/json")
