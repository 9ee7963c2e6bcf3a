"""The files in archives, one after another: ZIP by its central directory, tar as a stream."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from index.corpus.streams import DAMAGE, buffered, open_stream

ARCHIVES = (".zip", ".tar")
"""Suffixes of archives, whose files are read like those of a folder."""

_MAX_HEADER_BYTES = 1 << 20
"""Maximum size of a tar header with a long name; tarfile reads any size into memory.
Arbitrary."""

_NAME_HEADERS = frozenset(
    (
        tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    )
)  # fmt: skip

_ENTRY = struct.Struct("<qqQQIHH")
"""A ZIP entry, packed: its start and end, compressed and uncompressed size, checksum, flags and
method; the name follows. 200,000 `ZipInfo` objects take 90 MB, these 20 MB."""

_MAX_POSITION = (1 << 63) - 1
"""The highest offset in a file: that of a 64-bit signed integer."""


class Member(NamedTuple):
    """A file in an archive, open until the next one is requested, or the problem with it.

    `damaged`: the rest of the archive cannot be read.
    """

    name: Path
    stream: io.BufferedReader | None
    problem: str = ""
    damaged: bool = False


def zip_members(
    path: Path, consumed: Callable[[int], object], copy: Path | None = None
) -> Iterator[Member]:
    """Yield the files in a ZIP archive, ordered by name.

    `consumed` is called after each file with its number of compressed bytes. `copy` is a local copy
    of the archive, if it is not at `path`.
    """
    try:
        archive = zipfile.ZipFile(copy or path)
    except (OSError, zipfile.BadZipFile) as error:
        yield Member(path, None, f"cannot be opened: {error}", damaged=True)
        return
    with archive:
        entries = sorted(archive.infolist(), key=lambda entry: entry.filename, reverse=True)
        kept = [_packed(entry) for entry in entries]
        entries.clear()
        archive.filelist.clear()
        archive.NameToInfo.clear()
        while kept:
            entry = _unpacked(kept.pop())
            if entry.is_dir():
                continue
            name = path / entry.filename
            try:
                yield Member(name, buffered(archive.open(entry)))
            # RuntimeError: the file is encrypted. NotImplementedError: unknown compression.
            except (*DAMAGE, RuntimeError, NotImplementedError) as error:
                yield Member(name, None, f"cannot be opened: {error}", damaged=True)
            consumed(entry.compress_size)


def _packed(entry: zipfile.ZipInfo) -> bytes:
    """Return the parts of an entry that are needed to open it, packed."""
    end = getattr(entry, "_end_offset", None) or 0  # newer Pythons refuse entries that overlap
    # A damaged ZIP may have offsets out of range; clamped, opening the entry still fails.
    offsets = (min(max(-1, offset), _MAX_POSITION) for offset in (entry.header_offset, end))
    numbers = (entry.compress_size, entry.file_size, entry.CRC)
    flags = (entry.flag_bits, entry.compress_type)
    return _ENTRY.pack(*offsets, *numbers, *flags) + entry.orig_filename.encode(
        "utf-8", "surrogatepass"
    )


def _unpacked(packed: bytes) -> zipfile.ZipInfo:
    """Return the entry that was packed."""
    entry = zipfile.ZipInfo(packed[_ENTRY.size :].decode("utf-8", "surrogatepass"))
    (
        entry.header_offset, end, entry.compress_size, entry.file_size, entry.CRC,
        entry.flag_bits, entry.compress_type,
    ) = _ENTRY.unpack(packed[: _ENTRY.size])  # fmt: skip
    if end:
        entry._end_offset = end  # type: ignore[attr-defined]
    return entry


def tar_members(
    path: Path, consumed: Callable[[int], object], stream: io.BufferedReader | None = None
) -> Iterator[Member]:
    """Yield the files in a tar archive in their order; each is closed when the next is requested.

    `stream` is the archive if it is already open.
    """
    try:
        with (
            stream or open_stream(path, consumed) as opened,
            tarfile.open(fileobj=opened, mode="r|", tarinfo=_Header) as archive,
        ):
            while (entry := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # tarfile keeps all headers
                name = path / entry.name.lstrip("/")
                if entry.isdir():
                    continue
                if not entry.isreg() or entry.issparse():
                    yield Member(name, None, "a link, a device or a sparse file in an archive")
                elif content := archive.extractfile(entry):
                    yield Member(name, buffered(content))
            while opened.read1():  # to the end, where a compressed file has its checksum
                pass
    except (*DAMAGE, ValueError) as error:
        yield Member(path, None, f"cannot be read from here on: {error}", damaged=True)


class _Header(tarfile.TarInfo):
    """A tar header that raises ReadError for a name of megabytes, which is damage or an attack."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _NAME_HEADERS and self.size > _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {self.size:,} bytes")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return] # no stub has it
