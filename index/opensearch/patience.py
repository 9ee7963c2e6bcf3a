"""The patience of a client with searches, and the nodes that it prefers while one hangs.

A node that hangs keeps its connections and looks like a busy one. Other nodes send searches on to
it, too, until the cluster removes it after about 30 seconds.
"""

import time
from collections.abc import Sequence
from threading import Lock

MIN_SECONDS = 1.5
"""The shortest time that a node has for a search before another one is asked. Arbitrary: thirty
times what a search usually takes."""

FACTOR = 4
"""A node has this many times as long as the slowest of the recent searches took, so that a cluster
with too much work is not sent every search twice. Arbitrary."""

DECAY = 0.98
"""The share of the slowest time that is left after another search: of 8 s 1 s after 100 searches.
Arbitrary."""

PREFERRED_SECONDS = 10.0
"""How long nodes are preferred because they responded when another one did not; then the cluster
chooses again. Arbitrary."""

MAX_PREFERRED = 100
"""Nodes that are named in a preference: a URL may have 4,096 bytes, and a node's id has 22."""


class Patience:
    """How long recent searches took, and which nodes responded when one hung. For many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._slowest = 0.0
        self._preferred: tuple[str, ...] = ()
        self._until = 0.0

    def limit(self, seconds: float) -> float:
        """Return the seconds that the first node has for a search that may take `seconds`."""
        return min(max(MIN_SECONDS, FACTOR * self._slowest), seconds)

    def note(self, seconds: float) -> None:
        """Take note of a search that was answered after this time."""
        with self._lock:
            self._slowest = max(seconds, DECAY * self._slowest)

    def prefer(self, nodes: Sequence[str]) -> None:
        """Prefer the nodes with these ids for a while; without any, leave it to the cluster."""
        with self._lock:
            self._preferred = tuple(nodes[:MAX_PREFERRED])
            self._until = time.monotonic() + PREFERRED_SECONDS

    def preference(self) -> str:
        """Return the `preference` of a search now, "" for none.

        >>> patience = Patience()
        >>> patience.prefer(["a1", "b2"])
        >>> patience.preference()
        '_prefer_nodes:a1,b2'
        """
        with self._lock:
            if not self._preferred or time.monotonic() >= self._until:
                return ""
            return f"_prefer_nodes:{','.join(self._preferred)}"
