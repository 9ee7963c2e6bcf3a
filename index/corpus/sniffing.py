"""The format of a file by its first bytes, for names that do not determine it."""

import io
import re

from index.corpus.streams import DAMAGE

_XML_FORMATS = (
    (re.compile(rb"<(?:rss|feed|rdf:RDF)\b(?=[^<>]*wordpress\.org/export)", re.IGNORECASE), ".wxr"),
    (re.compile(rb"<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE), ".rss"),
    (re.compile(rb"<mediawiki\b", re.IGNORECASE), ".mediawiki"),
    (re.compile(rb"<DOC>\s*<DOC(?:NO|ID)\b", re.IGNORECASE), ".trec"),
    (re.compile(rb"<(?:!doctype html|html|head|body|article)\b", re.IGNORECASE), ".html"),
)
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")  # the second of an archive without files
_SAMPLE_BYTES = 1 << 13
_DELIMITERS = (b",", b";", b"\t", b"|")  # of CSV


def sniffed_suffix(stream: io.BufferedReader, default: str) -> str:
    """Return the suffix of the format of a stream by its first bytes, without consuming them.

    Unknown XML keeps `default`; what is neither JSON nor XML is CSV if its first line looks like a
    row, else plain text.
    """
    try:
        start = stream.peek(_SAMPLE_BYTES)[:_SAMPLE_BYTES]
    except DAMAGE:
        return default or ".jsonl"  # the loader will report the damage
    if start.startswith(b"SQLite format 3\0"):
        return ".sqlite"
    if start.startswith(b"PAR1"):
        return ".parquet"
    if start.startswith(b"WARC/"):
        return ".warc"
    if start[257:262] == b"ustar":
        return ".tar"
    if start.startswith(_ZIP_MAGICS):
        return ".zip"
    head = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head.startswith(b"<"):
        return next((suffix for known, suffix in _XML_FORMATS if known.search(head)), default)
    if default or head.startswith((b"{", b"[")):
        return default or ".jsonl"
    lines = head.splitlines() or [b""]
    if any(mark in lines[0] for mark in _DELIMITERS) and b"" not in lines[1:2]:
        return ".csv"
    # A message of a program may precede the first record of JSON lines.
    has_records = not head or any(line.startswith((b"{", b"[")) for line in lines)
    return ".jsonl" if has_records else ".txt"
