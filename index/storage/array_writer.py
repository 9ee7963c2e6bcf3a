"""The writer of array files (see `array_file`), in bounded memory."""

import json
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from index.storage.array_file import (
    ALIGNMENT,
    BYTE_ORDER_MARK,
    DTYPES,
    HEADER,
    MAGIC,
    VERSION,
    Array,
    Fingerprint,
    Section,
    fingerprint_of,
)
from index.storage.checksums import BlockSums

_MAX_SPOOL_BYTES = 1 << 20
"""Bytes of a section that are buffered in memory before they go to a temporary file; arbitrary."""


class ArrayWriter:
    """Writes an array file whose sections grow piece by piece, in any order, in little memory.

    A context manager: on exit the file is completed and synced to disk, or removed after an
    exception. The folder is not synced: that is part of the commit.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._spools: dict[str, tuple[str, IO[bytes]]] = {}
        self._sums: dict[str, BlockSums] = {}
        self._fingerprint: Fingerprint | None = None

    @property
    def fingerprint(self) -> Fingerprint:
        """The fingerprint of the finished file."""
        if self._fingerprint is None:
            raise ValueError(f"{self._path} is not finished")
        return self._fingerprint

    def append(self, name: str, piece: Array) -> None:
        """Add `piece` to the end of section `name`; the first piece fixes the dtype.

        Raises `TypeError` for a dtype that is not stored or is not the section's.
        """
        dtype = piece.dtype.newbyteorder("<").str
        if dtype not in DTYPES or piece.ndim != 1:
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
        """Close the temporary files; nothing is written."""
        for _, spool in self._spools.values():
            spool.close()

    def _assemble(self) -> None:
        with self._path.open("wb") as file:
            file.write(bytes(HEADER.size))
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
            every = np.concatenate([np.empty(0, np.uint32), *sums])
            self._fingerprint = _write_ends(file, table, every)
            file.flush()
            os.fsync(file.fileno())


def _spool(folder: Path) -> IO[bytes]:
    """Open an unnamed file, which the system removes even after a crash."""
    return tempfile.SpooledTemporaryFile(_MAX_SPOOL_BYTES, dir=str(folder))


def _align(file: IO[bytes]) -> None:
    file.write(bytes(-file.tell() % ALIGNMENT))


def _write_ends(
    file: IO[bytes], table: Mapping[str, Section], sums: NDArray[np.uint32]
) -> Fingerprint:
    """Write the checksums and the table at the end of a file, and the header at its beginning."""
    text = json.dumps(table, separators=(",", ":")).encode()
    checksums = sums.astype("<u4").tobytes()
    file.write(checksums)
    place = file.tell()
    file.write(text)
    header = HEADER.pack(
        MAGIC,
        VERSION,
        BYTE_ORDER_MARK,
        zlib.crc32(text, zlib.crc32(checksums)),
        file.tell(),
        place,
        len(text),
        0,
    )
    header = header[:-4] + struct.pack("<I", zlib.crc32(header[:-4]))
    size = file.tell()
    file.seek(0)
    file.write(header)
    return fingerprint_of(size, header, checksums + text)


def write_arrays(path: Path, arrays: Mapping[str, Array | Iterable[Array]]) -> Fingerprint:
    """Write one-dimensional arrays, or arrays in pieces, by name; return the file's fingerprint.

    If writing fails nothing is left at `path`. Raises `OSError` (disk full, no permission) and
    `TypeError` for a dtype that is not in `DTYPES`.
    """
    with ArrayWriter(path) as writer:
        for name, array in arrays.items():
            for piece in (array,) if isinstance(array, np.ndarray) else array:
                writer.append(name, piece)
    return writer.fingerprint
