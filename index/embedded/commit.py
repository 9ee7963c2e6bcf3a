"""One commit, and the bytes of its file.

The file is JSON: `{"digest": ..., "commit": {...}}`; the digest is that of the commit's bytes. A
commit has a format version, its generation, a unique identity, the schema, the history, and for
each segment its number of documents, the deleted ones (encoded by `doc_id_codecs`, in base64), and
the size and digest of each of its files. The file that counts the deleted documents has its own id.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from index.embedded.segment import ARTICLES, EXTENSIONS, LANGUAGE, TEXT, RemovedFile, Segment
from index.errors import IndexUnavailableError
from index.history import NO_HISTORY, History, history_from_dict
from index.schema import DEFAULT_SCHEMA, Schema, schema_from_dict
from index.storage.array_file import Fingerprint
from index.storage.doc_id_codecs import decode_documents, encode_documents

FORMAT = 3
"""The version of the format of commits and of the files they name: increased when either changes.
Version 1 was a pickle."""

MAX_DOCUMENTS = (1 << 31) - 1
"""Documents in a segment: doc ids are int32."""

MAX_COMMIT_BYTES = 1 << 26
"""Bytes of a commit file: enough for 400 million documents, any of them deleted."""

_SEGMENT_ID = re.compile("[0-9a-f]{16}")
_IDENTITY = re.compile("[0-9a-f]{32}")
_DIGEST = re.compile("[0-9a-f]{32}")
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Commit:
    """One state of the index.

    `generation`: its number, 0 before the first. `identity`: a random id, unique across indexes.
    `segments`: in the order of their articles. `history`: the counts of each write.
    """

    generation: int
    identity: str
    schema: Schema
    segments: tuple[Segment, ...]
    history: History = NO_HISTORY

    @property
    def articles(self) -> int:
        """The number of articles in the index."""
        return sum(segment.articles for segment in self.segments)

    @property
    def file_names(self) -> frozenset[str]:
        """The names of its files, including the commit file."""
        own = [commit_name(self.generation)] if self.generation else []
        return file_names(self.segments).union(own)

    def next(self, segments: Sequence[Segment], schema: Schema, history: History) -> "Commit":
        """Return the next commit, with these segments."""
        return Commit(self.generation + 1, uuid4().hex, schema, tuple(segments), history)


def file_names(segments: Iterable[Segment]) -> frozenset[str]:
    """Return the names of the files of segments."""
    return frozenset(path.name for segment in segments for path, _ in segment.paths(Path()))


NO_COMMIT = Commit(0, "", DEFAULT_SCHEMA, ())
"""The commit of an index that does not exist yet."""


def commit_name(generation: int) -> str:
    """Return the name of a commit's file."""
    return f"commit-{generation}.json"


_FRAME = '{{"digest":"{}","commit":'
"""The start of the file, before the commit."""


def commit_to_bytes(commit: Commit) -> bytes:
    """Return the content of a commit's file; `commit_from_bytes` reads it back.

    Raises ValueError for a commit that is too large to be read back.
    """
    values = {
        "format": FORMAT,
        "generation": commit.generation,
        "identity": commit.identity,
        "schema": commit.schema.as_dict(),
        "history": commit.history.as_dict(),
        "segments": [_segment_to_json(segment) for segment in commit.segments],
    }
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    content = _FRAME.format(_digest(body)).encode() + body + b"}\n"
    if len(content) > MAX_COMMIT_BYTES:
        raise ValueError(f"the commit takes {len(content)} bytes; at most {MAX_COMMIT_BYTES} fit")
    return content


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()


def commit_from_bytes(path: Path, content: bytes) -> Commit:
    """Parse the content of a commit's file; `path` is for the messages.

    Raises IndexUnavailableError if it is damaged, foreign or of another version.
    """
    start = len(_FRAME.format("0" * 2 * _DIGEST_BYTES))
    body = content[start:-2]
    if content != _FRAME.format(_digest(body)).encode() + body + b"}\n":
        raise damaged(path, "its digest does not match")
    try:
        values = json.loads(body)
        if values["format"] != FORMAT:
            raise IndexUnavailableError(
                f"{path}: the index has format version {values['format']}, this program reads "
                f"{FORMAT}; build it again with `python -m index build CORPUS`"
            )
        return _commit_from_json(values)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(path, str(error)) from error


