"""CSV: the first row names the fields, every other row is an article."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from index.article import Article
from index.corpus.lines import LIMIT, TOO_LONG, Line, read_lines
from index.corpus.problems import BadRecord, InvalidRecordError
from index.corpus.record import FIELDS, article_from


def read_csv(path: Path, stream: io.BufferedReader) -> Iterator[Article | BadRecord]:
    """Give the article of every row; columns are parted by commas, semicolons or tabs.

    A record begins on the line it is reported with and may span several, inside quotes.
    """
    lines = read_lines(stream)
    header = next((line for line in lines if line.problem or not line.text.isspace()), None)
    if header is None:
        return
    # The limit for a field is one for the whole process, and far too small; _Feed has its own.
    csv.field_size_limit(LIMIT)
    try:
        names, delimiter = _columns(header)
    except InvalidRecordError as error:
        yield BadRecord(path, header.number, str(error))
        return
    feed = _Feed(lines)
    rows = csv.reader(feed, delimiter=delimiter, strict=True)
    while not feed.finished:
        feed.begin_record()
        try:
            row = next(rows, [])
            if not feed.blank:
                yield article_from(_record(names, row, feed.problem))
        except (csv.Error, InvalidRecordError) as error:
            reason = feed.problem or str(error)
            reason = "a quoted field that never ends" if "end of data" in reason else reason
            if feed.last > feed.first:
                reason += f" (the row goes on to line {feed.last})"
            yield BadRecord(path, feed.first, reason)


class _Feed:
    """The lines of a file for `csv.reader`, which remembers where and what the record is."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self.finished = False
        self.begin_record()

    def begin_record(self) -> None:
        self.first = self.last = self._size = 0
        self.problem = ""
        self.blank = True

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.finished = True
            raise StopIteration
        self.first = self.first or line.number
        self.last = line.number
        self.problem = self.problem or line.problem
        self.blank = self.blank and not line.problem and line.text.isspace()
        self._size += len(line.text)
        if self._size > LIMIT:
            raise csv.Error(f"a row {TOO_LONG}; is a quotation mark missing?")
        return line.text


def _columns(header: Line) -> tuple[list[str], str]:
    """Give the names in a header, and the character that parts it into the most of them."""
    if header.problem:
        raise InvalidRecordError(header.problem)
    try:
        delimiter = max(
            ",;\t", key=lambda mark: len(next(csv.reader([header.text], delimiter=mark)))
        )
        cells = next(csv.reader([header.text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidRecordError(f"no header of column names: {error}") from error
    names = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, start=1)]
    names = [name.lower() if name.lower() in FIELDS else name for name in names]
    twice = len(set(names)) < len(names)
    if twice or not {"title", "body"} & set(names):
        wrong = "names a column twice" if twice else 'has neither a "title" nor a "body"'
        raise InvalidRecordError(f"the header (first row) {wrong}; the file is skipped")
    return names, delimiter


def _record(names: list[str], row: list[str], problem: str) -> dict[str, object]:
    if problem:
        raise InvalidRecordError(problem)
    if len(row) != len(names):
        raise InvalidRecordError(f"{len(row)} columns where the header has {len(names)}")
    return dict(zip(names, row, strict=True))
