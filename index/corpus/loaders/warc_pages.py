"""WARC files of web archives: the HTML pages with status 200."""

import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.libraries import require
from index.corpus.loaders.html_pages import MAX_PAGE_BYTES, records_of_page
from index.corpus.problems import BadRecord

_PAGES = ("text/html", "application/xhtml+xml")


def load_warc(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the articles of a WARC file; responses that are not pages are counted."""
    warcio = require("warcio.archiveiterator", "warc", "a WARC file")
    errors = require("warcio.exceptions", "warc", "a WARC file")
    left_out: Counter[str] = Counter()
    number = 0
    try:
        for number, record in enumerate(warcio.ArchiveIterator(file.stream), 1):  # noqa: B007
            if record.rec_type != "response":
                continue
            kind = _kind_of(record)
            if kind:
                left_out[kind] += 1
            else:
                yield from _records(file, record)
    except (errors.ArchiveLoadFailed, ValueError, AttributeError) as error:
        reason = f"after record {number}: the archive cannot be read from here on: {error}"
        yield BadRecord(file.path, 0, " ".join(reason.split()), damaged=True)
    if left_out:
        named = ", ".join(f"{count:,} {kind}" for kind, count in left_out.most_common(8))
        file.notes.add_remark(f"{file.path}: left out, not pages: {named}")


def _kind_of(record: Any) -> str:  # noqa: ANN401 # of a library without types
    """Return the kind of a response that is not an HTML page, "" for a page."""
    headers = record.http_headers
    if headers is None:
        return "without headers"
    kind = (headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    status = headers.get_statuscode()
    if kind in _PAGES and status == "200":
        return ""
    shown = f"{kind or 'of unknown type'} ({status})"
    return shown if shown.isprintable() and len(shown) < 100 else ascii(shown[:100])


def _records(file: CorpusFile, record: Any) -> Iterator[RawRecord | BadRecord]:  # noqa: ANN401
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    place = f"{url[:200] if url.isprintable() else ascii(url[:200])}: "
    try:
        raw = record.content_stream().read(MAX_PAGE_BYTES + 1)
    except zlib.error as error:
        yield BadRecord(file.path, 0, f"{place}its content cannot be decoded: {error}")
        return
    if len(raw) > MAX_PAGE_BYTES:
        yield BadRecord(file.path, 0, f"{place}a page longer than {MAX_PAGE_BYTES >> 20} MiB")
        return
    fetched = record.rec_headers.get_header("WARC-Date") or ""
    for found in records_of_page(file, raw, url, place):
        if isinstance(found, RawRecord) and fetched:
            yield RawRecord({**found.fields, "fetched": fetched}, 0, place)
        else:
            yield found
