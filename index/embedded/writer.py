"""How do articles become an index, safely? Build, update, delete.

A write makes new files and a commit, synced in this order; until the commit is in place the old
index stands, whatever happens, and files of a write that did not get there are removed by the next
one. Memory is bounded: after `RUN_TOKENS` tokens a segment goes to the disk, a run; `RUNS_AT_ONCE`
runs become one; and merging works slice by slice.

Merge policy: what one write adds becomes one segment, with its older neighbours, newest first, as
long as the next one is less than twice as large or more than half deleted. Should more than
`MOST_SEGMENTS` remain, the two neighbours that are smallest together become one, until they fit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import AnalysedBatch
from index.embedded.commits import (
    Commit,
    abandon,
    clean,
    explain_write_error,
    latest_generation,
    make_folder,
    read_commit,
    write_commit,
    write_lock,
)
from index.embedded.inversion import Inverter
from index.embedded.merging import merge
from index.embedded.phrase_mining import write_phrases
from index.embedded.segment import ArraySegment, OpenSegment
from index.embedded.term_ranges import common_slices
from index.errors import IndexUnavailableError
from index.models.bigrams import min_count
from index.storage.compression import Compression

RUN_TOKENS = 4_000_000
"""Tokens of all fields that are held in memory, at some 40 bytes each when they are sorted."""

RUN_ARTICLES = 500_000
"""Articles without much text make a segment of their own, too: their ids take memory."""

RUNS_AT_ONCE = 32
"""So many runs become one segment: each that is open takes some 4 MB.

What is counted less than three times in them is pruned then, of 128 million tokens.
"""

LARGEST_SEGMENT = 1 << 31
"""Tokens of a segment at most, so that 32 bits count its positions."""

MOST_SEGMENTS = 4
_IDS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a write did.

    `given`: articles that came. `repeated`: those of them that a later one with the same id made
    void. `replaced`: articles of the index before that gave way. `articles`: how many it has now.
    """

    given: int
    repeated: int
    replaced: int
    articles: int


def build(batches: Iterable[AnalysedBatch], directory: Path) -> WriteReport:
    """Replace the index in `directory` by these articles, in one step at the end.

    Of articles with the same id the last one stays. Whatever is raised, the old index is as it
    was: IndexBusyError where another writer is at work, OSError (disk full, no permission),
    ValueError for an article that cannot be stored, and what `batches` raises.
    """
    return _write(batches, directory, keep=False)


def update(batches: Iterable[AnalysedBatch], directory: Path) -> WriteReport:
    """Add these articles to the index, which need not exist; replace those with the same id.

    Raises as `build`, and IndexUnavailableError where the index cannot be read.
    """
    return _write(batches, directory, keep=True)


def delete(directory: Path, ids: Iterable[str]) -> int:
    """Delete the articles with these ids and say how many there were; unknown ids are ignored.

    Raises as `update`; there must be an index.
    """
    wanted = set(ids)
    with write_lock(directory):
        commit = read_commit(directory)
        clean(directory, commit.generation, commit.segments)
        segments = []
        for segment in commit.segments:
            opened = OpenSegment(directory, segment)
            field = opened.fields["id"]
            ordinals = [at for at in map(field.lexicon.ordinal, wanted) if at >= 0]
            gone = [field.documents(at).astype(np.uint32) for at in ordinals]
            segments.append(segment.with_deleted(_joined(gone)))
        before = sum(len(segment.deleted) for segment in commit.segments)
        deleted = sum(len(segment.deleted) for segment in segments) - before
        if deleted:
            left = [segment for segment in segments if segment.doc_count()]
            write_commit(directory, commit.generation + 1, left)
    return deleted


def verify(directory: Path) -> None:
    """Compare every file of the index with its checksums; reads all of them.

    Raises IndexUnavailableError naming the file and the section that is damaged.
    """
    for segment in read_commit(directory).segments:
        OpenSegment(directory, segment).verify()


def _write(batches: Iterable[AnalysedBatch], directory: Path, *, keep: bool) -> WriteReport:
    make_folder(directory)
    with write_lock(directory):
        old = _old_commit(directory, keep=keep)
        kept = old.segments if keep else ()
        try:
            clean(directory, old.generation, old.segments)
            runs = _write_runs(batches, directory, old)
            shadowed = _without_shadowed(directory, [*kept, *runs])
            settled = _settle(directory, shadowed, len(kept))
            for segment in _new(settled, kept):
                write_phrases(directory, segment)
            write_commit(directory, old.generation + 1, settled)
        except BaseException as error:
            abandon(directory, old)
            if isinstance(error, OSError):
                raise explain_write_error(directory, error) from error
            raise
    given = sum(run.documents for run in runs)
    return WriteReport(
        given=given,
        repeated=given - sum(segment.doc_count() for segment in shadowed[len(kept) :]),
        replaced=_articles(kept) - _articles(shadowed[: len(kept)]),
        articles=_articles(settled),
    )


