"""CSV: the first row has the field names, every other row is an article."""

import csv
import re
from collections import deque
from collections.abc import Iterator

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.field_names import FieldNames
from index.corpus.lines import MAX_TEXT_BYTES, TOO_LONG, Line, LineReader
from index.corpus.problems import BadRecord, InvalidRecordError

_DELIMITERS = ",;\t|"

MAX_ROW_LINES = 100_000
"""Lines of one row, inside quotes; far more than any article has."""

_MAX_SWALLOWED_LINES = 100
"""Lines of a broken row that are taken for its text; with more, they are other rows. Arbitrary."""


def load_csv(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the record of every row; columns are separated by commas, semicolons, tabs or bars.

    A record is reported with the line it begins on, and may span several lines inside quotes. If a
    closing quotation mark is missing, the lines after the first are read again as rows.
    """
    lines = _CsvLines(LineReader(file))
    # The csv module's limit is global to the process and far too small; _CsvLines has its own.
    csv.field_size_limit(MAX_TEXT_BYTES)
    names = FieldNames(file.options.schema, file.options.mapping)
    header, delimiter = lines.next_line_with_text(), ""
    if header and header.text.lower().startswith("sep=") and not header.problem:
        delimiter = header.text[4:].strip("\r\n") or "\t"
        header = lines.next_line_with_text()
    if header is None:
        return
    try:
        columns, delimiter = _columns(header, delimiter, names)
    except InvalidRecordError as error:
        yield BadRecord(file.path, header.number, str(error), damaged=header.damaged)
        return
    # Some programs write a space after the delimiter, even before a quotation mark.
    rows = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    while not lines.finished:
        lines.begin_record()
        try:
            row = next(rows, [])
            if not lines.blank:
                yield RawRecord(_record(columns, row, lines.problem), lines.first)
        except (csv.Error, InvalidRecordError) as error:
            yield _bad_row(file, lines, error)


def _bad_row(file: CorpusFile, lines: "_CsvLines", error: Exception) -> BadRecord:
    reason = lines.problem or str(error)
    first, last = lines.first, lines.last
    unfinished = "end of data" in reason
    reason = "a quoted field that never ends" if unfinished else reason
    swallowed = isinstance(error, csv.Error) and not lines.problem
    if swallowed and (unfinished or lines.too_long or last - first > _MAX_SWALLOWED_LINES):
        lines.push_back_rest()
        reason += f" (up to line {last}); the lines below it are read as rows of their own"
    elif last > first:
        reason += f" (the row goes on to line {last})"
    return BadRecord(file.path, first, reason, damaged=lines.damaged)


class _CsvLines:
    """An iterator of lines for `csv.reader` that keeps those of the current record."""

    def __init__(self, lines: LineReader) -> None:
        self._lines = lines
        self._ends_with_cr = False
        self._pushed_back: deque[Line] = deque()
        self._current: list[Line] = []
        self.finished = False
        self.begin_record()

    def begin_record(self) -> None:
        self.first = self.last = self._size = 0
        self.problem = ""
        self.damaged = self.too_long = False
        self.blank = True
        self._current.clear()
        if not self._pushed_back:
            self._lines.skip_blank_lines()

    def next_line_with_text(self) -> Line | None:
        """Return the next line that is not blank; None at the end."""
        self._lines.skip_blank_lines()
        while (line := self._next_line()) and not line.problem and line.text.isspace():
            pass
        if line and "\r" in line.text.rstrip("\r\n"):  # old Macs end lines with CR only
            self._ends_with_cr = True
            self._pushed_back.appendleft(line)
            line = self._next_line()
        return line

    def _next_line(self) -> Line | None:
        line = self._pushed_back.popleft() if self._pushed_back else next(self._lines, None)
        if line and self._ends_with_cr and "\r" in line.text.rstrip("\r\n"):
            texts = re.split(r"\r\n?", line.text.rstrip("\r\n"))
            rows = [
                Line(number, f"{text}\n", line.problem, line.damaged)
                for number, text in enumerate(texts, line.number)
            ]
            self._pushed_back.extendleft(reversed(rows[1:]))
            line = rows[0]
        return line

    def push_back_rest(self) -> None:
        """Read the lines after the first of this record again, as separate records."""
        self._pushed_back.extendleft(reversed(self._current[1:]))
        self.finished = False

    def __iter__(self) -> "_CsvLines":
        return self

    def __next__(self) -> str:
        line = self._next_line()
        if line is None:
            self.finished = True
            raise StopIteration
        self._current.append(line)
        self.first = self.first or line.number
        self.last = line.number
        self.problem = self.problem or line.problem
        self.damaged = self.damaged or line.damaged
        self.blank = self.blank and not line.problem and line.text.isspace()
        self._size += len(line.text)
        if self._size > MAX_TEXT_BYTES or len(self._current) > MAX_ROW_LINES:
            self.too_long = True
            raise csv.Error(f"a row {TOO_LONG}; is a quotation mark missing?")
        return line.text


def _columns(header: Line, delimiter: str, names: FieldNames) -> tuple[list[str], str]:
    """Return the column names and the delimiter: the given one, or that with the most columns."""
    if header.problem:
        raise InvalidRecordError(header.problem)
    try:
        delimiter = delimiter or max(
            _DELIMITERS, key=lambda mark: len(next(csv.reader([header.text], delimiter=mark)))
        )
        reader = csv.reader(
            [header.text], delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t"
        )
        cells = next(reader)
    except (csv.Error, TypeError) as error:
        raise InvalidRecordError(f"no header of column names: {error}") from error
    columns = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, start=1)]
    if len(set(columns)) < len(columns):
        raise InvalidRecordError("the header (first row) names a column twice; the file is skipped")
    assigned = names.assign(tuple(columns))
    mapped = {name for field in ("title", "body") for name in names.mapped(field)}
    if not {"title", "body"} & assigned.keys() and not mapped & set(columns):
        raise InvalidRecordError(
            "the header (first row) has neither a title nor a body; the file is skipped; "
            "--map body=NAME says which column it is"
        )
    return columns, delimiter


def _record(columns: list[str], row: list[str], problem: str) -> dict[str, object]:
    if problem:
        raise InvalidRecordError(problem)
    extra = row[len(columns) :]
    if len(row) < len(columns) or any(cell.strip() for cell in extra):
        raise InvalidRecordError(f"{len(row)} columns where the header has {len(columns)}")
    return dict(zip(columns, row, strict=False))
