"""The public names of the package that builds indexes; each is imported on first use.

>>> from index import Article, analyse
>>> analyse([Article("1", "Giá lúa tăng")]).vocabulary
('giá', 'lúa', 'tăng')
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whoosh.index import FileIndex

    from index.analysis import AnalysedBatch, AnalysisError, analyse, analyse_all
    from index.article import Article
    from index.embedded.limits import WriteLimits
    from index.embedded.snapshots import restore_commit, restore_snapshot, write_snapshot
    from index.embedded.statistics import Statistics, read_statistics
    from index.embedded.verification import Verified, verify
    from index.embedded.writer import build, delete, purge, stored_schema, update
    from index.errors import IndexBusyError, IndexUnavailableError
    from index.history import WriteReport
    from index.schema import DEFAULT_SCHEMA, Field, Kind, Schema, SchemaError
    from index.schema_files import parse_field, read_schema

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

_MODULES: Mapping[str, str] = {
    "AnalysedBatch": "index.analysis",
    "AnalysisError": "index.analysis",
    "Article": "index.article",
    "DEFAULT_SCHEMA": "index.schema",
    "Field": "index.schema",
    "IndexBusyError": "index.errors",
    "IndexUnavailableError": "index.errors",
    "Kind": "index.schema",
    "Schema": "index.schema",
    "SchemaError": "index.schema",
    "Statistics": "index.embedded.statistics",
    "Verified": "index.embedded.verification",
    "WriteLimits": "index.embedded.limits",
    "WriteReport": "index.history",
    "analyse": "index.analysis",
    "analyse_all": "index.analysis",
    "build": "index.embedded.writer",
    "delete": "index.embedded.writer",
    "parse_field": "index.schema_files",
    "purge": "index.embedded.writer",
    "read_schema": "index.schema_files",
    "read_statistics": "index.embedded.statistics",
    "restore_commit": "index.embedded.snapshots",
    "restore_snapshot": "index.embedded.snapshots",
    "stored_schema": "index.embedded.writer",
    "update": "index.embedded.writer",
    "verify": "index.embedded.verification",
    "write_snapshot": "index.embedded.snapshots",
}
"""The module of each name, imported on first use, so that `index.vietnamese` can be used alone."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    """Import and return a public name."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def open_whoosh(directory: Path) -> "FileIndex":
    """Open an index read-only as a Whoosh index, for Whoosh's searchers, queries and matchers.

    Raises IndexUnavailableError if there is none, or it is damaged or of another version.
    """
    from index.embedded.whoosh.reading import ReadOnlyIndex  # Whoosh is imported only if needed

    return ReadOnlyIndex(directory)
