"""The pages that people read: home, results, article, help."""

import re
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from search.planning.plan import Facet, Sort
from search.results.records import Hit
from search.results.snippets import mark
from web.addresses import article_address, search_address, why_address
from web.article_view import reading
from web.filters import active_filters, facet_choices
from web.paging import paging
from web.parameters import BadParameterError, SearchParameters, read_parameters
from web.searching import Searcher, run_search

SORTS = {
    Sort.RELEVANCE: "Phù hợp nhất",
    Sort.NEWEST: "Mới nhất",
    Sort.OLDEST: "Cũ nhất",
}
PLACES = {
    "text": "trong bài",
    "title": "trong tựa đề",
    "author": "tên người viết",
    "words": "thành một từ trọn vẹn",
    "pair": "đứng liền nhau",
}
"""How a reader is told the kinds of contributions to a score."""

LATEST = 5
"""Articles on the home page."""

_CONDITION = re.compile(r"""(?<!\S)-\S+ | \b(AND|OR|NOT)\b | \b\w+: | ["“”„«»()*~]""", re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages over one searcher."""

    searcher: Searcher

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("pages", __name__)
        routes.add_url_rule("/", "home", self.home)
        routes.add_url_rule("/search", "results", self.results)
        routes.add_url_rule("/article/<anything:article>", "article", self.article)
        routes.add_url_rule("/why/<anything:article>", "why", self.why)
        routes.add_url_rule("/help", "help", self.help)
        routes.add_url_rule("/opensearch.xml", "opensearch", self.opensearch)
        return routes

    def home(self) -> str:
        """Show the search box, ways in, and what is new."""
        latest = SearchParameters(size=LATEST, sort=Sort.NEWEST, facets=(Facet.SECTION,))
        results = run_search(self.searcher, latest)
        sections = next(facet_choices(results.facets, SearchParameters()), None)
        return render_template(
            "home.html",
            articles=self.searcher.articles,
            sections=sections.first if sections else (),
            latest=results.hits,
            article_address=article_address,
        )

    def results(self) -> str | AnyResponse:
        """Show one page of results; without words or filters there is nothing to show."""
        parameters = read_parameters(request.args)
        if not parameters.q.strip() and not parameters.narrowed:
            return redirect(url_for("pages.home"))
        asked = parameters.model_copy(update={"facets": tuple(Facet)})
        results = run_search(self.searcher, asked)
        return render_template(
            "results.html",
            parameters=parameters,
            results=results,
            paging=paging(parameters.page, parameters.size, results.total),
            sorts=SORTS,
            plain="" if results.total else _plain(parameters.q),
            facets=list(facet_choices(results.facets, parameters)),
            filters=list(active_filters(parameters)),
            marked_title=marked_title,
            search_address=search_address,
            article_address=article_address,
            why_address=why_address,
        )

    def article(self, article: str) -> str:
        """Show one article with the terms of the search it was found by marked."""
        parameters = _remembered()
        found = self.searcher.article(article, parameters.q, literal=parameters.literal)
        if found is None:
            abort(404)
        return render_template(
            "article.html",
            reading=reading(found),
            parameters=parameters,
            back=search_address(parameters, page=parameters.page),
            unmarked=article_address(article),
            related=self.searcher.related(article),
            article_address=article_address,
        )

    def why(self, article: str) -> str:
        """Say why a search found an article, and why so high."""
        parameters = _remembered()
        found = self.searcher.article(article, parameters.q, literal=parameters.literal)
        explanation = self.searcher.explain(parameters.q, article, literal=parameters.literal)
        if found is None or explanation is None:
            abort(404)
        return render_template(
            "why.html",
            title=found.article.title or found.article.id,
            explanation=explanation,
            places=PLACES,
            parameters=parameters,
            address=article_address(article, parameters),
            back=search_address(parameters, page=parameters.page),
        )

    def help(self) -> str:
        """Explain what can be typed."""
        return render_template("help.html")

    def opensearch(self) -> Response:
        """Describe the search to browsers, which can then offer it in their address bar."""
        description = render_template("opensearch.xml")
        return Response(description, mimetype="application/opensearchdescription+xml")


def marked_title(hit: Hit) -> Markup:
    """Give a hit's title, or its id where there is none, escaped and marked."""
    if not hit.title.strip():
        return Markup(mark(hit.id, ()))  # noqa: S704 (mark escapes)
    return Markup(mark(hit.title, hit.highlights.get("title", ())))  # noqa: S704


def _plain(query: str) -> str:
    """Give the words of a query without its conditions: a way on from an empty answer."""
    return " ".join(_CONDITION.sub(" ", query).split())


def _remembered() -> SearchParameters:
    """Read the search that led to an article; an address that was tampered with leads to none."""
    try:
        return read_parameters(request.args)
    except BadParameterError:
        return SearchParameters()
