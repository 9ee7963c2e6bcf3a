"""The OpenSearch engine: opens a reader of the current commit of an index in a cluster."""

import time
from threading import Lock

from index.opensearch.client import Client
from index.opensearch.location import parse_location
from index.opensearch.names import read_commit
from search.engines.opensearch.index_reader import OpenSearchReader

MAX_AGE_SECONDS = 1.0
"""How long a commit counts as current: one check of the cluster a second, not one a search.
Arbitrary."""

CHECK_SECONDS = 3.0
"""How long a node may take to return the commit while a search waits for it. Arbitrary."""


def open_engine(location: str) -> "OpenSearchEngine":
    """Open the index at `opensearch://HOST:PORT/NAME`.

    Raises IndexUnavailableError if there is none, or the cluster does not answer.
    """
    return OpenSearchEngine(Client(parse_location(location)))


class OpenSearchEngine:
    """See `search.engines.contract.Engine`. One per process, shared by all threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._checking = Lock()
        self._reader = OpenSearchReader(client, read_commit(client))
        self._checked_at = time.monotonic()

    def reader(self) -> OpenSearchReader:
        """See `search.engines.contract.Engine`.

        While one thread checks for a new commit, the others keep using the previous one.
        """
        if time.monotonic() - self._checked_at > MAX_AGE_SECONDS and self._checking.acquire(
            blocking=False
        ):
            try:
                self._check()
            finally:
                self._checking.release()
        return self._reader

    def _check(self) -> None:
        commit = read_commit(self._client, seconds=CHECK_SECONDS)
        if commit != self._reader.commit:
            # The models are downloaded before searches use the new reader, so that none waits.
            new = OpenSearchReader(self._client, commit)
            _ = new.models
            self._reader = new
        self._checked_at = time.monotonic()
