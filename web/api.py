"""The answers that programs read: JSON."""

from dataclasses import dataclass, fields
from typing import Any

from flask import Blueprint, abort, current_app, request

from web.parameters import read_parameters
from web.searching import Searcher, ask
from web.warnings import vietnamese


@dataclass(frozen=True, slots=True)
class Api:
    """The JSON endpoints over one searcher."""

    searcher: Searcher

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("api", __name__)
        routes.add_url_rule("/api/search", "search", self.search)
        routes.add_url_rule("/api/article", "article", self.article)
        routes.add_url_rule("/api/complete", "complete", self.complete)
        routes.add_url_rule("/api/explain", "explain", self.explain)
        routes.add_url_rule("/healthz", "health", self.health)
        return routes

    def search(self) -> dict[str, Any]:
        """Answer one search."""
        return ask(self.searcher, read_parameters(request.args)).as_dict(vietnamese)

    def article(self) -> dict[str, Any]:
        """Give back the article `id` whole, with the fields that have no name here as "extra"."""
        found = self.searcher.article(request.args.get("id", ""))
        if found is None:
            abort(404)
        article = found.article
        return {field.name: getattr(article, field.name) for field in fields(article)} | {
            "published": article.published.isoformat() if article.published else ""
        }

    def complete(self) -> dict[str, Any]:
        """Give completions of what was typed so far."""
        typed = read_parameters(request.args).q
        return {"query": typed, "completions": self.searcher.complete(typed)}

    def explain(self) -> dict[str, Any]:
        """Say why the article `id` has the score that it has for the query `q`."""
        asked = read_parameters(request.args)
        explanation = self.searcher.explain(
            asked.q, request.args.get("id", ""), literal=asked.literal
        )
        if explanation is None:
            abort(404)
        return explanation.as_dict()

    def health(self) -> tuple[dict[str, Any], int]:
        """Tell a load balancer whether the index can be read."""
        try:
            return {"status": "ok", "articles": self.searcher.articles}, 200
        except Exception:
            current_app.logger.exception("The index cannot be read")
            return {"status": "unavailable"}, 503