def _new(segments: Iterable[ArraySegment], old: Iterable[ArraySegment]) -> list[ArraySegment]:
    names = {segment.segid for segment in old}
    return [segment for segment in segments if segment.segid not in names]


def _articles(segments: Iterable[ArraySegment]) -> int:
    return sum(segment.doc_count() for segment in segments)


def _old_commit(directory: Path, *, keep: bool) -> Commit:
    """Read the commit before this write; a damaged one may be replaced but not continued."""
    generation = latest_generation(directory)
    if generation < 0:
        return Commit(0, ())
    try:
        return read_commit(directory)
    except IndexUnavailableError as error:
        if keep or isinstance(error.__cause__, OSError):  # which may be whole all the same
            raise
        return Commit(generation, ())


def _write_runs(
    batches: Iterable[AnalysedBatch], directory: Path, old: Commit
) -> list[ArraySegment]:
    """Write the articles as segments, in their order; the files of the old commit stay."""
    merged: list[ArraySegment] = []
    runs: list[ArraySegment] = []
    compression = Compression()
    run = Inverter(directory, compression)
    try:
        for batch in batches:
            run.add(batch)
            if run.tokens >= RUN_TOKENS or run.documents >= RUN_ARTICLES:
                runs.append(run.write())
                if len(runs) == RUNS_AT_ONCE:
                    merged.append(merge(directory, [OpenSegment(directory, one) for one in runs]))
                    runs.clear()
                    # Else the disk would hold every article twice until the commit.
                    clean(directory, old.generation, [*old.segments, *merged])
                run = Inverter(directory, compression)
        if run.documents:
            runs.append(run.write())
    finally:
        run.discard()
    return merged + runs


def _without_shadowed(directory: Path, segments: Sequence[ArraySegment]) -> list[ArraySegment]:
    """Delete every article that a later one with the same id replaces."""
    fields = [OpenSegment(directory, segment).fields["id"] for segment in segments]
    gone: list[list[NDArray[np.uint32]]] = [[] for _ in segments]
    for spans in common_slices(fields, _IDS_AT_ONCE):
        seen: set[bytes] = set()
        for at in reversed(range(len(segments))):
            ids, postings = fields[at].terms(*spans[at]), fields[at].span(*spans[at])
            void = np.ones(len(postings.documents), np.bool_)
            last = np.cumsum(postings.counts) - 1
            void[last] = np.fromiter((name in seen for name in ids), np.bool_, len(ids))
            gone[at].append(postings.documents[void].astype(np.uint32))
            seen.update(ids)
    return [
        segment.with_deleted(_joined(void)) for segment, void in zip(segments, gone, strict=True)
    ]


def _joined(parts: Sequence[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    return np.concatenate([np.empty(0, np.uint32), *parts])


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring segments that become one."""

    segments: tuple[OpenSegment, ...]

    @property
    def articles(self) -> int:
        return _articles(part.segment for part in self.segments)

    @property
    def tokens(self) -> int:
        return sum(int(part.lengths["text"].sum()) for part in self.segments)

    def fits(self, other: "_Group") -> bool:
        return self.tokens + other.tokens <= LARGEST_SEGMENT

    def __add__(self, other: "_Group") -> "_Group":
        return _Group(self.segments + other.segments)


def _settle(directory: Path, segments: Sequence[ArraySegment], settled: int) -> list[ArraySegment]:
    """Merge by the policy at the head of this module; the first `settled` are not new."""
    new = {segment.segid for segment in segments[settled:]}
    groups = [
        _Group((OpenSegment(directory, segment),)) for segment in segments if segment.doc_count()
    ]
    old = sum(group.segments[0].segment.segid not in new for group in groups)
    result = []
    for group in _grouped(groups, old):
        first = group.segments[0]
        # A run still has its rare pairs (see `Inverter`): large ones are written again.
        unpruned = first.segment.segid in new and min_count(group.tokens) > 1
        if len(group.segments) == 1 and not unpruned and not _mostly_deleted(group):
            result.append(first.segment)
        else:
            for part in group.segments:
                if part.segment.segid not in new:
                    part.verify()  # damage must not be copied and then look sound
            result.append(merge(directory, group.segments))
    return result


def _grouped(groups: Sequence[_Group], old: int) -> list[_Group]:
    groups = list(groups)
    while len(groups) > 1 and groups[-2].fits(groups[-1]):
        older, newer = groups[-2:]
        is_old = len(groups) - 2 < old
        if is_old and older.articles >= 2 * newer.articles and not _mostly_deleted(older):
            break
        groups[-2:] = [older + newer]
    while len(groups) > MOST_SEGMENTS:
        pairs = [at for at in range(len(groups) - 1) if groups[at].fits(groups[at + 1])]
        if not pairs:
            break
        least = min(pairs, key=lambda at: groups[at].articles + groups[at + 1].articles)
        groups[least : least + 2] = [groups[least] + groups[least + 1]]
    return groups


def _mostly_deleted(group: _Group) -> bool:
    return 2 * group.articles < sum(part.documents for part in group.segments)
