"""The engines that the contract's suite is run against, and how a test writes to their indexes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.analysis import AnalysedBatch
from index.embedded import writer
from search.engines import open_engine
from search.engines.contract import Engine


class Index(Protocol):
    """An index that a test writes to, empty at first."""

    def build(self, batches: Iterable[AnalysedBatch]) -> None:
        """Replace all articles."""
        ...

    def update(self, batches: Iterable[AnalysedBatch]) -> None:
        """Add articles, replacing those of the same ids."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove the articles of these ids."""
        ...

    def open(self) -> Engine:
        """Open what was written so far."""
        ...


@dataclass(frozen=True)
class Contestant:
    """An engine under test: `tolerance` is how far a score may be from the oracle's.

    `frozen`: a snapshot does not change when the index does.
    """

    name: str
    make: Callable[[Path], Index]
    tolerance: float
    frozen: bool = True

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class EmbeddedIndex:
    """An index in a folder."""

    folder: Path

    def build(self, batches: Iterable[AnalysedBatch]) -> None:
        writer.build(batches, self.folder)

    def update(self, batches: Iterable[AnalysedBatch]) -> None:
        writer.update(batches, self.folder)

    def delete(self, ids: Sequence[str]) -> None:
        writer.delete(self.folder, ids)

    def open(self) -> Engine:
        return open_engine(str(self.folder))


ENGINES = (Contestant("embedded", EmbeddedIndex, tolerance=1e-9),)
"""Every engine; one that needs a server is left out where there is none."""
