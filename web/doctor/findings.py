"""The input of a check, and its findings."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Level(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    """It works, but may not for long."""
    ERROR = "error"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked (`about`), what was observed, and what to do about it ("" for nothing)."""

    level: Level
    about: str
    what: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The index, machine and options that the checks of `timtin doctor` look at.

    `state` is None for an index without a state folder. `known_variables` are the environment
    variables that set an option; empty if unknown. With `read_all` every block of every file is
    read.
    """

    index: str
    state: Path | None
    environment: Mapping[str, str] = field(default_factory=dict)
    known_variables: frozenset[str] = frozenset()
    read_all: bool = False

    @property
    def folder(self) -> Path | None:
        """The folder of the index; None if it is in a cluster."""
        return None if "://" in self.index else Path(self.index)


Check = Callable[[CheckContext], Iterator[Finding]]
"""One check; an exception is reported as a finding."""


def ok(about: str, what: str) -> Finding:
    """Return a finding of level OK."""
    return Finding(Level.OK, about, what)


def warning(about: str, what: str, advice: str) -> Finding:
    """Return a finding of level WARNING: it works, but may not for long."""
    return Finding(Level.WARNING, about, what, advice)


def error(about: str, what: str, advice: str) -> Finding:
    """Return a finding of level ERROR: it does not work."""
    return Finding(Level.ERROR, about, what, advice)
