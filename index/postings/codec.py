# pyright: reportIncompatibleMethodOverride=false, reportArgumentType=false
"""The arrays in the words of Whoosh's codec: its readers, matchers and queries work on them.

This is the way for everything that a plan cannot ask (wildcards, fuzzy terms, spans ...), and the
measure that the fast way is held against: `open_index(DIR).searcher()`.
"""

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from index.postings.commits import ArrayStorage, read_commit
from index.postings.fields import FIELDS, SCORED, Field
from index.postings.packing import Numbers
from index.postings.schema import SCHEMA
from index.postings.segment import INDEX_NAME, ArraySegment, OpenSegment
from index.postings.stored import article_to_record

Term = tuple[str, bytes]


def open_index(directory: Path) -> FileIndex:
    """Open the index with Whoosh, for reading.

    Raises IndexUnavailableError where there is none, or it is damaged or foreign.
    """
    read_commit(directory)
    return FileIndex(ArrayStorage(str(directory), readonly=True), SCHEMA, INDEX_NAME)


class ArrayCodec(W3Codec):
    """Reads segments of arrays; they are written by `index.writer`."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenSegment | None = None

    def _open(self, storage: FileStorage, segment: ArraySegment) -> OpenSegment:
        if self._opened is None:
            self._opened = OpenSegment(Path(storage.folder), segment)
        return self._opened

    def terms_reader(self, storage: FileStorage, segment: ArraySegment) -> "ArrayTermsReader":
        """Give the reader of a segment's terms."""
        return ArrayTermsReader(self._open(storage, segment))

    def per_document_reader(self, storage: FileStorage, segment: ArraySegment) -> "ArrayDocuments":
        """Give the reader of a segment's documents."""
        return ArrayDocuments(self._open(storage, segment))

    def per_document_writer(self, storage: FileStorage, segment: ArraySegment) -> Any:  # noqa: ANN401
        """Refuse: only `index.writer` keeps all the promises of a commit."""
        raise NotImplementedError("write with index.writer, not with Whoosh's writer")

    field_writer = per_document_writer

    def new_segment(self, storage: FileStorage, indexname: str) -> ArraySegment:
        """Give an empty segment."""
        return ArraySegment()


