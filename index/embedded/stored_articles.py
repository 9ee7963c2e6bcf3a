"""The stored fields of articles, in compressed blocks; reading one takes 0.05 ms.

Sections:

    article.blocks (uint8)                  Zstandard frames, each of about 4 kB of JSON with one
                                            line per article (see `index.article_json`)
    article.block_starts (int64)            the offset of each frame, and the total length
    article.block_first_documents (uint32)  the first doc id of each frame, and their number
    article.dictionaries (uint8)            the dictionaries that frames name (see `compression`)
    article.dictionary_starts (uint32)      the offset of each dictionary, and the total length
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.article_json import article_from_json, record_from_json
from index.storage.array_file import ArrayFile, ArrayFileError
from index.storage.array_writer import ArrayWriter
from index.storage.cache import Cache
from index.storage.compression import (
    MAX_BLOCK_BYTES,
    SAMPLE_BYTES,
    Compression,
    Dictionary,
    Frame,
    dictionary_number,
)

BLOCK_SIZE = 1 << 12
"""Bytes of a block before compression; a larger article, as most of news, has its own block.
Reading an article takes 8 us; with blocks of 16 kB it takes 31, and the index is 2 % smaller."""

_CACHE_BYTES = 2 << 20  # of a segment's cache of decompressed blocks; arbitrary
_PARSED_BYTES = 4 << 20  # of a segment's cache of parsed articles, about 1,500; arbitrary


class StoredWriter:
    """Writes articles in the order of their doc ids."""

    def __init__(self, writer: ArrayWriter, compression: Compression | None = None) -> None:
        """Use the dictionaries of a `compression`, by default none yet."""
        self._writer = writer
        self._compression = compression or Compression()
        self._lines: list[bytes] = []
        self._size = 0
        self._pending: list[list[bytes]] = []
        self._pending_size = 0
        self._starts = [0]
        self._firsts = [0]
        self._known: dict[int, Dictionary] = {}
        writer.append("article.blocks", np.empty(0, np.uint8))

    def append(self, lines: Iterable[bytes]) -> None:
        """Add articles, each a line of JSON. Raises ValueError for one that is far too large."""
        for line in lines:
            if len(line) >= MAX_BLOCK_BYTES:
                raise ValueError(f"an article of {len(line)} bytes is too large: {line[:60]!r}...")
            if self._size + len(line) > BLOCK_SIZE:
                self._end_block()
            self._lines.append(line)
            self._size += len(line)

    def append_frame(self, frame: Frame, documents: int) -> bool:
        """Add a compressed block of `documents` articles unchanged.

        Returns False, and adds nothing, if another dictionary already has its dictionary's number.
        """
        self._flush()
        if not self._is_known(frame.dictionary):
            return False
        self._compression.use(frame.dictionary)
        self._write(frame, documents)
        return True

    def close(self) -> None:
        """Write the pending blocks and the bounds; the caller closes the file's writer."""
        self._flush()
        contents = [dictionary.content for dictionary in self._known.values()]
        starts = np.cumsum([0, *map(len, contents)])
        self._writer.append("article.dictionaries", np.frombuffer(b"".join(contents), np.uint8))
        self._writer.append("article.dictionary_starts", starts.astype(np.uint32))
        self._writer.append("article.block_starts", np.array(self._starts, np.int64))
        self._writer.append("article.block_first_documents", np.array(self._firsts, np.uint32))

    def _end_block(self) -> None:
        """Write a block, or keep it pending until a dictionary is trained on its articles."""
        if self._lines:
            self._pending.append(self._lines)
            self._pending_size += self._size
            self._lines, self._size = [], 0
        if self._compression.should_train and self._pending_size >= SAMPLE_BYTES:
            self._compression.train([line for block in self._pending for line in block])
        if not self._compression.should_train:
            self._write_pending()

    def _flush(self) -> None:
        self._end_block()
        self._write_pending()

    def _write_pending(self) -> None:
        pending, self._pending, self._pending_size = self._pending, [], 0
        for lines in pending:
            frame = self._compression.compress(lines)
            if not self._is_known(frame.dictionary):
                self._compression.use(None)
                frame = self._compression.compress(lines)
            self._write(frame, len(lines))

    def _is_known(self, dictionary: Dictionary | None) -> bool:
        """Return whether a frame may refer to this dictionary by its number, and register it."""
        if dictionary is None:
            return True
        known = self._known.setdefault(dictionary.number, dictionary)
        return known.content == dictionary.content

    def _write(self, frame: Frame, documents: int) -> None:
        self._writer.append("article.blocks", np.frombuffer(frame.content, np.uint8))
        self._starts.append(self._starts[-1] + len(frame.content))
        self._firsts.append(self._firsts[-1] + documents)


class _Block(NamedTuple):
    """The articles of a block, each a line of JSON."""

    lines: list[bytes]

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        return sum(map(len, self.lines)) + 50 * len(self.lines)


