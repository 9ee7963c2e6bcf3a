"""How articles become an index in a cluster, safely: build, update, delete, stats, verify.

A build fills indexes that no reader sees, checks the count, and swaps the aliases in one action.
Updates and deletions carry external versions: what is sent twice, or again after a failure,
changes nothing. Readers see an update shard by shard when the index is refreshed at its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from index.analysis import AnalysedBatch
from index.embedded.writer import WriteReport
from index.errors import IndexUnavailableError
from index.models.part_file import PartBuilder, merge_parts
from index.opensearch.bulk import Action, Outcome, deleting, indexing, write
from index.opensearch.client import Client, ClusterError
from index.opensearch.documents import RefusedError, documents, key_of
from index.opensearch.location import parse_location
from index.opensearch.lock import write_lock
from index.opensearch.mapping import index_body
from index.opensearch.names import (
    ClusterCommit,
    models_alias,
    read_commit,
    version_now,
    write_commit,
)
from index.opensearch.parts import forget_cache, open_parts, upload_part
from index.schema import DEFAULT_SCHEMA, Schema, SchemaError
from index.vietnamese import Language

MAX_PARTS = 4
"""Parts of the models before they are merged into one: a query adds up what each part counts."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the indexes of a build are laid out in the cluster.

    Some 10 million articles a shard are known to work; three spread a small index over three
    nodes. `replicas` are made after the articles are in, which writes each once.
    """

    shards: int = 3
    replicas: int = 1


def build(
    batches: Iterable[AnalysedBatch],
    location: str,
    schema: Schema = DEFAULT_SCHEMA,
    language: Language | None = None,
    *,
    settings: Settings = Settings(),
    wait_seconds: float = 0.0,
) -> WriteReport:
    """Replace the index by these articles, in one step at the end.

    Raises IndexBusyError where another writer is at work, ClusterError where the cluster does not
    answer; whatever is raised, readers keep the old index.
    """
    client = Client(parse_location(location))
    name = client.location.name
    with write_lock(client, wait_seconds):
        _remove_unfinished(client)
        version = version_now()
        index, models = f"{name}.{version}", f"{name}.{version}.models"
        try:
            _create(client, index, schema, settings)
            client.request("PUT", f"/{models}", _models_body(settings))
            sent = _send(client, index, batches, schema, language, version)
            upload_part(client, models, str(version), sent.part.arrays())
            write_commit(client, models, index, schema, (str(version),), version)
            _finish(client, index, settings)
            count = _count(client, index)
            expected = len(sent.keys) - len(sent.outcome.refused)
            if count != expected:
                raise ClusterError(
                    f"{client.location}: the cluster holds {count:,} of {expected:,} articles "
                    "written; the index is as it was"
                )
            _swap(client, index, models)
        except BaseException:
            for made in (index, models):
                with suppress(Exception):
                    client.request("DELETE", f"/{made}", missing_ok=True)
            raise
        _remove_unfinished(client)
        forget_cache(name)
    return WriteReport(
        given=sent.given,
        repeated=sent.given - len(sent.keys),
        replaced=0,
        articles=count,
        refused=tuple(sent.outcome.refused),
    )


def update(
    batches: Iterable[AnalysedBatch],
    location: str,
    schema: Schema | None = None,
    language: Language | None = None,
    *,
    settings: Settings = Settings(),
    wait_seconds: float = 0.0,
) -> WriteReport:
    """Add these articles to the index, which need not exist; replace those with the same id.

    Raises as `build`, and SchemaError where `schema` is another one than the index has.
    """
    client = Client(parse_location(location))
    if not exists(client):
        return build(
            batches, location, schema or DEFAULT_SCHEMA, language,
            settings=settings, wait_seconds=wait_seconds,
        )  # fmt: skip
    with write_lock(client, wait_seconds):
        commit = read_commit(client)
        if schema not in (None, commit.schema):
            raise SchemaError(
                f"{client.location}: the index was built with other fields; build it again to "
                "change them"
            )
        before = _count(client, commit.index)
        version = max(version_now(), commit.version + 1)
        sent = _send(client, commit.index, batches, commit.schema, language, version)
        upload_part(client, commit.models, str(version), sent.part.arrays())
        client.request("POST", f"/{commit.index}/_refresh")
        parts = _compacted(client, commit, (*commit.parts, str(version)), version)
        write_commit(client, commit.models, commit.index, commit.schema, parts, version)
        count = _count(client, commit.index)
    unique = len(sent.keys) - len(sent.outcome.refused)
    return WriteReport(
        given=sent.given,
        repeated=sent.given - len(sent.keys),
        # Not from the answers to single items: one sent twice reads as replaced by itself.
        replaced=unique - (count - before),
        articles=count,
        refused=tuple(sent.outcome.refused),
    )


def delete(location: str, ids: Iterable[str], *, wait_seconds: float = 0.0) -> int:
    """Delete the articles with these ids and return how many there were; ignore unknown ids."""
    client = Client(parse_location(location))
    with write_lock(client, wait_seconds):
        commit = read_commit(client)
        before = _count(client, commit.index)
        version = max(version_now(), commit.version + 1)
        keys = dict.fromkeys(map(key_of, ids))
        outcome = Outcome()
        write(client, commit.index, (deleting(key, version) for key in keys), outcome)
        client.request("POST", f"/{commit.index}/_refresh")
        write_commit(client, commit.models, commit.index, commit.schema, commit.parts, version)
        return before - _count(client, commit.index)


@dataclass(frozen=True, slots=True)
class ClusterStatistics:
    """The articles of an index, its shards and segments, and its bytes: one copy and all."""

    articles: int
    shards: int
    segments: int
    bytes: int
    bytes_with_replicas: int


def statistics(location: str) -> ClusterStatistics:
    """Count what is in the index. Raises IndexUnavailableError where there is none."""
    client = Client(parse_location(location))
    commit = read_commit(client)
    found = client.request("GET", f"/{commit.index},{commit.models}/_stats/docs,store,segments")
    own = found["indices"][commit.index]
    return ClusterStatistics(
        articles=_count(client, commit.index),
        shards=int(_settings(client, commit.index)["number_of_shards"]),
        segments=int(own["primaries"]["segments"]["count"]),
        bytes=int(found["_all"]["primaries"]["store"]["size_in_bytes"]),
        bytes_with_replicas=int(found["_all"]["total"]["store"]["size_in_bytes"]),
    )


def verify(location: str) -> list[str]:
    """Check the index and return what is wrong with it, nothing where all is well.

    The cluster checks its own files; here the aliases, the health, the copies of every shard, and
    every part of the models are looked at.
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
    forget_cache(client.location.name)
    try:
        open_parts(client, commit.models, commit.parts)
    except IndexUnavailableError as error:
        wrong.append(str(error))
    return wrong


