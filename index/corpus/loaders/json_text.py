"""An incremental JSON reader: the text of a file, parsed value by value."""

import json
import re
from collections.abc import Callable

from index.corpus.corpus_file import CorpusFile
from index.corpus.lines import TOO_LONG, read_chunks

DECODER = json.JSONDecoder(parse_constant=lambda _: None)  # NaN and Infinity are not JSON
# Also the byte order marks of concatenated files, and the separators of RFC 7464.
_BLANK = re.compile(r"[ \t\r\n\ufeff\x1e]*")
_ARRAY_OF_OBJECTS = re.compile(r"\[[ \t\r\n]*(?=[{\]])")
LIST_INSIDE = re.compile(r"\[[ \t\r\n]*(?=\{)")
_NEXT_RECORD = re.compile(r"\n(?=[{\[\ufeff])")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")

# If the text ends this close to an error, the value may only be incomplete: the longest token that
# the decoder treats as a unit is an escape, "\ud83d\ude00".
_MAX_TOKEN_CHARACTERS = 16

_MIN_WRAPPER_CHARACTERS = 1 << 20
"""Characters of an incomplete value from which a list of records is looked for in it. Arbitrary:
the largest of 35,000 articles has 60,000 characters."""


class BrokenValueError(ValueError):
    """A value that cannot be read."""


class WrapperFoundError(Exception):
    """A value wraps a list of records; the reader is now at its first item."""


class JsonText:
    """A cursor in the text of a JSON file, of which only the current value is in memory.

    `find_list` is called with the text so far and the start of a long value; it returns where the
    items of the list of records begin that the value wraps, None if it wraps none.
    """

    def __init__(
        self,
        file: CorpusFile,
        max_characters: int,
        find_list: Callable[[str, int], int | None] = lambda text, start: None,
    ) -> None:
        self._find_list = find_list
        self._max_characters = max_characters
        self._chunks = read_chunks(file)
        self._text = ""
        self._position = 0
        self._problem = ""
        self._ended = False
        self.damage = ""
        self.line = 1

    def character(self) -> str:
        """Return the next character, which must exist."""
        return self._text[self._position]

    def advance(self, count: int) -> None:
        """Move forward in the text, counting lines."""
        end = self._position + count
        self.line += self._text.count("\n", self._position, end)
        self._position = end

    def skip_blank(self) -> bool:
        """Go to the next character that is not blank; return False at the end of the file."""
        while True:
            blank = _BLANK.match(self._text, self._position)
            self.advance(len(blank[0]) if blank else 0)
            if self._position < len(self._text):
                return True
            if not self._fill():
                return False

    def starts_array(self) -> bool:
        """Move into an array whose first item is an object; return False if there is none here."""
        if self.character() != "[":
            return False
        while self._text[self._position + 1 :].isspace() or len(self._text) == self._position + 1:
            if not self._fill():
                break
        found = _ARRAY_OF_OBJECTS.match(self._text, self._position)
        self.advance(len(found[0]) if found else 0)
        return found is not None

    def find_list(self) -> bool:
        """Move into the next list of objects; return False at the end of the file."""
        while not (found := LIST_INSIDE.search(self._text, self._position)):
            self.advance(max(0, len(self._text) - self._position - _MAX_TOKEN_CHARACTERS))
            if not self._fill():
                self.advance(len(self._text) - self._position)
                return False
        self.advance(found.end() - self._position)
        return True

    def take_value(self, *, may_wrap: bool = False) -> object:
        """Return the value that begins here and move past it. Raises BrokenValueError.

        If it `may_wrap` a list of records and is long, moves into the list and raises
        WrapperFoundError.
        """
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._position)
            except json.JSONDecodeError as error:
                self._read_more(error, may_wrap=may_wrap)
                continue
            except RecursionError as error:
                raise BrokenValueError("broken JSON: nested too deeply") from error
            except ValueError as error:  # a whole number of thousands of digits
                raise BrokenValueError(f"broken JSON: {error}") from error
            if end == len(self._text) and isinstance(value, int | float) and self._fill():
                continue  # a number may be longer
            if self._problem and _ESCAPED_BYTE.search(self._text, self._position, end):
                raise BrokenValueError(self._problem)
            self.advance(end - self._position)
            return value

    def _read_more(self, error: json.JSONDecodeError, *, may_wrap: bool) -> None:
        """Read more of a value that may be incomplete; raise if it is broken or too long."""
        unread = len(self._text) - self._position
        if self._may_be_incomplete(error):
            if may_wrap and unread >= min(_MIN_WRAPPER_CHARACTERS, self._max_characters // 2):
                self._enter_list()
            if unread <= self._max_characters and self._fill(unread):
                return
        if unread > self._max_characters:
            raise BrokenValueError(f"a value {TOO_LONG}") from error
        raise BrokenValueError(self._reason(error)) from error

    def _enter_list(self) -> None:
        """Move into the list of records that the value wraps, if it wraps one."""
        if (inside := self._find_list(self._text, self._position)) is not None:
            self.advance(inside - self._position)
            raise WrapperFoundError

    def _may_be_incomplete(self, error: json.JSONDecodeError) -> bool:
        if self._ended:
            return False
        near_end = error.pos >= len(self._text) - _MAX_TOKEN_CHARACTERS
        return near_end or error.msg.startswith("Unterminated string")

    def _reason(self, error: json.JSONDecodeError) -> str:
        if self._problem and _ESCAPED_BYTE.search(self._text, self._position, error.pos + 1):
            return self._problem
        line = self.line + self._text.count("\n", self._position, error.pos)
        where = f"line {line}" if line > self.line else f"column {error.colno}"
        return f"broken JSON: {error.msg} ({where})"

    def skip_to_next_record(self) -> bool:
        """Move to the next line that begins with a value; return False if there is none.

        After an error in an array nothing else marks the next item; what is before it is lost.
        """
        while True:
            found = _NEXT_RECORD.search(self._text, self._position)
            if found:
                self.advance(found.end() - self._position)
                return True
            self.advance(len(self._text) - self._position - 1)  # a line end may be the last
            if not self._fill():
                self.advance(len(self._text) - self._position)
                return False

    def _fill(self, at_least: int = 0) -> bool:
        """Read `at_least` more characters and drop those consumed; return False at the end.

        A long value doubles the text each time, so that parsing it again and again stays linear.
        """
        if self._ended:
            return False
        pieces = [self._text[self._position :]]
        self._position = 0
        size = 0
        while size < max(at_least, 1):
            chunk = next(self._chunks, None)
            if chunk is None or chunk.damage:
                self.damage = chunk.damage if chunk else ""
                self._ended = True
                break
            self._problem = chunk.problem or self._problem
            pieces.append(chunk.text)
            size += len(chunk.text)
        self._text = "".join(pieces)
        return size > 0
