"""The embedded engine: a folder that holds an index, always read at its newest commit."""

import logging
import time
from pathlib import Path
from threading import Lock

from index.embedded.commits import CommitStamp, commit_stamp, read_commit
from index.embedded.segment import OpenSegment, Segment
from index.errors import IndexUnavailableError
from search.engines.embedded.index_reader import EmbeddedReader
from search.engines.embedded.limits import DEFAULT_LIMITS, Limits

_ATTEMPTS = 10
"""How often a commit is opened anew whose files a writer removed just then; arbitrary."""

_LOG = logging.getLogger(__name__)


def open_engine(location: str | Path, limits: Limits = DEFAULT_LIMITS) -> "EmbeddedEngine":
    """Open the index in a folder.

    Raises IndexUnavailableError where there is none, or it is damaged or foreign.
    """
    return EmbeddedEngine(Path(location), limits)


class EmbeddedEngine:
    """See `search.engines.contract.Engine`. One a process, shared by all threads.

    A newer commit that cannot be opened leaves the one before serving, and is tried again when it
    changes or after `retry_seconds`. Where there is no commit any more, there is nothing to serve;
    nor where a file was cut short that is open, which is looked for every `retry_seconds`.
    """

    def __init__(
        self, directory: Path, limits: Limits = DEFAULT_LIMITS, retry_seconds: float = 1.0
    ) -> None:
        self._directory = directory
        self._limits = limits
        self._retry_seconds = retry_seconds
        self._opening = Lock()
        # Before the commit is read: one that is written meanwhile is noticed at the next look.
        self._stamp = self._look()
        self._reader = _open(directory, limits, None)
        self._failed: tuple[CommitStamp, float] | None = None
        self._seen_whole = time.monotonic()

    def reader(self) -> EmbeddedReader:
        """See `search.engines.contract.Engine`; a look at the folder, some 25 microseconds.

        While one thread opens a new commit the others go on with the one before.
        """
        if self._is_new(self._look()) and self._opening.acquire(blocking=False):
            try:
                stamp = self._look()
                if self._is_new(stamp):  # or another thread opened it before this one came here
                    self._renew(stamp)
            finally:
                self._opening.release()
        if time.monotonic() - self._seen_whole > self._retry_seconds:
            self._look_for_whole_files()
        return self._reader

    def _look_for_whole_files(self) -> None:
        """Open the commit anew where a file of it was cut short.

        Raises IndexUnavailableError where it is so still, until it was restored or replaced.
        """
        reader = self._reader
        if not all(segment.is_whole() for segment in reader.segments):
            reader.is_lost = True
            with self._opening:
                if self._reader is reader:  # or another thread has opened it anew meanwhile
                    self._reader = _open(self._directory, self._limits, None)
        self._seen_whole = time.monotonic()

    def _look(self) -> CommitStamp:
        """Return the stamp of the newest commit. Raises IndexUnavailableError where none is."""
        stamp = commit_stamp(self._directory)
        if stamp is None:
            read_commit(self._directory)  # says best what is wrong
            raise IndexUnavailableError(f"{self._directory}: the index was replaced; try again")
        return stamp

    def _is_new(self, stamp: CommitStamp) -> bool:
        if stamp == self._stamp:
            return False
        if self._failed is None or self._failed[0] != stamp:
            return True
        return time.monotonic() - self._failed[1] > self._retry_seconds

    def _renew(self, stamp: CommitStamp) -> None:
        """Open the commit of a stamp, or note that it cannot be opened now."""
        try:
            self._reader = _open(self._directory, self._limits, self._reader)
        except IndexUnavailableError as error:
            if self._failed is None or self._failed[0] != stamp:  # not again at every try
                _LOG.warning("serving the commit before: %s", error)
            self._failed = stamp, time.monotonic()
        else:
            self._stamp, self._failed = stamp, None


def _open(directory: Path, limits: Limits, old: EmbeddedReader | None) -> EmbeddedReader:
    """Open the newest commit; it may be the old one, in files that were copied or touched."""
    for _ in range(_ATTEMPTS):
        commit = read_commit(directory)
        if old is not None and old.identity == commit.identity:
            return old
        try:
            segments = [_opened(directory, segment, old) for segment in commit.segments]
        except FileNotFoundError as error:
            # A writer removed it just now, and there is a newer commit; else it is incomplete.
            if read_commit(directory).identity == commit.identity:
                raise IndexUnavailableError(
                    f"{error.filename}: a file of the index is missing; build it again"
                ) from error
        except OSError as error:
            raise IndexUnavailableError(
                f"{error.filename}: the index cannot be read ({error.strerror}); try again"
            ) from error
        else:
            return EmbeddedReader(commit, segments, limits, old)
    raise IndexUnavailableError(f"{directory}: its commits vanish as they are read; try again")


def _opened(directory: Path, segment: Segment, old: EmbeddedReader | None) -> OpenSegment:
    """Open a segment, or go on with the files that the commit before has open."""
    for known in old.segments if old else ():
        if found := known.reopened(segment):
            return found
    return OpenSegment(directory, segment)
