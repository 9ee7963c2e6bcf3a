"""Several segments become one, without their deleted documents.

Memory is bounded by a slice of postings, by 20 bytes per document and 100 per distinct term of
"text", and by the bigrams and trigrams that stay.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import write_dates, write_lengths, write_numbers, write_signatures
from index.embedded.field_merging import doc_id_maps, merge_field
from index.embedded.language_merging import LanguageCounter, LanguageMerger
from index.embedded.layout import WHOLE_TEXT
from index.embedded.limits import LIMITS, WriteLimits
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
from index.schema import Kind
from index.storage.array_writer import ArrayWriter

Masks = Sequence[NDArray[np.bool_]]
"""For each segment a mask over its documents: True for those that are not deleted."""


def merge(
    directory: Path, segments: Sequence[OpenSegment], limits: WriteLimits = LIMITS
) -> Segment:
    """Write one segment with the live documents of `segments`, in their order.

    They have one schema. The files are synced to the disk. Raises OSError where that fails.
    """
    live = [segment.live() for segment in segments]
    maps = doc_id_maps(live)
    merged = new_segment_id()
    layout = segments[0].layout
    files = {}
    with ArrayWriter(segment_file(directory, merged, TEXT)) as writer:
        _merge_columns(writer, segments, live)
        language = _language_merger(segments, live, limits)
        for field in layout.fields.values():
            for merged_slice in merge_field(writer, field, segments, maps, limits.merged_postings):
                if field.name == WHOLE_TEXT:
                    language.add(merged_slice)
            if field.name == WHOLE_TEXT:
                files[LANGUAGE] = language.write(segment_file(directory, merged, LANGUAGE))
    with ArrayWriter(segment_file(directory, merged, ARTICLES)) as articles:
        _merge_articles(articles, segments, live)
    files |= {TEXT: writer.fingerprint, ARTICLES: articles.fingerprint}
    documents = sum(int(kept.sum()) for kept in live)
    return Segment(merged, documents, segments[0].schema, files)


def _language_merger(
    segments: Sequence[OpenSegment], live: Masks, limits: WriteLimits
) -> LanguageMerger | LanguageCounter:
    lengths = (segment.lengths[WHOLE_TEXT] for segment in segments)
    tokens = sum(int(all_[kept].sum()) for all_, kept in zip(lengths, live, strict=True))
    return LanguageCounter() if tokens <= limits.exact_tokens else LanguageMerger(segments)


def _merge_columns(writer: ArrayWriter, segments: Sequence[OpenSegment], live: Masks) -> None:
    """Write what each document has one of: lengths, dates, numbers, a signature."""
    layout = segments[0].layout
    alive = list(zip(segments, live, strict=True))
    for name in layout.scored:
        lengths = [segment.lengths[name][kept] for segment, kept in alive]
        write_lengths(writer, f"{name}.lengths", lengths)
    for name, kind in layout.columns.items():
        write_column = write_dates if kind is Kind.DATE else write_numbers
        write_column(writer, name, [segment.columns[name][kept] for segment, kept in alive])
    write_signatures(writer, [segment.signatures[kept] for segment, kept in alive])


def _merge_articles(writer: ArrayWriter, segments: Sequence[OpenSegment], live: Masks) -> None:
    """Copy blocks without a deleted article as they are; compress the others again."""
    stored = StoredWriter(writer)
    for segment, kept in zip(segments, live, strict=True):
        for block in range(segment.stored.blocks):
            documents = segment.stored.documents(block)
            alive = kept[documents.start : documents.stop]
            if alive.all() and stored.append_frame(segment.stored.frame(block), len(documents)):
                continue
            if alive.any():
                lines = segment.stored.lines(block)
                stored.append(lines[i] for i in np.flatnonzero(alive).tolist())
        segment.release_pages()
    stored.close()