def _commit_from_json(values: Mapping[str, Any]) -> Commit:
    schema = schema_from_dict(values["schema"])
    if not isinstance(values["segments"], list):
        raise ValueError("its segments are not a list")
    segments = tuple(_segment_from_json(entry, schema) for entry in values["segments"])
    if len({segment.id for segment in segments}) != len(segments):
        raise ValueError("it names a segment twice")
    return Commit(
        _number(values["generation"], 1, 10**18 - 1),
        _matching(values["identity"], _IDENTITY),
        schema,
        segments,
        # Commits of versions before 0.3 have none.
        history_from_dict(values["history"]) if "history" in values else NO_HISTORY,
    )


def _segment_to_json(segment: Segment) -> dict[str, Any]:
    removed = segment.removed
    return {
        "id": segment.id,
        "documents": segment.documents,
        "deleted": len(segment.deleted),
        "deleted_documents": _encode_deleted(segment),
        "files": {
            extension: fingerprint._asdict() for extension, fingerprint in segment.files.items()
        },
        "removed": removed and {"id": removed.id, **removed.fingerprint._asdict()},
    }


def _encode_deleted(segment: Segment) -> str:
    if not len(segment.deleted):
        return ""
    numbers, count = segment.deleted.astype(np.int32), np.array([len(segment.deleted)])
    content, _ = encode_documents(numbers, count, segment.documents)
    return base64.b64encode(content.tobytes()).decode()


def _segment_from_json(entry: Mapping[str, Any], schema: Schema) -> Segment:
    documents = _number(entry["documents"], 0, MAX_DOCUMENTS)
    files = {
        extension: _fingerprint_from_json(values) for extension, values in entry["files"].items()
    }
    if not {TEXT, ARTICLES, LANGUAGE} <= set(files) <= set(EXTENSIONS):
        raise ValueError(f"a segment has the files {sorted(files)}")
    segment = Segment(_matching(entry["id"], _SEGMENT_ID), documents, schema, files)
    count = _number(entry["deleted"], 0, documents)
    deleted = _decode_deleted(entry["deleted_documents"], count, documents)
    removed = entry.get("removed")  # commits of version 0.5.0 have none
    if removed is not None:
        if not count:
            raise ValueError("a segment has counts of deleted documents, but no deleted documents")
        name = _matching(removed["id"], _SEGMENT_ID)
        removed = RemovedFile(name, _fingerprint_from_json(removed))
    return replace(segment, deleted=deleted, removed=removed)


def _fingerprint_from_json(values: Mapping[str, Any]) -> Fingerprint:
    size = _number(values["size"], 0, (1 << 63) - 1)
    return Fingerprint(size, _matching(values["digest"], _DIGEST))


def _decode_deleted(encoded: str, count: int, documents: int) -> NDArray[np.uint32]:
    try:
        content = np.frombuffer(base64.b64decode(encoded, validate=True), np.uint8)
        numbers = decode_documents(content, count, documents) if count else np.empty(0, np.int32)
    except (binascii.Error, IndexError) as error:
        raise ValueError("a list of deleted documents is inconsistent") from error
    ascending = (numbers[1:] > numbers[:-1]).all() and numbers.min(initial=0) >= 0
    if len(numbers) != count or not ascending or numbers.max(initial=-1) >= documents:
        raise ValueError("a list of deleted documents is inconsistent")
    return numbers.astype(np.uint32)


def _number(value: object, minimum: int, maximum: int) -> int:
    if type(value) is not int or not minimum <= value <= maximum:
        raise ValueError(f"a number is {value!r:.40}")
    return value


def _matching(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"a name is {value!r:.40}")
    return value


def damaged(path: Path, what: str) -> IndexUnavailableError:
    """Return the error for a damaged commit file."""
    return IndexUnavailableError(
        f"{path}: the commit is damaged or foreign ({what}); build the index again"
    )
