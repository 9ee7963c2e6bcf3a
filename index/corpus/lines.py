"""The decoding of files: their encoding and their lines, however long or broken."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from index.corpus import legacy
from index.corpus.corpus_file import CorpusFile
from index.corpus.problems import CorpusError
from index.corpus.streams import DAMAGE, TrailingBytesError, buffered

MAX_TEXT_BYTES = 1 << 24
"""Maximum length of a line, CSV row, JSON value or text file: 16 MiB, more than any article."""

TOO_LONG = f"longer than {MAX_TEXT_BYTES >> 20} MiB, which is not an article"

_CHUNK_BYTES = 1 << 18  # of `read_chunks`; larger ones are not faster
_SAMPLE_BYTES = 1 << 14  # of a file, to recognise its encoding; arbitrary


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its line end and its number, from 1; `problem` says why it is invalid, or "".

    `damaged` marks the last line of a file that could not be read to its end.
    """

    number: int
    text: str
    problem: str = ""
    damaged: bool = False


class Chunk(NamedTuple):
    """A piece of text; `problem` describes invalid bytes, which became lone surrogates.

    `damage` says why the file cannot be read further, or "".
    """

    text: str
    problem: str = ""
    damage: str = ""


class FileText(NamedTuple):
    """A whole file's text, the problem with it ("" for none), and whether the file is damaged."""

    text: str
    problem: str = ""
    damaged: bool = False


_BYTE_ORDER_MARKS = (
    ("utf-8", codecs.BOM_UTF8),
    ("utf-32-le", codecs.BOM_UTF32_LE),  # before UTF-16, whose mark is its beginning
    ("utf-32-be", codecs.BOM_UTF32_BE),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
)
_NEWLINES = {
    "utf-16-le": b"\n\0", "utf-16-be": b"\0\n", "utf-32-le": b"\n\0\0\0", "utf-32-be": b"\0\0\0\n",
}  # fmt: skip


def known_encoding(name: str) -> str:
    """Return the canonical name of an encoding. Raises CorpusError for an unknown one.

    >>> known_encoding("TCVN3"), known_encoding("Windows-1258")
    ('tcvn3', 'cp1258')
    """
    plain = name.strip().lower()
    if plain == "auto" or plain in legacy.CONVERSIONS:
        return plain
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        known = ", ".join(["auto", *legacy.CONVERSIONS])
        raise CorpusError(f"encoding {name!r} is not known; write one of {known}, utf-8") from error


