"""The input of a loader: an open file, the options for reading it, and notes about its content."""

import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from index.corpus.notes import Notes
from index.schema import DEFAULT_SCHEMA, Schema


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How the records of a corpus become articles.

    `mapping` names, for a field of the schema, the record fields that it is taken from:
    {"body": ("content",)}. `encoding` is "auto", a name in `legacy.CONVERSIONS` or a Python codec.
    `sql` selects the records of a database or table; its column names are the fields. Relative
    dates are relative to `now`, None for the present.
    """

    schema: Schema = DEFAULT_SCHEMA
    mapping: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    encoding: str = "auto"
    sql: str = ""
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The named fields of a record as a loader found them.

    `line` is where it begins (0: the whole file), `place` describes where, if lines cannot.
    """

    fields: Mapping[str, object]
    line: int = 0
    place: str = ""


@dataclass(slots=True)
class CorpusFile:
    """One file of a corpus, open at its beginning.

    `path` is its name in reports, `suffix` determines the format, `on_disk` is the file that has
    these bytes; None if they are compressed, in an archive or from a pipe.
    """

    path: Path
    suffix: str
    stream: io.BufferedReader
    options: LoadOptions
    notes: Notes
    on_disk: Path | None = None

    @contextmanager
    def as_local_file(self) -> Iterator[Path]:
        """Yield a file on disk with the bytes of the stream, for libraries that need one."""
        if self.on_disk:
            yield self.on_disk
            return
        with tempfile.NamedTemporaryFile(suffix=self.suffix) as copy:
            shutil.copyfileobj(self.stream, copy)
            copy.flush()
            yield Path(copy.name)
