"""Files of a corpus, written for a test and read back."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    """Return the articles, the bad records, and the notes on the articles."""
    corpus = Corpus(paths, options)
    articles, bad = [], []
    for record in corpus:
        if isinstance(record, Article):
            articles.append(record)
        else:
            bad.append(record)
    return articles, bad, list(corpus.notes.lines())


def one(tmp_path: Path, record: dict[str, Any], **options: Any) -> Article:
    """Return the article of a record, which must be valid."""
    path = write(tmp_path / "a.json", json.dumps(record))
    [article], bad = read(path, options=LoadOptions(**options))
    assert not bad
    return article
