"""The pages about the site itself: help, status, suggestions, and files that browsers request."""

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, jsonify, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from index.history import WriteKind, WriteSummary
from search.results.records import Hit
from web import i18n
from web.filters import facet_names, facet_views, field_label, value_address
from web.i18n import text
from web.lookup import NamedValues, completed_conditions
from web.parameters import SearchParameters
from web.query_strings import read_parameters
from web.searching import Searcher, completions, count_days, run_search
from web.timeline import TIME_FACET, histograms

MAX_NAMED = 2
"""Sources and sections among the suggestions (arbitrary)."""


@dataclass(frozen=True, slots=True)
class Site:
    """The pages about the site of one searcher."""

    searcher: Searcher
    named_values: NamedValues

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("site", __name__, static_folder="static")
        routes.add_url_rule("/help", "help", self.help)
        routes.add_url_rule("/status", "status", self.status)
        routes.add_url_rule("/suggest", "suggest", self.suggest)
        routes.add_url_rule("/opensearch.xml", "opensearch", self.opensearch)
        routes.add_url_rule("/manifest.webmanifest", "manifest", self.manifest)
        routes.add_url_rule("/favicon.ico", "favicon", self.favicon)
        return routes

    def help(self) -> str:
        """Explain what can be typed."""
        return render_template("help.html")

    def status(self) -> str:
        """Show the articles by number, age, source and section, and the summary of each write."""
        everything = SearchParameters(size=1, sort="newest", collapse=False)
        schema = self.searcher.schema
        counted = everything.changed(facets=(*facet_names(schema), TIME_FACET))
        results = run_search(self.searcher, counted)
        oldest = run_search(self.searcher, everything.changed(sort="oldest"))
        nothing = SearchParameters()
        return render_template(
            "status.html",
            total=results.total,
            newest=_dated(results.hits),
            oldest=_dated(oldest.hits),
            facets=list(facet_views(results.facets, nothing, schema)),
            histograms=histograms(
                results.facets.get(TIME_FACET, ()),
                partial(count_days, self.searcher, nothing),
                nothing,
            ),
            history=self.searcher.history,
            losses=losses(self.searcher.history.total),
            kinds={
                WriteKind.BUILD: text("tạo kho mới"),
                WriteKind.UPDATE: text("thêm, cập nhật bài"),
                WriteKind.DELETE: text("xóa bài"),
                WriteKind.PURGE: text("xóa hẳn bài"),
                WriteKind.COPY: text("sao chép kho"),
            },
        )

    def suggest(self) -> Response:
        """Return the suggestions of the search box: queries, sources and sections."""
        typed = read_parameters(request.args).q
        return jsonify(
            queries=completed_conditions(self.searcher, typed) or completions(self.searcher, typed),
            places=[
                {
                    "label": f"{field_label(named.field, self.searcher.schema)}: {named.value}",
                    "address": value_address(named.field, named.value),
                }
                for named in self.named_values(typed, prefix=True)[:MAX_NAMED]
            ]
            if typed.strip()
            else [],
        )

    def opensearch(self) -> Response:
        """Return the OpenSearch description, with which browsers offer the search."""
        description = render_template("opensearch.xml")
        return Response(description, mimetype="application/opensearchdescription+xml")

    def manifest(self) -> ResponseReturnValue:
        """Return the web app manifest, with which phones install the site."""
        root = request.script_root
        answer = jsonify(
            name=text("Tìm Tin: tìm trong báo tiếng Việt"),
            short_name="Tìm Tin",
            id=f"{root}/",
            start_url=f"{root}/",
            scope=f"{root}/",
            lang="vi",
            display="minimal-ui",
            background_color="#f7f6f2",
            theme_color="#0d5c63",
            icons=[
                {"src": f"{root}/static/icon-{size}.png", "sizes": f"{size}x{size}"}
                | {"type": "image/png", "purpose": "any maskable"}
                for size in (192, 512)
            ],
        )
        answer.mimetype = "application/manifest+json"
        return answer

    def favicon(self) -> Response:
        """Send the icon to browsers that request it at its traditional address."""
        return send_from_directory("static", "favicon.ico", mimetype="image/x-icon")


def losses(summary: WriteSummary | None) -> list[str]:
    """Return a sentence for each kind of record that is not in the index, or was changed.

    Lines of the report that name files are not for the public and are left out.
    """
    if summary is None:
        return []
    counted = (
        (summary.bad, text("%s bài bị bỏ qua vì không có nội dung hoặc không đọc được")),
        (summary.repeated, text("%s bài bị bỏ qua vì trùng mã với một bài được đọc sau")),
        (summary.refused, text("%s bài bị bỏ qua vì không lưu được vào kho")),
        (summary.damaged, text("%s tệp bị hỏng, chỉ đọc được một phần")),
        (
            summary.undated,
            text("%s bài đã vào kho nhưng thiếu ngày đăng, vì ngày ghi trong bài không đọc được"),
        ),
        (summary.unrecognised, text("%s bài đã vào kho nhưng có thể bị lỗi phông chữ")),
        (summary.converted, text("%s bài được chuyển từ bảng mã cũ sang Unicode")),
    )
    sentences = [
        sentence.replace("%s", i18n.write_number(count)) for count, sentence in counted if count
    ]
    if summary.unsearched:
        names = ", ".join(summary.unsearched)
        sentences.append(text("Chưa thể tìm trong các trường sau: %s").replace("%s", names))
    return sentences


def _dated(hits: tuple[Hit, ...]) -> Hit | None:
    """Return the first hit if it has a date."""
    return hits[0] if hits and hits[0].published else None
