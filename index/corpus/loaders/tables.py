"""Parquet and DuckDB's own files, read by DuckDB, row by row."""

from collections.abc import Iterator
from typing import Any

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.libraries import require
from index.corpus.problems import BadRecord

_ROWS = 200  # fetched at once
MEMORY_LIMIT = "256MB"
"""What DuckDB may hold; a group of 122,880 rows of news took .2 GB. The rest goes to its disk."""


def load_parquet(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the rows of a Parquet file; `--sql` may select from the view `corpus`."""
    duckdb = require("duckdb", "tables", "a Parquet file")
    number = 0
    with file.as_local_file() as path:
        try:
            with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": 1}) as database:
                # Nothing is fetched from a network on behalf of a file.
                database.execute("SET autoinstall_known_extensions = false")
                database.execute("SET preserve_insertion_order = true")
                name = str(path).replace("'", "''")
                view = f"CREATE VIEW corpus AS SELECT * FROM read_parquet('{name}')"  # noqa: S608
                database.execute(view)
                for number, fields in enumerate(_rows(database, file.options.sql), 1):
                    yield RawRecord(fields, 0, f"row {number}: ")
        except duckdb.Error as error:
            yield BadRecord(file.path, 0, f"after row {number}: {error}", damaged=number > 0)


def _rows(database: Any, sql: str) -> Iterator[dict[str, object]]:  # noqa: ANN401
    result = database.execute(sql or "SELECT * FROM corpus")
    names = [column[0] for column in result.description]
    while rows := result.fetchmany(_ROWS):
        for row in rows:
            yield dict(zip(names, row, strict=True))
