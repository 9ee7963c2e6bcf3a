"""The articles in files, folders and archives of any format."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.article import Article
from index.corpus.archives import ARCHIVES, Member, tar_members, zip_members
from index.corpus.corpus_file import CorpusFile, LoadOptions, RawRecord
from index.corpus.formats import KNOWN, format_of, suffix_of
from index.corpus.lines import damage_of, known_encoding
from index.corpus.notes import Notes
from index.corpus.problems import BadRecord, CorpusError, InvalidRecordError, MissingLibraryError
from index.corpus.record import RecordMapper
from index.corpus.sniffing import sniffed_suffix
from index.corpus.streams import (
    DAMAGE,
    STANDARD_INPUT,
    decompress,
    open_stream,
    sniffed_compression,
)
from index.file_names import INDEX_FILE, LOCK_NAME

_SNIFFED = (".xml", ".txt")
"""Suffixes that several formats share (feeds, dumps, TREC); the first bytes distinguish them."""

Loaded = tuple[Path, RawRecord | BadRecord]


class Corpus(Iterable[Article | BadRecord]):
    """Files and folders of articles; iterate over it to read them, as often as needed.

    `total_bytes` is their size on disk, None if it is not known (standard input, pipes);
    `position` is how many of these bytes have been read. `notes` counts what was changed in the
    articles, `damaged` contains one BadRecord per file that could not be read to its end.
    Folders are walked in sorted order, files before subfolders. "-" is standard input, whose
    format is recognised by its first bytes.
    """

    def __init__(self, paths: Sequence[Path], options: LoadOptions | None = None) -> None:
        """Raise CorpusError if a path does not exist, may not be read or has no known format.

        Also if the options name an unknown field or encoding.
        """
        self._paths = tuple(paths)
        options = options or LoadOptions()
        self.options = replace(options, encoding=known_encoding(options.encoding))
        RecordMapper(self.options, Notes())
        for path in self._paths:
            _check(path)
        self.position = 0
        self.total_bytes = _total_bytes(self._paths)
        self.notes = Notes()
        self.damaged: list[BadRecord] = []

    def __iter__(self) -> Iterator[Article | BadRecord]:
        self.notes = Notes()
        mapper = RecordMapper(self.options, self.notes)
        for path, record in self.records():
            if isinstance(record, BadRecord):
                yield record
                continue
            where = f"{path}:{record.line}" if record.line else str(path)
            try:
                yield mapper.article(record, where if where.isprintable() else ascii(where))
            except InvalidRecordError as error:
                yield BadRecord(path, record.line, f"{record.place}{error}")

    def records(self) -> Iterator[Loaded]:
        """Yield the raw records, each with its file's path."""
        self.position = 0
        self.damaged = []
        start = 0
        for path in self._paths:
            for file in self._files(path):
                if isinstance(file, BadRecord):
                    yield file.path, file
                else:
                    yield from self._load(file, start)
                start = self.position

    def _load(self, file: CorpusFile, start: int) -> Iterator[Loaded]:
        """Yield the records of a file that starts at `begin` bytes of the corpus."""
        size = file.on_disk.stat().st_size if file.on_disk and file.on_disk.is_file() else 0
        known = format_of(file.suffix)
        if known is None:
            yield (
                file.path,
                BadRecord(file.path, 0, f"a file of no known format; known are {KNOWN}"),
            )
            return
        with file.stream:
            try:
                for record in known.load(file):
                    if isinstance(record, BadRecord) and record.damaged:
                        record = replace(record, unread=self._unread_share(file, start))
                        self.damaged.append(record)
                    yield file.path, record
            except MissingLibraryError as error:
                yield file.path, BadRecord(file.path, 0, str(error))
            except DAMAGE as error:
                broken = BadRecord(
                    file.path, 0, damage_of(error), damaged=True,
                    unread=self._unread_share(file, start),
                )  # fmt: skip
                self.damaged.append(broken)
                yield file.path, broken
        # Libraries that open the file themselves do not report their position.
        self.position = max(self.position, start + size)

    def _unread_share(self, file: CorpusFile, start: int) -> float:
        try:
            size = file.path.stat().st_size
        except OSError:  # standard input, or a file of an archive
            return 0.0
        return max(0.0, 1 - (self.position - start) / size) if size else 0.0

    def _files(self, path: Path) -> Iterator[CorpusFile | BadRecord]:
        for found in [path] if path == STANDARD_INPUT else walk(path):
            if isinstance(found, BadRecord):
                yield found
            elif suffix_of(found) == ".zip":
                yield from map(self._member, zip_members(found, self._advance))
            elif suffix_of(found) == ".tar":
                yield from map(self._member, tar_members(found, self._advance))
            else:
                file = self._open(found)
                if isinstance(file, CorpusFile) and file.suffix in ARCHIVES:  # standard input
                    yield from map(self._member, self._members_of(file))
                else:
                    yield file

    def _members_of(self, archive: CorpusFile) -> Iterator[Member]:
        """Yield the files in an archive from a pipe; a ZIP, read from its end, is copied first."""
        if archive.suffix == ".tar":
            yield from tar_members(archive.path, self._advance, archive.stream)
            return
        with archive.as_local_file() as copy:
            yield from zip_members(archive.path, lambda taken: None, copy)

    def _open(self, path: Path) -> CorpusFile | BadRecord:
        try:
            stream = open_stream(path, self._advance)
            suffix = suffix_of(path)
            if path == STANDARD_INPUT:
                stream = decompress(sniffed_compression(stream), stream)
                suffix = sniffed_suffix(stream, "")
            elif suffix in _SNIFFED:
                suffix = sniffed_suffix(stream, suffix)
        except DAMAGE as error:
            return BadRecord(
                path, 0, f"cannot be opened: {getattr(error, 'strerror', None) or error}"
            )
        packed = path == STANDARD_INPUT or suffix_of(path) != path.suffix.lower()
        return CorpusFile(path, suffix, stream, self.options, self.notes, None if packed else path)

    def _member(self, member: Member) -> CorpusFile | BadRecord:
        """Return an open file in an archive, or the problem with it."""
        name = member.name
        if member.stream is None:
            return self._broken(member) if member.damaged else BadRecord(name, 0, member.problem)
        suffix = suffix_of(name)
        if suffix in ARCHIVES:
            return BadRecord(name, 0, "an archive in an archive; unpack it to read it")
        try:
            stream = decompress(name.suffix, member.stream)
            suffix = sniffed_suffix(stream, suffix) if suffix in _SNIFFED else suffix
        except DAMAGE as error:
            return self._broken(Member(name, None, f"cannot be opened: {error}"))
        return CorpusFile(name, suffix, stream, self.options, self.notes)

    def _broken(self, member: Member) -> BadRecord:
        problem = BadRecord(member.name, 0, member.problem, damaged=True, unread=1.0)
        self.damaged.append(problem)
        return problem

    def _advance(self, taken: int) -> None:
        self.position += taken


