# pyright: reportIncompatibleMethodOverride=false, reportArgumentType=false
"""The index as a read-only Whoosh index: its commits and segments."""

from pathlib import Path
from typing import Any, NoReturn

from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex

from index.embedded.commit import commit_name
from index.embedded.commits import latest_generation, read_commit
from index.embedded.segment import Segment
from index.embedded.whoosh.codec import ArrayCodec
from index.embedded.whoosh.schema import whoosh_schema

_INDEX_NAME = "MAIN"


class ReadOnlyIndex(FileIndex):
    """A Whoosh index over the folder of an index; always at its newest commit, never written to."""

    def __init__(self, directory: Path) -> None:
        """Raise IndexUnavailableError if there is no index, or it is damaged or foreign."""
        self.storage = FileStorage(str(directory), readonly=True)
        self.indexname = _INDEX_NAME
        self._directory = directory
        self._schema = whoosh_schema(read_commit(directory).schema)

    def latest_generation(self) -> int:
        """Return the number of the newest commit."""
        return latest_generation(self._directory)

    def last_modified(self) -> float:
        """Return when the newest commit was made, in seconds since 1970."""
        return (self._directory / commit_name(self.latest_generation())).stat().st_mtime

    def writer(self, procs: int = 1, **_: Any) -> NoReturn:  # noqa: ANN401
        """Raise NotImplementedError: write with `index.update`."""
        raise NotImplementedError("write with index.update, not with Whoosh's writer")

    def _read_toc(self) -> TOC:
        commit = read_commit(self._directory)
        segments = [WhooshSegment(segment) for segment in commit.segments]
        return TOC(whoosh_schema(commit.schema), segments, commit.generation)


class WhooshSegment(base.Segment):
    """A segment of a commit as a Whoosh segment."""

    def __init__(self, segment: Segment) -> None:
        super().__init__(_INDEX_NAME)
        self.segid = segment.id
        self.segment = segment
        self._deleted = frozenset(segment.deleted.tolist())

    def __eq__(self, other: object) -> bool:
        """Compare ids and deletions: Whoosh reuses a reader for an equal segment."""
        return (
            isinstance(other, WhooshSegment)
            and self.segid == other.segid
            and self._deleted == other._deleted
        )

    def __hash__(self) -> int:
        return hash(self.segid)

    def codec(self) -> base.Codec:
        """Return the codec that reads the segment."""
        return ArrayCodec()

    def doc_count_all(self) -> int:
        """Count the documents, deleted ones included."""
        return self.segment.documents

    def deleted_count(self) -> int:
        """Count the deleted documents."""
        return len(self._deleted)

    def deleted_docs(self) -> list[int]:
        """Return the numbers of the deleted documents."""
        return sorted(self._deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        return docnum in self._deleted

    def set_doc_count(self, doccount: int) -> NoReturn:
        """Raise NotImplementedError: segments are immutable."""
        raise NotImplementedError("a segment never changes")

    def delete_document(self, docnum: int, delete: bool = True) -> NoReturn:  # noqa: FBT001, FBT002
        """Raise NotImplementedError: delete with `index.delete`."""
        raise NotImplementedError("delete articles with index.delete")
