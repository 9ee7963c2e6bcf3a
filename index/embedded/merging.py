"""Merging of segments into one, without their deleted documents.

It takes memory for one slice of postings (`WriteLimits.merged_postings`), 20 bytes per document,
100 per distinct term of "text", and the bigrams and trigrams of the result.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import (
    read_lengths,
    write_dates,
    write_lengths,
    write_numbers,
    write_signatures,
)
from index.embedded.field_merging import doc_id_maps, merge_field
from index.embedded.language_merging import LanguageMerger, count_language_again
from index.embedded.layout import WHOLE_TEXT
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.postings import PostingsField
from index.embedded.segment import (
    ARTICLES,
    LANGUAGE,
    TEXT,
    OpenSegment,
    Segment,
    new_segment_id,
    segment_file,
)
from index.embedded.stored_articles import StoredWriter
from index.models.counting import WholeIndex
from index.schema import Kind
from index.storage.array_file import open_arrays
from index.storage.array_writer import ArrayWriter, write_arrays

Masks = Sequence[NDArray[np.bool_]]
"""For each segment a mask of its documents: True for live ones, which are not deleted."""


def merge_flushes(
    directory: Path,
    segments: Sequence[OpenSegment],
    whole: WholeIndex | None = None,
    limits: WriteLimits = LIMITS,
) -> Segment:
    """Write one segment with the documents of flushed segments, in their order; none is deleted.

    Their bigrams and trigrams are added up. Without a `whole` all trigrams are kept for another
    merge. The files are synced to disk. Raises OSError if that fails.
    """
    return _merge(directory, segments, limits, LanguageMerger(segments, whole))


def merge(
    directory: Path,
    segments: Sequence[OpenSegment],
    whole: WholeIndex,
    limits: WriteLimits = LIMITS,
) -> Segment:
    """Write one segment with the live documents of `segments`, in their order.

    All have the same schema. Bigrams and trigrams are counted again, so that they do not depend on
    the history of the segments. The files are synced to disk. Raises OSError if that fails.
    """
    merged = _merge(directory, segments, limits)
    text = open_arrays(merged.path(directory, TEXT))
    field = PostingsField(text, segments[0].layout.fields[WHOLE_TEXT], merged.documents)
    lengths = read_lengths(text, f"{WHOLE_TEXT}.lengths")
    arrays = count_language_again(directory, field, lengths, whole, limits, text.release_pages)
    return merged.with_file(LANGUAGE, write_arrays(merged.path(directory, LANGUAGE), arrays))


def _merge(
    directory: Path,
    segments: Sequence[OpenSegment],
    limits: WriteLimits,
    language: LanguageMerger | None = None,
) -> Segment:
    """Write the files of a merged segment, without that of the language if no merger is given."""
    live = [segment.live() for segment in segments]
    maps = doc_id_maps(live)
    merged = new_segment_id()
    layout = segments[0].layout
    files = {}
    with ArrayWriter(segment_file(directory, merged, TEXT)) as writer:
        _merge_columns(writer, segments, live)
        for field in layout.fields.values():
            for merged_slice in merge_field(writer, field, segments, maps, limits.merged_postings):
                if language and field.name == WHOLE_TEXT:
                    language.add(merged_slice)
            if language and field.name == WHOLE_TEXT:
                files[LANGUAGE] = language.write(segment_file(directory, merged, LANGUAGE))
    with ArrayWriter(segment_file(directory, merged, ARTICLES)) as articles:
        _merge_articles(articles, segments, live)
    files |= {TEXT: writer.fingerprint, ARTICLES: articles.fingerprint}
    documents = sum(int(mask.sum()) for mask in live)
    return Segment(merged, documents, segments[0].schema, files)


def _merge_columns(writer: ArrayWriter, segments: Sequence[OpenSegment], live: Masks) -> None:
    """Write the values per document: field lengths, dates, numbers, signatures."""
    layout = segments[0].layout
    masked = list(zip(segments, live, strict=True))
    for name in layout.scored:
        lengths = [segment.lengths[name][mask] for segment, mask in masked]
        write_lengths(writer, f"{name}.lengths", lengths)
    for name, kind in layout.columns.items():
        write_column = write_dates if kind is Kind.DATE else write_numbers
        write_column(writer, name, [segment.columns[name][mask] for segment, mask in masked])
    write_signatures(writer, [segment.signatures[mask] for segment, mask in masked])


def _merge_articles(writer: ArrayWriter, segments: Sequence[OpenSegment], live: Masks) -> None:
    """Copy compressed blocks without deleted articles; decompress and rewrite the others."""
    stored = StoredWriter(writer)
    for segment, mask in zip(segments, live, strict=True):
        for block in range(segment.stored.blocks):
            documents = segment.stored.documents(block)
            alive = mask[documents.start : documents.stop]
            if alive.all() and stored.append_frame(segment.stored.frame(block), len(documents)):
                continue
            if alive.any():
                lines = segment.stored.lines(block)
                stored.append(lines[i] for i in np.flatnonzero(alive).tolist())
        segment.release_pages()
    stored.close()