class _Parsed(NamedTuple):
    """An article, and roughly its size in memory."""

    article: Article
    nbytes: int


class Stored:
    """The articles of one open segment by doc id."""

    def __init__(self, arrays: ArrayFile) -> None:
        """Take the segment's sections; raises ArrayFileError if one is missing or damaged."""
        self._arrays = arrays
        self._blocks: NDArray[np.uint8] = arrays.typed("article.blocks", np.uint8)
        self._start: NDArray[np.int64] = arrays.checked("article.block_starts", np.int64)
        self._first: NDArray[np.uint32] = arrays.checked("article.block_first_documents", np.uint32)
        self._block_cache: Cache[int, _Block] = Cache(_CACHE_BYTES)
        self._article_cache: Cache[int, _Parsed] = Cache(_PARSED_BYTES)
        for bounds in (self._start, self._first):
            ascending = (bounds[1:] > bounds[:-1]).all()
            if not ascending or len(bounds) != len(self._start) or bounds[:1].tolist() != [0]:
                raise ArrayFileError(arrays.path, "the bounds of its blocks are inconsistent")
        if self._start[-1] != len(self._blocks):
            raise ArrayFileError(arrays.path, "the last block does not end with its section")

    @property
    def articles(self) -> int:
        """The number of articles."""
        return int(self._first[-1])

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return len(self._start) - 1

    def documents(self, block: int) -> range:
        """Return the doc ids of a block."""
        return range(int(self._first[block]), int(self._first[block + 1]))

    def frame(self, block: int) -> Frame:
        """Return a block, still compressed. Raises ArrayFileError for a damaged one."""
        start, stop = self._start[block : block + 2].tolist()
        self._arrays.check("article.blocks", start, stop)
        content = self._blocks[start:stop].tobytes()
        try:
            number = dictionary_number(content)
            return Frame(content, self._dictionaries[number] if number else None)
        except (ValueError, KeyError) as error:
            raise self._damaged(block, error) from error

    @cached_property
    def _dictionaries(self) -> dict[int, Dictionary]:
        content = self._arrays.checked("article.dictionaries", np.uint8).tobytes()
        starts = self._arrays.checked("article.dictionary_starts", np.uint32).tolist()
        found = [Dictionary(content[start:end]) for start, end in pairwise(starts)]
        return {dictionary.number: dictionary for dictionary in found}

    def lines(self, block: int) -> list[bytes]:
        """Return the articles of a block, each a line of JSON; raises as `frame`."""
        return self._read(block).lines

    def article(self, document: int) -> Article:
        """Read one article. Raises ArrayFileError if the block is damaged.

        Recent articles are cached (1 us instead of 50): hits are read again in other sort orders
        and when they are opened.
        """
        return self._article_cache.get(document, self._parse).article

    def records(self, documents: Sequence[int]) -> list[dict[str, Any]]:
        """Read articles as `article_to_record` returns them, uncached. Raises ArrayFileError.

        Each block is read once for all of its documents, whatever their order.
        """
        numbers = np.array(documents, np.int64)
        blocks = np.searchsorted(self._first, numbers.astype(np.uint32), side="right") - 1
        line_numbers = (numbers - self._first[blocks]).tolist()
        found: list[dict[str, Any]] = [{}] * len(numbers)
        order = np.argsort(blocks, kind="stable")
        starts = np.flatnonzero(np.diff(blocks[order], prepend=-1)).tolist()
        for start, stop in pairwise([*starts, len(order)]):
            block = int(blocks[order[start]])
            read = self._read(block).lines
            try:
                for index in order[start:stop].tolist():
                    found[index] = record_from_json(read[line_numbers[index]])
            except (ValueError, TypeError) as error:
                raise self._damaged(block, error) from error
        return found

    def _parse(self, document: int) -> _Parsed:
        block = int(np.searchsorted(self._first, np.uint32(document), side="right")) - 1
        lines = self._block_cache.get(block, self._read).lines
        try:
            line = lines[document - int(self._first[block])]
            # A str takes two bytes per character, UTF-8 about 1.5; the objects take 1,000.
            return _Parsed(article_from_json(line), 2 * len(line) + 1000)
        except (ValueError, TypeError, IndexError) as error:
            raise self._damaged(block, error) from error

    def _read(self, block: int) -> _Block:
        frame = self.frame(block)
        try:
            lines = frame.lines()
            if len(lines) != len(self.documents(block)):
                raise ValueError(f"{len(lines)} articles")
        except ValueError as error:
            raise self._damaged(block, error) from error
        return _Block(lines)

    def _damaged(self, block: int, error: Exception) -> ArrayFileError:
        what = f"block {block} of the stored articles is damaged ({error})"
        return ArrayFileError(self._arrays.path, what)
