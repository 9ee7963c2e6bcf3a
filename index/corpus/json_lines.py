"""JSON lines: one object a line. Also a file that is one JSON array of objects."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

from index.article import Article
from index.corpus.lines import Line, read_lines, read_text, starts_with
from index.corpus.problems import BadRecord, InvalidRecordError
from index.corpus.record import article_from


def read_json_lines(path: Path, stream: io.BufferedReader) -> Iterator[Article | BadRecord]:
    """Give the article of every line that is not blank."""
    for line in read_lines(stream):
        if line.problem or not line.text.isspace():
            try:
                yield article_from(_object(_parsed(line)))
            except InvalidRecordError as error:
                yield BadRecord(path, line.number, str(error))


def read_json(path: Path, stream: io.BufferedReader) -> Iterator[Article | BadRecord]:
    """Give the articles of a `.json` file: an array, or lines in spite of the name."""
    if not starts_with(stream, b"["):
        yield from read_json_lines(path, stream)
        return
    text, problem = read_text(stream)
    try:
        items = _parsed(Line(0, text, problem and f"{problem} (JSON lines have no such limit)"))
    except InvalidRecordError as error:
        yield BadRecord(path, 0, str(error))
        return
    for number, item in enumerate(items if isinstance(items, list) else [items], start=1):
        try:
            yield article_from(_object(item))
        except InvalidRecordError as error:
            yield BadRecord(path, 0, f"item {number} of the array: {error}")


def _parsed(line: Line) -> object:
    if line.problem:
        raise InvalidRecordError(line.problem)
    try:
        return json.loads(line.text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}"
        raise InvalidRecordError(f"broken JSON: {error.msg} ({place})") from error
    except RecursionError as error:
        raise InvalidRecordError("broken JSON: nested too deeply") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise InvalidRecordError(f"broken JSON: {error}") from error


def _refuse(name: str) -> object:
    raise InvalidRecordError(f"broken JSON: {name} is no JSON value")


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidRecordError("not a JSON object; write a record as {...} on one line")
    return value
