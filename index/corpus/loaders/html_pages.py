"""HTML pages, one article per page: text by trafilatura, metadata by `page_metadata`.

`page_metadata` reads JSON-LD, Open Graph and visible bylines, because trafilatura's dates have no
time, its authors are often sites, and its titles often those of the portal.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any

import lxml.etree as etree

from index.corpus import legacy
from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.html_text import text_of_element
from index.corpus.libraries import require
from index.corpus.lines import damage_of, is_loss, read_bytes
from index.corpus.loaders.page_metadata import read_metadata
from index.corpus.loaders.page_text import with_headings, without_boilerplate
from index.corpus.problems import BadRecord

MAX_PAGE_BYTES = 1 << 22
"""Maximum size of a page: 4 MiB, ten times the largest of 30 real ones; extraction then takes some
seconds."""

MAX_PAGE_ELEMENTS = 20_000
"""Maximum elements of a page from which the article is extracted; of larger ones all text is taken.
30 real pages have up to 4,000, and 20,000 paragraphs take 7 s."""

_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_MARKED_TEXT = re.compile(rb"[^<>\x80-\xff]{0,500}[\x80-\xff][^<>]{0,500}")  # between tags
_MAX_SAMPLES = 100
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^<>]{0,200}\?>")


def load_html(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the one record of a page."""
    raw, damage = read_bytes(file.stream, MAX_PAGE_BYTES)
    if damage and is_loss(damage):
        yield BadRecord(file.path, 0, damage_of(damage), damaged=True)
    elif len(raw) > MAX_PAGE_BYTES:
        yield BadRecord(file.path, 0, f"a page longer than {MAX_PAGE_BYTES >> 20} MiB")
    else:
        yield from records_of_page(file, raw)


def records_of_page(
    file: CorpusFile, raw: bytes, url: str = "", place: str = ""
) -> Iterator[RawRecord | BadRecord]:
    """Yield the record of a page; `url` is where it was fetched, if known."""
    text = decode_page(raw, file.options.encoding)
    try:
        record = parse_page(text, url)
    except (etree.LxmlError, ValueError, RecursionError, MemoryError) as error:
        yield BadRecord(file.path, 0, f"{place}a page that cannot be read: {error}")
        return
    if record:
        yield RawRecord(record, 0, place)
    else:
        yield BadRecord(file.path, 0, f"{place}no text: a page without an article")


def decode_page(raw: bytes, encoding: str = "auto") -> str:
    """Decode a page: as UTF-8, else from a legacy encoding of Vietnamese, else as it declares."""
    if encoding != "auto" and encoding not in legacy.CONVERSIONS:
        return raw.decode(encoding, "replace")
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _CHARSET.search(raw[:4096])
    name = declared[1].decode("ascii", "replace") if declared else ""
    if found := legacy.recognise_bytes(b" ".join(_MARKED_TEXT.findall(raw)[:_MAX_SAMPLES])):
        return legacy.decode(raw, found)
    try:
        return raw.decode(name or "cp1252", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def parse_page(text: str, url: str = "") -> dict[str, object]:
    """Return the record of a page, empty if it contains no article."""
    trafilatura = require("trafilatura", "html", "an HTML page")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # bad pages are reported here
    text = _XML_DECLARATION.sub("", text)
    tree = _parsed(text)
    if tree is None:
        return {}
    found: Any = None
    if sum(1 for _ in tree.iter()) <= MAX_PAGE_ELEMENTS:
        # trafilatura changes the tree it is given, so it gets the text.
        found = trafilatura.bare_extraction(
            text, favor_precision=True, include_comments=False, with_metadata=False
        )
    lines = [_without_bars(line) for line in ((found.text if found else "") or "").split("\n")]
    lines = with_headings(without_boilerplate([line for line in lines if line], tree), tree)
    body = "\n\n".join(lines) or text_of_element(tree)
    return {**read_metadata(tree, url, lines), "body": body} if re.search(r"\w", body) else {}


def _without_bars(line: str) -> str:
    """Return a line without the bars that trafilatura puts between the cells of a table."""
    line = line.strip()
    if line.startswith("|"):
        return "\t".join(cell.strip() for cell in line.strip("| ").split("|"))
    return line.removeprefix("- ")


def _parsed(text: str) -> etree._Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    return etree.fromstring(text.encode("utf-8", "replace"), parser)
