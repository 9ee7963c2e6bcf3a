"""The files of archives, one after another: ZIP by its table of contents, tar as a stream."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from index.corpus.streams import DAMAGE, buffered, open_stream

ARCHIVES = (".zip", ".tar")
"""Suffixes of archives, whose files are read as those of a folder."""

_MAX_HEADER_BYTES = 1 << 20
"""Bytes of a tar header that names a file; tarfile would hold any number of them. Arbitrary."""

_NAMING = frozenset(
    (
        tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    )
)  # fmt: skip

_ENTRY = struct.Struct("<qqQQIHH")
"""What is kept of an entry of a ZIP beside its name: where it and what follows it begin, its size
packed and unpacked, checksum, flags and method. 200,000 of `zipfile`'s own take 90 MB, these 20."""

_MAX_POSITION = (1 << 63) - 1
"""The last place in a file that the system can look at."""


class Member(NamedTuple):
    """A file of an archive, open while it is looked at, or the problem with it.

    `damaged`: what follows in the archive cannot be read.
    """

    name: Path
    stream: io.BufferedReader | None
    problem: str = ""
    damaged: bool = False


def zip_members(
    path: Path, consumed: Callable[[int], object], copy: Path | None = None
) -> Iterator[Member]:
    """Yield the files of a ZIP archive by their names.

    `consumed` is called with the number of bytes that each took, when it was looked at. `copy` is
    where the bytes lie, if not at `path`.
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
            except (*DAMAGE, RuntimeError, NotImplementedError) as error:  # encrypted; unknown
                yield Member(name, None, f"cannot be opened: {error}", damaged=True)
            consumed(entry.compress_size)


def _packed(entry: zipfile.ZipInfo) -> bytes:
    """Return what is needed to open an entry, as few bytes."""
    end = getattr(entry, "_end_offset", None) or 0  # newer versions refuse entries that overlap
    # A damaged ZIP has entries before its beginning or behind any end: opening them fails, too.
    places = (min(max(-1, place), _MAX_POSITION) for place in (entry.header_offset, end))
    numbers = (entry.compress_size, entry.file_size, entry.CRC)
    flags = (entry.flag_bits, entry.compress_type)
    return _ENTRY.pack(*places, *numbers, *flags) + entry.orig_filename.encode(
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
    """Yield the files of a tar archive in their order; each is gone when the next is asked for.

    `stream` is the archive where it is open already.
    """
    try:
        with (
            stream or open_stream(path, consumed) as opened,
            tarfile.open(fileobj=opened, mode="r|", tarinfo=_Header) as archive,
        ):
            while (entry := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # it keeps all it has seen
                name = path / entry.name.lstrip("/")
                if entry.isdir():
                    continue
                if not entry.isreg() or entry.issparse():
                    yield Member(name, None, "a link, a device or a sparse file in an archive")
                elif content := archive.extractfile(entry):
                    yield Member(name, buffered(content))
            while opened.read1():  # what is packed has its checksum at its end
                pass
    except (*DAMAGE, ValueError) as error:
        yield Member(path, None, f"cannot be read from here on: {error}", damaged=True)


class _Header(tarfile.TarInfo):
    """A header of a tar archive; one that names a file with megabytes is damage."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _NAMING and self.size > _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {self.size:,} bytes")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return] # no stub has it
