# pyright: reportIncompatibleMethodOverride=false, reportArgumentType=false
"""The arrays as a codec of Whoosh: its readers, matchers and queries work on them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermInfo, TermNotFound

from index.article_json import article_to_record
from index.embedded.postings import PostingsField
from index.embedded.segment import OpenSegment
from index.embedded.whoosh.matchers import ArrayCursor, ArrayMatcher, Term, term_info


class ArrayCodec(W3Codec):
    """Reads segments of arrays; they are written by `index.embedded.writer`."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenSegment | None = None

    def _open(self, storage: FileStorage, segment: Any) -> OpenSegment:  # noqa: ANN401
        if self._opened is None:
            self._opened = OpenSegment(Path(storage.folder), segment.segment)
        return self._opened

    def terms_reader(self, storage: FileStorage, segment: Any) -> "ArrayTermsReader":  # noqa: ANN401
        """Return the reader of a segment's terms."""
        return ArrayTermsReader(self._open(storage, segment))

    def per_document_reader(self, storage: FileStorage, segment: Any) -> "ArrayDocuments":  # noqa: ANN401
        """Return the reader of a segment's documents."""
        return ArrayDocuments(self._open(storage, segment), segment)

    def per_document_writer(self, storage: FileStorage, segment: Any) -> NoReturn:  # noqa: ANN401
        """Refuse: only `index.update` keeps all the promises of a commit."""
        raise NotImplementedError("write with index.update, not with Whoosh's writer")

    field_writer = per_document_writer

    def new_segment(self, storage: FileStorage, indexname: str) -> NoReturn:
        """Refuse as `per_document_writer`."""
        raise NotImplementedError("write with index.update, not with Whoosh's writer")


class ArrayTermsReader(base.TermsReader):
    """The terms of a segment, field by field, each in ascending order."""

    def __init__(self, opened: OpenSegment) -> None:
        self._opened = opened

    def _field(self, name: str) -> PostingsField | None:
        return self._opened.fields.get(name)

    def _ordinal(self, name: str, term: bytes) -> int:
        dictionary = self._opened.fields[name].dictionary
        ordinal = dictionary.lower_bound(term)
        if ordinal < len(dictionary) and dictionary[ordinal] == term:
            return ordinal
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
        """Return the names of the fields."""
        return tuple(self._opened.fields)

    def cursor(self, fieldname: str, fieldobj: object) -> "ArrayCursor":
        """Return a cursor over the terms of a field."""
        return ArrayCursor(self._opened, self._opened.fields[fieldname])

    def terms(self) -> Iterator[Term]:
        """Return all terms, by field and term."""
        return (
            (name, term)
            for name in sorted(self._opened.fields)
            for term in self._opened.fields[name].dictionary
        )

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """Yield the terms from `prefix` on, and those of later fields."""
        for name in sorted(self._opened.fields):
            if name >= fieldname:
                dictionary = self._opened.fields[name].dictionary
                start = dictionary.lower_bound(prefix) if name == fieldname else 0
                yield from ((name, term) for term in dictionary.span(start, len(dictionary)))

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """Return all terms with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """Return the terms from `prefix` on with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Return the statistics of a term. Raises TermNotFound."""
        return term_info(
            self._opened, self._opened.fields[fieldname], self._ordinal(fieldname, text)
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
        return self._opened.fields[fieldname].document_frequency(self._ordinal(fieldname, text))

    def matcher(
        self,
        fieldname: str,
        text: bytes,
        format_: Any,  # noqa: ANN401
        scorer: Any = None,  # noqa: ANN401
    ) -> "ArrayMatcher":
        """Return a matcher over the documents of a term. Raises TermNotFound."""
        field = self._opened.fields[fieldname]
        ordinal = self._ordinal(fieldname, text)
        return ArrayMatcher(self._opened, field, ordinal, (fieldname, text), format_, scorer)


class ArrayDocuments(base.PerDocumentReader):
    """The documents of a segment: lengths, deletions and stored fields."""

    def __init__(self, opened: OpenSegment, segment: base.Segment) -> None:
        self._opened = opened
        self._segment = segment

    def doc_count(self) -> int:
        """Count the documents that are not deleted."""
        return self._opened.documents - len(self._opened.deleted)

    def doc_count_all(self) -> int:
        """Count the documents."""
        return self._opened.documents

    def has_deletions(self) -> bool:
        """Return whether there are deleted documents."""
        return len(self._opened.deleted) > 0

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> list[int]:
        """Return the deleted documents."""
        numbers: list[int] = self._segment.deleted_docs()
        return numbers

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the number of tokens of a document in a field, exactly."""
        lengths = self._opened.lengths.get(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        """Return the number of tokens of a field."""
        lengths = self._opened.lengths.get(fieldname)
        return 0 if lengths is None else int(lengths.sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        """Return the number of tokens of the shortest document."""
        return int(self._opened.lengths[fieldname].min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        """Return the number of tokens of the longest document."""
        return int(self._opened.lengths[fieldname].max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the fields of an article that are not empty."""
        return article_to_record(self._opened.stored.article(docnum))
