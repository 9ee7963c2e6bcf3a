"""The writer of an index on disk: atomic builds, updates, deletions and purges.

A write syncs new files and then a commit file that names them; until that is in place the old index
remains valid, whatever happens. Files of an unfinished write are removed by the next one. Memory is
bounded by `WriteLimits`: every few million tokens a segment is flushed, many flushed segments are
merged into one, and merging works by ranges of terms. `merge_policy` decides which segments are
merged at the end.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.analysis import AnalysedBatch, analyse_all
from index.article import Article
from index.embedded.commit import NO_COMMIT, Commit, file_names
from index.embedded.commits import (
    clean,
    has_index,
    kept_files,
    read_commit,
    replaced_commit,
    transaction,
    write_commit,
)
from index.embedded.inversion import Inverter
from index.embedded.language_merging import prune_language
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.merge_policy import MergeGroup, grouped
from index.embedded.merging import merge, merge_flushes
from index.embedded.phrase_mining import write_phrases
from index.embedded.removed_counts import with_removed_counts
from index.embedded.replacing import without_ids, without_replaced
from index.embedded.segment import OpenSegment, Segment
from index.embedded.write_lock import write_lock
from index.history import (
    NO_HISTORY,
    History,
    RecordWrite,
    WriteKind,
    WriteReport,
    WriteSummary,
    as_counted,
    now,
)
from index.models.counting import WholeIndex
from index.schema import DEFAULT_SCHEMA, Schema, SchemaError
from index.storage.compression import Compression
from index.storage.folders import make_folder
from index.storage.free_memory import return_free_memory


def build(
    batches: Iterable[AnalysedBatch],
    directory: Path,
    schema: Schema = DEFAULT_SCHEMA,
    *,
    limits: WriteLimits = LIMITS,
    record: RecordWrite = as_counted,
    history: History = NO_HISTORY,
) -> WriteReport:
    """Replace the index in `directory` by these articles, atomically at the end.

    The batches must be analysed with the same schema. Of articles with the same id the last one is
    kept. The commit's history is `history` and this write, whose counts `record` completes. Raises,
    with the old index unchanged: IndexBusyError if another writer holds the lock for longer than
    `limits.wait_seconds`, OSError (disk full, no permission), IndexUnavailableError if the folder
    cannot be read, ValueError for an article that cannot be stored, and any error of `batches`.
    """
    make_folder(directory)
    with write_lock(directory, limits.wait_seconds):
        old, kept = replaced_commit(directory, limits.kept_commits)
        write = _Write(directory, old, kept, schema, limits, record, history)
        return write.execute(batches, (), WriteKind.BUILD)


def update(
    batches: Iterable[AnalysedBatch],
    directory: Path,
    schema: Schema | None = None,
    *,
    limits: WriteLimits = LIMITS,
    record: RecordWrite = as_counted,
) -> WriteReport:
    """Add articles to the index, or create it; replace those with the same id.

    The index keeps its schema, by which the batches must be analysed. Raises like `build`, and
    IndexUnavailableError if the index cannot be read, SchemaError if `schema` is given and differs
    from that of the index.
    """
    make_folder(directory)
    with write_lock(directory, limits.wait_seconds):
        if not has_index(directory):
            write = _Write(
                directory, NO_COMMIT, frozenset(), schema or DEFAULT_SCHEMA, limits, record
            )
            return write.execute(batches, (), WriteKind.BUILD)
        old = read_commit(directory)
        if schema not in (None, old.schema):
            raise SchemaError(
                f"{directory}: the index was built with other fields; build it again to change them"
            )
        kept = kept_files(directory, limits.kept_commits)
        write = _Write(directory, old, kept, old.schema, limits, record, old.history)
        return write.execute(batches, old.segments, WriteKind.UPDATE)


def delete(directory: Path, ids: Iterable[str], *, limits: WriteLimits = LIMITS) -> int:
    """Delete the articles with these ids and return how many there were; ignore unknown ids.

    Raises like `update`; there must be an index.
    """
    distinct_ids = set(ids)
    read_commit(directory)  # raises if there is no index, before a lock file is created
    with write_lock(directory, limits.wait_seconds):
        old = read_commit(directory)
        kept = kept_files(directory, limits.kept_commits)
        with transaction(directory, old, kept):
            segments = [without_ids(directory, segment, distinct_ids) for segment in old.segments]
            deleted = old.articles - _article_count(segments)
            if deleted:
                write = _Write(directory, old, kept, old.schema, limits, as_counted)
                surviving = write.merged_if_small(segments)
                surviving = with_removed_counts(directory, surviving, old.segments)
                read = len(distinct_ids)
                summary = WriteSummary(WriteKind.DELETE, now(), read=read, deleted=deleted)
                new = old.next(surviving, old.schema, old.history.with_write(summary))
                write_commit(directory, new, limits.kept_commits)
    return deleted


def stored_schema(directory: Path) -> Schema | None:
    """Return the schema of an index, None if there is no index yet.

    Raises IndexUnavailableError if it cannot be read.
    """
    return read_commit(directory).schema if has_index(directory) else None


def purge(
    directory: Path,
    ids: Iterable[str] = (),
    *,
    workers: int = 1,
    limits: WriteLimits = LIMITS,
) -> int:
    """Delete articles, rewrite the index from the others, and return how many were deleted.

    No byte of a deleted or replaced article remains, not even in statistics, completions and
    dictionaries: the files equal those of a build from the other articles, and it takes as long.
    Kept commits and the texts that the history quotes are removed, too. Raises as `delete`.
    """
    read_commit(directory)
    with write_lock(directory, limits.wait_seconds):
        old = read_commit(directory)
        distinct_ids = set(ids)
        segments = [without_ids(directory, segment, distinct_ids) for segment in old.segments]
        one_commit = replace(limits, kept_commits=1)
        deleted = old.articles - _article_count(segments)
        summary = WriteSummary(WriteKind.PURGE, read=len(distinct_ids), deleted=deleted)
        write = _Write(
            directory, old, old.file_names, old.schema, one_commit,
            record=lambda counted: replace(summary, at=counted.at),
            history=old.history.without_texts(),
        )  # fmt: skip
        with closing(analyse_all(_stored(directory, segments), workers, old.schema)) as batches:
            report = write.execute(batches, (), WriteKind.PURGE)
    return old.articles - report.articles


def _stored(directory: Path, segments: Iterable[Segment]) -> Iterator[Article]:
    """Yield the live articles of segments."""
    for segment in segments:
        opened = OpenSegment(directory, segment)
        opened.verify()  # a copy of damaged data would have valid checksums
        for document in np.flatnonzero(opened.live()).tolist():
            yield opened.stored.article(document)


@dataclass(frozen=True, slots=True)
class _Write:
    """One write to a folder whose lock is held.

    `old` is the current commit; the files `kept` must stay until the new commit is in place.
    """

    directory: Path
    old: Commit
    kept: frozenset[str]
    schema: Schema
    limits: WriteLimits
    record: RecordWrite
    history: History = NO_HISTORY

    def execute(
        self, batches: Iterable[AnalysedBatch], segments: Sequence[Segment], kind: WriteKind
    ) -> WriteReport:
        """Write the articles, drop those they replace from the old `segments`, merge, commit."""
        with transaction(self.directory, self.old, self.kept):
            flushed = self._flush_all(batches)
            surviving = without_replaced(self.directory, segments, flushed, self.limits)
            merged = self.merged_by_policy(surviving, len(segments))
            merged = with_removed_counts(self.directory, merged, segments)
            given = sum(segment.documents for segment in flushed)
            report = WriteReport(
                given=given,
                repeated=given - _article_count(surviving[len(segments) :]),
                replaced=_article_count(segments) - _article_count(surviving[: len(segments)]),
                articles=_article_count(merged),
            )
            history = self.history.with_write(self.record(report.summary(kind)))
            new = self.old.next(merged, self.schema, history)
            write_commit(self.directory, new, self.limits.kept_commits)
        return report

    def _flush_all(self, batches: Iterable[AnalysedBatch]) -> list[Segment]:
        """Write the articles as flushed segments, in their order."""
        merged: list[Segment] = []
        flushed: list[Segment] = []
        compression = Compression()
        inverter = Inverter(self.directory, self.schema, compression)
        try:
            for batch in batches:
                inverter.add(batch)
                del batch  # otherwise a long article stays in memory during the flush
                if inverter.is_full(self.limits):
                    flushed.append(inverter.write())
                    return_free_memory()
                    if len(flushed) == self.limits.merged_flushes:
                        merged.append(self._merged(flushed))
                        flushed.clear()
                        # Remove the segments just merged, so that articles are not stored twice.
                        clean(self.directory, self.kept | file_names(merged))
                    inverter = Inverter(self.directory, self.schema, compression)
            if inverter.documents:
                flushed.append(inverter.write())
                if len(flushed) > 1:  # small writes free too little
                    return_free_memory()
        finally:
            inverter.discard()
        return merged + flushed

    def _merged(self, segments: Iterable[Segment]) -> Segment:
        opened = [OpenSegment(self.directory, segment) for segment in segments]
        merged = merge_flushes(self.directory, opened, limits=self.limits)
        return_free_memory()
        return merged

    def merged_if_small(self, segments: Sequence[Segment]) -> list[Segment]:
        """Merge all segments of a small index; drop empty segments of a large one."""
        filled = [segment for segment in segments if segment.articles]
        group = MergeGroup(tuple(OpenSegment(self.directory, segment) for segment in filled))
        if not group.is_small(self.limits):
            return filled
        return self.merged_by_policy(filled, len(filled))

    def merged_by_policy(self, segments: Sequence[Segment], old: int) -> list[Segment]:
        """Merge segments, the first `old` of them not new, by the merge policy.

        Also mines the phrases of new segments, for completions.
        """
        before = {segment.id for segment in segments[:old]}
        new = {segment.id for segment in segments[old:]}
        opened = [OpenSegment(self.directory, one) for one in segments if one.articles]
        still_old = sum(part.segment.id not in new for part in opened)
        groups = grouped(opened, still_old, self.limits)
        tokens = MergeGroup(tuple(opened)).live_tokens
        merged = []
        for group in groups:
            others = [
                one.counted_tables
                for one in opened
                if one not in group.segments and one.segment.id not in new
            ]
            merged.append(self._merged_group(group, new, WholeIndex(tokens, others)))
        return [
            one if one.id in before else write_phrases(self.directory, one, self.limits)
            for one in merged
        ]

    def _merged_group(self, group: MergeGroup, new: set[str], whole: WholeIndex) -> Segment:
        """Merge a group; return a single segment unchanged if merging would have no effect."""
        first = group.segments[0]
        is_small = group.is_small(self.limits)
        outdated = group.has_deleted if is_small else group.is_mostly_deleted
        if len(group.segments) == 1 and not outdated:
            is_flushed = first.segment.id in new
            return prune_language(self.directory, first, whole) if is_flushed else first.segment
        for part in group.segments:
            if part.segment.id not in new:
                part.verify()  # a copy of damaged data would have valid checksums
        are_flushes = all(one.segment.id in new for one in group.segments)
        merging = merge_flushes if are_flushes and not group.has_deleted else merge
        merged = merging(self.directory, group.segments, whole, self.limits)
        if not is_small:
            return_free_memory()
        return merged


def _article_count(segments: Iterable[Segment]) -> int:
    return sum(segment.articles for segment in segments)
