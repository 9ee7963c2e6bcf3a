"""Several segments become one: slice of terms by slice of terms, without their deleted documents.

Memory is bounded by the slice, by 20 bytes a document and 100 a term, and by the pairs and triples
that stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import write_dates, write_lengths, write_numbers, write_signatures
from index.embedded.layout import WHOLE_TEXT
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.postings import FieldWriter, Postings
from index.embedded.segment import (
    ARTICLES,
    PAIRS,
    TEXT,
    OpenSegment,
    Segment,
    new_segment_id,
    segment_file,
)
from index.embedded.stored_articles import StoredWriter
from index.embedded.term_dictionary import to_text
from index.embedded.term_ranges import common_term_ranges
from index.models.bigrams import BigramCounts, count_bigrams, renumber
from index.models.counting import (
    count_language,
    language_arrays,
    merge_bigrams_of,
    merge_trigrams_of,
)
from index.schema import Kind
from index.storage.array_file import Fingerprint
from index.storage.array_writer import ArrayWriter, write_arrays
from index.storage.packed_ints import Numbers
from index.storage.radix_sort import stable_order

GONE = np.int32(-1)


def merge(
    directory: Path, segments: Sequence[OpenSegment], limits: WriteLimits = LIMITS
) -> Segment:
    """Write one segment with the live documents of `segments`, in their order.

    They have one schema. The files are synced to the disk. Raises OSError where that fails.
    """
    live = [segment.live() for segment in segments]
    numbers = _new_numbers(live)
    merged = new_segment_id()
    documents = sum(int(part.sum()) for part in live)
    layout = segments[0].layout
    fingerprints = {}
    with ArrayWriter(segment_file(directory, merged, TEXT)) as writer:
        alive = list(zip(segments, live, strict=True))
        for name in layout.scored:
            lengths = [segment.lengths[name][kept] for segment, kept in alive]
            write_lengths(writer, f"{name}.lengths", lengths)
        for name, kind in layout.columns.items():
            write_column = write_dates if kind is Kind.DATE else write_numbers
            write_column(writer, name, [segment.columns[name][kept] for segment, kept in alive])
        write_signatures(writer, [segment.signatures[kept] for segment, kept in alive])
        for name in layout.fields:
            pairs = None
            if name == WHOLE_TEXT:
                tokens = sum(int(segment.lengths[name][kept].sum()) for segment, kept in alive)
                small = tokens <= limits.exact_tokens
                pairs = _PairCounter() if small else _PairMerger(segments)
            merger = _FieldMerger(name, segments, numbers, pairs)
            merger.write(writer, documents, limits.merged_postings)
            if pairs:
                fingerprints[PAIRS] = pairs.write(segment_file(directory, merged, PAIRS))
    with ArrayWriter(segment_file(directory, merged, ARTICLES)) as articles:
        _merge_articles(articles, segments, live)
    fingerprints |= {TEXT: writer.fingerprint, ARTICLES: articles.fingerprint}
    return Segment(merged, documents, segments[0].schema, fingerprints)


def _new_numbers(live: Sequence[NDArray[np.bool_]]) -> list[Numbers]:
    """Return the new number of each document, `GONE` for a deleted one."""
    numbers, base = [], 0
    for kept in live:
        numbers.append(np.where(kept, np.cumsum(kept, dtype=np.int32) - 1 + base, GONE))
        base += int(kept.sum())
    return numbers


def _merge_articles(
    writer: ArrayWriter, segments: Sequence[OpenSegment], live: Sequence[NDArray[np.bool_]]
) -> None:
    stored = StoredWriter(writer)
    for segment, kept in zip(segments, live, strict=True):
        for block in range(segment.stored.blocks):
            documents = segment.stored.documents(block)
            alive = kept[documents.start : documents.stop]
            if alive.all() and stored.append_frame(segment.stored.frame(block), len(documents)):
                continue
            if alive.any():
                lines = segment.stored.lines(block)
                stored.append(lines[at] for at in np.flatnonzero(alive).tolist())
        segment.release_pages()
    stored.close()


class _FieldMerger:
    """Merges one field, and lets the merger of the pairs see its terms and what is left out."""

    def __init__(
        self,
        name: str,
        segments: Sequence[OpenSegment],
        numbers: Sequence[Numbers],
        pairs: "_PairMerger | _PairCounter | None",
    ) -> None:
        self._layout = segments[0].layout.fields[name]
        self._segments = segments
        self._fields = [segment.fields[name] for segment in segments]
        self._numbers = numbers
        self._pairs = pairs

    def write(self, writer: ArrayWriter, documents: int, merged_postings: int) -> None:
        """Write the field of a segment of `documents` documents, `merged_postings` at a time."""
        field = FieldWriter(writer, self._layout, documents)
        for spans in common_term_ranges(self._fields, merged_postings):
            self._write_slice(field, spans)
            for segment in self._segments:
                segment.release_pages()
        field.close()

    def _write_slice(self, field: FieldWriter, spans: Sequence[tuple[int, int]]) -> None:
        spelled = [f.terms(*span) for f, span in zip(self._fields, spans, strict=True)]
        terms = sorted(set().union(*spelled))
        place = {term: at for at, term in enumerate(terms)}
        parts = []
        for at, (names, span) in enumerate(zip(spelled, spans, strict=True)):
            ordinals = np.fromiter(map(place.__getitem__, names), np.int32, len(names))
            part, gone = self._part(at, ordinals, span)
            parts.append(part)
            if self._pairs:
                self._pairs.remember(at, ordinals, gone)
        postings, present = _sorted_by_term(parts, len(terms))
        kept = [term for term, there in zip(terms, present.tolist(), strict=True) if there]
        field.append(kept, postings)
        if self._pairs:
            self._pairs.advance(kept, present, postings)

    def _part(self, at: int, ordinals: Numbers, span: tuple[int, int]) -> "tuple[_Part, _Part]":
        """Return one segment's part of a slice: live postings, renumbered, and deleted ones."""
        postings = self._fields[at].span(*span)
        part = _Part(
            np.repeat(ordinals, postings.counts),
            postings.documents,
            postings.frequencies,
            postings.positions,
        )
        if not len(self._segments[at].deleted):
            return replace(part, documents=self._numbers[at][part.documents]), _NOTHING
        documents = self._numbers[at][part.documents]
        stays = documents != GONE
        return replace(part, documents=documents).where(stays), part.where(~stays)


