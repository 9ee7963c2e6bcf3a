"""A build in many processes, on many machines: partitions, and the step that makes them an index.

A scheduler calls `begin` once, `write_partition` for each partition, in any order, any number of
times, anywhere, and `finish` once at the end. A partition that is written again replaces what it
wrote before: its documents have versions of its own, and its part of the models its name.
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
"""Versions kept free for the articles of one partition; one that has more is refused."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A build that was begun: pass it to every worker; it pickles."""

    location: str
    index: str
    models: str
    schema: Schema
    settings: Settings
    version: int


@dataclass(frozen=True, slots=True)
class Written:
    """What a partition wrote. `articles`: how many were sent; `refused`: ids and reasons."""

    partition: int
    articles: int
    refused: tuple[tuple[str, str], ...]


def begin(
    location: str,
    schema: Schema = DEFAULT_SCHEMA,
    settings: Settings = SETTINGS,
) -> Plan:
    """Make the indexes of a build; readers do not see them."""
    client = Client(parse_location(location))
    version = version_now()
    index, models = create_indexes(client, schema, settings, version)
    return Plan(location, index, models, schema, settings, version)


def write_partition(plan: Plan, partition: int, batches: Iterable[AnalysedBatch]) -> Written:
    """Write the articles of one partition, and what they tell of the language.

    The same partition always has the same articles in the same order. Of articles with the same
    id in several partitions the one of the highest partition stays. Raises ClusterError.
    """
    client = Client(parse_location(plan.location))
    version = plan.version + partition * MAX_PARTITION_ARTICLES
    sent = send(client, plan.index, batches, plan.schema, None, version)
    if sent.given > MAX_PARTITION_ARTICLES:
        raise ValueError(
            f"partition {partition} has more than {MAX_PARTITION_ARTICLES:,} articles; split it"
        )
    upload_part(client, plan.models, _part_name(partition), sent.part.arrays(pruned=False))
    return Written(partition, sent.given, tuple(sent.outcome.refused))


def finish(plan: Plan, written: Iterable[Written]) -> WriteReport:
    """Merge what the partitions tell of the language, and make them the index, in one step.

    `written` has what each partition returned, each once. Raises IndexUnavailableError where a
    partition is missing; then it may be written again, and `finish` called again.
    """
    client = Client(parse_location(plan.location))
    by_number = {one.partition: one for one in written}
    if sorted(by_number) != list(range(len(by_number))):
        raise IndexUnavailableError(
            f"partitions are numbered from 0 on without a gap; there are {sorted(by_number)}"
        )
    names = [_part_name(number) for number in sorted(by_number)]
    # Merged before readers see them: parts pruned one by one would know fewer bigrams.
    merged = merge_parts(open_parts(client, plan.models, names))
    upload_part(client, plan.models, "merged", merged)
    client.request("POST", f"/{plan.index}/_refresh")
    count = count_articles(client, plan.index)
    given = sum(one.articles for one in by_number.values())
    refused = tuple(refusal for one in by_number.values() for refusal in one.refused)
    if count > given - len(refused):
        raise ClusterError(f"{plan.index} holds {count:,} articles, more than were written")
    report = WriteReport(
        given=given,
        repeated=given - len(refused) - count,
        replaced=0,
        articles=count,
        refused=refused,
    )
    history = NO_HISTORY.with_write(report.account(WriteKind.BUILD))
    commit = ClusterCommit(
        plan.index, plan.models, plan.schema, ("merged",), plan.version, count,
        stale=given - count, shards=plan.settings.shards, history=history,
    )  # fmt: skip
    write_commit(client, commit)
    merge_segments(client, plan.index)
    publish(client, plan.index, plan.models, plan.settings)
    forget_cache(client.location.name)
    return report


def abandon(plan: Plan) -> None:
    """Remove what a build that will not be finished has written."""
    abandon_indexes(Client(parse_location(plan.location)), plan.index, plan.models)


def _part_name(partition: int) -> str:
    return f"partition-{partition}"
