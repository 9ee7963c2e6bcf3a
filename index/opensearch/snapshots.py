"""Snapshots of an index in the cluster's own repositories, named REPOSITORY/SNAPSHOT.

The nodes write and read them, so the operator of the cluster sets up a repository (a shared folder,
S3, ...): docs/guide/cluster.md. A snapshot contains the index and its models; it is restored beside
the current index, and then replaces it in one step.
"""

import re
from dataclasses import replace
from typing import NamedTuple

from index.errors import IndexUnavailableError
from index.opensearch.client import READ_SECONDS, Client, RequestError
from index.opensearch.lifecycle import (
    Settings,
    abandon_indexes,
    count_articles,
    index_settings,
    publish,
)
from index.opensearch.location import parse_location
from index.opensearch.lock import write_lock
from index.opensearch.names import models_alias, read_commit, version_now, write_commit
from index.opensearch.parts import forget_cache

SNAPSHOT_SECONDS = 60 * READ_SECONDS
"""How long the cluster may take; snapshots are incremental. Arbitrary."""

_NAME = re.compile(r"([^/\s]+)/([a-z0-9][a-z0-9_.-]*)")


class SnapshotName(NamedTuple):
    """A snapshot in a repository of the cluster."""

    repository: str
    snapshot: str

    @property
    def path(self) -> str:
        """Its address in the cluster."""
        return f"/_snapshot/{self.repository}/{self.snapshot}"


def parse_name(name: str) -> SnapshotName:
    """Parse REPOSITORY/SNAPSHOT. Raises IndexUnavailableError.

    >>> parse_name("backups/news-2026-11-29").path
    '/_snapshot/backups/news-2026-11-29'
    """
    found = _NAME.fullmatch(name)
    if not found:
        raise IndexUnavailableError(
            f"{name}: a cluster writes snapshots to its own repositories; write "
            "REPOSITORY/SNAPSHOT, the second in lower case"
        )
    return SnapshotName(*found.groups())


def write_snapshot(location: str, name: str) -> int:
    """Write the current state to a snapshot and return the number of its articles.

    Holds the write lock. Raises IndexBusyError, and IndexUnavailableError if the repository is
    missing, the name is taken, or a shard could not be read.
    """
    client, where = Client(parse_location(location)), parse_name(name)
    with write_lock(client):
        commit = read_commit(client)
        body = {"indices": f"{commit.index},{commit.models}", "include_global_state": False}
        found = _ask(client, "PUT", where.path, body)
        if found["snapshot"]["state"] != "SUCCESS":
            raise IndexUnavailableError(
                f"{name}: the snapshot is {found['snapshot']['state']}; see GET {where.path}"
            )
    return commit.articles


def restore_snapshot(location: str, name: str) -> int:
    """Replace the index by a snapshot, of an index of any name; return the number of its articles.

    Raises IndexBusyError, and IndexUnavailableError if there is no such snapshot, it is not of an
    index of timtin, or it is restored incompletely; the index is then unchanged.
    """
    client, where = Client(parse_location(location)), parse_name(name)
    with write_lock(client) as lock:
        index = f"{client.location.name}.{version_now()}"
        models = models_alias(index)
        try:
            body = {
                "include_aliases": False,
                "include_global_state": False,
                # NAME.VERSION and NAME.VERSION.models of any name and version
                "rename_pattern": r"^.+?\.\d+(\.models)?$",
                "rename_replacement": f"{index}$1",
            }
            _ask(client, "POST", f"{where.path}/_restore", body)
            commit = replace(read_commit(client, models), index=index, models=models)
            if count_articles(client, index) != commit.articles:
                raise IndexUnavailableError(f"{name}: the snapshot was restored incompletely")
            write_commit(client, commit)
            lock.check()
            replicas = int(index_settings(client, index)["number_of_replicas"])
            publish(client, index, models, Settings(commit.shards, replicas))
        except BaseException:
            abandon_indexes(client, index, models)
            raise
        forget_cache(client.location.name)
    return commit.articles


def _ask(client: Client, method: str, path: str, body: object) -> dict[str, dict[str, str]]:
    waited = {"wait_for_completion": "true"}
    try:
        return client.request(method, path, body, waited, seconds=SNAPSHOT_SECONDS)
    except RequestError as error:
        raise IndexUnavailableError(f"{client.location}: {error}") from error
