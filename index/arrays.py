"""How typed arrays lie in one file that is checked, memory-mapped and shared between processes.

An array file, everything little-endian:

    header   64 bytes  magic, version, byte order, CRC of all that follows the sections, size of
                       the file, place and size of the table, CRC of the header
    sections           one-dimensional arrays, each from a multiple of 64 bytes on
    checksums          uint32, the CRC-32 of every 4 kB of each section, as in the table
    table              JSON: {name: [dtype, offset in bytes, number of items], ...}

Opening reads the header, the checksums and the table. A part of a section is compared with its
checksums when `ArrayFile.check` first asks for it; `ArrayFile.verify` looks at everything.
"""

import json
import mmap
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.checksums import BlockSums, Checked, blocks_of
from index.errors import IndexUnavailableError

MAGIC = b"TimTin\r\n"
"""Names the format; the line end shows when a transfer has rewritten the file as text."""

VERSION = 4
BYTE_ORDER_MARK = 0xFEFF
ALIGNMENT = 64
LARGEST_TABLE = 1 << 20

_HEADER = struct.Struct("<8sHHIQQQ20xI")
_DTYPES = ("|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8", "<f4", "<f8")
_SPOOL_IN_MEMORY = 1 << 20

Array = NDArray[Any]


class ArrayFileError(IndexUnavailableError):
    """An array file is truncated, foreign, damaged or of another version."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}. Build the index again, or restore the file.")


class Section(NamedTuple):
    """Where one array lies: dtype as NumPy spells it, byte offset, number of items."""

    dtype: str
    offset: int
    items: int

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return self.items * np.dtype(self.dtype).itemsize

    @property
    def end(self) -> int:
        """The byte after the last one."""
        return self.offset + self.size


class ArrayFile(Mapping[str, Array]):
    """The arrays of one open file by name: one-dimensional, read-only, views of a memory map.

    The map lives as long as any of its arrays, also after the file was removed.
    """

    def __init__(
        self,
        path: Path,
        content: mmap.mmap,
        sections: Mapping[str, Section],
        sums: NDArray[np.uint32],
    ) -> None:
        """Take the checksums of all blocks, section after section."""
        self.path = path
        self._content = content
        self._checked: dict[str, Checked] = {}
        every, at = memoryview(content), 0
        for name, section in sections.items():
            stop = at + blocks_of(section.size)
            self._checked[name] = Checked(every[section.offset : section.end], sums[at:stop])
            at = stop
        self._arrays = {
            name: np.frombuffer(content, section.dtype, section.items, section.offset)
            for name, section in sections.items()
        }

    def __getitem__(self, name: str) -> Array:
        """Raise `ArrayFileError` where there is no such section."""
        array = self._arrays.get(name)
        if array is None:
            raise ArrayFileError(self.path, f"has no section {name!r}")
        return array

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def forget(self) -> None:
        """Give back the memory of what was read so far; it is read again where it is needed."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._content.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Compare every section with its checksum; reads the whole file.

        Raises `ArrayFileError` naming the first section that differs.
        """
        for name, checked in self._checked.items():
            checked.forget()
            self.check(name)

    def check(self, name: str, start: int = 0, stop: int | None = None) -> None:
        """Compare the items [start, stop) of a section with their checksums, where not done yet.

        Half a microsecond for what was looked at before. Raises `ArrayFileError` for damage.
        """
        array = self[name]
        end = len(array) if stop is None else stop
        if not self._checked[name].are_sound(start * array.itemsize, end * array.itemsize):
            raise ArrayFileError(self.path, f"section {name!r} is damaged")

    def check_all(self, prefix: str = "") -> None:
        """Check the sections whose names begin so; raises as `check`."""
        for name in self:
            if name.startswith(prefix):
                self.check(name)

    def checked(self, name: str) -> Array:
        """Give a section after comparing all of it with its checksums; raises as `check`."""
        self.check(name)
        return self[name]


class ArrayWriter:
    """Writes an array file whose sections grow piece by piece, in any order, in little memory.

    Used as a context manager: on leaving it the file is complete and on the disk (fsync), or, after
    an exception, gone. The folder is not synced: that is part of the commit.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._spools: dict[str, tuple[str, IO[bytes]]] = {}
        self._sums: dict[str, BlockSums] = {}

    def append(self, name: str, piece: Array) -> None:
        """Add `piece` to the end of section `name`; the first piece fixes the dtype.

        Raises `TypeError` for a dtype that is not stored or is not the section's.
        """
        dtype = piece.dtype.newbyteorder("<").str
        if dtype not in _DTYPES or piece.ndim != 1:
            raise TypeError(f"section {name!r}: cannot store {piece.ndim}-d {piece.dtype}")
        if name not in self._spools:
            self._spools[name] = dtype, _spool(self._path.parent)
            self._sums[name] = BlockSums()
        known, spool = self._spools[name]
        if known != dtype:
            raise TypeError(f"section {name!r} is {known}, got {dtype}")
        content = np.ascontiguousarray(piece, dtype).view(np.uint8).data
        self._sums[name].add(content)
        spool.write(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._assemble()
        except BaseException:
            self._path.unlink(missing_ok=True)
            raise
        finally:
            self.discard()

    def discard(self) -> None:
        """Let go of everything appended so far; nothing is written."""
        for _, spool in self._spools.values():
            spool.close()

    def _assemble(self) -> None:
        with self._path.open("wb") as file:
            file.write(bytes(_HEADER.size))
            table: dict[str, Section] = {}
            for name, (dtype, spool) in self._spools.items():
                _align(file)
                start, size = file.tell(), spool.tell()
                spool.seek(0)
                shutil.copyfileobj(spool, file, 1 << 20)
                items = size // np.dtype(dtype).itemsize
                table[name] = Section(dtype, start, items)
            _align(file)
            sums = [self._sums[name].sums() for name in table]
            _write_ends(file, table, np.concatenate([np.empty(0, np.uint32), *sums]))
            file.flush()
            os.fsync(file.fileno())


def _spool(folder: Path) -> IO[bytes]:
    """Open a nameless file which nobody has to remove, whatever happens."""
    return tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY, dir=str(folder))


