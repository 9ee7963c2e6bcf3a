"""Bytes to text: which encoding a file is in, and its lines, however long or broken they are."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.corpus.streams import DAMAGE

LIMIT = 1 << 24
"""The longest line, CSV row or text file that is read: 16 MiB, far above any article."""

TOO_LONG = f"longer than {LIMIT >> 20} MiB, which is no article"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end, counted from 1. `problem` says why its text cannot be trusted, or ""."""

    number: int
    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Encoding:
    name: str
    newline: bytes
    mark: bytes


_UTF8 = _Encoding("utf-8", b"\n", b"\xef\xbb\xbf")
_UTF16_LE = _Encoding("utf-16-le", b"\n\0", b"\xff\xfe")
_UTF16_BE = _Encoding("utf-16-be", b"\0\n", b"\xfe\xff")


def read_lines(stream: io.BufferedReader) -> Iterator[Line]:
    """Give every line of a file; where the file is damaged, a last one that says so."""
    number = 0
    try:
        encoding = _skip_mark(stream)
        while raw := _raw_line(stream, encoding):
            number += 1
            if len(raw) >= LIMIT and not raw.endswith(encoding.newline):
                while (raw := _raw_line(stream, encoding)) and not raw.endswith(encoding.newline):
                    pass
                yield Line(number, "", f"a line {TOO_LONG}")
            else:
                text, problem = _decode(raw, encoding)
                yield Line(number, text, problem)
    except DAMAGE as error:
        yield Line(number + 1, "", _damage(error))


def read_text(stream: io.BufferedReader) -> tuple[str, str]:
    """Give a whole file's text, and what is wrong with it ("" if nothing is)."""
    try:
        encoding = _skip_mark(stream)
        raw = stream.read(LIMIT + 1)
    except DAMAGE as error:
        return "", _damage(error)
    if len(raw) > LIMIT:
        return "", f"a file {TOO_LONG}"
    return _decode(raw, encoding)


def starts_with(stream: io.BufferedReader, character: bytes) -> bool:
    """Tell whether a file's first character that is not blank is this ASCII one."""
    try:
        start = stream.peek(1024)
    except DAMAGE:
        return False  # the reader that follows meets it again and tells
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(character)


def _skip_mark(stream: io.BufferedReader) -> _Encoding:
    start = stream.peek(1024)[:1024]
    for encoding in (_UTF8, _UTF16_LE, _UTF16_BE):
        if start.startswith(encoding.mark):
            stream.read(len(encoding.mark))
            return encoding
    # In UTF-16 without a mark, every ASCII character has a zero byte, always on the same side.
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > max(2 * even, len(start) // 8):
        return _UTF16_LE
    if even > max(2 * odd, len(start) // 8):
        return _UTF16_BE
    return _UTF8


def _raw_line(stream: io.BufferedReader, encoding: _Encoding) -> bytes:
    """Read up to and including the next line end, the end of the file, or LIMIT bytes."""
    if encoding is _UTF8:
        return stream.readline(LIMIT)
    line = bytearray()
    while len(line) < LIMIT and not (len(line) > 1 and line.endswith(encoding.newline)):
        # readline stops at any byte 0A, which may be one half of another character.
        piece = stream.readline(LIMIT - len(line))
        if not piece:
            break
        line += piece
        if len(line) % 2:
            line += stream.read(1)
    return bytes(line)


def _decode(raw: bytes, encoding: _Encoding) -> tuple[str, str]:
    try:
        text = raw.decode(encoding.name)
    except UnicodeDecodeError as error:
        # The broken bytes become lone surrogates, so that a CSV row still finds its end.
        whole = raw if encoding is _UTF8 else raw[: len(raw) // 2 * 2]
        text = whole.decode(
            encoding.name, "surrogateescape" if encoding is _UTF8 else "surrogatepass"
        )
        byte = f"0x{raw[error.start]:02x} at byte {error.start + 1}"
        return text, f"not {encoding.name.upper()[:6].rstrip('-')}: {byte}; save it as UTF-8"
    if "\0" in text:
        return text, "a NUL character, which no text has: the file is damaged or not text"
    return text, ""


def _damage(error: BaseException) -> str:
    message = re.sub(r"\s+", " ", str(error)) or type(error).__name__
    return f"the file cannot be read from here on: {message}"
