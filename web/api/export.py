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
"""Articles per chunk of the stream. Arbitrary, about 400 kB of news."""

RETRY_SECONDS = 10
"""When a client may try again if all exports are busy; arbitrary."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that spreadsheets read as a formula; the last four, full-width, in East Asian locales
only."""

Records = Iterator[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Export:
    """The export endpoint over one searcher, for a few clients at a time."""

    searcher: Searcher
    slots: BoundedSemaphore

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("export", __name__)
        routes.add_url_rule("/api/export", "export", self.export)
        return routes

    def export(self) -> Response:
        """Stream all articles that match, in the order of the request."""
        schema = self.searcher.schema
        parameters = read_parameters(request.args, schema)
        check_fields(parameters.fields, schema)
        format_name = request.args.get("format", DEFAULT_FORMAT)
        if format_name not in FORMATS:
            message = f"format must be one of {', '.join(FORMATS)}"
            raise BadParameterError(problem("format", message))
        # All matches, whatever page the request names.
        search = replace(search_request(parameters, schema), cursor="", offset=None, facets=())
        if not self.slots.acquire(blocking=False):
            raise ServiceUnavailable("Too many exports at a time.", retry_after=RETRY_SECONDS)
        slot = _AcquiredSlot(self.slots)
        try:
            found = self.searcher.records(search)
            # The first record is read here: a search that fails then answers with an error status,
            # rather than with a truncated export.
            records = chain(tuple(islice(found, 1)), found)
            form = FORMATS[format_name]
            content = form.content(records, parameters.fields, schema)
            response = Response(content, content_type=form.content_type)
        except BaseException:
            slot.release()
            raise
        response.call_on_close(slot.release)
        name = f"timtin.{format_name}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class _AcquiredSlot:
    """An acquired slot, which is released once however often `release` is called."""

    def __init__(self, slots: BoundedSemaphore) -> None:
        self._slots: BoundedSemaphore | None = slots

    def release(self) -> None:
        slots, self._slots = self._slots, None
        if slots:
            slots.release()


def _ndjson(records: Records, names: tuple[str, ...]) -> Iterator[bytes]:
    chosen = _selector(names) if names else _whole_record
    while lines := [dump(chosen(record)) for record in islice(records, CHUNK_ARTICLES)]:
        yield b"\n".join(lines) + b"\n"


def _whole_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record that can be indexed again, with the unmapped fields of the original one."""
    values = record_values(record)
    extra = values.pop("extra")
    return {**extra, **values} if extra else values


def _selector(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def chosen(record: Mapping[str, Any]) -> dict[str, Any]:
        values = record_values(record)
        return {name: values.get(name, "") for name in ("id", *names)}

    return chosen


def _csv(records: Records, names: tuple[str, ...]) -> Iterator[bytes]:
    """Yield CSV (RFC 4180) with a byte order mark; multiple values are joined by ";"."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")  # without it Excel reads the file in its own code page
    writer.writerow(names)
    while rows := [record_values(record) for record in islice(records, CHUNK_ARTICLES)]:
        writer.writerows([_cell(row.get(name, "")) for name in names] for row in rows)
        yield _take_text(text)
    yield _take_text(text)


def _take_text(text: io.StringIO) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode("utf-8", "replace")


def _cell(value: Any) -> object:  # noqa: ANN401 - any JSON value
    """Return the content of a cell; a text that a spreadsheet would run as a formula is quoted."""
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
    """A file format of exports."""

    content_type: str
    link: str
    """The text of the link to such an export; pages translate it."""
    write: Callable[[Records, tuple[str, ...]], Iterator[bytes]]
    columns: tuple[str, ...] = ()
    """The default fields, besides the user's own; () for all."""

    def content(self, records: Records, fields: tuple[str, ...], schema: Schema) -> Iterator[bytes]:
        """Yield the file in chunks of records, with the given fields or the default ones."""
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
"""The formats by their names in `format=`, in the order of the page."""