def _align(file: IO[bytes]) -> None:
    file.write(bytes(-file.tell() % ALIGNMENT))


def _write_ends(file: IO[bytes], table: Mapping[str, Section], sums: NDArray[np.uint32]) -> None:
    text = json.dumps(table, separators=(",", ":")).encode()
    checksums = sums.astype("<u4").tobytes()
    file.write(checksums)
    place = file.tell()
    file.write(text)
    header = _HEADER.pack(
        MAGIC,
        VERSION,
        BYTE_ORDER_MARK,
        zlib.crc32(text, zlib.crc32(checksums)),
        file.tell(),
        place,
        len(text),
        0,
    )
    file.seek(0)
    file.write(header[:-4] + struct.pack("<I", zlib.crc32(header[:-4])))


def write_arrays(path: Path, arrays: Mapping[str, Array | Iterable[Array]]) -> None:
    """Write one-dimensional arrays, or arrays in pieces, under their names; replaces the file.

    Nothing is left at `path` when writing fails. Raises `OSError` (disk full, no permission) and
    `TypeError` for a dtype that is not stored.
    """
    with ArrayWriter(path) as writer:
        for name, array in arrays.items():
            for piece in (array,) if isinstance(array, np.ndarray) else array:
                writer.append(name, piece)


def open_arrays(path: Path) -> ArrayFile:
    """Map an array file into memory, read-only, after checking its header, checksums and table.

    Raises `ArrayFileError` when the file is not a whole array file of this version, `OSError`
    when it cannot be read at all.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _HEADER.size:
            raise ArrayFileError(path, f"is cut short: {size} bytes, not even a header")
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    table_start, table_end, checksum = _read_header(path, content, size)
    text = content[table_start:table_end]
    table = _read_table(path, text, table_start)
    blocks = sum(blocks_of(section.size) for section in table.values())
    sums_start = table_start - 4 * blocks
    if sums_start < max((section.end for section in table.values()), default=_HEADER.size):
        raise ArrayFileError(path, "the table of sections makes no sense (no room for checksums)")
    if zlib.crc32(content[sums_start:table_end]) != checksum:
        raise ArrayFileError(path, "the table of sections is damaged")
    return ArrayFile(path, content, table, np.frombuffer(content, "<u4", blocks, sums_start))


def _read_header(path: Path, content: mmap.mmap, size: int) -> tuple[int, int, int]:
    """Give start, end and checksum of the table."""
    header = content[: _HEADER.size]
    magic, version, mark, table_checksum, whole, place, length, checksum = _HEADER.unpack(header)
    if magic != MAGIC:
        raise ArrayFileError(path, "is not an array file (it begins differently)")
    if mark != BYTE_ORDER_MARK or zlib.crc32(header[:-4]) != checksum:
        raise ArrayFileError(path, "the header is damaged")
    if version != VERSION:
        raise ArrayFileError(path, f"has format version {version}; this program reads {VERSION}")
    if whole != size:
        raise ArrayFileError(path, f"is cut short or grown: {size} bytes instead of {whole}")
    if length > LARGEST_TABLE or place < _HEADER.size or place + length != size:
        raise ArrayFileError(path, "the table of sections is out of place")
    return place, place + length, table_checksum


def _read_table(path: Path, text: bytes, limit: int) -> dict[str, Section]:
    """Read and check the table; no section may reach beyond byte `limit`."""
    try:
        table = {name: Section(*entry) for name, entry in json.loads(text).items()}
        for name, section in table.items():
            dtype, *numbers = section
            if dtype not in _DTYPES or not all(type(n) is int and n >= 0 for n in numbers):
                raise ValueError(name)
            if section.offset % ALIGNMENT or section.end > limit:
                raise ValueError(name)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ArrayFileError(path, f"the table of sections makes no sense ({error})") from error
    return table
