"""The files of archives, one after another: ZIP by its table of contents, tar as a stream."""

import io
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

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # as of a file without one


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
        # Entries are forgotten as they are read: those of 200,000 files take 140 MB.
        archive.filelist.clear()
        archive.NameToInfo.clear()
        for entry in entries:
            entry.date_time = _NO_TIME  # a tuple each takes 20 MB of these
        while entries:
            entry = entries.pop()
            if entry.is_dir():
                continue
            name = path / entry.filename
            try:
                yield Member(name, buffered(archive.open(entry)))
            except (*DAMAGE, RuntimeError, NotImplementedError) as error:  # encrypted; unknown
                yield Member(name, None, f"cannot be opened: {error}", damaged=True)
            consumed(entry.compress_size)


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
