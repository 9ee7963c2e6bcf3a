"""The engines that the contract suite tests, and how a test writes to their indexes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hypothesis import Phase

from index.analysis import AnalysedBatch
from index.embedded import writer
from index.opensearch import writer as cluster_writer
from index.opensearch.lifecycle import Settings
from search.engines import open_engine
from search.engines.contract import Engine
from tests import cluster
from tests.index.embedded.segments import IN_SEGMENTS
from tests.search.engines.contract.corpora import ANY_GAPS, PART_GAPS, SCHEMA, TOKEN_FIELDS


class Index(Protocol):
    """An index with the schema `corpora.SCHEMA`, initially empty, that a test writes to."""

    def build(self, batches: Iterable[AnalysedBatch]) -> None:
        """Replace all articles."""
        ...

    def update(self, batches: Iterable[AnalysedBatch]) -> None:
        """Add articles; replace those with the same ids."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove the articles of these ids."""
        ...

    def open(self) -> Engine:
        """Open what was written so far."""
        ...


@dataclass(frozen=True)
class EngineUnderTest:
    """An engine under test: `tolerance` is how far a score may be from the oracle's.

    `counts_deleted`: its statistics may count articles that were deleted since the last build.
    `frozen`: a reader does not change when the index does. `gaps`: the gaps between positions
    that it can keep. `prefix_fields`: the fields whose terms it lists. `examples`: how many
    histories are tried, fewer where a write takes long.
    """

    name: str
    make: Callable[[Path], Index]
    tolerance: float
    counts_deleted: bool = False
    frozen: bool = True
    gaps: Sequence[int] = ANY_GAPS
    prefix_fields: Sequence[str] = TOKEN_FIELDS
    examples: int = 40
    phases: Sequence[Phase] = tuple(Phase)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class EmbeddedIndex:
    """An index in a folder."""

    folder: Path

    def build(self, batches: Iterable[AnalysedBatch]) -> None:
        writer.build(batches, self.folder, SCHEMA)

    def update(self, batches: Iterable[AnalysedBatch]) -> None:
        writer.update(batches, self.folder, SCHEMA, limits=IN_SEGMENTS)

    def delete(self, ids: Sequence[str]) -> None:
        writer.delete(self.folder, ids, limits=IN_SEGMENTS)

    def open(self) -> Engine:
        return open_engine(str(self.folder))


@dataclass(frozen=True)
class ClusterIndex:
    """An index in a real cluster; all tests write to the same one."""

    folder: Path

    @property
    def location(self) -> str:
        return cluster.location("contract")

    def build(self, batches: Iterable[AnalysedBatch]) -> None:
        cluster_writer.build(batches, self.location, SCHEMA, settings=SMALL)

    def update(self, batches: Iterable[AnalysedBatch]) -> None:
        cluster_writer.update(batches, self.location, SCHEMA, settings=SMALL)

    def delete(self, ids: Sequence[str]) -> None:
        cluster_writer.delete(self.location, ids)

    def open(self) -> Engine:
        return open_engine(self.location)


SMALL = Settings(shards=1, replicas=0)
EMBEDDED = EngineUnderTest("embedded", EmbeddedIndex, tolerance=1e-9)
CLUSTER = EngineUnderTest(
    "opensearch",
    ClusterIndex,
    tolerance=1e-6,  # Lucene sums in float32
    counts_deleted=True,  # until a merge; soft deletes are retained for recovery
    frozen=False,
    gaps=PART_GAPS,
    prefix_fields=("text",),  # from the models, which count "text" (it contains the others)
    examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
)
ENGINES = (EMBEDDED, *([CLUSTER] if cluster.available() else []))
"""All engines that can be tested here: the cluster only if its node is available."""
