"""JSON of any layout: an object a line, pretty-printed objects, arrays, and dumps that wrap them.

The file is read value by value, so memory is bounded by the largest record. A dump such as
`{"total": 2, "articles": [{...}, {...}]}` holds its records in a list; the longest list of objects
with a text is taken, wherever in the value it lies.
"""

import json
import re
from collections.abc import Iterator, Mapping

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.field_names import FieldNames
from index.corpus.lines import MAX_TEXT_BYTES, TOO_LONG, read_chunks
from index.corpus.problems import BadRecord

_DECODER = json.JSONDecoder(parse_constant=lambda _: None)  # NaN and Infinity are no JSON
_BLANK = re.compile(r"[ \t\r\n\ufeff\x1e]*")  # also marks of glued files, and RFC 7464's
_ARRAY_OF_OBJECTS = re.compile(r"\[[ \t\r\n]*(?=[{\]])")
_LIST_INSIDE = re.compile(r"\[[ \t\r\n]*(?=\{)")
_NEXT_RECORD = re.compile(r"\n(?=[{\[\ufeff])")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")

# A value may be unfinished where the text ends this near to the error: the longest token that the
# decoder looks at as a whole is an escape, "\ud83d\ude00".
_MAX_TOKEN_CHARACTERS = 16
_MAX_WRAPPER_LEVELS = 5
_MIN_FILL = 1 << 16


def load_json(
    file: CorpusFile, max_characters: int = MAX_TEXT_BYTES
) -> Iterator[RawRecord | BadRecord]:
    """Yield the records of a file of JSON; a value of more characters is no record.

    Where an object is longer, it wraps lists of records, which are then read one after another.
    """
    text = _Text(file, max_characters)
    names = FieldNames(file.options.schema, file.options.mapping)
    item = broken_line = 0
    in_array = in_wrapper = False
    while text.skip_blank():
        character = text.character()
        if in_array and character in ",]":
            in_array = character != "]"
            text.advance(1)
            if in_wrapper and not in_array:
                in_array, item = text.find_list(), 0
        elif not in_array and text.starts_array():
            in_array, item = True, 0
        else:
            item += in_array
            place = f"item {item} of the array: " if in_array else ""
            line = text.line
            try:
                value = text.take_value()
            except _BrokenValueError as error:
                if error.too_long and not in_array and text.enter_wrapper():
                    in_array, in_wrapper, item = True, True, 0
                    continue
                lost_array, in_array = in_array, False
                if text.skip_to_next_record() or not text.damage:
                    reason = f"{place}{error}"
                    yield BadRecord(file.path, line, reason, damaged=lost_array)
                else:
                    broken_line = line
                continue
            yield from _records(file, names, value, line, place)
    if text.damage:
        yield BadRecord(file.path, broken_line or text.line, text.damage, damaged=True)
    elif in_array:
        reason = "the array does not end: the file was cut short"
        yield BadRecord(file.path, text.line, reason, damaged=True)


def _records(
    file: CorpusFile, names: FieldNames, value: object, line: int, place: str
) -> Iterator[RawRecord | BadRecord]:
    if isinstance(value, dict):
        found = records_in(value, names)
        if found is None or len(found) == 1:
            yield RawRecord(value if found is None else found[0], line, place)
        else:
            yield from (
                RawRecord(record, line, f"{place}record {number}: ")
                for number, record in enumerate(found, 1)
            )
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for number, item in enumerate(value, 1):
            yield RawRecord(item, line, f"{place}item {number} of the array: ")
    elif not (isinstance(value, list) and not value):
        reason = f"{place}not a JSON object; write a record as {{...}}"
        yield BadRecord(file.path, line, reason)


def records_in(value: Mapping[str, object], names: FieldNames) -> list[Mapping[str, object]] | None:
    """Return the records that an object wraps; None where it is a record itself.

    Elasticsearch keeps a record under `_source`, dumps of content systems keep a list of them.
    """
    source = value.get("_source")
    if isinstance(source, dict):
        return [{"_id": value.get("_id"), **source}]
    if is_record(value, names):
        return None
    longest: list[Mapping[str, object]] = []
    level: list[Mapping[str, object]] = [value]
    for _ in range(_MAX_WRAPPER_LEVELS):
        inner: list[Mapping[str, object]] = []
        for outer in level:
            for item in outer.values():
                found = _records_of_list(item, names)
                longest = found if len(found) > len(longest) else longest
                if isinstance(item, dict):
                    inner.append(item)
                elif isinstance(item, list) and not found:
                    inner.extend(entry for entry in item[:10] if isinstance(entry, dict))
        if longest:
            return longest
        level = inner
    return None


