"""What a check is told and what it finds."""

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
    """What was looked at, what is so, and what to do about it; `advice` is "" where nothing is."""

    level: Level
    about: str
    what: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What `timtin doctor` was asked about.

    `state` is None where an index has no folder of keys and tasks. `known` are the environment
    variables that options have; none where they cannot be known. `every_block`: read all files.
    """

    index: str
    state: Path | None
    environment: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    every_block: bool = False

    @property
    def folder(self) -> Path | None:
        """The folder of the index; None where a cluster holds it."""
        return None if "://" in self.index else Path(self.index)


Check = Callable[[Examined], Iterator[Finding]]
"""One check; what it raises is a finding, too."""


def ok(about: str, what: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Level.OK, about, what)


def warning(about: str, what: str, advice: str) -> Finding:
    """Return what works but may not for long."""
    return Finding(Level.WARNING, about, what, advice)


def error(about: str, what: str, advice: str) -> Finding:
    """Return what does not work."""
    return Finding(Level.ERROR, about, what, advice)