@dataclass(frozen=True, slots=True)
class _Part:
    """Postings with a term each: aligned arrays, and the positions one posting after another."""

    terms: Numbers
    documents: Numbers
    frequencies: Numbers
    positions: Numbers | None

    def where(self, chosen: NDArray[np.bool_]) -> "_Part":
        """Return the chosen postings."""
        positions = self.positions
        if positions is not None:
            positions = positions[np.repeat(chosen, self.frequencies)]
        return _Part(
            self.terms[chosen], self.documents[chosen], self.frequencies[chosen], positions
        )


_NOTHING = _Part(*[np.empty(0, np.int32)] * 4)


def _sorted_by_term(parts: Sequence[_Part], terms: int) -> tuple[Postings, NDArray[np.bool_]]:
    """Bring parts, each sorted by term, into one; and say which of the terms have postings."""
    by_term = np.concatenate([part.terms for part in parts])
    counts = np.bincount(by_term, minlength=terms)
    order = stable_order(by_term)
    documents = np.concatenate([part.documents for part in parts])[order]
    frequencies = np.concatenate([part.frequencies for part in parts])
    positions = None
    if parts[0].positions is not None:
        starts = np.cumsum(frequencies, dtype=np.int64) - frequencies
        every = np.concatenate([part.positions for part in parts if part.positions is not None])
        positions = every[_spread(starts[order], frequencies[order])]
    present = counts > 0
    return Postings(counts[present], documents, frequencies[order], positions), present


