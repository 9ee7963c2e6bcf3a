"""A distributed build: many machines write partitions, and one step publishes them.

A scheduler calls `begin` once, `write_partition` for each partition, in any order and on any
machine, again after a failure, and `finish` once at the end. Writing a partition is idempotent: its
documents have external versions from its own range, and its part of the models its own name.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from index.analysis import AnalysedBatch
from index.errors import IndexUnavailableError
from index.history import NO_HISTORY, WriteKind, WriteReport
from index.models.part_file import merge_parts
from index.opensearch.client import Client, ClusterError, RequestError
from index.opensearch.lifecycle import (
    SETTINGS,
    Settings,
    abandon_indexes,
    count_articles,
    create_indexes,
    index_settings,
    merge_segments,
    publish,
)
from index.opensearch.location import parse_location
from index.opensearch.lock import HeldLock, write_lock
from index.opensearch.names import ClusterCommit, version_now, write_commit
from index.opensearch.parts import forget_cache, open_parts, upload_part
from index.opensearch.writer import send
from index.schema import DEFAULT_SCHEMA, Schema

MAX_PARTITION_ARTICLES = 10_000_000
"""Document versions reserved for one partition, which may have no more articles. Arbitrary."""


@dataclass(frozen=True, slots=True)
class DistributedBuild:
    """A build in progress; pickle it to pass it to the workers."""

    location: str
    index: str
    models: str
    schema: Schema
    settings: Settings
    version: int
    uuid: str
    """The UUID of `index`, which distinguishes it from an index of the same name created later."""


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """The result of one partition: the number of articles sent, and (id, reason) of the refused."""

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
    uuid = index_settings(client, index)["uuid"]
    return DistributedBuild(location, index, models, schema, settings, version, uuid)


def write_partition(
    build: DistributedBuild, partition: int, batches: Iterable[AnalysedBatch]
) -> PartitionReport:
    """Write the articles of one partition and their language statistics.

    Each attempt must pass the same articles in the same order. Of articles with the same id in
    several partitions, that of the highest partition is kept. Raises ClusterError,
    IndexUnavailableError if another build removed this one, and ValueError for too many articles.
    """
    client = Client(parse_location(build.location))
    _check_index(client, build)
    version = build.version + partition * MAX_PARTITION_ARTICLES
    sent = send(client, build.index, batches, build.schema, None, version)
    if sent.given > MAX_PARTITION_ARTICLES:
        raise ValueError(
            f"partition {partition} has more than {MAX_PARTITION_ARTICLES:,} articles; split it"
        )
    upload_part(client, build.models, _part_name(partition), sent.part.arrays(pruned=False))
    _check_index(client, build)
    return PartitionReport(partition, sent.given, tuple(sent.outcome.refused))


def finish(
    build: DistributedBuild, partitions: Iterable[PartitionReport], wait_seconds: float = 0.0
) -> WriteReport:
    """Merge the language statistics of all partitions, and publish the index in one step.

    `partitions` are the reports of `write_partition`. Raises IndexUnavailableError if one is
    missing (write it, and call `finish` again) or another build removed this one, and
    IndexBusyError if another writer is at work for longer than `wait_seconds`.
    """
    client = Client(parse_location(build.location))
    with write_lock(client, wait_seconds) as lock:
        _check_index(client, build)
        return _finish(client, lock, build, partitions)


def _finish(
    client: Client, lock: HeldLock, build: DistributedBuild, partitions: Iterable[PartitionReport]
) -> WriteReport:
    by_number = {one.partition: one for one in partitions}
    if sorted(by_number) != list(range(len(by_number))):
        raise IndexUnavailableError(
            f"partitions must be numbered from 0 without gaps; got {sorted(by_number)}"
        )
    names = [_part_name(number) for number in sorted(by_number)]
    # Merged here, not at search time: pruning the parts separately would lose more bigrams.
    merged = merge_parts(open_parts(client, build.models, names))
    upload_part(client, build.models, "merged", merged)
    client.request("POST", f"/{build.index}/_refresh")
    count = count_articles(client, build.index)
    given = sum(one.articles for one in by_number.values())
    refused = tuple(refusal for one in by_number.values() for refusal in one.refused)
    if count > given - len(refused):
        raise ClusterError(f"{build.index} contains {count:,} articles, more than were written")
    report = WriteReport(
        given=given,
        repeated=given - len(refused) - count,
        replaced=0,
        articles=count,
        refused=refused,
    )
    history = NO_HISTORY.with_write(report.summary(WriteKind.BUILD))
    commit = ClusterCommit(
        build.index, build.models, build.schema, ("merged",), build.version, count,
        stale=given - count, shards=build.settings.shards, history=history,
    )  # fmt: skip
    write_commit(client, commit)
    merge_segments(client, build.index)
    lock.check()
    publish(client, build.index, build.models, build.settings)
    forget_cache(client.location.name)
    return report


def abandon(build: DistributedBuild) -> None:
    """Delete the indexes of a build that will not be finished."""
    abandon_indexes(Client(parse_location(build.location)), build.index, build.models)


def _check_index(client: Client, build: DistributedBuild) -> None:
    """Raise IndexUnavailableError if the index of a build is no longer the one that it created.

    Publishing another build deletes the indexes of builds that began before it, and a bulk request
    to a missing index would create one without a mapping.
    """
    try:
        is_same = index_settings(client, build.index)["uuid"] == build.uuid
    except RequestError as error:
        if error.status != 404:
            raise
        is_same = False
    if not is_same:
        abandon_indexes(client, build.index, build.models)
        raise IndexUnavailableError(
            f"{client.location}: the index of this build was removed by a later build; begin again"
        )


def _part_name(partition: int) -> str:
    return f"partition-{partition}"