class _Decoder:
    """Decodes one file piece by piece; recognises a legacy encoding when it first occurs."""

    def __init__(self, file: CorpusFile) -> None:
        self._file = file
        given = file.options.encoding
        start = file.stream.peek(1024)[:1024]
        self.name = "utf-8"
        self._settled = given != "auto"
        for name, mark in _BYTE_ORDER_MARKS:
            if start.startswith(mark):
                file.stream.read(len(mark))
                self.name, self._settled = name, True
                break
        else:
            if given != "auto":
                # Text in a legacy encoding may be stored as UTF-8; `RecordMapper` converts it then.
                self.name = given if given not in legacy.CONVERSIONS else "utf-8"
                self._settled = given not in legacy.CONVERSIONS
            elif unmarked := _wide_without_mark(start):
                self.name, self._settled = unmarked, True
        self.newline = _NEWLINES.get(self.name, b"\n")

    @property
    def is_multibyte(self) -> bool:
        """Whether a newline is more than one byte."""
        return len(self.newline) > 1

    def decode(self, raw: bytes) -> tuple[str, str]:
        """Return the text of some bytes and the problem with it, or ""."""
        if self.name in legacy.CONVERSIONS:
            return legacy.decode(raw, self.name), ""
        try:
            text = raw.decode(self.name)
        except UnicodeDecodeError as error:
            if not self._settled and self._recognise(raw):
                return self.decode(raw)
            return self._with_escapes(raw, error)
        if not self._settled and not text.isascii() and self._file.options.encoding == "auto":
            self._settled = True  # it has letters in UTF-8
        return text, ""

    def _recognise(self, raw: bytes) -> bool:
        given = self._file.options.encoding
        sample = raw[:_SAMPLE_BYTES] + self._file.stream.peek(_SAMPLE_BYTES)[:_SAMPLE_BYTES]
        found = legacy.recognise_bytes(sample) if given == "auto" else given
        if found is None:
            return False
        self.name, self._settled = found, True
        self._file.notes.converted[found] += 1
        return True

    def _with_escapes(self, raw: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
        # Invalid bytes become lone surrogates, so that the end of a CSV row is still found.
        utf8 = self.name == "utf-8"
        unit = len(self.newline)
        whole = raw if utf8 else raw[: len(raw) // unit * unit]
        try:
            text = whole.decode(self.name, "surrogateescape" if utf8 else "surrogatepass")
        except UnicodeDecodeError:
            text = whole.decode(self.name, "replace")
        byte = f"0x{raw[error.start]:02x} at byte {error.start + 1}"
        name = self.name.upper().removesuffix("-LE").removesuffix("-BE")
        return text, f"not {name}: {byte}; save it as UTF-8, or name its --encoding"


def _wide_without_mark(start: bytes) -> str:
    # In UTF-32 the highest of four bytes is zero, and the next at most 10 (the last plane).
    whole = start[: len(start) // 4 * 4]
    for name, four in (("utf-32-le", (3, 2, 0)), ("utf-32-be", (0, 1, 3))):
        highest, high, lowest = (whole[place::4] for place in four)
        if any(lowest) and not any(highest) and max(high) <= 0x10:
            return name
    # In UTF-16 every ASCII character has a zero byte, always on the same side.
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > max(2 * even, len(start) // 8):
        return "utf-16-le"
    if even > max(2 * odd, len(start) // 8):
        return "utf-16-be"
    return ""


class LineReader(Iterator[Line]):
    """An iterator over the lines of a file; if it is damaged, the last line says so."""

    def __init__(self, file: CorpusFile) -> None:
        self._file = file
        self._stream = file.stream
        self._decoder: _Decoder | None = None
        self._number = 0
        self._finished = False

    def __next__(self) -> Line:
        if self._finished:
            raise StopIteration
        try:
            self._decoder = self._decoder or _Decoder(self._file)
            raw = self._raw_line(self._decoder)
            if not raw:
                self._finished = True
                raise StopIteration
            self._number += 1
            if len(raw) >= MAX_TEXT_BYTES and not raw.endswith(self._decoder.newline):
                while (raw := self._raw_line(self._decoder)) and not raw.endswith(
                    self._decoder.newline
                ):
                    pass
                return Line(self._number, "", f"a line {TOO_LONG}")
        except DAMAGE as error:
            self._finished = True
            return Line(self._number + 1, "", damage_of(error), damaged=is_loss(error))
        text, problem = self._decoder.decode(raw)
        if "\0" in text and not problem:
            problem = "a NUL character, which no text has: the file is damaged or not text"
        return Line(self._number, text.removeprefix("\ufeff"), problem)

    def skip_blank_lines(self) -> None:
        """Skip the blank lines that follow, a buffer at a time: 100 MB take 0.2 s."""
        try:
            self._decoder = self._decoder or _Decoder(self._file)
            encoding = self._decoder.name if self._decoder.is_multibyte else "latin-1"
            while start := self._stream.peek():
                unit = len(self._decoder.newline)
                whole = start[: len(start) // unit * unit]
                blank = _BLANK_LINES.match(whole.decode(encoding, "replace"))
                if not blank:
                    return
                self._number += blank[0].count("\n")
                self._stream.read(len(blank[0].encode(encoding)))
        except DAMAGE:
            return  # reading the next line reports it

    def _raw_line(self, decoder: _Decoder) -> bytes:
        """Read up to and including the next line end, the end of the file, or the limit."""
        if not decoder.is_multibyte:
            return self._stream.readline(MAX_TEXT_BYTES)
        unit = len(decoder.newline)
        line = bytearray()
        while len(line) < MAX_TEXT_BYTES and not (line and line.endswith(decoder.newline)):
            # readline stops at any byte 0A, which may be part of another character.
            piece = self._stream.readline(MAX_TEXT_BYTES - len(line))
            if not piece:
                break
            line += piece
            if len(line) % unit:
                line += self._stream.read(unit - len(line) % unit)
        return bytes(line)


_BLANK_LINES = re.compile(r"[ \t\r\n]*\n")


def read_text(file: CorpusFile) -> FileText:
    """Return a whole file's text, at most `MAX_TEXT_BYTES` of it."""
    raw, damage = read_bytes(file.stream)
    if damage and not isinstance(damage, TrailingBytesError):
        return FileText("", damage_of(damage), damaged=True)
    if damage:
        file.notes.add_remark(f"{file.path}: {damage}")
    if len(raw) > MAX_TEXT_BYTES:
        return FileText("", f"a file {TOO_LONG}")
    stream = buffered(io.BytesIO(raw))
    decoder = _Decoder(CorpusFile(file.path, file.suffix, stream, file.options, file.notes))
    text, problem = decoder.decode(stream.read())
    if "\0" in text and not problem:
        problem = "a NUL character, which no text has: the file is damaged or not text"
    return FileText(text, problem)


def read_bytes(
    stream: io.BufferedReader, limit: int = MAX_TEXT_BYTES
) -> tuple[bytes, BaseException | None]:
    """Return at most `limit` + 1 bytes of a stream, and the error that ended it, if any."""
    pieces = bytearray()
    try:
        while len(pieces) <= limit and (piece := stream.read1(limit + 1 - len(pieces))):
            pieces += piece
    except DAMAGE as error:
        return bytes(pieces), error
    return bytes(pieces), None


def read_chunks(file: CorpusFile) -> Iterator[Chunk]:
    """Yield a file's text in chunks that end, if possible, after a space or a line end."""
    waiting = b""
    decoder: _Decoder | None = None
    try:
        decoder = _Decoder(file)
        if decoder.is_multibyte:
            yield from _wide_chunks(file.stream, decoder.name)
            return
        while read := file.stream.read1(_CHUNK_BYTES):
            waiting += read
            # A cut after a space splits no letter in any of the encodings.
            cut = max(waiting.rfind(b"\n"), waiting.rfind(b" ")) + 1
            if cut or len(waiting) > MAX_TEXT_BYTES:
                cut = cut or len(waiting)
                yield Chunk(*decoder.decode(waiting[:cut]))
                waiting = waiting[cut:]
        if waiting:
            yield Chunk(*decoder.decode(waiting))
    except DAMAGE as error:
        if isinstance(error, TrailingBytesError):
            file.notes.add_remark(f"{file.path}: {error}")
            if waiting and decoder:
                yield Chunk(*decoder.decode(waiting))
            return
        yield Chunk("", "", damage_of(error))


def _wide_chunks(stream: io.BufferedReader, encoding: str) -> Iterator[Chunk]:
    """Yield the text of a stream in UTF-16 or UTF-32."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while read := stream.read1(_CHUNK_BYTES):
        yield Chunk(decoder.decode(read))
    yield Chunk(decoder.decode(b"", final=True))


def is_loss(error: BaseException) -> bool:
    """Return whether an error of a stream means that data was lost."""
    return not isinstance(error, TrailingBytesError)


def damage_of(error: BaseException) -> str:
    """Return a one-line message about an error of a stream."""
    message = re.sub(r"\s+", " ", str(error)) or type(error).__name__
    return f"the file cannot be read from here on: {message}" if is_loss(error) else message
