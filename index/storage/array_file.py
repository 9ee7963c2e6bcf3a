"""Array files: typed arrays in one file, with checksums, memory-mapped and shared by processes.

An array file, all little-endian:

    header   64 bytes  magic, version, byte order, CRC of checksums and table, size of the file,
                       offset and size of the table, CRC of the header
    sections           one-dimensional arrays, aligned to 64 bytes
    checksums          uint32, the CRC-32 of every 4 kB of each section, in the order of the table
    table              JSON: {name: [dtype, offset in bytes, number of items], ...}

Opening reads the header, the checksums and the table. `ArrayFile.check` compares a part of a
section with its checksums before its first use; `ArrayFile.verify` checks all of the file.
"""

import hashlib
import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailableError
from index.storage.checksums import Checked, blocks_of

MAGIC = b"TimTin\r\n"
"""Identifies the format. It ends with CR LF, so that a transfer that converts line ends is
detected."""

VERSION = 5
"""Increased when header, table or checksums change; the content of sections has its own version
(`index.embedded.commit.FORMAT`)."""

BYTE_ORDER_MARK = 0xFEFF
"""Reads as 0xFFFE if the bytes of the file were swapped."""

ALIGNMENT = 64
"""Bytes: a cache line, and a multiple of every dtype's size."""

MAX_TABLE_BYTES = 1 << 20
"""Bytes of the table. Arbitrary: with 100 own fields it takes 100,000."""

HEADER = struct.Struct("<8sHHIQQQ20xI")
DTYPES = ("|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8", "<f4", "<f8")

Array = NDArray[Any]

_DIGEST_BYTES = 16


class ArrayFileError(IndexUnavailableError):
    """An array file is truncated, foreign, damaged or of another version."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}. Build the index again, or restore the file.")


class Fingerprint(NamedTuple):
    """The identity of an array file: its size, and a digest of its header, checksums and table.

    Through the checksums the digest covers all sections, without reading them.
    """

    size: int
    digest: str


def fingerprint_of(size: int, header: bytes, checksums_and_table: bytes) -> Fingerprint:
    """Return the fingerprint of an array file with these parts."""
    content = hashlib.blake2b(header, digest_size=_DIGEST_BYTES)
    content.update(checksums_and_table)
    return Fingerprint(size, content.hexdigest())


class Section(NamedTuple):
    """One array in a file: its dtype in NumPy's notation, byte offset and number of items."""

    dtype: str
    offset: int
    items: int

    @property
    def size(self) -> int:
        """Its number of bytes."""
        return self.items * np.dtype(self.dtype).itemsize

    @property
    def end(self) -> int:
        """The offset after its last byte."""
        return self.offset + self.size


