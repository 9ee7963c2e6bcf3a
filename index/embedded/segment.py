"""A segment: some articles in four array files, whose names and fingerprints are in the commit.

`.text` has the postings fields (see `postings`), `F.lengths` (tokens of each document in the scored
field F), a section for each column of dates or numbers, and `signatures` (see `columns`);
`.articles` the stored articles (see `stored_articles`); `.language` the bigrams, trigrams and
spellings of "text" (see `index.models`); `.completions` the phrases for completion (see
`index.models.completions`), written last. A segment with deleted documents has a fifth file,
`.removed`, with their counts (see `index.models.removed`) and, once they are many, the phrases of
the documents that are left; each deletion writes a new one under a new name.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import read_dates, read_lengths, read_numbers, read_signatures
from index.embedded.layout import Layout
from index.embedded.mined_again import Mined, mined_sections, read_chosen, read_mined
from index.embedded.postings import PostingsField
from index.embedded.stored_articles import Stored
from index.models.bigrams import BigramTable
from index.models.completions import Completions, completion_arrays
from index.models.mined_phrases import MAX_MINED_TITLES
from index.models.near_duplicates import BINS, Signatures
from index.models.removed import CountedTables, RemovedCounts, read_removed
from index.models.spellings import Spellings
from index.models.titles import TitleBeginnings, no_titles
from index.models.trigrams import TrigramTable
from index.schema import Kind, Schema
from index.storage.array_file import ArrayFile, ArrayFileError, Fingerprint, open_arrays

TEXT, ARTICLES, LANGUAGE, COMPLETIONS = ".text", ".articles", ".language", ".completions"
REMOVED = ".removed"
EXTENSIONS = (TEXT, ARTICLES, LANGUAGE, COMPLETIONS)


def new_segment_id() -> str:
    """Return a new unique segment id."""
    return secrets.token_hex(8)


def segment_file(directory: Path, segment_id: str, extension: str) -> Path:
    """Return the path of one of a segment's files."""
    return directory / f"segment-{segment_id}{extension}"


_NONE_DELETED = np.empty(0, np.uint32)
_NONE_DELETED.flags.writeable = False


class RemovedFile(NamedTuple):
    """The file with the counts of a segment's deleted documents: its id and fingerprint."""

    id: str
    fingerprint: Fingerprint

    def path(self, directory: Path) -> Path:
        """Return the path of the file."""
        return segment_file(directory, self.id, REMOVED)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """The description of a segment in a commit.

    `documents`: their number, including deleted ones. `deleted`: the doc ids of deleted documents,
    uint32, ascending. `files`: the fingerprint of each file by extension. `removed`: the file with
    the counts of the deleted documents; None if there are none, or before a write has counted them.
    """

    id: str
    documents: int
    schema: Schema
    files: Mapping[str, Fingerprint]
    deleted: NDArray[np.uint32] = field(default_factory=lambda: _NONE_DELETED)
    removed: RemovedFile | None = None

    @property
    def articles(self) -> int:
        """The number of documents that are not deleted."""
        return self.documents - len(self.deleted)

    def with_deleted(self, documents: NDArray[np.uint32]) -> "Segment":
        """Return the same segment with these documents deleted as well."""
        deleted = np.union1d(self.deleted, documents)
        if len(deleted) == len(self.deleted):
            return self
        return replace(self, deleted=deleted, removed=None)

    def with_file(self, extension: str, fingerprint: Fingerprint) -> "Segment":
        """Return the same segment with one more file."""
        return replace(self, files={**self.files, extension: fingerprint})

    def with_removed(self, removed: RemovedFile) -> "Segment":
        """Return the same segment with the counts of its deleted documents."""
        return replace(self, removed=removed)

    def path(self, directory: Path, extension: str) -> Path:
        """Return the path of one of the segment's files."""
        return segment_file(directory, self.id, extension)

    @property
    def fingerprints(self) -> Sequence[Fingerprint]:
        """The fingerprints of its files."""
        return [fingerprint for _, fingerprint in self.paths(Path())]

    def paths(self, directory: Path) -> Iterator[tuple[Path, Fingerprint]]:
        """Yield the path and fingerprint of each of its files."""
        for extension, fingerprint in self.files.items():
            yield self.path(directory, extension), fingerprint
        if self.removed:
            yield self.removed.path(directory), self.removed.fingerprint


