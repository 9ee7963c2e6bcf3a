"""The indexes of a build: created without an alias, then swapped in atomically."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from index.errors import IndexUnavailableError
from index.opensearch.client import Client
from index.opensearch.mapping import index_body
from index.opensearch.names import models_alias
from index.schema import Schema

MAX_SEGMENT_BYTES = 5_000_000_000
"""Bytes of a segment after a build; OpenSearch's own merge policy stops at 5 GB, too."""

MAX_SHARDS = 1024
"""The most shards of an index, and replicas of each: OpenSearch's default limit."""

MERGE_SECONDS = 3600.0
"""How long the cluster may take to merge, at about 10 MB a second and shard on two cores. A proxy
with a shorter timeout does no harm: when the request is repeated, the merge continues."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the indexes of a build are laid out in the cluster.

    A search goes to every shard, so a single one is fastest up to a few million articles
    (docs/guide/cluster-sizing.md). `replicas` are created after the articles are written.
    """

    shards: int = 1
    replicas: int = 1


SETTINGS = Settings()
"""The default layout of a build."""


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Return the layout set by `TIMTIN_CLUSTER_SHARDS` and `TIMTIN_CLUSTER_REPLICAS`.

    Raises IndexUnavailableError for a value out of range.

    >>> settings_of({"TIMTIN_CLUSTER_SHARDS": "12"})
    Settings(shards=12, replicas=1)
    """
    given = {}
    for name, least in (("shards", 1), ("replicas", 0)):
        variable = f"TIMTIN_CLUSTER_{name.upper()}"
        if text := environment.get(variable):
            if not text.isdecimal() or not least <= int(text) <= MAX_SHARDS:
                raise IndexUnavailableError(
                    f"{variable}={text}: write a number from {least} to {MAX_SHARDS:,}"
                )
            given[name] = int(text)
    return replace(SETTINGS, **given)


def create_indexes(
    client: Client, schema: Schema, settings: Settings, version: int
) -> tuple[str, str]:
    """Create the index of a build and that of its models; return their names."""
    server = int(client.request("GET", "/")["version"]["number"].partition(".")[0])
    index = f"{client.location.name}.{version}"
    models = models_alias(index)
    body = index_body(schema, server=server, shards=settings.shards, replicas=0)
    client.request("PUT", f"/{index}", body)
    shards = {"number_of_shards": 1, "number_of_replicas": settings.replicas}
    mapping = {"dynamic": False, "properties": {}}
    client.request("PUT", f"/{models}", {"settings": {"index": shards}, "mappings": mapping})
    return index, models


def abandon_indexes(client: Client, index: str, models: str) -> None:
    """Remove the indexes of a build that failed, ignoring errors of the cluster."""
    for name in (index, models):
        with suppress(Exception):
            client.request("DELETE", f"/{name}", missing_ok=True)


def publish(client: Client, index: str, models: str, settings: Settings) -> None:
    """Refresh an index, point the aliases at it, and remove the indexes it replaces."""
    client.request("POST", f"/{index}/_refresh")
    changed = {"index": {"refresh_interval": "1s", "number_of_replicas": settings.replicas}}
    client.request("PUT", f"/{index}/_settings", changed)
    _swap(client, index, models)
    _remove_older(client, index)


def merge_segments(client: Client, index: str) -> None:
    """Merge the segments of an index that nobody writes to, and wait for the end.

    This drops `_recovery_source` (a quarter of the bytes), and searches read fewer segments.
    Replicas, created afterwards, copy the merged files.
    """
    client.request("POST", f"/{index}/_flush")
    stored = client.request("GET", f"/{index}/_stats/store")["_all"]["primaries"]["store"]
    segments = 1 + int(stored["size_in_bytes"]) // MAX_SEGMENT_BYTES
    parameters = {"max_num_segments": str(segments)}
    client.request("POST", f"/{index}/_forcemerge", None, parameters, seconds=MERGE_SECONDS)


def exists(client: Client) -> bool:
    """Return whether there is an index of this name."""
    return bool(client.request("GET", f"/_alias/{client.location.name}", missing_ok=True))


def count_articles(client: Client, index: str) -> int:
    """Return the number of articles that can be found."""
    return int(client.request("GET", f"/{index}/_count")["count"])


def index_settings(client: Client, index: str) -> dict[str, str]:
    """Return the settings of an index by name, such as "number_of_replicas"."""
    found: dict[str, str] = client.request("GET", f"/{index}/_settings")[index]["settings"]["index"]
    return found


def _swap(client: Client, index: str, models: str) -> None:
    """Point both aliases at the new indexes in one action."""
    name = client.location.name
    actions: list[dict[str, Any]] = []
    for alias, new in ((name, index), (models_alias(name), models)):
        old = client.request("GET", f"/_alias/{alias}", missing_ok=True)
        actions += [{"remove": {"index": replaced, "alias": alias}} for replaced in old]
        actions.append({"add": {"index": new, "alias": alias}})
    client.request("POST", "/_aliases", {"actions": actions})


def _remove_older(client: Client, current: str) -> None:
    """Remove the indexes of builds before this one, finished or not.

    Later ones stay: another build may be filling them.
    """
    name = client.location.name
    version = int(current.rpartition(".")[2])
    for index in client.request("GET", f"/{name}.*", None, {"expand_wildcards": "open"}):
        own = index.removeprefix(f"{name}.").removesuffix(".models")
        if own.isdecimal() and int(own) < version:
            client.request("DELETE", f"/{index}", missing_ok=True)
