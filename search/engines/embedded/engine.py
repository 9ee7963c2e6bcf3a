"""The embedded engine: reads the newest commit of an index in a local folder."""

import logging
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock

from index.embedded.commits import CommitStamp, commit_stamp, generations, read_commit
from index.embedded.segment import OpenSegment, Segment
from index.errors import IndexUnavailableError
from search.engines.embedded.index_reader import EmbeddedReader
from search.engines.embedded.limits import DEFAULT_LIMITS, Limits

_ATTEMPTS = 10
"""Attempts to open a commit while a writer is removing files of older commits; arbitrary."""

_LOG = logging.getLogger(__name__)


def open_engine(location: str | Path, limits: Limits = DEFAULT_LIMITS) -> "EmbeddedEngine":
    """Open the index in a folder.

    Raises IndexUnavailableError if there is none, it is damaged, or it is of another format.
    """
    return EmbeddedEngine(Path(location), limits)


class EmbeddedEngine:
    """See `search.engines.contract.Engine`. One per process, shared by all threads.

    If a newer commit cannot be opened, the newest one that can is used: one that the folder keeps,
    or else the one in use. The newer one is tried again when it changes or after `retry_seconds`.
    `reader` raises if there is no commit any more, or if an open file was truncated, which is
    checked every `retry_seconds`.
    """

    def __init__(
        self, directory: Path, limits: Limits = DEFAULT_LIMITS, retry_seconds: float = 1.0
    ) -> None:
        self._directory = directory
        self._limits = limits
        self._retry_seconds = retry_seconds
        self._opening = Lock()
        # Read before the commit, so that the next check notices a commit written in between.
        self._stamp = self._newest_stamp()
        self._reader = _open(directory, limits, None)
        self._failed: tuple[CommitStamp, float] | None = None
        self._checked_at = time.monotonic()

    def reader(self) -> EmbeddedReader:
        """See `search.engines.contract.Engine`. Checking the folder takes about 25 microseconds.

        While one thread opens a new commit, the others keep using the previous one.
        """
        if self._is_new(self._newest_stamp()) and self._opening.acquire(blocking=False):
            try:
                stamp = self._newest_stamp()
                if self._is_new(stamp):  # otherwise another thread has opened it
                    self._renew(stamp)
            finally:
                self._opening.release()
        if time.monotonic() - self._checked_at > self._retry_seconds:
            self._reopen_if_truncated()
        return self._reader

    def _reopen_if_truncated(self) -> None:
        """Reopen the commit if one of its files was truncated.

        Raises IndexUnavailableError until the file is restored or the commit replaced.
        """
        reader = self._reader
        if not all(segment.is_whole() for segment in reader.segments):
            reader.is_lost = True
            with self._opening:
                if self._reader is reader:  # otherwise another thread has reopened it
                    self._reader = _open(self._directory, self._limits, None)
        self._checked_at = time.monotonic()

    def _newest_stamp(self) -> CommitStamp:
        """Return the stamp of the newest commit. Raises IndexUnavailableError if there is none."""
        stamp = commit_stamp(self._directory)
        if stamp is None:
            read_commit(self._directory)  # raises the most specific error
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
            if self._failed is None or self._failed[0] != stamp:  # log once, not on every retry
                _LOG.warning("serving the previous commit: %s", error)
            self._failed = stamp, time.monotonic()
            self._reader = self._newest_before(stamp)
        else:
            self._stamp, self._failed = stamp, None

    def _newest_before(self, stamp: CommitStamp) -> EmbeddedReader:
        """Return the newest older commit that can be opened, at least the one in use.

        Otherwise processes that opened different commits before would answer differently.
        """
        for generation in generations(self._directory):
            if generation <= self._reader.generation:
                break
            if generation < stamp.generation:
                with suppress(IndexUnavailableError):
                    return _open(self._directory, self._limits, self._reader, generation)
        return self._reader


def _open(
    directory: Path, limits: Limits, old: EmbeddedReader | None, generation: int | None = None
) -> EmbeddedReader:
    """Open the newest commit or a generation; return `old` if that is the same commit."""
    for _ in range(_ATTEMPTS):
        commit = read_commit(directory, generation)
        if old is not None and old.identity == commit.identity:
            return old
        try:
            segments = [_open_segment(directory, segment, old) for segment in commit.segments]
        except FileNotFoundError as error:
            # If a writer has just removed it, there is a newer commit; if not, this one is damaged.
            if read_commit(directory, generation).identity == commit.identity:
                raise IndexUnavailableError(
                    f"{error.filename}: a file of the index is missing; build it again"
                ) from error
        except OSError as error:
            raise IndexUnavailableError(
                f"{error.filename}: the index cannot be read ({error.strerror}); try again"
            ) from error
        else:
            return EmbeddedReader(commit, segments, limits, old)
    raise IndexUnavailableError(
        f"{directory}: its commits were replaced while they were read; try again"
    )


def _open_segment(directory: Path, segment: Segment, old: EmbeddedReader | None) -> OpenSegment:
    """Open a segment, or reuse the files that the previous commit's reader has open."""
    for opened in old.segments if old else ():
        if found := opened.reopened(segment):
            return found
    return OpenSegment(directory, segment)