class OpenSegment:
    """A segment whose files are mapped into memory; read-only and safe for many threads.

    `schema`: the fields of its articles. `layout`: its postings fields and columns. `documents`:
    the number of documents, with doc ids from 0; `deleted`: the doc ids of deleted ones, ascending,
    which everything else includes. `fields`: the postings fields by the names of `layout.fields`:
    "text", "words", "title", "author", own text fields, and those of labels, which `labels` has by
    the names of the schema. `columns`: dates and numbers by the names of the schema. `lengths`: the
    number of tokens of each document, by scored field. `stored`: the articles themselves.
    """

    def __init__(self, directory: Path, segment: Segment) -> None:
        """Open the files; reads a few kilobytes of each.

        Raises ArrayFileError if a file is damaged or is not the one that was committed, OSError if
        it cannot be opened.
        """
        self.segment = segment
        self.schema = segment.schema
        self.layout = Layout.of(segment.schema)
        self.documents = segment.documents
        self.deleted = segment.deleted
        self._directory = directory
        self._files = {
            extension: _opened(segment.path(directory, extension), fingerprint)
            for extension, fingerprint in segment.files.items()
        }
        self._removed = self._opened_removed(segment)
        self.text, self._articles, self._language = (
            self._files[extension] for extension in (TEXT, ARTICLES, LANGUAGE)
        )
        self._completions = self._files.get(COMPLETIONS)
        self.fields = {
            name: PostingsField(self.text, layout, self.documents)
            for name, layout in self.layout.fields.items()
        }
        self.labels = {name: self.fields[field] for name, field in self.layout.labels.items()}
        self.stored = Stored(self._articles)
        if self.stored.articles != self.documents:
            raise ArrayFileError(self._articles.path, "has another number of articles")
        sections = (f"{name}.lengths" for name in self.layout.scored)
        for name in (*self.layout.columns, *sections):
            if len(self.text[name]) != self.documents:
                raise ArrayFileError(self.text.path, f"section {name!r} has the wrong size")
        if len(self.text["signatures"]) != self.documents * BINS:
            raise ArrayFileError(self.text.path, "section 'signatures' has the wrong size")

    def is_whole(self) -> bool:
        """Return whether no file was truncated since it was opened; see `ArrayFile.is_whole`."""
        return all(file.is_whole() for file in self.files)

    def reopened(self, segment: Segment) -> "OpenSegment | None":
        """Return the segment of a newer commit over the open files; None if it has other files.

        Its deleted articles may differ. Verified blocks and decoded data are reused. Raises like
        opening.
        """
        if (self.segment.id, self.segment.files) != (segment.id, segment.files):
            return None
        if self.segment.removed == segment.removed and np.array_equal(
            self.deleted, segment.deleted
        ):
            return self
        other = copy(self)
        other.segment, other.deleted = segment, segment.deleted
        other._removed = self._opened_removed(segment)
        vars(other).pop("completions", None)  # they may be others
        return other

    def _opened_removed(self, segment: Segment) -> ArrayFile | None:
        removed = segment.removed
        return removed and _opened(removed.path(self._directory), removed.fingerprint)

    @cached_property
    def lengths(self) -> Mapping[str, NDArray[np.int32]]:
        """The tokens of each document by scored field. Raises ArrayFileError for damage."""
        return {name: read_lengths(self.text, f"{name}.lengths") for name in self.layout.scored}

    @property
    def signatures(self) -> Signatures:
        """The signature of each document (see `near_duplicates`). Raises ArrayFileError."""
        return read_signatures(self.text)

    @cached_property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """The dates and numbers of the schema by name, an item for each document.

        Dates are int64, seconds since 1970 UTC, or `NO_DATE`; numbers are float64, or NaN for none.
        Raises ArrayFileError for damage.
        """
        return {
            name: (read_dates if kind is Kind.DATE else read_numbers)(self.text, name)
            for name, kind in self.layout.columns.items()
        }

    @property
    def published(self) -> NDArray[np.int64]:
        """The time of publication of each document. Raises ArrayFileError for damage."""
        return self.columns["published"]

    @cached_property
    def bigrams(self) -> BigramTable:
        """The bigrams of "text". Raises ArrayFileError for damage."""
        self._language.check_all("bigram_")
        try:
            table = BigramTable(self._language)
        except ValueError as error:
            raise ArrayFileError(self._language.path, str(error)) from error
        if table.terms != len(self.fields["text"].dictionary):
            raise ArrayFileError(self._language.path, "the bigrams are of other terms")
        return table

    @cached_property
    def trigrams(self) -> TrigramTable:
        """The trigrams of "text". Raises ArrayFileError for damage."""
        self._language.check_all("trigram_")
        try:
            return TrigramTable(self._language)
        except ValueError as error:
            raise ArrayFileError(self._language.path, str(error)) from error

    @cached_property
    def spellings(self) -> Spellings:
        """The spellings of "text". Raises ArrayFileError for damage."""
        self._language.check_all("spelling_")
        try:
            return Spellings(self._language, len(self.fields["text"].dictionary))
        except ValueError as error:
            raise ArrayFileError(self._language.path, str(error)) from error

    @cached_property
    def completions(self) -> Completions:
        """The completions, empty before they are written; mined again after many deletions.

        Raises ArrayFileError for damage.
        """
        file = self._removed if self.mined.without else self._completions
        if file is None:
            return Completions(completion_arrays({}))
        file.check_all()
        try:
            return Completions(file)
        except (KeyError, ValueError) as error:
            raise ArrayFileError(file.path, str(error)) from error

    @property
    def mined(self) -> Mined:
        """How the completions were mined. Raises ArrayFileError for damage."""
        return read_mined(self._removed) or Mined(0, max(self.documents - MAX_MINED_TITLES, 0))

    def mined_sections(self) -> dict[str, NDArray[Any]]:
        """Return the sections of models that were made after deletions, if any."""
        return mined_sections(self._removed)

    def trigrams_chosen(self) -> NDArray[np.bool_] | None:
        """Return which trigrams were chosen after deletions, None if they were not chosen again."""
        return read_chosen(self._removed, len(self.trigrams))

    @cached_property
    def title_beginnings(self) -> TitleBeginnings:
        """The beginnings of titles; empty before they are written, and in segments of 0.2.0.

        Raises ArrayFileError for damage.
        """
        if self._completions is None or "title_letters" not in self._completions:
            return TitleBeginnings(no_titles())
        self._completions.check_all()
        try:
            return TitleBeginnings(self._completions)
        except ValueError as error:
            raise ArrayFileError(self._completions.path, str(error)) from error

    def removed_counts(self) -> RemovedCounts:
        """Return the model counts of the deleted documents. Raises ArrayFileError for damage.

        They are empty if not counted yet: during a write, and in a commit of version 0.5.0.
        """
        if self._removed is None:
            return RemovedCounts.none()
        self._removed.check_all()
        try:
            counts = read_removed(self._removed)
            counts.check_rows(self.counted_tables)
        except (KeyError, ValueError) as error:
            raise ArrayFileError(self._removed.path, str(error)) from error
        return counts

    @property
    def counted_tables(self) -> CountedTables:
        """The tables of the models, deleted documents included. Raises ArrayFileError."""
        vocabulary = self.fields["text"].dictionary
        return CountedTables(vocabulary, self.bigrams, self.trigrams, self.completions)

    @property
    def language_file(self) -> ArrayFile:
        """The file of the bigrams, trigrams and spellings."""
        return self._language

    @property
    def files(self) -> tuple[ArrayFile, ...]:
        """The files of the segment, to verify them."""
        removed = () if self._removed is None else (self._removed,)
        return (*self._files.values(), *removed)

    def verify(self) -> None:
        """Compare all files with their checksums; raises ArrayFileError. Reads everything."""
        for file in self.files:
            file.verify()
            file.release_pages()

    def release_pages(self) -> None:
        """Release mapped pages; they are read again when needed."""
        for file in self.files:
            file.release_pages()

    def live(self) -> NDArray[np.bool_]:
        """Return a mask of the documents that are not deleted."""
        live = np.ones(self.documents, np.bool_)
        live[self.deleted] = False
        return live


def _opened(path: Path, fingerprint: Fingerprint) -> ArrayFile:
    file = open_arrays(path)
    if file.fingerprint != fingerprint:
        raise ArrayFileError(path, "is not the file that was committed")
    return file
