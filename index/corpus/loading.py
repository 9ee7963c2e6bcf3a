"""The articles of files and folders, one after another, in whichever format each file is."""

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from index.article import Article
from index.corpus.csv_rows import read_csv
from index.corpus.json_lines import read_json, read_json_lines
from index.corpus.plain_text import read_plain_text
from index.corpus.problems import BadRecord, CorpusError
from index.corpus.streams import COMPRESSIONS, STANDARD_INPUT, open_stream

Reader = Callable[[Path, io.BufferedReader], Iterator[Article | BadRecord]]

READERS: dict[str, Reader] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_plain_text,
}

FORMATS = f"{', '.join(READERS)}; each also with {' or '.join(COMPRESSIONS)}"


class Corpus(Iterable[Article | BadRecord]):
    """Files and folders of articles; iterate over it to read them, as often as needed.

    `total_bytes` is their size on disk, None where it cannot be known (standard input, pipes);
    `position` how many of these bytes have been read. Folders are walked in sorted order, files
    before subfolders. "-" is standard input, as JSON lines.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Raise CorpusError where a path does not exist, may not be read or has no known format."""
        self._paths = tuple(paths)
        for path in self._paths:
            _check(path)
        self.position = 0
        self.total_bytes = _total_bytes(self._paths)

    def __iter__(self) -> Iterator[Article | BadRecord]:
        self.position = 0
        for path in self._paths:
            if path == STANDARD_INPUT:
                yield from self._read(path, read_json_lines)
                continue
            for found in _files(path):
                if isinstance(found, BadRecord):
                    yield found
                else:
                    yield from self._read(found, READERS[_format(found)])

    def _read(self, path: Path, read: Reader) -> Iterator[Article | BadRecord]:
        try:
            stream = open_stream(path, self._advance)
        except OSError as error:
            yield BadRecord(path, 0, f"cannot be opened: {error.strerror or error}")
            return
        with stream:
            yield from read(path, stream)

    def _advance(self, taken: int) -> None:
        self.position += taken


def read_corpus(paths: Sequence[Path]) -> Iterator[Article | BadRecord]:
    """Give everything in files and folders: each record is an article, or bad with its place.

    Raises CorpusError before the first one if a path does not exist, may not be read or has a
    name of no known format. Memory stays bounded whatever the files hold (`lines.LIMIT`).
    """
    return iter(Corpus(paths))


def _check(path: Path) -> None:
    if path == STANDARD_INPUT:
        return
    try:
        path.stat()
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if not os.access(path, os.R_OK):
        raise CorpusError(f"{path}: permission denied; it cannot be read")
    if not path.is_dir() and _format(path) not in READERS:
        raise CorpusError(f"{path}: a file of no known format; known are {FORMATS}")


def _total_bytes(paths: Sequence[Path]) -> int | None:
    total = 0
    for path in paths:
        if path == STANDARD_INPUT or not (path.is_file() or path.is_dir()):
            return None
        total += sum(found.stat().st_size for found in _files(path) if isinstance(found, Path))
    return total


def _files(path: Path) -> Iterator[Path | BadRecord]:
    """Give the file itself, or all files below a folder; what cannot be read is reported."""
    if not path.is_dir():
        yield path
        return
    refused: list[BadRecord] = []

    def refuse(error: OSError) -> None:
        refused.append(BadRecord(Path(error.filename), 0, f"cannot be listed: {error.strerror}"))

    for folder, subfolders, names in os.walk(path, onerror=refuse):
        subfolders.sort()
        links = [name for name in subfolders if Path(folder, name).is_symlink()]
        for name in sorted((*names, *links)):
            yield _file_or_problem(Path(folder, name))
    yield from refused


def _file_or_problem(path: Path) -> Path | BadRecord:
    try:
        if path.is_dir():
            return BadRecord(path, 0, "a link to a folder is not followed; name it to read it")
        if not path.is_file():
            return BadRecord(path, 0, "no regular file")
    except OSError as error:  # a folder that may be listed but not entered
        return BadRecord(path, 0, f"cannot be opened: {error.strerror}")
    if _format(path) not in READERS:
        return BadRecord(path, 0, f"a file of no known format; known are {FORMATS}")
    return path


def _format(path: Path) -> str:
    """Give the part of the name that tells the format: ".jsonl" of news.jsonl.gz."""
    inner = path.with_suffix("") if path.suffix.lower() in COMPRESSIONS else path
    return inner.suffix.lower()
