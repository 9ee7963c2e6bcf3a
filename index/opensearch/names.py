"""The names of the OpenSearch indexes that make up one index, and its commit.

`NAME` and `NAME.models` are aliases; a build creates `NAME.<version>` and `NAME.<version>.models`
and swaps both aliases in one action, so that no reader sees one without the other. The models'
index also contains the document `commit` with the schema and the names of the parts of the models.
"""

import time
from dataclasses import dataclass
from typing import Any

from index.errors import IndexUnavailableError
from index.history import NO_HISTORY, History, history_from_dict
from index.opensearch.client import READ_SECONDS, Client, ClusterError, RequestError
from index.opensearch.mapping import FORMAT_VERSION
from index.schema import Schema, SchemaError, schema_from_dict

COMMIT = "commit"
"""The id of the document that contains the commit."""


def version_now() -> int:
    """Return a version for the documents of a write: microseconds since 1970.

    A later write has a higher one as long as the clocks of the writers differ by less than the time
    between two writes, since only one writer at a time holds the lock.
    """
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class ClusterCommit:
    """The state of an index in a cluster.

    `index` and `models`: the indexes behind the aliases. `parts`: the names of the parts of the
    models. `version`: that of the last write; `articles`: their number after it. `stale` is the
    number of replaced and deleted articles that the parts still count. `history` is a summary of
    the records that were written.
    """

    index: str
    models: str
    schema: Schema
    parts: tuple[str, ...]
    version: int
    articles: int
    stale: int
    shards: int
    history: History = NO_HISTORY

    @property
    def identity(self) -> str:
        """A name that only this state has."""
        return f"{self.index} {self.version}"


def models_alias(name: str) -> str:
    """Return the alias of the index that contains the models."""
    return f"{name}.models"


def read_commit(
    client: Client, models: str = "", *, seconds: float = READ_SECONDS
) -> ClusterCommit:
    """Read the current state, or that in `models`, an index of models.

    Raises IndexUnavailableError if there is none.
    """
    models = models or models_alias(client.location.name)
    try:
        found = client.request(
            "GET", f"/{models}/_doc/{COMMIT}", None, {"realtime": "true"},
            seconds=seconds, is_search=True,
        )  # fmt: skip
    except RequestError as error:
        if error.status == 404:
            raise IndexUnavailableError(
                f"{client.location}: there is no index here; build one with `timtin build`"
            ) from error
        raise ClusterError(f"{client.location}: {error}") from error
    return commit_of(client, found)


def commit_of(client: Client, found: dict[str, Any]) -> ClusterCommit:
    """Parse a commit document. Raises IndexUnavailableError."""
    source = found.get("_source", {})
    if source.get("format") != FORMAT_VERSION:
        raise IndexUnavailableError(
            f"{client.location}: the index has format {source.get('format')!r}, and this version "
            f"reads {FORMAT_VERSION}; build it again"
        )
    try:
        return ClusterCommit(
            index=str(source["index"]),
            models=str(found["_index"]),
            schema=schema_from_dict(source["schema"]),
            parts=tuple(map(str, source["parts"])),
            version=int(source["version"]),
            articles=int(source["articles"]),
            stale=int(source["stale"]),
            shards=int(source["shards"]),
            history=history_from_dict(source["history"]) if "history" in source else NO_HISTORY,
        )
    except (KeyError, TypeError, ValueError, AttributeError, SchemaError) as error:
        raise IndexUnavailableError(
            f"{client.location}: the commit of the index is damaged ({error}); build it again"
        ) from error


def write_commit(client: Client, commit: ClusterCommit) -> None:
    """Write a state into its models' index, where readers see it immediately."""
    body = {
        "format": FORMAT_VERSION,
        "index": commit.index,
        "schema": commit.schema.as_dict(),
        "parts": list(commit.parts),
        "version": commit.version,
        "articles": commit.articles,
        "stale": commit.stale,
        "shards": commit.shards,
        "history": commit.history.as_dict(),
    }
    client.request("PUT", f"/{commit.models}/_doc/{COMMIT}", body, {"refresh": "true"})