def _spread(starts: NDArray[np.int64], lengths: Numbers) -> NDArray[np.int64]:
    """Return the concatenated ranges: starts[0], starts[0] + 1, ..., starts[1], ..."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total)


class _PairMerger:
    """Adds up the bigram tables of segments and takes out the bigrams of deleted documents.

    While the ranges of terms pass, terms are numbered in the union of all dictionaries; terms that
    only deleted documents held vanish at the end. The trigrams of deleted documents stay counted.
    """

    def __init__(self, segments: Sequence[OpenSegment]) -> None:
        self._segments = segments
        self._terms: list[bytes] = []
        self._present: list[NDArray[np.bool_]] = []
        self._passed = 0
        self._ordinals: list[list[Numbers]] = [[] for _ in segments]
        self._gone: list[list[_Part]] = [[] for _ in segments]

    def remember(self, at: int, ordinals: Numbers, gone: _Part) -> None:
        """Take note of a segment's terms in a slice, and of what was left out of it."""
        self._ordinals[at].append(ordinals + self._passed)
        if len(gone.terms):
            self._gone[at].append(replace(gone, terms=gone.terms + self._passed))

    def advance(
        self, terms: Sequence[bytes], present: NDArray[np.bool_], _postings: Postings
    ) -> None:
        """Finish a slice: these terms stay; `present` says of all its terms whether they do."""
        self._terms += terms
        self._present.append(present)
        self._passed += len(present)

    def write(self, path: Path) -> Fingerprint:
        """Write the merged tables to a file."""
        nothing = np.empty(0, np.int32)
        ordinals = [np.concatenate([nothing, *parts]) for parts in self._ordinals]
        tokens = sum(int(segment.lengths["text"].sum()) for segment in self._segments)
        removed = [_bigrams_of(gone) for gone in self._gone if gone]
        tables = [segment.bigrams for segment in self._segments]
        bigrams = merge_bigrams_of(
            tables, ordinals, self._passed, tokens, removed, self._release_pages
        )
        names = np.cumsum(np.concatenate([np.zeros(0, np.bool_), *self._present])) - 1
        bigrams = renumber(bigrams, np.maximum(names, 0))
        counted = [segment.trigrams for segment in self._segments]
        trigrams = merge_trigrams_of(counted, tokens, self._release_pages)
        vocabulary = [to_text(term) for term in self._terms]
        arrays = language_arrays(bigrams, trigrams, vocabulary)
        return write_arrays(path, arrays)

    def _release_pages(self) -> None:
        for segment in self._segments:
            segment.release_pages()


class _PairCounter:
    """Counts the bigrams and trigrams of a small merged segment anew, as a build does."""

    def __init__(self) -> None:
        self._terms: list[bytes] = []
        self._parts: list[_Part] = []

    def remember(self, at: int, ordinals: Numbers, gone: _Part) -> None:
        """Take no note of what was left out: it is not counted."""

    def advance(
        self, terms: Sequence[bytes], _present: NDArray[np.bool_], postings: Postings
    ) -> None:
        """Finish a slice: these terms stay, with these postings."""
        ordinals = np.arange(len(terms), dtype=np.int32) + np.int32(len(self._terms))
        self._parts.append(
            _Part(
                np.repeat(ordinals, postings.counts),
                postings.documents,
                postings.frequencies,
                postings.positions,
            )
        )
        self._terms += terms

    def write(self, path: Path) -> Fingerprint:
        """Write the tables to a file."""
        tokens = _tokens_of(self._parts or [_NOTHING])
        vocabulary = [to_text(term) for term in self._terms]
        return write_arrays(path, count_language(*tokens, vocabulary))


def _bigrams_of(parts: Sequence[_Part]) -> BigramCounts:
    """Count the bigrams in postings of some documents that are complete."""
    return count_bigrams(*_tokens_of(parts))


def _tokens_of(parts: Sequence[_Part]) -> tuple[Numbers, Numbers, Numbers]:
    """Return the terms of all tokens in reading order, with their documents and positions."""
    lengths = np.concatenate([part.frequencies for part in parts])
    terms = np.repeat(np.concatenate([part.terms for part in parts]), lengths)
    documents = np.repeat(np.concatenate([part.documents for part in parts]), lengths)
    positions = np.concatenate([part.positions for part in parts if part.positions is not None])
    order = np.lexsort((positions, documents))
    return terms[order], documents[order], positions[order]
