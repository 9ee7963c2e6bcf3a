"""The writer of an index in a cluster: build, update, delete, stats, verify.

A build fills indexes that no reader sees, checks the count, and swaps the aliases in one action.
Updates and deletions carry external versions, so that sending them twice changes nothing. Readers
see an update shard by shard when the index is refreshed at its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.analysis import AnalysedBatch
from index.embedded.limits import LIMITS
from index.errors import IndexUnavailableError
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
from index.models.part_builder import PartBuilder
from index.models.part_file import merge_parts
from index.opensearch.bulk import Action, Outcome, deleting, indexing, write
from index.opensearch.client import Client, ClusterError
from index.opensearch.documents import RefusedError, document_id, documents
from index.opensearch.lifecycle import (
    SETTINGS,
    Settings,
    abandon_indexes,
    count_articles,
    create_indexes,
    exists,
    index_settings,
    merge_segments,
    publish,
)
from index.opensearch.location import parse_location
from index.opensearch.lock import HeldLock, is_locked, write_lock
from index.opensearch.names import ClusterCommit, read_commit, version_now, write_commit
from index.opensearch.parts import forget_cache, open_parts, upload_part
from index.schema import DEFAULT_SCHEMA, Schema, SchemaError
from index.vietnamese import Language

MAX_PARTS = 4
"""Parts of the models before they are merged into one: every query sums the counts of all parts.
Arbitrary."""


def build(
    batches: Iterable[AnalysedBatch],
    location: str,
    schema: Schema = DEFAULT_SCHEMA,
    language: Language | None = None,
    *,
    settings: Settings = SETTINGS,
    wait_seconds: float = 0.0,
    record: RecordWrite = as_counted,
    history: History = NO_HISTORY,
) -> WriteReport:
    """Replace the index by these articles, in one step at the end.

    Raises IndexBusyError if another writer is at work, ClusterError if the cluster does not answer;
    after any error readers keep the old index.
    """
    client = Client(parse_location(location))
    with write_lock(client, wait_seconds) as lock:
        return _build(client, lock, batches, schema, language, settings, record, history)


def _build(
    client: Client,
    lock: HeldLock,
    batches: Iterable[AnalysedBatch],
    schema: Schema,
    language: Language | None,
    settings: Settings,
    record: RecordWrite,
    history: History,
) -> WriteReport:
    version = version_now()
    index, models = create_indexes(client, schema, settings, version)
    try:
        sent = send(client, index, batches, schema, language, version)
        upload_part(client, models, str(version), sent.part.arrays())
        client.request("POST", f"/{index}/_refresh")
        count = count_articles(client, index)
        _check_count(client, count, len(sent.keys) - len(sent.outcome.refused))
        report = sent.report(count)
        commit = ClusterCommit(
            index, models, schema, (str(version),), version, count,
            stale=sent.given - count, shards=settings.shards,
            history=history.with_write(record(report.summary(WriteKind.BUILD))),
        )  # fmt: skip
        write_commit(client, commit)
        merge_segments(client, index)
        lock.check()
        publish(client, index, models, settings)
    except BaseException:
        abandon_indexes(client, index, models)
        raise
    forget_cache(client.location.name)
    return report


def update(
    batches: Iterable[AnalysedBatch],
    location: str,
    schema: Schema | None = None,
    language: Language | None = None,
    *,
    settings: Settings = SETTINGS,
    wait_seconds: float = 0.0,
    record: RecordWrite = as_counted,
) -> WriteReport:
    """Add these articles to the index, which need not exist; replace those with the same id.

    Raises as `build`, and SchemaError if `schema` differs from that of the index.
    """
    client = Client(parse_location(location))
    with write_lock(client, wait_seconds) as lock:
        # Under the lock: another first update may have created the index meanwhile.
        if not exists(client):
            schema = schema or DEFAULT_SCHEMA
            return _build(client, lock, batches, schema, language, settings, record, NO_HISTORY)
        commit = read_commit(client)
        if schema not in (None, commit.schema):
            raise SchemaError(
                f"{client.location}: the index was built with other fields; build it again to "
                "change them"
            )
        before = count_articles(client, commit.index)
        version = max(version_now(), commit.version + 1)
        sent = send(client, commit.index, batches, commit.schema, language, version)
        upload_part(client, commit.models, str(version), sent.part.arrays())
        client.request("POST", f"/{commit.index}/_refresh")
        parts = _compacted(client, commit, (*commit.parts, str(version)), version)
        count = count_articles(client, commit.index)
        report = sent.report(count, before)
        history = commit.history.with_write(record(report.summary(WriteKind.UPDATE)))
        lock.check()
        new = replace(
            commit, parts=parts, version=version, articles=count,
            stale=commit.stale + sent.given - (count - before), history=history,
        )  # fmt: skip
        write_commit(client, new)
    return report


def delete(location: str, ids: Iterable[str], *, wait_seconds: float = 0.0) -> int:
    """Delete the articles with these ids and return how many there were; ignore unknown ids."""
    client = Client(parse_location(location))
    with write_lock(client, wait_seconds) as lock:
        commit = read_commit(client)
        before = count_articles(client, commit.index)
        version = max(version_now(), commit.version + 1)
        keys = dict.fromkeys(map(document_id, ids))
        outcome = Outcome()
        write(client, commit.index, (deleting(key, version) for key in keys), outcome)
        client.request("POST", f"/{commit.index}/_refresh")
        count = count_articles(client, commit.index)
        deleted = before - count
        summary = WriteSummary(WriteKind.DELETE, now(), read=len(keys), deleted=deleted)
        history = commit.history.with_write(summary)
        lock.check()
        new = replace(
            commit, version=version, articles=count, stale=commit.stale + deleted, history=history
        )
        write_commit(client, new)
        return deleted


@dataclass(frozen=True, slots=True)
class ClusterStatistics:
    """The articles, shards and segments of an index, and its bytes without and with replicas."""

    articles: int
    shards: int
    segments: int
    bytes: int
    bytes_with_replicas: int


def statistics(location: str) -> ClusterStatistics:
    """Return the statistics of an index. Raises IndexUnavailableError if there is none."""
    client = Client(parse_location(location))
    commit = read_commit(client)
    found = client.request("GET", f"/{commit.index},{commit.models}/_stats/docs,store,segments")
    own = found["indices"][commit.index]
    return ClusterStatistics(
        articles=count_articles(client, commit.index),
        shards=int(index_settings(client, commit.index)["number_of_shards"]),
        segments=int(own["primaries"]["segments"]["count"]),
        bytes=int(found["_all"]["primaries"]["store"]["size_in_bytes"]),
        bytes_with_replicas=int(found["_all"]["total"]["store"]["size_in_bytes"]),
    )


def verify(location: str) -> list[str]:
    """Check the index and return a message for each problem.

    The cluster checks its own files. This checks the aliases, the health, the copies of every
    shard, every part of the models, and, unless a writer is at work, the number of articles.
    """
    client = Client(parse_location(location))
    commit = read_commit(client)
    wrong: list[str] = []
    health = client.request("GET", f"/_cluster/health/{commit.index},{commit.models}")
    if health["status"] != "green":
        wrong.append(f"the index is {health['status']}: {health['unassigned_shards']} copies of "
                     "shards have no node")  # fmt: skip
    aliases = client.request("GET", f"/_alias/{client.location.name}", missing_ok=True)
    if list(aliases) != [commit.index]:
        wrong.append(f"the alias {client.location.name!r} names {sorted(aliases)}, not "
                     f"{commit.index!r}")  # fmt: skip
    count = count_articles(client, commit.index)
    if count != commit.articles and not is_locked(client) and read_commit(client) == commit:
        wrong.append(
            f"the index contains {count:,} articles, and {commit.articles:,} when the last write "
            "ended"
        )
    forget_cache(client.location.name)
    try:
        open_parts(client, commit.models, commit.parts)
    except IndexUnavailableError as error:
        wrong.append(str(error))
    return wrong


@dataclass(slots=True)
class Sent:
    """The progress of one bulk write.

    `part`: the language statistics of the articles so far. `outcome`: the results in the cluster
    and the refusals. `given`: the number of articles; `keys`: their distinct document ids.
    """

    part: PartBuilder
    outcome: Outcome = field(default_factory=Outcome)
    given: int = 0
    keys: set[str] = field(default_factory=set)

    def report(self, articles: int, before: int = 0) -> WriteReport:
        """Return the report of a write that took an index from `before` to `articles` articles."""
        unique = len(self.keys) - len(self.outcome.refused)
        return WriteReport(
            given=self.given,
            repeated=self.given - len(self.keys),
            # Not from the results of items: one that was sent twice is reported as replaced.
            replaced=unique - (articles - before),
            articles=articles,
            refused=tuple(self.outcome.refused),
        )


def _check_count(client: Client, count: int, expected: int) -> None:
    if count != expected:
        raise ClusterError(
            f"{client.location}: the cluster contains {count:,} of {expected:,} articles written; "
            "the index is unchanged"
        )


def send(
    client: Client,
    index: str,
    batches: Iterable[AnalysedBatch],
    schema: Schema,
    language: Language | None,
    version: int,
) -> Sent:
    """Send articles to an index by the bulk API, and count their language statistics."""
    language = language or Language.default()
    sent = Sent(PartBuilder(language.stop_syllables, LIMITS))

    def actions() -> Iterator[Action]:
        for batch in batches:
            titles = [article.title for article in batch.articles]
            sent.part.add(batch.vocabulary, batch.fields, titles)
            for article, document in documents(batch, schema, version + sent.given):
                sent.given += 1
                if isinstance(document, RefusedError):
                    sent.keys.add(document_id(article.id))
                    sent.outcome.refused.append((article.id, str(document)))
                    continue
                sent.keys.add(document.key)
                yield indexing(document, version + sent.given - 1)

    write(client, index, actions(), sent.outcome)
    return sent


def _compacted(
    client: Client, commit: ClusterCommit, parts: Sequence[str], version: int
) -> tuple[str, ...]:
    """Merge the parts of the models into one if there are many."""
    if len(parts) <= MAX_PARTS:
        return tuple(parts)
    merged = f"{version}-merged"
    # Deleted articles stay counted until the next build, which does no harm: the statistics of a
    # tenth of the articles gave the same order of hits.
    opened = open_parts(client, commit.models, parts)
    upload_part(client, commit.models, merged, merge_parts(opened))
    return (merged,)
