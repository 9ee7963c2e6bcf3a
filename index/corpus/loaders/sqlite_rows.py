"""SQLite databases: the rows of `--sql`, or of the one table that looks like articles."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.field_names import FieldNames
from index.corpus.problems import BadRecord

_MAX_NAMED = 20


def load_sqlite(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the records of a database, which is opened read-only."""
    number = 0
    with file.as_local_file() as path:
        try:
            with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
                database.text_factory = _text
                database.execute("PRAGMA trusted_schema = OFF")
                sql = file.options.sql or _table_of_articles(file, database)
                rows = database.execute(sql)
                names = [column[0] for column in rows.description or ()]
                for number, row in enumerate(rows, 1):
                    place = f"row {number}: "
                    yield RawRecord(dict(zip(names, row, strict=True)), 0, place)
        except sqlite3.Error as error:
            yield BadRecord(file.path, 0, f"after row {number}: {error}", damaged=number > 0)
        except LookupError as error:
            yield BadRecord(file.path, 0, str(error))


def _text(raw: bytes) -> str:
    """Decode a text; what is not UTF-8 is later examined for legacy encodings, with its record."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _table_of_articles(file: CorpusFile, database: sqlite3.Connection) -> str:
    """Return the statement that reads the only table or view with a body.

    Raises LookupError if there is none, or more than one.
    """
    names = FieldNames(file.options.schema, file.options.mapping)
    found, tables = [], []
    listed = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    for (table,) in database.execute(listed):
        tables.append(table)
        quoted = table.replace('"', '""')
        columns = tuple(row[1] for row in database.execute(f'PRAGMA table_info("{quoted}")'))
        assigned = names.assign(columns)
        if "body" in assigned or names.mapped("body"):
            found.append(f'SELECT * FROM "{quoted}"')  # noqa: S608 # quoted
    if len(found) == 1:
        return found[0]
    some = ", ".join(tables[:_MAX_NAMED])
    looks = "several tables look" if found else "no table looks"
    example = "--sql 'SELECT id, title, text AS body FROM ...'"
    raise LookupError(f"{looks} like articles (of {some!a}); name the columns: {example}")
