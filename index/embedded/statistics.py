"""The size of an index: its articles, segments and bytes."""

from dataclasses import dataclass
from pathlib import Path

from index.embedded.commits import read_commit


@dataclass(frozen=True, slots=True)
class Statistics:
    """The number of articles and segments of an index, and its bytes on disk."""

    articles: int
    segments: int
    bytes: int


def read_statistics(directory: Path) -> Statistics:
    """Count what is in the index; raises IndexUnavailableError if there is none."""
    commit = read_commit(directory)
    return Statistics(
        articles=commit.articles,
        segments=len(commit.segments),
        bytes=sum(path.stat().st_size for path in directory.iterdir() if path.is_file()),
    )
