"""Sends many searches to the cluster in one request; returns complete responses or raises."""

import time
from collections.abc import Sequence

from index.errors import IndexUnavailableError
from index.opensearch.client import Answer, Client, ClusterError, to_json
from index.opensearch.names import ClusterCommit
from search.engines.opensearch.queries import Json

SEARCH_SECONDS = 10.0
"""How long a search may take in the cluster; after that another node is tried. Arbitrary."""

MAX_TRIES = 5
PAUSE_SECONDS = 0.2
"""A search that fails on a shard is retried after this pause, then after twice as long, and so on,
two seconds in all: with three tries one of 1,501 searches failed while nodes were killed under load
(`benchmarks.cluster_failures`)."""

_TRANSIENT = frozenset((429, 500, 502, 503, 504))
"""Statuses of a search that may succeed a moment later; 500 is also returned if a node is lost
between the query and the fetch phase."""


def run_searches(
    client: Client,
    commit: ClusterCommit,
    bodies: Sequence[Json],
    seconds: float = SEARCH_SECONDS,
) -> list[Json]:
    """Return the responses to searches of an index, sent in one request.

    Raises ClusterError if any shard did not answer: totals are never partial. Searches may fail for
    a moment while replicas of a dead node's shards are promoted, so they are retried.
    """

    def send(preference: str, limit: float) -> Answer:
        lines = [
            to_json(line)
            for body in bodies
            for line in (
                _header(commit, body, preference),
                {**body, "timeout": f"{seconds * 1000:.0f}ms"},
            )
        ]
        return client.lines("/_msearch", lines, seconds=limit, is_search=True)

    failed: Json = {}
    for attempt in range(MAX_TRIES):
        time.sleep(PAUSE_SECONDS * attempt)
        answer = client.search(send, seconds)
        if answer.status >= 400:
            raise ClusterError(f"{client.location}: the search failed: {answer.body}")
        responses: list[Json] = answer.body["responses"]
        incomplete = [found for found in responses if _is_incomplete(found)]
        if not incomplete:
            return responses
        failed = incomplete[0]
        if failed.get("timed_out") or failed.get("status", 503) not in _TRANSIENT:
            break
    raise _error(client, failed)


def _header(commit: ClusterCommit, body: Json, preference: str) -> Json:
    """Return the header line of a search in a multi-search request.

    Document frequencies must be those of the whole index; with a single shard, or if matches are
    only counted, they need not be collected from the shards first (dfs).
    """
    alone = commit.shards == 1 or not body.get("size")
    return {
        "index": commit.index,
        "search_type": "query_then_fetch" if alone else "dfs_query_then_fetch",
        "allow_partial_search_results": False,
        **({"preference": preference} if preference else {}),
    }


def _is_incomplete(found: Json) -> bool:
    return "error" in found or bool(found["_shards"]["failed"]) or bool(found.get("timed_out"))


def _error(client: Client, found: Json) -> IndexUnavailableError:
    error = found.get("error")
    if error is None:
        return ClusterError(f"{client.location}: a part of the index did not answer in time")
    if error.get("type") == "index_not_found_exception":
        return IndexUnavailableError(
            f"{client.location}: the index was replaced just now; try again"
        )
    reason = (error.get("root_cause") or [error])[0].get("reason")
    return ClusterError(f"{client.location}: the search failed: {reason or error.get('reason')}")
