"""The targets of writes: an index in a folder or in a cluster, by its address."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from index.addresses import scheme_of
from index.analysis import AnalysedBatch, analyse_all
from index.article import Article
from index.embedded import reading as folder_reading
from index.embedded import statistics as folder_statistics
from index.embedded import writer as folder_writer
from index.embedded.commits import read_commit
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.verification import verify
from index.errors import IndexUnavailableError
from index.history import NO_HISTORY, History, RecordWrite, WriteKind, WriteReport, as_counted
from index.schema import Schema


class Target(Protocol):
    """An index to write to. The writers of the two engines document what each method raises."""

    def build(
        self,
        batches: Iterable[AnalysedBatch],
        schema: Schema,
        record: RecordWrite = as_counted,
        history: History = NO_HISTORY,
    ) -> WriteReport:
        """Replace the index by these articles, atomically at the end.

        `record` completes the summary of the write, which is added to `history`.
        """
        ...

    def update(
        self, batches: Iterable[AnalysedBatch], schema: Schema, record: RecordWrite = as_counted
    ) -> WriteReport:
        """Add articles, replacing those with the same id."""
        ...

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles by id and return how many there were."""
        ...

    def stored_schema(self) -> Schema | None:
        """Return the schema of the index, None if there is no index."""
        ...

    def history(self) -> History:
        """Return the accounts of all writes."""
        ...

    def articles(self) -> Iterator[Article]:
        """Yield all articles as they were indexed, from one commit."""
        ...

    def statistics(self) -> Mapping[str, int]:
        """Return the numbers that describe the index, "articles" and "bytes" among them."""
        ...

    def verify(self) -> None:
        """Check the index; raise IndexUnavailableError that says what is wrong with it."""
        ...


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """An index in a folder."""

    directory: Path
    limits: WriteLimits = LIMITS

    def build(
        self,
        batches: Iterable[AnalysedBatch],
        schema: Schema,
        record: RecordWrite = as_counted,
        history: History = NO_HISTORY,
    ) -> WriteReport:
        """See `Target`."""
        return folder_writer.build(
            batches, self.directory, schema, limits=self.limits, record=record, history=history
        )

    def update(
        self, batches: Iterable[AnalysedBatch], schema: Schema, record: RecordWrite = as_counted
    ) -> WriteReport:
        """See `Target`."""
        return folder_writer.update(
            batches, self.directory, schema, limits=self.limits, record=record
        )

    def delete(self, ids: Iterable[str]) -> int:
        """See `Target`."""
        return folder_writer.delete(self.directory, ids, limits=self.limits)

    def stored_schema(self) -> Schema | None:
        """See `Target`."""
        return folder_writer.stored_schema(self.directory)

    def history(self) -> History:
        """See `Target`."""
        return read_commit(self.directory).history

    def articles(self) -> Iterator[Article]:
        """See `Target`."""
        return folder_reading.read_articles(self.directory)

    def statistics(self) -> Mapping[str, int]:
        """See `Target`."""
        return asdict(folder_statistics.read_statistics(self.directory))

    def verify(self) -> None:
        """See `Target`."""
        verify(self.directory)


def copy(source: Target, target: Target, workers: int) -> WriteReport:
    """Build `target` from the articles and the schema of `source`, analysing them again.

    Raises IndexUnavailableError if there is no source.
    """
    schema = source.stored_schema()
    if schema is None:
        raise IndexUnavailableError("there is no index to copy; name one that was built")
    with closing(analyse_all(source.articles(), workers, schema)) as batches:
        return target.build(
            batches,
            schema,
            record=lambda summary: replace(summary, kind=WriteKind.COPY),
            history=source.history(),
        )


def open_target(location: str, limits: WriteLimits = LIMITS) -> Target:
    """Return the index at an address: a folder, or `opensearch://HOST:PORT/NAME`.

    Raises IndexUnavailableError for an address that no engine knows.
    """
    if not scheme_of(location):
        return FolderTarget(Path(location), limits)
    # Imported late: only needed for clusters.
    from index.opensearch.target import ClusterTarget

    make: Callable[[str, float], Target] = ClusterTarget
    return make(location, limits.wait_seconds)
