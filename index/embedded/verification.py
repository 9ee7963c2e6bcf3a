"""Verification of an index: all checksums, and the consistency of its data structures."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.embedded.columns import NO_DATE
from index.embedded.commits import read_commit
from index.embedded.postings import PostingsField
from index.embedded.segment import OpenSegment
from index.embedded.term_dictionary import to_text
from index.embedded.term_ranges import common_term_ranges
from index.errors import IndexUnavailableError
from index.models.spellings import spelling_arrays
from index.schema import Kind
from index.storage.array_file import ArrayFileError
from index.values import labels_of, moment_of, number_of

_POSTINGS_AT_ONCE = 1 << 19
"""Postings that are decoded at a time, as in merging."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The number of verified articles and segments, and the bytes of their files."""

    articles: int
    segments: int
    bytes: int


def verify(directory: Path) -> Verified:
    """Check the newest commit; reads and decodes everything.

    Blocks match their checksums; terms ascend; documents, frequencies and positions can be decoded
    and agree with lengths; labels, dates and numbers are those of the stored articles; ids are
    unique; bigrams and spellings are those of existing terms. Raises IndexUnavailableError with the
    file and the fault.
    """
    commit = read_commit(directory)
    ids: set[str] = set()
    size = 0
    for segment in commit.segments:
        try:
            opened = OpenSegment(directory, segment)
        except OSError as error:
            raise IndexUnavailableError(
                f"{error.filename}: a file of the index cannot be read ({error.strerror}); "
                "restore it, or build the index again"
            ) from error
        _verify_segment(opened)
        _note_ids(opened, ids)
        size += sum(fingerprint.size for fingerprint in segment.fingerprints)
        opened.release_pages()
    return Verified(len(ids), len(commit.segments), size)


def _verify_segment(segment: OpenSegment) -> None:
    segment.verify()
    for field in segment.fields.values():
        _verify_field(segment, field)
    _verify_models(segment)
    _verify_values(segment)


def _wrong(segment: OpenSegment, what: str) -> ArrayFileError:
    return ArrayFileError(segment.text.path, what)


def _other(segment: OpenSegment, name: str, article: Article) -> ArrayFileError:
    return _wrong(segment, f"{name} of the article {article.id!r} differs from the stored article")


def _verify_field(segment: OpenSegment, field: PostingsField) -> None:
    lengths = np.zeros(segment.documents, np.int64)
    last = b""
    for [(first, end)] in common_term_ranges([field], _POSTINGS_AT_ONCE):
        terms, postings = field.terms(first, end), field.span(first, end)
        if first and terms[0] <= last:
            raise _wrong(segment, f"the terms of {field.name!r} do not ascend")
        last = terms[-1]
        lengths += np.bincount(
            postings.doc_ids, postings.frequencies, minlength=segment.documents
        ).astype(np.int64)
        if postings.positions is not None and not _ascend(postings.positions, postings.frequencies):
            raise _wrong(segment, f"the positions of {field.name!r} do not ascend")
        segment.release_pages()
    if field.layout.scored and not np.array_equal(lengths, segment.lengths[field.name]):
        raise _wrong(segment, f"the lengths of {field.name!r} differ from its postings")


def _ascend(positions: NDArray[np.int32], sizes: NDArray[np.int32]) -> bool:
    """Return whether the positions ascend within each posting, given the postings' sizes."""
    ascends = np.diff(positions) > 0
    ascends[np.cumsum(sizes)[:-1] - 1] = True  # from one posting to the next
    return bool(ascends.all())


def _verify_models(segment: OpenSegment) -> None:
    text = segment.fields["text"]
    bigrams = segment.bigrams.bigrams(0, len(text.dictionary))
    if (bigrams.keys[1:] <= bigrams.keys[:-1]).any():
        raise _wrong(segment, "the bigrams do not ascend")
    sums = np.bincount(bigrams.keys >> 32, bigrams.counts, minlength=len(text.dictionary))
    if (sums > text.collection_frequencies()).any():
        raise _wrong(segment, "bigrams are counted that the text does not have")
    expected = spelling_arrays([to_text(term) for term in text.dictionary])
    sections = segment.language_file
    if any(not np.array_equal(sections[name], array) for name, array in expected.items()):
        raise _wrong(segment, "the spellings are not those of the terms")
    _ = segment.trigrams, segment.completions  # opening them compares their columns
    # Only rows are compared, not counts: a later version may have tokenised differently.
    segment.removed_counts()
    segment.trigrams_chosen()


def _verify_values(segment: OpenSegment) -> None:
    """Compare labels, dates and numbers with the stored articles."""
    labels = {name: _Labels(field, segment.documents) for name, field in segment.labels.items()}
    for document in range(segment.documents):
        article = segment.stored.article(document)
        for name, known in labels.items():
            if set(labels_of(article, segment.schema[name])) != known.of(document):
                raise _other(segment, name, article)
        for name, kind in segment.layout.columns.items():
            if _value(article, segment, name, kind) != _kept(segment, name, document):
                raise _other(segment, name, article)


def _value(article: Article, segment: OpenSegment, name: str, kind: Kind) -> float | None:
    field = segment.schema[name]
    return moment_of(article, field) if kind is Kind.DATE else number_of(article, field)


def _kept(segment: OpenSegment, name: str, document: int) -> float | None:
    value: float = segment.columns[name][document].item()
    return None if value == NO_DATE or isnan(value) else value


class _Labels:
    """The labels of each document of a segment, from the postings of a field."""

    def __init__(self, field: PostingsField, documents: int) -> None:
        numbers = field.span_doc_ids(0, len(field.dictionary))
        ordinals = np.repeat(np.arange(len(field.dictionary)), field.document_frequencies())
        order = np.argsort(numbers, kind="stable")
        self._ordinals: NDArray[Any] = ordinals[order]
        self._starts = np.searchsorted(numbers[order], np.arange(documents + 1))
        self._dictionary = field.dictionary

    def of(self, document: int) -> set[str]:
        """Return the labels of a document."""
        start, end = self._starts[document : document + 2]
        return {self._dictionary.term(ordinal) for ordinal in self._ordinals[start:end].tolist()}


def _note_ids(segment: OpenSegment, ids: set[str]) -> None:
    for name in _live_ids(segment):
        if name in ids:
            raise _wrong(segment, f"the id {name!r} belongs to two articles")
        ids.add(name)


def _live_ids(segment: OpenSegment) -> Iterator[str]:
    field, live = segment.labels["id"], segment.live()
    documents = field.span_doc_ids(0, len(field.dictionary))
    owners = np.repeat(np.arange(len(field.dictionary)), field.document_frequencies())
    if (np.bincount(documents, minlength=segment.documents) != 1).any():
        raise _wrong(segment, "an article has no id, or several")
    return (field.dictionary.term(ordinal) for ordinal in owners[live[documents]].tolist())