class ArrayFile(Mapping[str, Array]):
    """The arrays of one open file by name: one-dimensional, read-only, views of a memory map.

    The map lives as long as any of its arrays, even if the file is removed.
    """

    def __init__(
        self,
        path: Path,
        content: mmap.mmap,
        sections: Mapping[str, Section],
        sums: NDArray[np.uint32],
        fingerprint: Fingerprint,
    ) -> None:
        """Create views of the sections of a mapped file.

        `sums`: uint32, the CRC-32 of every 4 kB block, section after section in the order of
        `sections`.
        """
        self.path = path
        self.fingerprint = fingerprint
        self._content = content
        self._checked: dict[str, Checked] = {}
        every, first = memoryview(content), 0
        for name, section in sections.items():
            end = first + blocks_of(section.size)
            self._checked[name] = Checked(every[section.offset : section.end], sums[first:end])
            first = end
        self._arrays = {
            name: np.frombuffer(content, section.dtype, section.items, section.offset)
            for name, section in sections.items()
        }

    def __getitem__(self, name: str) -> Array:
        """Return the section with this name. Raises `ArrayFileError` if there is none."""
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

    def release_pages(self) -> None:
        """Release mapped pages (MADV_DONTNEED); they are read again when needed."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._content.madvise(mmap.MADV_DONTNEED)

    def is_whole(self) -> bool:
        """Return whether the file is still as long as its map; takes 2 microseconds.

        A process that reads a mapped page beyond the end of the file gets SIGBUS, which Python
        cannot handle.
        """
        return self._content.size() >= len(self._content)

    def verify(self) -> None:
        """Compare every section with its checksum; reads the whole file.

        Raises `ArrayFileError` naming the first section that differs.
        """
        for name, checked in self._checked.items():
            checked.reset()
            self.check(name)

    def check(self, name: str, start: int = 0, stop: int | None = None) -> None:
        """Compare the items [start, stop) of a section with their checksums, unless done before.

        Checking a range again takes half a microsecond. Raises `ArrayFileError` for damage.
        """
        array = self[name]
        end = len(array) if stop is None else stop
        if not self._checked[name].are_sound(start * array.itemsize, end * array.itemsize):
            raise ArrayFileError(self.path, f"section {name!r} is damaged")

    def check_all(self, prefix: str = "") -> None:
        """Check the sections whose names begin with `prefix`; raises like `check`."""
        for name in self:
            if name.startswith(prefix):
                self.check(name)

    def typed(self, name: str, *dtypes: type[np.generic]) -> Array:
        """Return a section of one of these dtypes. Raises `ArrayFileError` for another."""
        array = self[name]
        if array.dtype not in dtypes:
            raise ArrayFileError(self.path, f"section {name!r} has the wrong type {array.dtype}")
        return array

    def checked(self, name: str, *dtypes: type[np.generic]) -> Array:
        """Return a section after comparing it with its checksums; raises like `check`, `typed`."""
        self.check(name)
        return self.typed(name, *dtypes)


def typed_arrays(
    arrays: Mapping[str, Array], dtypes: Mapping[str, type[np.generic]]
) -> list[Array]:
    """Return the arrays named in `dtypes`, in its order. Raises ValueError for another dtype.

    >>> arrays = {"counts": np.array([2], np.int64), "terms": np.array([7], np.uint32)}
    >>> [array.tolist() for array in typed_arrays(arrays, {"terms": np.uint32, "counts": np.int64})]
    [[7], [2]]
    """
    for name, dtype in dtypes.items():
        if arrays[name].dtype != dtype:
            raise ValueError(f"{name!r} has the wrong type {arrays[name].dtype}")
    return [arrays[name] for name in dtypes]


def open_arrays(path: Path) -> ArrayFile:
    """Map an array file into memory, read-only, after checking its header, checksums and table.

    Raises `ArrayFileError` if the file is not a complete array file of this version, `OSError` if
    it cannot be read at all.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < HEADER.size:
            raise ArrayFileError(path, f"is cut short: {size} bytes, not even a header")
        try:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:  # mmap's error has no file name
            raise OSError(error.errno, error.strerror, str(path)) from error
    table_start, table_end, checksum = _read_header(path, content, size)
    text = content[table_start:table_end]
    table = _read_table(path, text, table_start)
    blocks = sum(blocks_of(section.size) for section in table.values())
    sums_start = table_start - 4 * blocks
    if sums_start < max((section.end for section in table.values()), default=HEADER.size):
        raise ArrayFileError(path, "the table of sections is inconsistent (no room for checksums)")
    ends = content[sums_start:table_end]
    if zlib.crc32(ends) != checksum:
        raise ArrayFileError(path, "the table of sections is damaged")
    sums = np.frombuffer(content, "<u4", blocks, sums_start)
    return ArrayFile(path, content, table, sums, fingerprint_of(size, content[: HEADER.size], ends))


def _read_header(path: Path, content: mmap.mmap, size: int) -> tuple[int, int, int]:
    """Return start, end and checksum of the table."""
    header = content[: HEADER.size]
    magic, version, mark, table_checksum, whole, place, length, checksum = HEADER.unpack(header)
    if magic != MAGIC:
        raise ArrayFileError(path, "is not an array file (it begins differently)")
    if mark != BYTE_ORDER_MARK or zlib.crc32(header[:-4]) != checksum:
        raise ArrayFileError(path, "the header is damaged")
    if version != VERSION:
        raise ArrayFileError(path, f"has format version {version}; this program reads {VERSION}")
    if whole != size:
        raise ArrayFileError(path, f"is cut short or grown: {size} bytes instead of {whole}")
    if length > MAX_TABLE_BYTES or place < HEADER.size or place + length != size:
        raise ArrayFileError(path, "the table of sections is out of place")
    return place, place + length, table_checksum


def _read_table(path: Path, text: bytes, limit: int) -> dict[str, Section]:
    """Parse and validate the table; no section may extend beyond byte `limit`."""
    try:
        table = {name: Section(*entry) for name, entry in json.loads(text).items()}
        for name, section in table.items():
            dtype, *numbers = section
            if dtype not in DTYPES or not all(type(n) is int and n >= 0 for n in numbers):
                raise ValueError(name)
            if section.offset % ALIGNMENT or section.end > limit:
                raise ValueError(name)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ArrayFileError(path, f"the table of sections is inconsistent ({error})") from error
    return table
