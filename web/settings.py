"""The settings of a server; each is an option of `timtin serve`."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from web.state.tasks import MAX_QUEUED

HOLD_SECONDS = 0.3
"""How long a server answers from a new commit before it turns to the next one. Each costs every
process some 25 ms and what it kept decoded; with a commit every .2 s searches took (see
docs/benchmarks) twice the time. An article must be found within a second of its request."""


class Access(StrEnum):
    """Who may read."""

    OPEN = "open"
    """Everybody."""
    KEY = "key"
    """Whoever has a key of the scope `search`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one server. The defaults suit a server that only this machine can reach."""

    state: Path | None = None
    """The folder of keys, tasks and the log of queries; without one there are none."""
    access: Access = Access.OPEN
    public_url: str = ""
    """The address that readers know, such as https://tin.example/tim; "" where it is unknown."""
    trusted_hosts: tuple[str, ...] = ()
    """The names that a request's `Host` may have; any where there are none."""
    proxies: int = 0
    """Proxies in front, each of which appends to `X-Forwarded-For` and its like."""
    base_path: str = ""
    """The path below which the server answers, such as /tim."""
    cors: tuple[str, ...] = ()
    """Origins whose scripts may read the API; "*" means any."""
    rate_limit: str = ""
    """Requests a client may send, such as "120 per minute"; "" means any number."""
    rate_storage: str = "memory://"
    """Where requests are counted; a `redis://` address counts for several processes together."""
    query_log: bool = False
    """Whether searches and clicks are written down, without addresses."""
    popular_queries: bool = False
    """Whether queries that several clients asked are offered as completions; the log then tells
    the clients of one day apart."""
    access_log: bool = False
    """Whether each request is written to the log."""
    metrics: bool = True
    """Whether `/metrics` answers."""
    max_upload_bytes: int = 32 * 2**20
    """Bytes of a request that writes; arbitrary, some 10,000 articles of news."""
    answer_cache_bytes: int = 32 * 2**20
    """Bytes of answers that each process keeps: some 4,000 pages of ten hits; 0 keeps none."""
    hold_seconds: float = 0.0
    """How long the searcher answers from a new commit before it turns to the next one."""
    max_queued: int = MAX_QUEUED
    """Tasks that may wait to be written."""
    max_exports: int = 2
    """Exports at a time in one process: each holds a thread until its reader has all of it."""
