"""A segment: some articles in four array files, of which the table of contents knows the name.

`.text` holds the fields (see `fields`), `F.lengths` (tokens of each document in field F) and
`published` (seconds since 1970 UTC, or `NO_DATE`), both as in `columns`; `.articles` the stored
articles (see `stored`); `.pairs` the pairs, triples and spellings of "text" (see the modules so
named); `.completions` the phrases that people may be typing (see `models.completions`), written
last.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from whoosh.codec import base

from index.embedded.columns import read_dates, read_lengths
from index.embedded.postings import FIELDS, SCORED, Field
from index.embedded.stored_articles import Stored
from index.models.bigrams import BigramTable
from index.models.completions import Completions, completion_arrays
from index.models.spellings import Spellings
from index.models.trigrams import TrigramTable
from index.storage.array_file import ArrayFile, ArrayFileError, open_arrays

INDEX_NAME = "MAIN"
TEXT, ARTICLES, PAIRS, COMPLETIONS = ".text", ".articles", ".pairs", ".completions"

_SEGMENT_ID = re.compile("[0-9a-z]{16}")


class ArraySegment(base.Segment):
    """What the table of contents keeps of a segment; its pickle holds built-in types only.

    `deleted` is the numbers of its deleted documents, ascending.
    """

    def __init__(self, documents: int = 0, deleted: NDArray[np.uint32] | None = None) -> None:
        super().__init__(INDEX_NAME)
        self.documents = documents
        self.deleted = np.empty(0, np.uint32) if deleted is None else deleted

    def __getstate__(self) -> dict[str, Any]:
        deleted = self.deleted.astype("<u4").tobytes()
        seal = _seal(self.segid, self.documents, deleted)
        return {"segid": self.segid, "documents": self.documents, "deleted": deleted, "seal": seal}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Raise ValueError for a state that this class did not write."""
        segid, documents, deleted = state["segid"], state["documents"], state["deleted"]
        if not (isinstance(segid, str) and _SEGMENT_ID.fullmatch(segid)):
            raise ValueError(f"bad segment name {segid!r}")
        if type(documents) is not int or not 0 <= documents < 1 << 31:
            raise ValueError(f"bad number of documents {documents!r}")
        if not isinstance(deleted, bytes) or len(deleted) % 4:
            raise ValueError("bad list of deleted documents")
        self.indexname, self.compound, self.segid = INDEX_NAME, False, segid
        self.documents, self.deleted = documents, np.frombuffer(deleted, "<u4")
        if not (self.deleted[:-1] < self.deleted[1:]).all() or (self.deleted >= documents).any():
            raise ValueError("bad list of deleted documents")
        if state["seal"] != _seal(segid, documents, deleted):
            raise ValueError("a segment's entry is damaged")

    def with_deleted(self, documents: NDArray[np.uint32]) -> "ArraySegment":
        """Give the same segment with these documents deleted too."""
        segment = ArraySegment(self.documents, np.union1d(self.deleted, documents))
        segment.segid = self.segid
        return segment

    def path(self, directory: Path, extension: str) -> Path:
        """Give the path of one of the segment's files."""
        return directory / f"{INDEX_NAME}_{self.segid}{extension}"

    # What Whoosh asks of a segment.

    def codec(self) -> base.Codec:
        """Give the codec that reads the segment."""
        from index.embedded.whoosh.codec import ArrayCodec  # the codec knows the segment

        return ArrayCodec()

    def doc_count_all(self) -> int:
        """Count the documents, deleted ones included."""
        return self.documents

    def deleted_count(self) -> int:
        """Count the deleted documents."""
        return len(self.deleted)

    def deleted_docs(self) -> list[int]:
        """Give the numbers of the deleted documents."""
        numbers: list[int] = self.deleted.tolist()
        return numbers

    def is_deleted(self, docnum: int) -> bool:
        """Say whether a document is deleted."""
        at = int(np.searchsorted(self.deleted, np.uint32(docnum)))
        return at < len(self.deleted) and int(self.deleted[at]) == docnum

    def set_doc_count(self, doccount: int) -> None:
        """Set the number of documents."""
        self.documents = doccount

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: FBT001, FBT002
        """Refuse: a segment in use never changes."""
        raise NotImplementedError("delete articles with index.embedded.writer")


