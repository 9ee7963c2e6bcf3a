"""The pages about searches and articles: home, results, article, explanation, values of a facet."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from index.schema import Schema
from index.vietnamese.dates import today_in_vietnam
from search.query.parser import parse
from search.query.tree import plain_text
from search.request import FacetBy, Operator
from search.results.records import Results
from search.warnings import QueryWarning
from web import i18n
from web.addresses import (
    article_address,
    export_address,
    feed_address,
    hidden_fields,
    hit_address,
    host,
    safe_url,
    search_address,
    why_address,
)
from web.api.export import FORMATS
from web.article_view import view_article
from web.citation import bibtex, plain_citation
from web.examples import Examples
from web.filters import (
    FilterLink,
    active_filters,
    facet_links,
    facet_names,
    facet_views,
    field_label,
    sort_links,
    unfiltered_address,
    with_chosen,
)
from web.highlighting import fitted_snippet, highlighted_title
from web.hosts import absolute
from web.i18n import text
from web.lookup import NamedValues, article_of_address, direct_links, meant_values
from web.paging import paging
from web.parameters import MAX_PAGE, SearchParameters
from web.preferences import blueprint as preferences_blueprint
from web.problems import Problem
from web.query_strings import read_leniently
from web.searching import (
    MAX_VALUES_SCANNED,
    Searcher,
    count_days,
    count_values,
    run_search,
    values_named,
)
from web.site import Site
from web.timeline import TIME_FACET, histograms, presets, read_dates
from web.warnings import sentence

MAX_LATEST = 5
"""Articles on the home page, as many as fit beside the sections (arbitrary)."""

MIN_WORDS = 2
"""Words of a query from which the choice between all and any of them is offered."""

MAX_LISTED = 200
"""Values on the page of a facet; others are found by typing a part of their name (arbitrary)."""


def register_pages(app: Flask, searcher: Searcher) -> None:
    """Add the pages, their translations and the reader's preferences to an application."""
    i18n.install(app)
    app.jinja_env.filters.update(
        host=host,
        safe_url=safe_url,
        sentence=_sentence,
        fitted_snippet=fitted_snippet,
        highlighted_title=highlighted_title,
    )
    app.jinja_env.globals.update(
        hidden_fields=hidden_fields,
        search_address=search_address,
        article_address=article_address,
        why_address=why_address,
        example_queries=Examples(searcher),
        today=today_in_vietnam,
    )
    named_values = NamedValues(searcher)
    app.register_blueprint(Pages(searcher, named_values).blueprint())
    app.register_blueprint(Site(searcher, named_values).blueprint())
    app.register_blueprint(preferences_blueprint())


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages over one searcher."""

    searcher: Searcher
    named_values: NamedValues

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("pages", __name__)
        routes.add_url_rule("/", "home", self.home)
        routes.add_url_rule("/search", "results", self.results)
        routes.add_url_rule("/hit/<int:rank>", "hit", self.hit)
        routes.add_url_rule("/values/<field>", "values", self.values)
        routes.add_url_rule("/article/<anything:article>", "article", self.article)
        routes.add_url_rule("/article", "article_by_id", self.article)
        routes.add_url_rule("/why/<anything:article>", "why", self.why)
        routes.add_url_rule("/why", "why_by_id", self.why)
        return routes

    def home(self) -> str:
        """Show the search box, the sections and topics, and the newest articles."""
        nothing, schema = SearchParameters(), self.searcher.schema
        latest = nothing.changed(
            size=MAX_LATEST, sort="newest", facets=tuple(facet_names(schema)), collapse=False
        )
        results = run_search(self.searcher, latest)
        return render_template(
            "home.html",
            articles=self.searcher.articles,
            facets=list(facet_views(results.facets, nothing, schema)),
            latest=results.hits,
            topics=self.searcher.topics(),
            parameters=nothing,
        )

    def results(self) -> str | Response:
        """Show one page of results; redirect an empty search, or one for an article's address."""
        schema = self.searcher.schema
        arguments, dates = read_dates(request.args, today_in_vietnam())
        parameters, problems = read_leniently(arguments, schema)
        if not parameters.q.strip() and not parameters.narrowed and not dates.problems:
            return redirect(url_for("pages.home"))
        if article := article_of_address(self.searcher, parameters.q):
            return redirect(article_address(article))
        faceted = parameters.changed(facets=(*facet_names(schema), TIME_FACET))
        results = run_search(self.searcher, faceted)
        return render_template(
            "results.html",
            parameters=parameters,
            results=results,
            dates=dates,
            problems=(*dates.problems, *(_problem_text(problem) for problem in problems)),
            histograms=histograms(
                results.facets.get(TIME_FACET, ()),
                partial(count_days, self.searcher, parameters),
                parameters,
            ),
            direct=self._direct(parameters, results),
            **_results_context(parameters, results, schema),
        )

    def _direct(self, parameters: SearchParameters, results: Results) -> tuple[FilterLink, ...]:
        """Return direct links for a query; only the first page of results shows them."""
        if parameters.page > 1:
            return ()
        meant = meant_values(self.searcher, parameters, results.warnings)
        return (*meant, *direct_links(self.searcher, self.named_values, parameters))

    def hit(self, rank: int) -> Response:
        """Redirect to the hit at a rank; past the last one, to the last page of results."""
        parameters = self._originating_search()
        single = parameters.changed(page=rank, size=1)
        results = run_search(self.searcher, single) if 1 <= rank <= MAX_PAGE else None
        if results and results.hits:
            back = parameters.changed(page=(rank - 1) // parameters.size + 1)
            return redirect(article_address(results.hits[0].id, back, rank))
        last = max(1, -(-results.shown_total // parameters.size)) if results else 1
        return redirect(search_address(parameters, page=last))

    def values(self, field: str) -> str:
        """Show all values of a facet of a search, or those whose names contain a text."""
        if field not in facet_names(self.searcher.schema):
            abort(404)
        parameters = self._originating_search()
        contains = request.args.get("contains", "").strip()
        facet = FacetBy(field, limit=MAX_VALUES_SCANNED)
        counted = count_values(self.searcher, parameters, facet)
        named = values_named(with_chosen(field, counted, parameters), contains)
        return render_template(
            "values.html",
            parameters=parameters,
            field=field,
            name=field_label(field, self.searcher.schema),
            contains=contains,
            choices=facet_links(field, named[:MAX_LISTED], parameters),
            more=max(0, len(named) - MAX_LISTED),
            back=search_address(parameters),
        )

    def article(self, article: str = "") -> str:
        """Show one article with the terms of the search that led to it highlighted."""
        article = article or request.args.get("id", "")
        parameters = self._originating_search()
        is_plain = request.args.get("mark") == "0"
        rank = request.args.get("at", 0, type=int)
        words = "" if is_plain else parameters.q
        found = self.searcher.article(article, words, literal=parameters.literal)
        if found is None:
            abort(404)
        canonical = absolute(article_address(article))
        original = found.article.url or canonical
        today = today_in_vietnam()
        return render_template(
            "article.html",
            view=view_article(found, self.searcher.schema),
            parameters=parameters,
            rank=rank if 0 < rank <= MAX_PAGE else 0,
            is_plain=is_plain,
            back=search_address(parameters, page=parameters.page),
            plain_address=article_address(article, parameters, rank, highlighted=False),
            highlighted_address=article_address(article, parameters, rank),
            hit_address=hit_address,
            canonical=canonical,
            citation=plain_citation(found.article, original, today, i18n.language()),
            bibtex=bibtex(found.article, original, today),
            related=self.searcher.related(article),
        )

    def why(self, article: str = "") -> str:
        """Show the explanation of an article's score."""
        article = article or request.args.get("id", "")
        parameters = self._originating_search()
        found = self.searcher.article(article, parameters.q, literal=parameters.literal)
        explanation = self.searcher.explain(
            parameters.q, article, literal=parameters.literal, freshness=parameters.freshness
        )
        if found is None or explanation is None:
            abort(404)
        return render_template(
            "why.html",
            title=found.article.title or found.article.id,
            explanation=explanation,
            feature_labels=_feature_labels(),
            parameters=parameters,
            address=article_address(article, parameters),
            back=search_address(parameters, page=parameters.page),
        )

    def _originating_search(self) -> SearchParameters:
        """Return the search that led to this page; invalid parameters are ignored."""
        return read_leniently(request.args, self.searcher.schema)[0]


def _results_context(
    parameters: SearchParameters, results: Results, schema: Schema
) -> Mapping[str, object]:
    """Return the controls of the page of results: paging, sorting, filters, operators."""
    return {
        "paging": paging(parameters.page, parameters.size, results.shown_total),
        "sorts": sort_links(parameters, schema),
        "plain": "" if results.total else plain_text(parse(parameters.q, schema).tree),
        "facets": list(facet_views(results.facets, parameters, schema)),
        "filters": list(active_filters(parameters, schema)),
        "unfiltered": unfiltered_address(parameters),
        "presets": list(presets(parameters, today_in_vietnam())),
        "operators": operators(parameters),
        "export_address": export_address,
        "export_formats": FORMATS,
        "feed_address": feed_address,
    }


def operators(parameters: SearchParameters) -> tuple[FilterLink, ...]:
    """Return the links that choose an operator: most, all or any words; () for a single word."""
    if len(parameters.q.split()) < MIN_WORDS:
        return ()
    return tuple(
        FilterLink(
            label,
            search_address(parameters, operator=operator),
            chosen=operator == parameters.operator,
        )
        for label, operator in (
            (text("Hầu hết các từ"), None),
            (text("Mọi từ"), Operator.AND),
            (text("Bất kỳ từ nào"), Operator.OR),
        )
    )


def _feature_labels() -> Mapping[str, str]:
    """Return the labels of the kinds of features on the explanation page."""
    return {
        "text": text("trong bài"),
        "title": text("trong tiêu đề"),
        "author": text("tên tác giả"),
        "words": text("là một từ ghép"),
        "pair": text("đứng liền nhau"),
        "freshness": text("đăng gần ngày này"),
    }


def _sentence(warning: QueryWarning) -> str:
    return sentence(warning, i18n.language())


def _problem_text(problem: Problem) -> str:
    return problem.vietnamese if i18n.language() == "vi" else problem.message