def _records_of_list(value: object, names: FieldNames) -> list[Mapping[str, object]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return []
    found: list[Mapping[str, object]] = []
    for item in value:
        inner = records_in(item, names) if "_source" in item else None
        found.append(inner[0] if inner else item)
    return found if any(is_record(item, names) for item in found) else []


def is_record(value: Mapping[str, object], names: FieldNames) -> bool:
    """Return whether an object has a field that is a title or a body."""
    assigned = names.assign(tuple(map(str, value)))
    for field in ("title", "body"):
        if names.mapped(field):
            return True
        if any(not isinstance(value.get(name), list) for name in assigned.get(field, ())):
            return True
    return False


class _BrokenValueError(ValueError):
    """A value that cannot be read."""

    def __init__(self, reason: str, *, too_long: bool = False) -> None:
        super().__init__(reason)
        self.too_long = too_long


class _Text:
    """The text of a file, of which only what is being read is held."""

    def __init__(self, file: CorpusFile, max_characters: int) -> None:
        self._max_characters = max_characters
        self._chunks = read_chunks(file)
        self._held = ""
        self._place = 0
        self._problem = ""
        self._ended = False
        self.damage = ""
        self.line = 1

    def character(self) -> str:
        return self._held[self._place]

    def advance(self, count: int) -> None:
        """Go on in the held text, counting lines."""
        end = self._place + count
        self.line += self._held.count("\n", self._place, end)
        self._place = end

    def skip_blank(self) -> bool:
        """Go to the next character that is not blank; return False at the end of the file."""
        while True:
            blank = _BLANK.match(self._held, self._place)
            self.advance(len(blank[0]) if blank else 0)
            if self._place < len(self._held):
                return True
            if not self._fill():
                return False

    def starts_array(self) -> bool:
        """Enter an array whose first item is an object; return whether there is one."""
        if self.character() != "[":
            return False
        while self._held[self._place + 1 :].isspace() or len(self._held) == self._place + 1:
            if not self._fill():
                break
        found = _ARRAY_OF_OBJECTS.match(self._held, self._place)
        self.advance(len(found[0]) if found else 0)
        return found is not None

    def enter_wrapper(self) -> bool:
        """Enter the first list of objects of a value too long to be held; False if it has none."""
        next_line = _NEXT_RECORD.search(self._held, self._place)
        end = next_line.end() + 1 if next_line else len(self._held)
        found = _LIST_INSIDE.search(self._held, self._place, end)
        self.advance(found.end() - self._place if found else 0)
        return found is not None

    def find_list(self) -> bool:
        """Enter the next list of objects behind this place; return False where the file ends."""
        while not (found := _LIST_INSIDE.search(self._held, self._place)):
            self.advance(max(0, len(self._held) - self._place - _MAX_TOKEN_CHARACTERS))
            if not self._fill():
                self.advance(len(self._held) - self._place)
                return False
        self.advance(found.end() - self._place)
        return True

    def take_value(self) -> object:
        """Return the value that begins here, and go behind it. Raises _BrokenValueError."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._place)
            except json.JSONDecodeError as error:
                if self._may_be_unfinished(error) and self._fill(len(self._held) - self._place):
                    continue
                if len(self._held) - self._place > self._max_characters:
                    raise _BrokenValueError(f"a value {TOO_LONG}", too_long=True) from error
                raise _BrokenValueError(self._reason(error)) from error
            except RecursionError as error:
                raise _BrokenValueError("broken JSON: nested too deeply") from error
            except ValueError as error:  # a whole number of thousands of digits
                raise _BrokenValueError(f"broken JSON: {error}") from error
            if end == len(self._held) and isinstance(value, int | float) and self._fill():
                continue  # a number that goes on
            if self._problem and _ESCAPED_BYTE.search(self._held, self._place, end):
                raise _BrokenValueError(self._problem)
            self.advance(end - self._place)
            return value

    def _may_be_unfinished(self, error: json.JSONDecodeError) -> bool:
        if self._ended or len(self._held) - self._place > self._max_characters:
            return False
        near_end = error.pos >= len(self._held) - _MAX_TOKEN_CHARACTERS
        return near_end or error.msg.startswith("Unterminated string")

    def _reason(self, error: json.JSONDecodeError) -> str:
        if self._problem and _ESCAPED_BYTE.search(self._held, self._place, error.pos + 1):
            return self._problem
        line = self.line + self._held.count("\n", self._place, error.pos)
        where = f"line {line}" if line > self.line else f"column {error.colno}"
        return f"broken JSON: {error.msg} ({where})"

    def skip_to_next_record(self) -> bool:
        """Go to the next line that begins a value; return False where there is none.

        Inside an array nothing else marks the next item, so what comes before such a line is lost.
        """
        while True:
            found = _NEXT_RECORD.search(self._held, self._place)
            if found:
                self.advance(found.end() - self._place)
                return True
            self.advance(len(self._held) - self._place - 1)  # a line end may be the last
            if not self._fill():
                self.advance(len(self._held) - self._place)
                return False

    def _fill(self, at_least: int = 0) -> bool:
        """Hold more of the file, and no longer what was read; return False at its end.

        Twice as much each time a value goes on: a value of n characters costs 2n to look at.
        """
        if self._ended:
            return False
        pieces = [self._held[self._place :]]
        self._place = 0
        size, wanted = 0, max(at_least, 1)
        while size < wanted:
            chunk = next(self._chunks, None)
            if chunk is None or chunk.damage:
                self.damage = chunk.damage if chunk else ""
                self._ended = True
                break
            self._problem = chunk.problem or self._problem
            pieces.append(chunk.text)
            size += len(chunk.text)
        self._held = "".join(pieces)
        return size > 0
