"""All matches of a search, streamed from one commit as JSON lines or CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import ServiceUnavailable

from index.schema import Schema
from web.api.hits import check_fields, record_values
from web.api.json_provider import dump
from web.i18n import translatable
from web.problems import BadParameterError, problem
from web.query_strings import read_parameters
from web.requests import search_request
from web.searching import Searcher

CSV_FIELDS = ("id", "title", "summary", "author", "source", "section", "published", "url")
"""The columns of a CSV file unless `fields` names others; `body` can be asked for."""

CHUNK_ARTICLES = 200
"""Articles that are sent at once: arbitrary, some 400 kB of news."""

RETRY_SECONDS = 10
# The last four, of full width, are taken for the others by a spreadsheet in East Asian locales.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Records = Iterator[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Export:
    """The export over one searcher, to a few readers at a time."""

    searcher: Searcher
    places: BoundedSemaphore

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("export", __name__)
        routes.add_url_rule("/api/export", "export", self.export)
        return routes

    def export(self) -> Response:
        """Stream every article that matches, in the order asked for."""
        schema = self.searcher.schema
        parameters = read_parameters(request.args, schema)
        check_fields(parameters.fields, schema)
        wanted = request.args.get("format", DEFAULT_FORMAT)
        if wanted not in FORMATS:
            message = f"format must be one of {', '.join(FORMATS)}"
            raise BadParameterError(problem("format", message))
        # All matches, whatever page was asked for.
        asked = replace(search_request(parameters, schema), cursor="", offset=None, facets=())
        if not self.places.acquire(blocking=False):
            raise ServiceUnavailable("Too many exports at a time.", retry_after=RETRY_SECONDS)
        held = _Held(self.places)
        try:
            found = self.searcher.records(asked)
            # What fails at once is an answer with a status, not an export that breaks off.
            records = chain(tuple(islice(found, 1)), found)
            form = FORMATS[wanted]
            content = form.content(records, parameters.fields, schema)
            response = Response(content, content_type=form.content_type)
        except BaseException:
            held.release()
            raise
        response.call_on_close(held.release)
        name = f"timtin.{wanted}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class _Held:
    """A place that is given back once."""

    def __init__(self, places: BoundedSemaphore) -> None:
        self._places: BoundedSemaphore | None = places

    def release(self) -> None:
        places, self._places = self._places, None
        if places:
            places.release()


def _ndjson(records: Records, names: tuple[str, ...]) -> Iterator[bytes]:
    chosen = _chosen(names) if names else _whole
    while lines := [dump(chosen(record)) for record in islice(records, CHUNK_ARTICLES)]:
        yield b"\n".join(lines) + b"\n"


def _whole(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record that an article was read from, which can be indexed again."""
    values = record_values(record)
    extra = values.pop("extra")
    return {**extra, **values} if extra else values


def _chosen(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def chosen(record: Mapping[str, Any]) -> dict[str, Any]:
        values = record_values(record)
        return {name: values.get(name, "") for name in ("id", *names)}

    return chosen


def _csv(records: Records, names: tuple[str, ...]) -> Iterator[bytes]:
    """Yield CSV (RFC 4180) that spreadsheets read as UTF-8, several values joined by ";"."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")  # Excel takes a file without it for one in its own code page
    writer.writerow(names)
    while rows := [record_values(record) for record in islice(records, CHUNK_ARTICLES)]:
        writer.writerows([_cell(row.get(name, "")) for name in names] for row in rows)
        yield _emptied(text)
    yield _emptied(text)


def _emptied(text: io.StringIO) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode("utf-8", "replace")


def _cell(value: Any) -> object:  # noqa: ANN401 - any JSON value
    """Return what stands in a cell; a text that a spreadsheet would run as a formula is quoted."""
    if isinstance(value, list | tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, Mapping):
        value = dump(value).decode()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    if isinstance(value, float) and value.is_integer():
        return int(value)  # a spreadsheet with commas reads "120.0" as a text
    return value


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A form of a file of articles."""

    content_type: str
    link: str
    """What the link to such a file says; pages translate it."""
    write: Callable[[Records, tuple[str, ...]], Iterator[bytes]]
    columns: tuple[str, ...] = ()
    """The fields that are written unless others are named, beside the user's own; () for all."""

    def content(self, records: Records, fields: tuple[str, ...], schema: Schema) -> Iterator[bytes]:
        """Yield records, some hundred at a time, with the fields named or the usual ones."""
        own = tuple(field.name for field in schema.own if field.shown)
        return self.write(records, fields or (self.columns and (*self.columns, *own)))


DEFAULT_FORMAT = "ndjson"
FORMATS: Mapping[str, ExportFormat] = {
    "csv": ExportFormat(
        "text/csv; charset=utf-8", translatable("Tải tất cả kết quả (CSV)"), _csv, CSV_FIELDS
    ),
    DEFAULT_FORMAT: ExportFormat(
        "application/x-ndjson", translatable("Tải tất cả kết quả (JSON)"), _ndjson
    ),
}
"""The formats of an export by the name that `format=` has for each, in the order of the page."""
