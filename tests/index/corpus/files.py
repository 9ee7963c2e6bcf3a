"""Files of a corpus, written for a test and read back."""

import gzip
from collections.abc import Callable
from pathlib import Path

import zstandard

from index.article import Article
from index.corpus import BadRecord, read_corpus

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


def read(*paths: Path) -> tuple[list[Article], list[BadRecord]]:
    """Give the articles and the bad records of files and folders."""
    articles, bad = [], []
    for record in read_corpus(paths):
        if isinstance(record, Article):
            articles.append(record)
        else:
            bad.append(record)
    return articles, bad