def read_corpus(
    paths: Sequence[Path], options: LoadOptions | None = None
) -> Iterator[Article | BadRecord]:
    """Yield an article, or a BadRecord that says where it is, for each record in files and folders.

    Raises CorpusError before the first one if a path does not exist, may not be read or has no
    known format. Memory is bounded for any content (`MAX_TEXT_BYTES`).
    """
    return iter(Corpus(paths, options))


def walk(path: Path) -> Iterator[Path | BadRecord]:
    """Yield the file itself, or all files in a folder, with a BadRecord for what cannot be read."""
    if not path.is_dir():
        yield path
        return
    refused: list[BadRecord] = []

    def refuse(error: OSError) -> None:
        refused.append(BadRecord(Path(error.filename), 0, f"cannot be listed: {error.strerror}"))

    for folder, subfolders, found in os.walk(path, onerror=refuse):
        subfolders.sort()
        names, is_index = _without_index(found)
        if is_index:
            reason = "an index, which is not a corpus; its files are left out"
            yield BadRecord(Path(folder), 0, reason)
        links = [name for name in subfolders if Path(folder, name).is_symlink()]
        for name in sorted((*names, *links)):
            yield _file_or_problem(Path(folder, name))
    yield from refused


def _without_index(names: list[str]) -> tuple[list[str], bool]:
    """Return the names of a folder's files without those of an index, and whether there is one.

    >>> _without_index(["a.jsonl", "commit-2.json", "segment-0123456789abcdef.text", "write.lock"])
    (['a.jsonl'], True)
    >>> _without_index(["commit-1.json", "commit-2.json"])  # without a segment: not an index
    (['commit-1.json', 'commit-2.json'], False)
    """
    ours = {name for name in names if name == LOCK_NAME or INDEX_FILE.fullmatch(name)}
    commits = {name for name in ours if name.endswith(".json")}
    is_index = bool(commits) and commits < ours
    return [name for name in names if not is_index or name not in ours], is_index


def _check(path: Path) -> None:
    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise CorpusError("standard input is closed; name a file")
        return
    try:
        path.stat()
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if not os.access(path, os.R_OK):
        raise CorpusError(f"{path}: permission denied; it cannot be read")
    if not path.is_dir() and not _is_known(path):
        raise CorpusError(f"{path}: a file of no known format; known are {KNOWN}")


def _is_known(path: Path) -> bool:
    suffix = suffix_of(path)
    return format_of(suffix) is not None or suffix in ARCHIVES


def _total_bytes(paths: Sequence[Path]) -> int | None:
    total = 0
    for path in paths:
        if path == STANDARD_INPUT or not (path.is_file() or path.is_dir()):
            return None
        total += sum(found.stat().st_size for found in walk(path) if isinstance(found, Path))
    return total


def _file_or_problem(path: Path) -> Path | BadRecord:
    try:
        if path.is_dir():
            return BadRecord(path, 0, "a link to a folder is not followed; name it to read it")
        if not path.is_file():
            return BadRecord(path, 0, "not a regular file")
    except OSError as error:  # a folder that may be listed but not entered
        return BadRecord(path, 0, f"cannot be opened: {error.strerror}")
    if not _is_known(path):
        return BadRecord(path, 0, f"a file of no known format; known are {KNOWN}")
    return path