class ArrayTermsReader(base.TermsReader):
    """The terms of a segment, field by field, each in ascending order."""

    def __init__(self, opened: OpenSegment) -> None:
        self._opened = opened

    def _field(self, name: str) -> Field | None:
        return self._opened.fields.get(name)

    def _ordinal(self, name: str, term: bytes) -> int:
        lexicon = self._opened.fields[name].lexicon
        at = lexicon.place(term)
        if at < len(lexicon) and lexicon[at] == term:
            return at
        raise TermNotFound(f"{name}:{term!r}")

    def __contains__(self, term: Term) -> bool:
        name, text = term
        if self._field(name) is None:
            return False
        try:
            self._ordinal(name, text)
        except TermNotFound:
            return False
        return True

    def indexed_field_names(self) -> tuple[str, ...]:
        """Give the names of the fields."""
        return FIELDS

    def cursor(self, fieldname: str, fieldobj: object) -> "ArrayCursor":
        """Give a cursor over the terms of a field."""
        return ArrayCursor(self, self._opened.fields[fieldname])

    def terms(self) -> Iterator[Term]:
        """Give all terms, by field and term."""
        return (
            (name, term) for name in sorted(FIELDS) for term in self._opened.fields[name].lexicon
        )

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """Give the terms from `prefix` on, and those of later fields."""
        for name in sorted(FIELDS):
            if name >= fieldname:
                lexicon = self._opened.fields[name].lexicon
                start = lexicon.place(prefix) if name == fieldname else 0
                yield from ((name, term) for term in lexicon.span(start, len(lexicon)))

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """Give all terms with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """Give the terms from `prefix` on with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Give the statistics of a term. Raises TermNotFound."""
        return self.info_at(self._opened.fields[fieldname], self._ordinal(fieldname, text))

    def info_at(self, field: Field, ordinal: int) -> TermInfo:
        """Give the statistics of the term with this ordinal."""
        documents, frequencies = field.documents(ordinal), field.frequencies(ordinal)
        lengths = np.ones(1, np.int32)
        if field.name in SCORED:
            lengths = self._opened.lengths[field.name][documents]
        return TermInfo(
            weight=float(frequencies.sum()),
            df=len(documents),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(frequencies.max()),
            minid=int(documents[0]),
            maxid=int(documents[-1]),
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Count the occurrences of a term; 0 for an unknown one."""
        if (fieldname, text) not in self:
            return 0.0
        field = self._opened.fields[fieldname]
        return float(field.frequencies(self._ordinal(fieldname, text)).sum())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Count the documents of a term, deleted ones included; 0 for an unknown one."""
        if (fieldname, text) not in self:
            return 0
        return self._opened.fields[fieldname].count(self._ordinal(fieldname, text))

    def matcher(
        self,
        fieldname: str,
        text: bytes,
        format_: Any,  # noqa: ANN401
        scorer: Any = None,  # noqa: ANN401
    ) -> "ArrayMatcher":
        """Give a matcher over the documents of a term. Raises TermNotFound."""
        field = self._opened.fields[fieldname]
        ordinal = self._ordinal(fieldname, text)
        return ArrayMatcher(self, field, ordinal, (fieldname, text), format_, scorer)


class ArrayCursor(base.FieldCursor):
    """Walks through the terms of a field."""

    def __init__(self, reader: ArrayTermsReader, field: Field) -> None:
        self._reader = reader
        self._field = field
        self._at = 0

    def is_valid(self) -> bool:
        """Say whether there is a term here."""
        return self._at < len(self._field.lexicon)

    def text(self) -> str | None:
        """Give the term here."""
        return self._field.lexicon.term(self._at) if self.is_valid() else None

    def first(self) -> str | None:
        """Go to the first term."""
        self._at = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        """Go to the first term that is not below `string`."""
        wanted = string if isinstance(string, bytes) else string.encode("utf-8", "surrogatepass")
        self._at = self._field.lexicon.place(wanted)
        return self.text()

    def next(self) -> str | None:
        """Go to the next term."""
        self._at += 1
        return self.text()

    def term_info(self) -> TermInfo | None:
        """Give the statistics of the term here."""
        return self._reader.info_at(self._field, self._at) if self.is_valid() else None


class ArrayMatcher(LeafMatcher):
    """Walks through the documents of a term."""

    def __init__(
        self,
        reader: ArrayTermsReader,
        field: Field,
        ordinal: int,
        term: Term,
        format_: Any,  # noqa: ANN401
        scorer: Any,  # noqa: ANN401
    ) -> None:
        self.format, self.scorer = format_, scorer
        self._reader, self._field, self._ordinal, self._term = reader, field, ordinal, term
        self._documents: list[int] = field.documents(ordinal).tolist()
        self._frequencies: list[int] = field.frequencies(ordinal).tolist()
        self._positions: list[Numbers] | None = None
        self._at = 0

    def is_active(self) -> bool:
        """Say whether there is a document here."""
        return self._at < len(self._documents)

    def reset(self) -> None:
        """Go to the first document."""
        self._at = 0

    def copy(self) -> "ArrayMatcher":
        """Give another matcher at the same place."""
        other = ArrayMatcher(
            self._reader, self._field, self._ordinal, self._term, self.format, self.scorer
        )
        other._at = self._at
        return other

    def id(self) -> int:
        """Give the document here."""
        return self._documents[self._at]

    def all_ids(self) -> Iterator[int]:
        """Give all documents."""
        return iter(self._documents)

    def weight(self) -> float:
        """Give how often the term stands in the document here."""
        return float(self._frequencies[self._at])

    def next(self) -> bool:
        """Go to the next document."""
        if not self.is_active():
            raise ReadTooFar
        self._at += 1
        return True

    def skip_to(self, id: int) -> bool:  # noqa: A002 - Whoosh calls it so
        """Go to the first document that is not below `id`; never back."""
        if not self.is_active():
            raise ReadTooFar
        self._at = bisect_left(self._documents, id, self._at)
        return True

    def skip_to_quality(self, minquality: float) -> int:
        """Go on while nothing here is good enough: all documents are one block."""
        if self.block_quality() <= minquality:
            self._at = len(self._documents)
            return 1
        return 0

    def _position_lists(self) -> list[Numbers]:
        if self._positions is None:
            ends = np.cumsum(self._frequencies)[:-1]
            self._positions = np.split(self._field.positions(self._ordinal), ends)
        return self._positions

    def value(self) -> bytes:
        """Give what Whoosh's own format would have stored here."""
        if self.supports("positions"):
            return bytes(self.format.encode(self._position_lists()[self._at].tolist()))
        return self._frequencies[self._at].to_bytes(4, "big")

    def value_as(self, astype: str) -> Any:  # noqa: ANN401
        """Give the positions here without a detour, or what else the format knows."""
        if astype == "positions" and self.supports(astype):
            return self._position_lists()[self._at].tolist()
        return super().value_as(astype)

    def block_min_length(self) -> int:
        """Give the length of the shortest field with the term."""
        return int(self._reader.info_at(self._field, self._ordinal).min_length())

    def block_max_length(self) -> int:
        """Give the length of the longest field with the term."""
        return int(self._reader.info_at(self._field, self._ordinal).max_length())

    def block_max_weight(self) -> float:
        """Give how often the term stands in a document at most."""
        return float(max(self._frequencies))


class ArrayDocuments(base.PerDocumentReader):
    """The documents of a segment: lengths, deletions and stored fields."""

    def __init__(self, opened: OpenSegment) -> None:
        self._opened = opened

    def doc_count(self) -> int:
        """Count the documents that are not deleted."""
        return self._opened.documents - len(self._opened.deleted)

    def doc_count_all(self) -> int:
        """Count the documents."""
        return self._opened.documents

    def has_deletions(self) -> bool:
        """Say whether there are deleted documents."""
        return len(self._opened.deleted) > 0

    def is_deleted(self, docnum: int) -> bool:
        """Say whether a document is deleted."""
        return self._opened.segment.is_deleted(docnum)

    def deleted_docs(self) -> list[int]:
        """Give the deleted documents."""
        return self._opened.segment.deleted_docs()

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Give the number of tokens of a document in a field, exactly."""
        lengths = self._opened.lengths.get(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        """Give the number of tokens of a field."""
        lengths = self._opened.lengths.get(fieldname)
        return 0 if lengths is None else int(lengths.sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        """Give the number of tokens of the shortest document."""
        return int(self._opened.lengths[fieldname].min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        """Give the number of tokens of the longest document."""
        return int(self._opened.lengths[fieldname].max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Give the fields of an article that are not empty."""
        return article_to_record(self._opened.stored.article(docnum))
