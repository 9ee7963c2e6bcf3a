"""What a check is asked about, and what it finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and may not for long."""
    ERROR = "error"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, what was observed, and what to do; "" where nothing needs doing."""

    level: Level
    about: str
    what: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What `timtin doctor` was asked about.

    `state` is None where an index has no folder of keys and tasks. `known_variables`
    are the environment variables that set an option; empty where they are unknown. `read_all`: read
    every block of every file.
    """

    index: str
    state: Path | None
    environment: Mapping[str, str] = field(default_factory=dict)
    known_variables: frozenset[str] = frozenset()
    read_all: bool = False

    @property
    def folder(self) -> Path | None:
        """The folder of the index; None where a cluster holds it."""
        return None if "://" in self.index else Path(self.index)


Check = Callable[[CheckContext], Iterator[Finding]]
"""One check; what it raises is a finding, too."""


def ok(about: str, what: str) -> Finding:
    """Return a finding of level OK."""
    return Finding(Level.OK, about, what)


def warning(about: str, what: str, advice: str) -> Finding:
    """Return a finding of level WARNING: it works, and may not for long."""
    return Finding(Level.WARNING, about, what, advice)


def error(about: str, what: str, advice: str) -> Finding:
    """Return a finding of level ERROR: it does not work."""
    return Finding(Level.ERROR, about, what, advice)
