"""Parquet files, read by DuckDB row by row."""

from collections.abc import Iterator
from typing import Any

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.libraries import require
from index.corpus.problems import BadRecord

_ROWS = 200  # fetched at once; arbitrary
MEMORY_LIMIT = "256MB"
"""Memory limit of DuckDB, beyond which it spills to disk; a row group of 122,880 articles of news
took 0.2 GB."""

_LEAN_SETTINGS = {
    # Row groups are read page by page, not as a whole: 36 MB less for 200,000 headlines.
    "disable_parquet_prefetching": "true",
    # Freed memory is returned to the system 1 MB at a time, not half a gigabyte: 16 MB less.
    "allocator_bulk_deallocation_flush_threshold": "1MB",
    # Buffer of rows to be fetched, by default 10 MB: 6 MB less.
    "streaming_buffer_size": "256KB",
}
"""Settings of DuckDB that save memory, used if its version has them. Together they reduce 172 MB to
118 for 200,000 headlines (`python -m benchmarks.corpora --format Parquet`)."""


def load_parquet(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the rows of a Parquet file; `--sql` may select from the view `corpus`."""
    duckdb = require("duckdb", "tables", "a Parquet file")
    number = 0
    with file.as_local_file() as path:
        try:
            with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": 1}) as database:
                _configure(database)
                name = str(path).replace("'", "''")
                view = f"CREATE VIEW corpus AS SELECT * FROM read_parquet('{name}')"  # noqa: S608
                database.execute(view)
                for number, fields in enumerate(_rows(database, file.options.sql), 1):
                    yield RawRecord(fields, 0, f"row {number}: ")
        except duckdb.Error as error:
            yield BadRecord(file.path, 0, f"after row {number}: {error}", damaged=number > 0)


def _configure(database: Any) -> None:  # noqa: ANN401
    # A file must not make DuckDB download an extension.
    database.execute("SET autoinstall_known_extensions = false")
    database.execute("SET preserve_insertion_order = true")
    known = database.execute("SELECT name FROM duckdb_settings()").fetchall()
    for name, value in _LEAN_SETTINGS.items():
        if (name,) in known:
            database.execute(f"SET {name} = '{value}'")


def _rows(database: Any, sql: str) -> Iterator[dict[str, object]]:  # noqa: ANN401
    result = database.execute(sql or "SELECT * FROM corpus")
    names = [column[0] for column in result.description]
    while rows := result.fetchmany(_ROWS):
        for row in rows:
            yield dict(zip(names, row, strict=True))
