"""The registry of formats: the suffixes of each and the loader that reads it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.corpus.archives import ARCHIVES
from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.loaders.csv_rows import load_csv
from index.corpus.loaders.feeds import load_feed
from index.corpus.loaders.html_pages import load_html
from index.corpus.loaders.json_values import load_json
from index.corpus.loaders.mediawiki import load_mediawiki
from index.corpus.loaders.plain_text import load_plain_text
from index.corpus.loaders.sqlite_rows import load_sqlite
from index.corpus.loaders.tables import load_parquet
from index.corpus.loaders.trec import load_trec
from index.corpus.loaders.warc_pages import load_warc
from index.corpus.problems import BadRecord
from index.corpus.streams import COMPRESSIONS

Loader = Callable[[CorpusFile], Iterator[RawRecord | BadRecord]]


def load_unknown_xml(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the problem of an XML file whose root element is that of no known format."""
    reason = "XML that is not a feed, a WordPress export, a MediaWiki dump or a page"
    yield BadRecord(file.path, 0, reason)


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: its name in messages, its suffixes and its loader."""

    name: str
    suffixes: tuple[str, ...]
    load: Loader


FORMATS: tuple[Format, ...] = (
    Format("JSON", (".jsonl", ".ndjson", ".json"), load_json),
    Format("CSV", (".csv", ".tsv"), load_csv),
    Format("plain text", (".txt",), load_plain_text),
    Format("HTML", (".html", ".htm", ".xhtml", ".shtml", ".aspx", ".php"), load_html),
    Format("RSS, Atom, WordPress's export", (".rss", ".atom", ".wxr", ".rdf"), load_feed),
    Format("MediaWiki", (".mediawiki",), load_mediawiki),
    Format("XML of these", (".xml",), load_unknown_xml),
    Format("SQLite", (".sqlite", ".sqlite3", ".db"), load_sqlite),
    Format("Parquet", (".parquet",), load_parquet),
    Format("TREC", (".trec", ".trectext", ".trecweb", ".sgml", ".sgm"), load_trec),
    Format("WARC", (".warc",), load_warc),
)
"""Every format, in the order of messages."""

_BY_SUFFIX = {suffix: format_ for format_ in FORMATS for suffix in format_.suffixes}

KNOWN = (
    f"{', '.join(_BY_SUFFIX)}; each also with {' or '.join(COMPRESSIONS)}, or in a "
    f"{' or '.join(ARCHIVES)}"
)
"""The suffixes that are read, for messages."""


def suffix_of(path: Path) -> str:
    """Return the suffix that determines the format: ".jsonl" of news.jsonl.gz."""
    if path.suffix.lower() == ".tgz":
        return ".tar"
    inner = path.with_suffix("") if path.suffix.lower() in COMPRESSIONS else path
    return inner.suffix.lower()


def format_of(suffix: str) -> Format | None:
    """Return the format of a suffix; None if there is none."""
    return _BY_SUFFIX.get(suffix)
