"""The problems of a corpus, and how they are reported."""

from dataclasses import dataclass
from pathlib import Path


class CorpusError(Exception):
    """A corpus that cannot be read at all: no such file, no permission, an unknown format."""


class MissingLibraryError(CorpusError):
    """A format that needs a library which is not installed; the message says how to install it."""


class InvalidRecordError(ValueError):
    """A record that is not an article; the message says why."""


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that was skipped: the file, the line it begins at (0: the whole file), and why.

    `damaged` means that the file could not be read from this place on, so that an unknown number of
    articles is missing; `unread` is the share of its bytes, from 0 to 1, that is certainly missing.
    """

    path: Path
    line: int
    reason: str
    damaged: bool = False
    unread: float = 0.0

    def __str__(self) -> str:
        name = str(self.path)
        name = name if name.isprintable() else ascii(name)
        return f"{name}:{self.line}: {self.reason}" if self.line else f"{name}: {self.reason}"


def quoted(value: str) -> str:
    """Return text of a corpus in quotes: at most 60 characters of ASCII, safe for a terminal."""
    return ascii(value if len(value) <= 60 else value[:57] + "...")
