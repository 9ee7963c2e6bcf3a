"""Files of a corpus, written for a test and read back."""

import gzip
from collections.abc import Callable
from pathlib import Path

import zstandard

from index.article import Article
from index.corpus import BadRecord, Corpus, LoadOptions

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, compressed as its name says; text becomes UTF-8."""
    packed = content.encode() if isinstance(content, str) else content
    suffix = path.suffix if path.suffix in PACKERS else ""
    path.write_bytes(PACKERS[suffix](packed))
    return path


def read(*paths: Path, options: LoadOptions | None = None) -> tuple[list[Article], list[BadRecord]]:
    """Return the articles and the bad records of files and folders."""
    articles, bad, _ = read_with_notes(*paths, options=options)
    return articles, bad


def read_with_notes(
    *paths: Path, options: LoadOptions | None = None
) -> tuple[list[Article], list[BadRecord], list[str]]:
    """Return the articles, the bad records, and what is told about articles that were taken."""
    corpus = Corpus(paths, options)
    articles, bad = [], []
    for record in corpus:
        if isinstance(record, Article):
            articles.append(record)
        else:
            bad.append(record)
    return articles, bad, list(corpus.notes.lines())
