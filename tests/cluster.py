"""OpenSearch for tests: a running cluster, or a node started for this session.

`TIMTIN_TEST_CLUSTER` names the HOST:PORT of a cluster that may be written to, or says "start": then
a node is started when a test first needs it, if Java and Maven are installed; "start-3" is one of
the next major version.
"""

import atexit
import os
from functools import lru_cache
from pathlib import Path

from tests.opensearch_server import Server

MISSING = "needs an OpenSearch: set TIMTIN_TEST_CLUSTER to its HOST:PORT, or to start (Java, Maven)"
_NODES = {
    name: Server(Path("/tmp/timtin-test-nodes"), major, http=9233, transport=9333, in_memory=True)
    for name, major in (("start", 2), ("start-3", 3))
}


def available() -> bool:
    """Return whether tests can have a cluster."""
    named = os.environ.get("TIMTIN_TEST_CLUSTER", "")
    return _NODES[named].can_start() if named in _NODES else bool(named)


@lru_cache(1)
def address() -> str:
    """Return HOST:PORT of the cluster; start a node if none runs."""
    named = os.environ["TIMTIN_TEST_CLUSTER"]
    if named not in _NODES:
        return named
    server = _NODES[named]
    atexit.register(server.stop)
    server.start()
    return f"127.0.0.1:{server.http}"


def location(name: str) -> str:
    """Return the address of an index in the cluster."""
    return f"opensearch://{address()}/{name}"
