"""The articles as they were read, in compressed blocks: any is back in a tenth of a millisecond.

Sections: `article.blocks` (uint8) is Zstandard frames one after another, each some 32 kB of JSON,
an article a line; `article.block_start` (int64, blocks + 1) their first bytes,
`article.block_first` (uint32, blocks + 1) their first documents.
"""

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.arrays import ArrayFile, ArrayFileError, ArrayWriter
from index.article import Article
from index.postings.cache import Cache

BLOCK_SIZE = 1 << 15
LARGEST_BLOCK = 1 << 28
"""Bytes of the largest article that is kept or read back."""

_LEVEL = 3
"""A third of the time of level 6, for 2 % more of the index."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_CACHE_BYTES = 2 << 20
_NAMES = tuple(field.name for field in fields(Article))


def article_to_record(article: Article) -> dict[str, Any]:
    """Give the fields that are not empty as JSON values."""
    record: dict[str, Any] = {name: value for name in _NAMES if (value := getattr(article, name))}
    if article.published:
        record["published"] = article.published.isoformat()
    if article.extra:
        record["extra"] = dict(article.extra)
    return record


def article_to_json(article: Article) -> bytes:
    """Give one line of JSON."""
    return _ENCODER.encode(article_to_record(article)).encode("utf-8", "surrogatepass")


def article_from_json(line: bytes) -> Article:
    """Give back what `article_to_json` took; raises ValueError or TypeError for anything else."""
    try:
        record = json.loads(line.decode("utf-8", "surrogatepass"))
    except RecursionError as error:
        raise ValueError("values nested too deep") from error
    if not isinstance(record, dict) or not record.get("id"):
        raise ValueError("not an article with an id")
    for name, value in record.items():
        if not isinstance(value, dict if name == "extra" else str):
            raise TypeError(f'"{name}" is {type(value).__name__}')
    if "published" in record:
        record["published"] = datetime.fromisoformat(record["published"])
        if record["published"].utcoffset() is None:
            raise ValueError('"published" does not know its offset from UTC')
    return Article(**record)


class StoredWriter:
    """Writes articles in the order of their document numbers."""

    def __init__(self, writer: ArrayWriter) -> None:
        self._writer = writer
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._lines: list[bytes] = []
        self._size = 0
        self._bytes = 0
        self._documents = 0
        writer.append("article.blocks", np.empty(0, np.uint8))
        writer.append("article.block_start", np.zeros(1, np.int64))
        writer.append("article.block_first", np.zeros(1, np.uint32))

    def append(self, lines: Iterable[bytes]) -> None:
        """Add articles, each a line of JSON. Raises ValueError for one that is far too large."""
        for line in lines:
            if len(line) >= LARGEST_BLOCK:
                raise ValueError(f"an article of {len(line)} bytes is too large: {line[:60]!r}...")
            if self._size + len(line) > BLOCK_SIZE:
                self.flush()
            self._lines.append(line)
            self._size += len(line)

    def append_block(self, frame: bytes, documents: int) -> None:
        """Add a compressed block of so many articles as it is."""
        self.flush()
        self._write(frame, documents)

    def flush(self) -> None:
        """Write the articles that wait for a full block."""
        if self._lines:
            lines, self._lines, self._size = self._lines, [], 0
            self._write(self._compressor.compress(b"\n".join(lines)), len(lines))

    def _write(self, frame: bytes, documents: int) -> None:
        self._bytes += len(frame)
        self._documents += documents
        self._writer.append("article.blocks", np.frombuffer(frame, np.uint8))
        self._writer.append("article.block_start", np.array([self._bytes], np.int64))
        self._writer.append("article.block_first", np.array([self._documents], np.uint32))


class _Block(NamedTuple):
    """The articles of a block, each a line of JSON."""

    lines: list[bytes]

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        return sum(map(len, self.lines)) + 50 * len(self.lines)


class Stored:
    """The articles of one open segment by document number."""

    def __init__(self, arrays: ArrayFile) -> None:
        """Take the segment's sections; raises ArrayFileError where one is missing or damaged."""
        self._arrays = arrays
        self._blocks: NDArray[np.uint8] = arrays["article.blocks"]
        self._start: NDArray[np.int64] = arrays.checked("article.block_start")
        self._first: NDArray[np.uint32] = arrays.checked("article.block_first")
        self._kept: Cache[int, _Block] = Cache(_CACHE_BYTES)

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self._start) - 1

    def documents(self, block: int) -> range:
        """Give the document numbers of a block."""
        return range(int(self._first[block]), int(self._first[block + 1]))

    def frame(self, block: int) -> bytes:
        """Give a block as it is, compressed; raises ArrayFileError for a damaged one."""
        start, stop = self._start[block : block + 2].tolist()
        self._arrays.check("article.blocks", start, stop)
        return self._blocks[start:stop].tobytes()

    def lines(self, block: int) -> list[bytes]:
        """Give the articles of a block, each a line of JSON."""
        return self._read(block).lines

    def article(self, document: int) -> Article:
        """Read one article. Raises ArrayFileError where the block is damaged."""
        block = int(np.searchsorted(self._first, np.uint32(document), side="right")) - 1
        lines = self._kept.get(block, self._read).lines
        try:
            return article_from_json(lines[document - int(self._first[block])])
        except (ValueError, TypeError, IndexError) as error:
            raise self._damaged(block, error) from error

    def _read(self, block: int) -> _Block:
        frame = self.frame(block)
        try:
            if zstandard.frame_content_size(frame) not in range(LARGEST_BLOCK + 1):
                raise ValueError("its size makes no sense")
            return _Block(zstandard.ZstdDecompressor().decompress(frame).split(b"\n"))
        except (zstandard.ZstdError, ValueError) as error:
            raise self._damaged(block, error) from error

    def _damaged(self, block: int, error: Exception) -> ArrayFileError:
        what = f"block {block} of the stored articles is damaged ({error})"
        return ArrayFileError(self._arrays.path, what)
