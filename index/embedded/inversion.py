"""Inversion: tokens in reading order become the postings of a new segment by one sort."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from index.analysis import AnalysedBatch
from index.article import Article
from index.article_json import article_to_json, slugs
from index.embedded.columns import (
    NO_DATE,
    write_dates,
    write_lengths,
    write_numbers,
    write_signatures,
)
from index.embedded.field_writer import FieldWriter
from index.embedded.layout import WHOLE_TEXT, Layout
from index.embedded.limits import WriteLimits
from index.embedded.postings import Postings
from index.embedded.segment import ARTICLES, LANGUAGE, TEXT, Segment, new_segment_id, segment_file
from index.embedded.stored_articles import StoredWriter
from index.embedded.term_dictionary import DecodedTerms, all_to_bytes
from index.models.bigrams import Ordinals
from index.models.counting import count_language
from index.models.near_duplicates import Signatures, signatures
from index.schema import Field, Kind, Schema
from index.storage.array_file import Fingerprint
from index.storage.array_writer import ArrayWriter, write_arrays
from index.storage.compression import Compression
from index.storage.packed_ints import Int32Array
from index.storage.radix_sort import stable_order
from index.values import labels_of, moment_of, number_of


class Inverter:
    """Collects analysed articles in memory and writes them as one segment.

    The articles' text is written to disk at once; 12 bytes per token stay in memory.
    """

    def __init__(self, directory: Path, schema: Schema, compression: Compression) -> None:
        """Begin a segment; `compression` has the dictionaries of this write."""
        self.tokens = 0
        self.documents = 0
        self._id = new_segment_id()
        self._schema = schema
        self._layout = Layout.of(schema)
        self._directory = directory
        self._vocabulary: dict[str, int] = defaultdict(count().__next__)
        self._postings: dict[str, list[tuple[Int32Array, Int32Array, Int32Array]]] = {
            name: [] for name in self._layout.fields
        }
        self._signatures: list[Signatures] = []
        self._columns: dict[str, list[Any]] = {name: [] for name in self._layout.columns}
        self._files: dict[str, Fingerprint] = {}
        self._articles = ArrayWriter(self._path(ARTICLES))
        self._stored = StoredWriter(self._articles, compression)

    def is_full(self, limits: WriteLimits) -> bool:
        """Return whether the buffered articles should be flushed."""
        return self.tokens >= limits.flush_tokens or self.documents >= limits.flush_articles

    def _path(self, extension: str) -> Path:
        return segment_file(self._directory, self._id, extension)

    def add(self, batch: AnalysedBatch) -> None:
        """Add the articles of a batch in their order.

        Raises ValueError for an article that cannot be stored, OSError if the disk is full.
        """
        base = self.documents
        self._stored.append(map(article_to_json, batch.articles, slugs(batch.articles)))
        numbers = self._number(batch.vocabulary)
        for name in self._layout.scored:
            tokens = batch.fields[name]
            documents = tokens.articles + np.int32(base)
            self._postings[name].append((numbers[tokens.terms], documents, tokens.positions))
            self.tokens += len(documents)
        text = batch.fields[WHOLE_TEXT]
        self._signatures.append(
            signatures(text.terms, text.articles, batch.vocabulary, len(batch.articles))
        )
        for name, field in self._layout.labels.items():
            self._postings[field].append(self._labels(name, batch.articles, base))
        for name, kind in self._layout.columns.items():
            self._columns[name] += _column(batch.articles, self._schema[name], kind)
        self.documents += len(batch.articles)

    def _number(self, terms: Iterable[str]) -> Int32Array:
        return np.fromiter(map(self._vocabulary.__getitem__, terms), np.int32)

    def _labels(
        self, name: str, articles: Sequence[Article], base: int
    ) -> tuple[Int32Array, Int32Array, Int32Array]:
        field = self._schema[name]
        found = [
            (number, label)
            for number, article in enumerate(articles)
            for label in labels_of(article, field)
        ]
        documents = np.array([base + number for number, _ in found], np.int32)
        return self._number(label for _, label in found), documents, np.zeros_like(documents)

    def write(self) -> Segment:
        """Write the segment's files, synced to the disk; the inverter cannot be used again."""
        with self._articles:
            self._stored.close()
        unsorted = all_to_bytes(self._vocabulary)
        self._vocabulary.clear()
        order = sorted(range(len(unsorted)), key=unsorted.__getitem__)
        terms = [unsorted[number] for number in order]
        ranks = np.empty(len(terms), np.int32)
        ranks[order] = np.arange(len(terms), dtype=np.int32)
        del unsorted, order  # 50 bytes a term
        with ArrayWriter(self._path(TEXT)) as writer:
            for name, kind in self._layout.columns.items():
                _write_column(writer, name, kind, self._columns.pop(name))
            write_signatures(writer, self._signatures)
            # "text" last: counting its models takes the most memory, and the tokens of the other
            # fields have been freed by then.
            for name in sorted(self._layout.fields, key=WHOLE_TEXT.__eq__):
                self._write_field(writer, name, terms, ranks)
        fingerprints = {
            **self._files,
            TEXT: writer.fingerprint,
            ARTICLES: self._articles.fingerprint,
        }
        return Segment(self._id, self.documents, self._schema, fingerprints)

    def discard(self) -> None:
        """Close the temporary files of a segment that is not to be written."""
        self._articles.discard()

    def _write_field(
        self, writer: ArrayWriter, name: str, terms: Sequence[bytes], ranks: Int32Array
    ) -> None:
        """Write the postings of a field, and its lengths and models.

        `terms` are those of all fields, sorted; `ranks` has for each term number its index there.
        """
        layout = self._layout.fields[name]
        numbers, documents, positions = _joined(self._postings.pop(name))
        # From numbers of all terms to ordinals among the terms that this field has.
        used = np.zeros(len(terms), np.bool_)
        used[numbers] = True
        present = np.zeros(len(terms), np.bool_)
        present[ranks[used]] = True
        tokens = (np.cumsum(present, dtype=np.int32) - 1)[ranks][numbers]
        del numbers
        own = [terms[rank] for rank in np.flatnonzero(present).tolist()]
        field = FieldWriter(writer, layout, self.documents)
        field.append(own, invert(tokens, documents, positions))
        field.close()
        if layout.scored:
            lengths = np.bincount(documents, minlength=self.documents)
            write_lengths(writer, f"{name}.lengths", [lengths.astype(np.int32)])
        if name == WHOLE_TEXT:
            self._write_language(own, tokens, documents, positions)

    def _write_language(
        self, terms: Sequence[bytes], tokens: Ordinals, documents: Int32Array, positions: Int32Array
    ) -> None:
        """Write the language models of the text."""
        arrays = count_language(tokens, documents, positions, DecodedTerms(terms))
        self._files[LANGUAGE] = write_arrays(self._path(LANGUAGE), arrays)


