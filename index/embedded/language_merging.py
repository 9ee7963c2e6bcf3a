"""The language statistics of merged segments: bigrams, trigrams and spellings of "text".

The tables of flushes are complete and are added up. Those of an older segment lack what was rare in
it, so adding them up would give less than a build of the same articles counts: the merged segment
is counted again from its own postings, which gives the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.field_merging import MergedSlice, TermedPostings, with_terms
from index.embedded.limits import WriteLimits
from index.embedded.postings import PostingsField
from index.embedded.segment import LANGUAGE, OpenSegment, Segment, new_segment_id, segment_file
from index.embedded.term_dictionary import DecodedTerms, to_text
from index.embedded.term_ranges import common_term_ranges
from index.models.bigrams import BigramTable, min_count, prune_bigrams
from index.models.counting import (
    Arrays,
    WholeIndex,
    count_language,
    language_arrays,
    merge_bigrams_of,
    merge_trigrams_of,
    sum_trigrams_of,
)
from index.models.trigrams import TrigramTable
from index.storage.array_file import ArrayFile, Fingerprint, open_arrays
from index.storage.array_writer import write_arrays
from index.storage.packed_ints import Int32Array
from index.storage.radix_sort import stable_order


class LanguageMerger:
    """Adds up the tables of flushes, none of whose documents is deleted.

    It takes the slices of "text" as they are merged. Without a `whole` all trigrams are kept for
    another merge.
    """

    def __init__(self, segments: Sequence[OpenSegment], whole: WholeIndex | None = None) -> None:
        self._segments = segments
        self._whole = whole
        self._terms: list[bytes] = []
        self._ordinals: list[list[Int32Array]] = [[] for _ in segments]

    def add(self, merged: MergedSlice) -> None:
        """Take the next slice of "text"."""
        for known, ordinals in zip(self._ordinals, merged.ordinals, strict=True):
            known.append(ordinals + np.int32(len(self._terms)))
        self._terms += merged.terms

    def write(self, path: Path) -> Fingerprint:
        """Write the merged tables to a file."""
        nothing = np.empty(0, np.int32)
        tokens = sum(int(one.lengths["text"].sum()) for one in self._segments)
        bigrams = merge_bigrams_of(
            [segment.bigrams for segment in self._segments],
            [np.concatenate([nothing, *parts]) for parts in self._ordinals],
            len(self._terms),
            tokens,
            self._release_pages,
        )
        vocabulary = [to_text(term) for term in self._terms]
        tables = []
        for segment in self._segments:
            tables.append(segment.trigrams)
            segment.release_pages()  # the whole table was read to check it
        if self._whole is None:
            trigrams = sum_trigrams_of(tables, min_count(tokens), self._release_pages)
        else:
            trigrams = merge_trigrams_of(
                tables, bigrams, vocabulary, self._whole, self._release_pages
            )
        known = self._whole.known_arrays(bigrams, vocabulary) if self._whole else {}
        return write_arrays(path, language_arrays(bigrams, trigrams, vocabulary) | known)

    def _release_pages(self) -> None:
        for segment in self._segments:
            segment.release_pages()


def prune_language(directory: Path, flushed: OpenSegment, whole: WholeIndex) -> Segment:
    """Prune the tables of a flushed segment that is not merged; return it with the new file.

    Raises OSError if writing fails.
    """
    vocabulary = [to_text(term) for term in flushed.fields["text"].dictionary]
    bigrams = flushed.bigrams.bigrams(0, len(vocabulary))
    bigrams = prune_bigrams(bigrams, min_count(int(flushed.lengths["text"].sum())))
    trigrams = merge_trigrams_of([flushed.trigrams], bigrams, vocabulary, whole)
    path = flushed.segment.path(directory, LANGUAGE)
    path.unlink()  # it is mapped into memory: overwriting it would change what was read
    arrays = language_arrays(bigrams, trigrams, vocabulary)
    written = write_arrays(path, arrays | whole.known_arrays(bigrams, vocabulary))
    return flushed.segment.with_file(LANGUAGE, written)


def count_language_again(
    directory: Path,
    field: PostingsField,
    lengths: NDArray[np.int32],
    whole: WholeIndex,
    limits: WriteLimits,
    release: Callable[[], None],
) -> Arrays:
    """Return the tables of a segment without deleted documents, counted from its postings.

    `field` is its "text", `lengths` the tokens of each document. A range of documents is counted at
    a time, half as many tokens as a build flushes in all fields together; the tables of several are
    kept in temporary files in `directory`. Each range decodes all positions, which takes 0.5 s for
    28 million. `release` is called after each slice of terms, to release the mapped pages of
    `field`. Raises OSError if writing fails.
    """
    files: list[ArrayFile] = []
    tables: list[Mapping[str, NDArray[Any]]] = []
    ranges = list(document_ranges(lengths, max(limits.flush_tokens // 2, 1)))
    for documents in ranges:
        arrays = _counted(field, documents, limits, release)
        if len(ranges) == 1:
            tables.append(arrays)
            break
        path = segment_file(directory, new_segment_id(), LANGUAGE)
        write_arrays(path, arrays)
        del arrays
        files.append(open_arrays(path))
        path.unlink()
        tables.append(files[-1])

    def release_pages() -> None:
        for file in files:
            file.release_pages()

    vocabulary = [to_text(term) for term in field.dictionary]
    bigrams = merge_bigrams_of(
        [BigramTable(table) for table in tables],
        [np.arange(len(vocabulary), dtype=np.int32)] * len(tables),
        len(vocabulary),
        int(lengths.sum()),
        release_pages,
    )
    trigrams = merge_trigrams_of(
        [TrigramTable(table) for table in tables], bigrams, vocabulary, whole, release_pages
    )
    arrays = language_arrays(bigrams, trigrams, vocabulary)
    return arrays | whole.known_arrays(bigrams, vocabulary)


def document_ranges(lengths: NDArray[np.int32], tokens: int) -> Iterator[range]:
    """Yield ranges of documents that begin in the same `tokens` tokens of the segment.

    >>> [*document_ranges(np.array([3, 2, 4, 1], np.int32), 5)]
    [range(0, 2), range(2, 4)]
    """
    before = np.cumsum(lengths, dtype=np.int64) - lengths
    starts = np.flatnonzero(np.diff(before // tokens, prepend=-1)).tolist()
    for start, stop in zip(starts, [*starts[1:], len(lengths)], strict=True):
        yield range(start, stop)


def _counted(
    field: PostingsField, documents: range, limits: WriteLimits, release: Callable[[], None]
) -> Arrays:
    """Return the tables of some documents; nothing is pruned."""
    postings = []
    for [(first, last)] in common_term_ranges([field], limits.merged_postings):
        some = with_terms(np.arange(first, last, dtype=np.int32), field.span(first, last))
        chosen = (some.doc_ids >= documents.start) & (some.doc_ids < documents.stop)
        postings.append(some.where(chosen))
        release()
    tokens = _tokens_of(postings)
    del postings
    return count_language(*tokens, DecodedTerms(field.dictionary))


def _tokens_of(parts: Sequence[TermedPostings]) -> tuple[Int32Array, Int32Array, Int32Array]:
    """Return the terms of all tokens in reading order, with their documents and positions."""
    if not parts:  # articles without words have no terms
        nothing = np.empty(0, np.int32)
        return nothing, nothing, nothing
    lengths = np.concatenate([part.frequencies for part in parts])
    terms = np.repeat(np.concatenate([part.ordinals for part in parts]), lengths)
    documents = np.repeat(np.concatenate([part.doc_ids for part in parts]), lengths)
    positions = np.concatenate([part.positions for part in parts if part.positions is not None])
    width = int(positions.max(initial=0)).bit_length()
    # Sorting by both as one integer takes 4 ms for 400,000 tokens; lexsort takes 37.
    order = stable_order(documents.astype(np.int64) << width | positions)
    return terms[order], documents[order], positions[order]
