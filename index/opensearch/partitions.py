"""A distributed build: partitions that many machines write, and one step that publishes them.

A scheduler calls `begin` once, `write_partition` for each partition, in any order, on any machine,
again after a failure, and `finish` once at the end. Writing a partition is idempotent: its
documents have external versions of its own range, and its part of the models has its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from index.analysis import AnalysedBatch
from index.errors import IndexUnavailableError
from index.history import NO_HISTORY, WriteKind, WriteReport
from index.models.part_file import merge_parts
from index.opensearch.client import Client, ClusterError
from index.opensearch.lifecycle import (
    SETTINGS,
    Settings,
    abandon_indexes,
    count_articles,
    create_indexes,
    merge_segments,
    publish,
)
from index.opensearch.location import parse_location
from index.opensearch.names import ClusterCommit, version_now, write_commit
from index.opensearch.parts import forget_cache, open_parts, upload_part
from index.opensearch.writer import send
from index.schema import DEFAULT_SCHEMA, Schema

MAX_PARTITION_ARTICLES = 10_000_000
"""Document versions reserved for one partition; one with more articles is refused. Arbitrary."""


@dataclass(frozen=True, slots=True)
class DistributedBuild:
    """A build in progress; pickle it to pass it to the workers."""

    location: str
    index: str
    models: str
    schema: Schema
    settings: Settings
    version: int


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """What a partition wrote: the number of articles sent, and the refused (id, reason) pairs."""

    partition: int
    articles: int
    refused: tuple[tuple[str, str], ...]


def begin(
    location: str,
    schema: Schema = DEFAULT_SCHEMA,
    settings: Settings = SETTINGS,
) -> DistributedBuild:
    """Create the indexes of a build; searches do not see them before `finish`."""
    client = Client(parse_location(location))
    version = version_now()
    index, models = create_indexes(client, schema, settings, version)
    return DistributedBuild(location, index, models, schema, settings, version)


def write_partition(
    build: DistributedBuild, partition: int, batches: Iterable[AnalysedBatch]
) -> PartitionReport:
    """Write the articles of one partition and their language statistics.

    Each attempt must pass the same articles in the same order. Of articles with the same id in
    several partitions the one of the highest partition stays. Raises ClusterError, and ValueError
    for too many articles.
    """
    client = Client(parse_location(build.location))
    version = build.version + partition * MAX_PARTITION_ARTICLES
    sent = send(client, build.index, batches, build.schema, None, version)
    if sent.given > MAX_PARTITION_ARTICLES:
        raise ValueError(
            f"partition {partition} has more than {MAX_PARTITION_ARTICLES:,} articles; split it"
        )
    upload_part(client, build.models, _part_name(partition), sent.part.arrays(pruned=False))
    return PartitionReport(partition, sent.given, tuple(sent.outcome.refused))


def finish(build: DistributedBuild, partitions: Iterable[PartitionReport]) -> WriteReport:
    """Merge the language statistics of all partitions, and publish the index in one step.

    `partitions` are the reports of `write_partition`. Raises IndexUnavailableError where one is
    missing; write it, and call `finish` again.
    """
    client = Client(parse_location(build.location))
    by_number = {one.partition: one for one in partitions}
    if sorted(by_number) != list(range(len(by_number))):
        raise IndexUnavailableError(
            f"partitions are numbered from 0 on without a gap; there are {sorted(by_number)}"
        )
    names = [_part_name(number) for number in sorted(by_number)]
    # Merged here, not by searches: parts that are pruned one by one lose more bigrams.
    merged = merge_parts(open_parts(client, build.models, names))
    upload_part(client, build.models, "merged", merged)
    client.request("POST", f"/{build.index}/_refresh")
    count = count_articles(client, build.index)
    given = sum(one.articles for one in by_number.values())
    refused = tuple(refusal for one in by_number.values() for refusal in one.refused)
    if count > given - len(refused):
        raise ClusterError(f"{build.index} holds {count:,} articles, more than were written")
    report = WriteReport(
        given=given,
        repeated=given - len(refused) - count,
        replaced=0,
        articles=count,
        refused=refused,
    )
    history = NO_HISTORY.with_write(report.account(WriteKind.BUILD))
    commit = ClusterCommit(
        build.index, build.models, build.schema, ("merged",), build.version, count,
        stale=given - count, shards=build.settings.shards, history=history,
    )  # fmt: skip
    write_commit(client, commit)
    merge_segments(client, build.index)
    publish(client, build.index, build.models, build.settings)
    forget_cache(client.location.name)
    return report


def abandon(build: DistributedBuild) -> None:
    """Delete the indexes of a build that will not be finished."""
    abandon_indexes(Client(parse_location(build.location)), build.index, build.models)


def _part_name(partition: int) -> str:
    return f"partition-{partition}"
