"""What can be wrong with a corpus, and how it is told."""

from dataclasses import dataclass
from pathlib import Path


class CorpusError(Exception):
    """A corpus that cannot be read at all: no such file, no permission, an unknown format."""


class InvalidRecordError(ValueError):
    """A record that is no article; its text says why."""


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that was skipped: the file, the line it begins at (0: the whole file), and why."""

    path: Path
    line: int
    reason: str

    def __str__(self) -> str:
        name = str(self.path)
        name = name if name.isprintable() else ascii(name)
        return f"{name}:{self.line}: {self.reason}" if self.line else f"{name}: {self.reason}"


def quoted(value: str) -> str:
    """Give a stranger's text in quotes: at most 60 characters of ASCII, safe for a terminal."""
    return ascii(value if len(value) <= 60 else value[:57] + "...")
