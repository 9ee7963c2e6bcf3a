"""The embedded engine: a folder that holds an index, always read at its newest commit."""

from pathlib import Path
from threading import Lock

from index.embedded.commits import latest_generation, read_commit
from index.embedded.segment import OpenSegment
from index.errors import IndexUnavailableError
from search.engines.embedded.limits import DEFAULT_LIMITS, Limits
from search.engines.embedded.snapshot import EmbeddedSnapshot

_ATTEMPTS = 10


def open_engine(location: str | Path, limits: Limits = DEFAULT_LIMITS) -> "EmbeddedEngine":
    """Open the index in a folder.

    Raises IndexUnavailableError where there is none, or it is damaged or foreign.
    """
    return EmbeddedEngine(Path(location), limits)


class EmbeddedEngine:
    """See `search.engines.contract.Engine`. One a process, shared by all threads."""

    def __init__(self, directory: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self._directory = directory
        self._limits = limits
        self._opening = Lock()
        self._snapshot = _open(directory, limits)

    def snapshot(self) -> EmbeddedSnapshot:
        """See `search.engines.contract.Engine`; a look at the folder, some 20 microseconds.

        While one thread opens a new commit the others go on with the one before.
        """
        if self._is_old() and self._opening.acquire(blocking=False):
            try:
                if self._is_old():  # or another thread opened it before this one had the lock
                    self._snapshot = _open(self._directory, self._limits)
            finally:
                self._opening.release()
        return self._snapshot

    def _is_old(self) -> bool:
        return latest_generation(self._directory) != self._snapshot.generation


def _open(directory: Path, limits: Limits) -> EmbeddedSnapshot:
    for _ in range(_ATTEMPTS):
        commit = read_commit(directory)
        try:
            segments = [OpenSegment(directory, segment) for segment in commit.segments]
        except FileNotFoundError:  # a writer removed it just now: there is a newer commit
            if latest_generation(directory) == commit.generation:
                break
        else:
            return EmbeddedSnapshot(commit, segments, limits)
    raise IndexUnavailableError(f"{directory}: files of the index are missing; build it again")
