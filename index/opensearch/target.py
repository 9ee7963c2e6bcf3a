"""The write target for an index in a cluster."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from index.analysis import AnalysedBatch
from index.article import Article
from index.errors import IndexUnavailableError
from index.history import NO_HISTORY, History, RecordWrite, WriteReport, as_counted
from index.opensearch import writer
from index.opensearch.client import Client
from index.opensearch.lifecycle import exists, settings_of
from index.opensearch.location import parse_location
from index.opensearch.names import read_commit
from index.opensearch.reading import read_articles
from index.schema import Schema


@dataclass(frozen=True, slots=True)
class ClusterTarget:
    """See `index.targets.Target`."""

    location: str
    wait_seconds: float = 0.0

    def build(
        self,
        batches: Iterable[AnalysedBatch],
        schema: Schema,
        record: RecordWrite = as_counted,
        history: History = NO_HISTORY,
    ) -> WriteReport:
        """See `index.targets.Target`."""
        return writer.build(
            batches, self.location, schema,
            settings=settings_of(os.environ),
            wait_seconds=self.wait_seconds, record=record, history=history,
        )  # fmt: skip

    def update(
        self, batches: Iterable[AnalysedBatch], schema: Schema, record: RecordWrite = as_counted
    ) -> WriteReport:
        """See `index.targets.Target`."""
        return writer.update(
            batches, self.location, schema,
            settings=settings_of(os.environ),
            wait_seconds=self.wait_seconds, record=record,
        )  # fmt: skip

    def delete(self, ids: Iterable[str]) -> int:
        """See `index.targets.Target`."""
        return writer.delete(self.location, ids, wait_seconds=self.wait_seconds)

    def stored_schema(self) -> Schema | None:
        """See `index.targets.Target`."""
        client = Client(parse_location(self.location))
        return read_commit(client).schema if exists(client) else None

    def history(self) -> History:
        """See `index.targets.Target`."""
        return read_commit(Client(parse_location(self.location))).history

    def articles(self) -> Iterator[Article]:
        """See `index.targets.Target`."""
        return read_articles(self.location)

    def statistics(self) -> Mapping[str, int]:
        """See `index.targets.Target`."""
        return asdict(writer.statistics(self.location))

    def verify(self) -> None:
        """See `index.targets.Target`."""
        if wrong := writer.verify(self.location):
            raise IndexUnavailableError("; ".join(wrong))