def _seal(segid: str, documents: int, deleted: bytes) -> int:
    """Give the checksum of an entry in the table of contents."""
    return crc32(f"{segid} {documents} ".encode() + deleted)


class OpenSegment:
    """A segment whose files are mapped into memory; read-only and safe for many threads."""

    def __init__(self, directory: Path, segment: ArraySegment) -> None:
        """Open the files. Raises ArrayFileError for damaged ones, OSError for missing ones."""
        self.segment = segment
        self.documents = segment.documents
        self.deleted = segment.deleted
        self.text = open_arrays(segment.path(directory, TEXT))
        self._articles = open_arrays(segment.path(directory, ARTICLES))
        self._pairs = open_arrays(segment.path(directory, PAIRS))
        completions = segment.path(directory, COMPLETIONS)
        self._completions = open_arrays(completions) if completions.exists() else None
        self.fields = {name: Field(self.text, name, self.documents) for name in FIELDS}
        self.stored = Stored(self._articles)
        if self.stored.articles != self.documents:
            raise ArrayFileError(self._articles.path, "holds another number of articles")
        for name in ("published", *(f"{name}.lengths" for name in SCORED)):
            if len(self.text[name]) != self.documents:
                raise ArrayFileError(self.text.path, f"section {name!r} has the wrong size")

    @cached_property
    def lengths(self) -> Mapping[str, NDArray[np.int32]]:
        """Give the tokens of each document by field. Raises ArrayFileError for damage."""
        return {name: read_lengths(self.text, f"{name}.lengths") for name in SCORED}

    @cached_property
    def published(self) -> NDArray[np.int64]:
        """Give the time of publication of each document. Raises ArrayFileError for damage."""
        return read_dates(self.text, "published")

    @cached_property
    def pairs(self) -> BigramTable:
        """Give the pairs of "text". Raises ArrayFileError for damage."""
        self._pairs.check_all("bigram_")
        try:
            table = BigramTable(self._pairs)
        except ValueError as error:
            raise ArrayFileError(self._pairs.path, str(error)) from error
        if table.terms != len(self.fields["text"].lexicon):
            raise ArrayFileError(self._pairs.path, "the pairs are of other terms")
        return table

    @cached_property
    def triples(self) -> TrigramTable:
        """Give the triples of "text". Raises ArrayFileError for damage."""
        self._pairs.check_all("trigram_")
        try:
            return TrigramTable(self._pairs)
        except ValueError as error:
            raise ArrayFileError(self._pairs.path, str(error)) from error

    @cached_property
    def spellings(self) -> Spellings:
        """Give the spellings of "text". Raises ArrayFileError for damage."""
        self._pairs.check_all("spelling_")
        try:
            return Spellings(self._pairs, len(self.fields["text"].lexicon))
        except ValueError as error:
            raise ArrayFileError(self._pairs.path, str(error)) from error

    @cached_property
    def completions(self) -> Completions:
        """Give the phrases, none before they are written. Raises ArrayFileError for damage."""
        if self._completions is None:
            return Completions(completion_arrays({}))
        self._completions.check_all()
        try:
            return Completions(self._completions)
        except ValueError as error:
            raise ArrayFileError(self._completions.path, str(error)) from error

    @property
    def files(self) -> tuple[ArrayFile, ...]:
        """The files of the segment, to verify them."""
        files = (self.text, self._articles, self._pairs, self._completions)
        return tuple(file for file in files if file)

    def verify(self) -> None:
        """Compare all files with their checksums; raises ArrayFileError. Reads everything."""
        for file in self.files:
            file.verify()
            file.forget()

    def forget(self) -> None:
        """Give back the memory of what was read so far."""
        for file in self.files:
            file.forget()

    def live(self) -> NDArray[np.bool_]:
        """Give for each document whether it is not deleted."""
        live = np.ones(self.documents, np.bool_)
        live[self.deleted] = False
        return live
