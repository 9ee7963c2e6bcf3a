"""The settings of a server; each is an option of `timtin serve`."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from web.state.tasks import MAX_QUEUED

HOLD_SECONDS = 0.3
"""Minimum time that a server answers from one commit. Switching costs every process about 25 ms and
its decoded postings; with a commit every 0.2 s searches took twice the time (docs/benchmarks). An
article must be found within a second of the request that added it."""


class Access(StrEnum):
    """Who may read."""

    OPEN = "open"
    """Everybody."""
    KEY = "key"
    """Clients with a key of the scope `search`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one server. The defaults suit a server that only this machine can reach."""

    state: Path | None = None
    """The folder of keys, tasks and the query log; None for none of these."""
    access: Access = Access.OPEN
    public_url: str = ""
    """The public address, such as https://tin.example/tim; "" if unknown."""
    trusted_hosts: tuple[str, ...] = ()
    """The names that a request's `Host` may have; () for any."""
    proxies: int = 0
    """The number of proxies in front, each of which appends to `X-Forwarded-For`."""
    base_path: str = ""
    """The path under which the server answers, such as /tim."""
    cors: tuple[str, ...] = ()
    """Origins whose scripts may read the API; "*" means any."""
    rate_limit: str = ""
    """The rate limit per client, such as "120 per minute"; "" for none."""
    rate_storage: str = "memory://"
    """Where requests are counted; a `redis://` address counts for all processes together."""
    query_log: bool = False
    """Whether searches and clicks are logged, without client addresses."""
    popular_queries: bool = False
    """Whether queries that several clients sent are offered as completions; the query log then
    has daily pseudonyms of clients."""
    access_log: bool = False
    """Whether each request is logged."""
    metrics: bool = True
    """Whether `/metrics` is served."""
    max_upload_bytes: int = 32 * 2**20
    """Bytes of a request that writes. Arbitrary, about 10,000 articles of news."""
    answer_cache_bytes: int = 32 * 2**20
    """Bytes of each process's cache of answers: about 4,000 pages of ten hits; 0 disables it."""
    postings_cache_bytes: int = 88 * 2**20
    """Bytes of each process's caches of decoded postings (`search.engines.embedded.limits`)."""
    hold_seconds: float = 0.0
    """How long the searcher answers from a commit before it switches to a newer one."""
    max_queued: int = MAX_QUEUED
    """Tasks that may wait in the queue."""
    max_exports: int = 2
    """Concurrent exports of one process: each occupies a thread until its reader is done."""
