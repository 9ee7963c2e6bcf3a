"""Articles in, an index on disk out.

from index import Article, analyse, build

build([analyse([Article("1", "Giá lúa tăng", body="...")])], Path("my-index"))
"""

from pathlib import Path
from typing import TYPE_CHECKING

from index.analysis import AnalysedBatch, AnalysisError, analyse, analyse_all
from index.article import Article
from index.embedded.limits import WriteLimits
from index.embedded.snapshots import restore_commit, restore_snapshot, write_snapshot
from index.embedded.statistics import Statistics, read_statistics
from index.embedded.verification import Verified, verify
from index.embedded.writer import WriteReport, build, delete, purge, stored_schema, update
from index.errors import IndexBusyError, IndexUnavailableError
from index.schema import DEFAULT_SCHEMA, Field, Kind, Schema, SchemaError, parse_field, read_schema

if TYPE_CHECKING:
    from whoosh.index import FileIndex

__all__ = [
    "DEFAULT_SCHEMA",
    "AnalysedBatch",
    "AnalysisError",
    "Article",
    "Field",
    "IndexBusyError",
    "IndexUnavailableError",
    "Kind",
    "Schema",
    "SchemaError",
    "Statistics",
    "Verified",
    "WriteLimits",
    "WriteReport",
    "analyse",
    "analyse_all",
    "build",
    "delete",
    "open_whoosh",
    "parse_field",
    "purge",
    "read_schema",
    "read_statistics",
    "restore_commit",
    "restore_snapshot",
    "stored_schema",
    "update",
    "verify",
    "write_snapshot",
]


def open_whoosh(directory: Path) -> "FileIndex":
    """Open an index with Whoosh, for reading: its searchers, queries and matchers work on it.

    Raises IndexUnavailableError where there is none, or it is damaged or of another version.
    """
    from index.embedded.whoosh.reading import ReadOnlyIndex  # whoever never asks loads no Whoosh

    return ReadOnlyIndex(directory)
