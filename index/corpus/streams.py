"""Files as streams of bytes, decompressed while they are read."""

import bz2
import io
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COMPRESSIONS = (".gz", ".zst", ".bz2")
STANDARD_INPUT = Path("-")


class TrailingBytesError(OSError):
    """Uncompressed bytes after the end of the compressed data, all of which has been read."""


DAMAGE = (OSError, EOFError, zlib.error, zstandard.ZstdError, zipfile.BadZipFile, tarfile.TarError)
"""The exceptions that reading a stream raises if its file is damaged, truncated or missing."""

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60)))

# zstd decompresses 4 bytes to up to 128 KiB: steps of 1 KiB keep a bomb below 32 MiB.
_ZSTD_STEP = 1024
_GZIP_STEP = 1 << 16  # compressed bytes of a step; arbitrary
_MAX_UNPACKED = 1 << 16  # decompressed bytes of a step, which are lost if the checksum is wrong
BUFFER_BYTES = 1 << 16
"""Bytes that can be peeked at, to recognise encodings. Arbitrary."""


def open_stream(path: Path, consumed: Callable[[int], object]) -> io.BufferedReader:
    """Open a file for reading, decompressed if its name says so; "-" is standard input.

    `consumed` is called after each read with its number of compressed bytes. Raises OSError if the
    file cannot be opened; reading raises one of `DAMAGE`.
    """
    raw: IO[bytes] = sys.stdin.buffer if path == STANDARD_INPUT else path.open("rb", buffering=0)
    return decompress(path.suffix, io.BufferedReader(_Counted(raw, consumed), BUFFER_BYTES))


def decompress(suffix: str, packed: io.BufferedReader) -> io.BufferedReader:
    """Return the decompressed stream of a file with this suffix; `packed` if it is uncompressed."""
    if suffix.lower() in (".gz", ".tgz"):
        return io.BufferedReader(_Gunzip(packed), BUFFER_BYTES)
    if suffix.lower() == ".zst":
        return io.BufferedReader(_Unzstd(packed), BUFFER_BYTES)
    if suffix.lower() == ".bz2":
        return io.BufferedReader(_Bunzip(packed), BUFFER_BYTES)
    return packed


def sniffed_compression(stream: io.BufferedReader) -> str:
    """Return the suffix of a stream's compression by its first bytes, or ""."""
    start = stream.peek(4)[:4]
    if start.startswith(_GZIP_MAGIC):
        return ".gz"
    return ".zst" if start in _ZSTD_MAGICS else ""


def buffered(file: IO[bytes]) -> io.BufferedReader:
    """Return a binary file with a buffer that can be peeked into."""
    return io.BufferedReader(_Counted(file, lambda taken: None), BUFFER_BYTES)


class _Counted(io.RawIOBase):
    """A binary file that reports how many bytes each read took."""

    def __init__(self, file: IO[bytes], report: Callable[[int], object]) -> None:
        self._file = file
        self._report = report

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        target = memoryview(buffer)
        taken = self._file.read(len(target))
        target[: len(taken)] = taken
        self._report(len(taken))
        return len(taken)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Unpacker(io.RawIOBase):
    """The decompressed bytes of concatenated compressed frames.

    The libraries' own readers lose what they decompressed before an error, and zstandard's takes a
    truncated file for a complete one. This one returns everything, then raises.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self._ready:
            if not self._unpack():
                return 0
        target = memoryview(buffer)
        size = min(len(target), len(self._ready))
        target[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _unpack(self) -> bool:
        """Decompress some bytes into `_ready`; return False at the end of the file."""
        raise NotImplementedError

    def close(self) -> None:
        self._file.close()
        super().close()


def _trailing(size: int) -> TrailingBytesError:
    return TrailingBytesError(
        f"at least {size} bytes after the compressed data are not compressed data; all that came "
        "before them was read"
    )


class _Gunzip(_Unpacker):
    """The members of a gzip file; NUL bytes after them are padding, as for gunzip."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__(file)
        self._member = zlib.decompressobj(wbits=31)
        self._packed = b""
        self._begun = False

    def _unpack(self) -> bool:
        if self._member.eof and not self._begin_member():
            return False
        packed = self._packed or self._file.read1(_GZIP_STEP)
        if not packed:
            if self._begun:
                raise EOFError("the compressed file ends in the middle of its data")
            return False
        self._begun = True
        self._ready = memoryview(self._member.decompress(packed, _MAX_UNPACKED))
        self._packed = self._member.unconsumed_tail
        return True

    def _begin_member(self) -> bool:
        """Go to the next member; return False if there is none."""
        packed = self._member.unused_data.lstrip(b"\0")
        while len(packed) < len(_GZIP_MAGIC) and (read := self._file.read1(_GZIP_STEP)):
            packed = (packed + read).lstrip(b"\0")
        if not packed:
            return False
        if not packed.startswith(_GZIP_MAGIC):
            raise _trailing(len(packed))
        self._member, self._packed = zlib.decompressobj(wbits=31), packed
        return True


class _Bunzip(_Unpacker):
    """The streams of a bzip2 file, the compression of wiki dumps."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__(file)
        self._frame = bz2.BZ2Decompressor()
        self._begun = False

    def _unpack(self) -> bool:
        packed = b""
        if self._frame.eof:
            packed = self._frame.unused_data or self._file.read1(_GZIP_STEP)
            if not packed:
                return False
            if not packed.startswith(b"BZ"):
                raise _trailing(len(packed))
            self._frame = bz2.BZ2Decompressor()
        elif self._frame.needs_input:
            packed = self._file.read1(_GZIP_STEP)
            if not packed:
                if self._begun:
                    raise EOFError("the compressed file ends in the middle of its data")
                return False
        self._begun = True
        self._ready = memoryview(self._frame.decompress(packed, _MAX_UNPACKED))
        return True


class _Unzstd(_Unpacker):
    """The frames of a Zstandard file."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__(file)
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False
        self._finished_one = False

    def _unpack(self) -> bool:
        packed = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._finished_one, self._begun = True, False
        packed = packed or self._file.read(_ZSTD_STEP)
        if not packed:
            if self._begun:
                raise EOFError("the compressed file ends in the middle of a frame")
            return False
        if self._finished_one and not self._begun:
            packed += self._file.read(4 - len(packed)) if len(packed) < 4 else b""
            if packed[:4] not in _ZSTD_MAGICS:
                raise _trailing(len(packed))
        self._begun = True
        self._ready = memoryview(self._frame.decompress(packed))
        return True
