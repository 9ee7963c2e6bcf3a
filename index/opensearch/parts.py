"""Parts of the models in a cluster: uploaded in chunks, downloaded once, mapped locally.

Each part is a file of `index.models.part_file`, compressed and split into documents of a megabyte.
A process keeps downloaded parts in a cache folder and maps them; a part that a later commit still
names is not downloaded again.
"""

import base64
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import zstandard

from index.errors import IndexUnavailableError
from index.models import Models
from index.models.part_file import PartFile, open_part, write_part
from index.opensearch.client import Client, RequestError
from index.storage.array_file import ArrayFileError

MAX_CHUNK_BYTES = 1 << 20
"""Bytes of a part in one document: small heaps take a request of a few megabytes, too.
Arbitrary."""

MAX_CACHED_PARTS = 64
"""Parts that are kept in the cache folder of an index; a commit names at most a few. Arbitrary."""


def cache_folder() -> Path:
    """Return the folder for downloaded models: `TIMTIN_CACHE`, or the user's cache folder."""
    if named := os.environ.get("TIMTIN_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "timtin"


def upload_part(client: Client, models: str, name: str, arrays: object) -> None:
    """Write the sections of a part into the models' index; replaces a part of the same name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part"
        write_part(path, arrays)  # type: ignore[arg-type] # the sections of `PartBuilder.arrays`
        content = zstandard.ZstdCompressor(level=6).compress(path.read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    count = -(-len(content) // MAX_CHUNK_BYTES)
    for number in range(count):
        chunk = content[number * MAX_CHUNK_BYTES : (number + 1) * MAX_CHUNK_BYTES]
        body = {"chunks": count, "digest": digest, "bytes": base64.b64encode(chunk).decode()}
        client.request("PUT", f"/{models}/_doc/{name}.{number}", body)


def open_models(client: Client, models: str, names: Sequence[str]) -> Models:
    """Return the models of these parts; raises as `open_parts`."""
    return Models(open_parts(client, models, names))


def open_parts(client: Client, models: str, names: Sequence[str]) -> list[PartFile]:
    """Open parts of the models, downloading those that are not cached.

    Raises IndexUnavailableError if a part is missing or damaged in the cluster.
    """
    folder = cache_folder() / f"{client.location.name}-{_short(models)}"
    parts = [_part(client, models, name, folder) for name in names]
    _forget_others(folder, names)
    return parts


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _part(client: Client, models: str, name: str, folder: Path) -> PartFile:
    path = folder / name
    if path.exists():
        with suppress(ArrayFileError):  # a damaged file is downloaded again
            return open_part(path)
    folder.mkdir(parents=True, exist_ok=True)
    content = _download(client, models, name)
    # Renamed into place, so that processes that download at once do not see partial files.
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return open_part(path)


def _download(client: Client, models: str, name: str) -> bytes:
    chunks: list[bytes] = []
    digest, count = "", 1
    while len(chunks) < count:
        try:
            found = client.request("GET", f"/{models}/_doc/{name}.{len(chunks)}")
        except RequestError as error:
            raise IndexUnavailableError(
                f"{client.location}: part {name!r} of the models is missing; build the index again"
            ) from error
        source = found["_source"]
        digest, count = source["digest"], source["chunks"]
        chunks.append(base64.b64decode(source["bytes"]))
    content = b"".join(chunks)
    if hashlib.sha256(content).hexdigest() != digest:
        raise IndexUnavailableError(
            f"{client.location}: part {name!r} of the models is damaged; build the index again"
        )
    return zstandard.ZstdDecompressor().decompress(content)


def _forget_others(folder: Path, names: Iterable[str]) -> None:
    """Remove the oldest files that are not among `names` once there are many."""
    kept = set(names)
    with suppress(OSError):
        others = [path for path in folder.iterdir() if path.name not in kept]
        others.sort(key=lambda path: path.stat().st_mtime)
        for path in others[: max(len(others) + len(kept) - MAX_CACHED_PARTS, 0)]:
            path.unlink(missing_ok=True)


def forget_cache(name: str) -> None:
    """Remove all downloaded models of an index."""
    for folder in cache_folder().glob(f"{name}-*"):
        shutil.rmtree(folder, ignore_errors=True)
