"""The answers that programs read: JSON."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, request

from web.parameters import read_parameters
from web.searching import Searcher, ask


@dataclass(frozen=True, slots=True)
class Api:
    """The JSON endpoints over one searcher."""

    searcher: Searcher

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("api", __name__)
        routes.add_url_rule("/api/search", "search", self.search)
        routes.add_url_rule("/healthz", "health", self.health)
        return routes

    def search(self) -> dict[str, Any]:
        """Answer one search."""
        return ask(self.searcher, read_parameters(request.args)).as_dict()

    def health(self) -> tuple[dict[str, Any], int]:
        """Tell a load balancer whether the index can be read."""
        try:
            return {"status": "ok", "articles": self.searcher.articles}, 200
        except Exception:
            current_app.logger.exception("The index cannot be read")
            return {"status": "unavailable"}, 503