def _joined(columns: Sequence[tuple[Int32Array, ...]]) -> list[Int32Array]:
    nothing = (np.empty(0, np.int32),) * 3
    return [np.concatenate(parts) for parts in zip(nothing, *columns, strict=True)]


def invert(terms: Int32Array, documents: Int32Array, positions: Int32Array) -> Postings:
    """Sort tokens, given by document and position, into postings by term.

    `terms` are ordinals from 0, each used at least once; the arrays are aligned.
    """
    order = stable_order(terms)
    occurrences = np.bincount(terms)
    term_starts = np.cumsum(occurrences) - occurrences
    by_term, positions = documents[order], positions[order]
    del order  # 8 bytes a token, when a build takes most memory
    first = np.empty(len(terms), np.bool_)
    np.not_equal(by_term[1:], by_term[:-1], out=first[1:])
    first[term_starts] = True
    starts = np.flatnonzero(first)
    doc_ids = by_term[starts]
    del by_term, first
    counts = np.diff(np.searchsorted(starts, term_starts), append=len(starts))
    frequencies = np.diff(starts, append=len(terms)).astype(np.int32)
    return Postings(counts, doc_ids, frequencies, positions)


def _column(articles: Sequence[Article], field: Field, kind: Kind) -> list[Any]:
    """Return the dates or numbers of a field."""
    if kind is Kind.DATE:
        moments = (moment_of(article, field) for article in articles)
        return [NO_DATE if moment is None else moment for moment in moments]
    numbers = (number_of(article, field) for article in articles)
    return [nan if number is None else number for number in numbers]


def _write_column(writer: ArrayWriter, name: str, kind: Kind, values: Sequence[Any]) -> None:
    if kind is Kind.DATE:
        write_dates(writer, name, [np.array(values, np.int64)])
    else:
        write_numbers(writer, name, [np.array(values, np.float64)])
