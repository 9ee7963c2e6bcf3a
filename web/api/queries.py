"""The summary of the query log, for clients with an admin key."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, render_template, request

from web.state.query_log import MAX_DAYS, QueryLog


@dataclass(frozen=True, slots=True)
class Queries:
    """The page and the API endpoint over one query log."""

    log: QueryLog

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("queries", __name__)
        routes.add_url_rule("/api/queries", "report", self.report)
        routes.add_url_rule("/queries", "page", self.page)
        return routes

    def report(self) -> dict[str, Any]:
        """Return the most frequent searches, those without hits and those without clicks."""
        return asdict(self.log.report(_days()))

    def page(self) -> str:
        """Show the report to people."""
        return render_template("queries.html", report=self.log.report(_days()), days=_days())


def _days() -> int:
    return min(max(request.args.get("days", 7, type=int), 1), MAX_DAYS)