@dataclass(slots=True)
class _Sent:
    """The articles that were sent: their number, their keys, and what was counted of them."""

    part: PartBuilder
    outcome: Outcome = field(default_factory=Outcome)
    given: int = 0
    keys: set[str] = field(default_factory=set)


def _send(
    client: Client,
    index: str,
    batches: Iterable[AnalysedBatch],
    schema: Schema,
    language: Language | None,
    version: int,
) -> _Sent:
    language = language or Language.default()
    sent = _Sent(PartBuilder(language.stop_syllables))

    def actions() -> Iterator[Action]:
        for batch in batches:
            sent.part.add(batch.vocabulary, batch.fields, len(batch.articles))
            for article, document in documents(batch, schema, version + sent.given):
                sent.given += 1
                if isinstance(document, RefusedError):
                    sent.keys.add(key_of(article.id))
                    sent.outcome.refused.append((article.id, str(document)))
                    continue
                sent.keys.add(document.key)
                yield indexing(document, version + sent.given - 1)

    write(client, index, actions(), sent.outcome)
    return sent


def _create(client: Client, index: str, schema: Schema, settings: Settings) -> None:
    server = int(client.request("GET", "/")["version"]["number"].partition(".")[0])
    body = index_body(schema, server=server, shards=settings.shards, replicas=0)
    client.request("PUT", f"/{index}", body)


def _models_body(settings: Settings) -> dict[str, Any]:
    index = {"number_of_shards": 1, "number_of_replicas": settings.replicas}
    mapping = {"dynamic": False, "properties": {}}
    return {"settings": {"index": index}, "mappings": mapping}


def _finish(client: Client, index: str, settings: Settings) -> None:
    """Make what was written searchable, and let the cluster copy it."""
    client.request("POST", f"/{index}/_refresh")
    client.request("POST", f"/{index}/_flush")
    changed = {"index": {"refresh_interval": "1s", "number_of_replicas": settings.replicas}}
    client.request("PUT", f"/{index}/_settings", changed)


def _swap(client: Client, index: str, models: str) -> None:
    """Point both aliases at the new indexes in one action."""
    name = client.location.name
    pairs = ((name, index), (models_alias(name), models))
    actions: list[dict[str, Any]] = []
    for alias, new in pairs:  # an alias that anything else has is taken from it
        old = client.request("GET", f"/_alias/{alias}", missing_ok=True)
        actions += [{"remove": {"index": index, "alias": alias}} for index in old]
        actions.append({"add": {"index": new, "alias": alias}})
    client.request("POST", "/_aliases", {"actions": actions})


def _remove_unfinished(client: Client) -> None:
    """Remove indexes of builds that did not finish, and of those that were replaced."""
    name = client.location.name
    current = {
        index
        for alias in (name, models_alias(name))
        for index in client.request("GET", f"/_alias/{alias}", missing_ok=True)
    }
    for index in client.request("GET", f"/{name}.*", {}, {"expand_wildcards": "open"}) or {}:
        version = index.removeprefix(f"{name}.").removesuffix(".models")
        if version.isdecimal() and index not in current:
            client.request("DELETE", f"/{index}", missing_ok=True)


def exists(client: Client) -> bool:
    """Return whether there is an index of this name."""
    return bool(client.request("GET", f"/_alias/{client.location.name}", missing_ok=True))


def _count(client: Client, index: str) -> int:
    return int(client.request("GET", f"/{index}/_count")["count"])


def _settings(client: Client, index: str) -> dict[str, Any]:
    found: dict[str, Any] = client.request("GET", f"/{index}/_settings")[index]["settings"]["index"]
    return found


def _compacted(
    client: Client, commit: ClusterCommit, parts: Sequence[str], version: int
) -> tuple[str, ...]:
    """Merge the parts of the models into one where there are many."""
    if len(parts) <= MAX_PARTS:
        return tuple(parts)
    merged = f"{version}-merged"
    # A deleted article stays counted until the next build; such statistics do no harm (measured:
    # those of a tenth of the articles gave the same order).
    opened = open_parts(client, commit.models, parts)
    upload_part(client, commit.models, merged, merge_parts(opened))
    return (merged,)
