"""Files as streams of plain bytes: decompressed as they are read, never held whole."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import zstandard

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COMPRESSIONS = (".gz", ".zst")
STANDARD_INPUT = Path("-")

DAMAGE = (OSError, EOFError, zlib.error, zstandard.ZstdError)
"""What reading a stream raises where its file is damaged, cut short or gone."""

# zstd unpacks up to 128 KiB from 4 bytes: 1 KiB at a time keeps a bomb below 32 MiB.
_ZSTD_STEP = 1024


def open_stream(path: Path, consumed: Callable[[int], object]) -> io.BufferedReader:
    """Open a file for reading, decompressed if its name says so; "-" is standard input.

    `consumed` is told the number of bytes taken from the file each time some are, before
    decompression. Raises OSError when it cannot be opened; reading raises one of `DAMAGE`.
    """
    raw: BinaryIO = sys.stdin.buffer if path == STANDARD_INPUT else path.open("rb", buffering=0)
    counted: io.BufferedReader = io.BufferedReader(_Counted(raw, consumed))
    if path.suffix.lower() == ".gz":
        return io.BufferedReader(gzip.GzipFile(fileobj=counted, mode="rb"))
    if path.suffix.lower() == ".zst":
        return io.BufferedReader(_Unzstd(counted))
    return counted


class _Counted(io.RawIOBase):
    """A binary file that reports how many bytes each read took."""

    def __init__(self, file: BinaryIO, report: Callable[[int], object]) -> None:
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


class _Unzstd(io.RawIOBase):
    """Zstandard frames, one after another, unpacked.

    `zstandard.stream_reader` takes a file that was cut short for a finished one; this raises.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False
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
        packed = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._begun = False
        packed = packed or self._file.read(_ZSTD_STEP)
        if not packed:
            if self._begun:
                raise EOFError("the compressed file ends in the middle of a frame")
            return False
        self._begun = True
        self._ready = memoryview(self._frame.decompress(packed))
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
