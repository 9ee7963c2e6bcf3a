"""The store of passage vectors: array files beside an index, one vector per passage.

The key of a vector is a hash of the passage and the model's name: a changed article has no vector
until it is embedded again, and the store works with any engine. Each file has `keys` (uint64,
ascending), `scales` (float32) and `values` (int8, a row per key); a vector is its row times its
scale. Files are written atomically, so an interrupted `embed` continues where it stopped.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.semantic.models import EmbeddingModel, ModelError, Vectors
from index.semantic.passages import passage_of
from index.storage.array_file import Array, ArrayFileError, open_arrays, typed_arrays
from index.storage.array_writer import write_arrays
from index.storage.folders import make_folder, replace_file, sync_folder

FOLDER = "vectors"
"""The subfolder of an index that contains its vectors; the writers of the index leave it alone."""

MODEL_FILE = "model"
"""The file with the name of the model that made the vectors."""

PASSAGES_PER_FILE = 512
"""Passages of a file: at most this much work, about a minute, is lost by an interruption."""

MAX_VALUE = 127  # int8 without -128, so that scales are symmetric

_COLUMNS: dict[str, type[np.generic]] = {
    "keys": np.uint64,
    "scales": np.float32,
    "values": np.int8,
}

Keys = NDArray[np.uint64]


def store_folder(index: str | Path) -> Path:
    """Return the folder of the vectors of an index in a folder."""
    return Path(index) / FOLDER


def model_name(folder: Path) -> str:
    """Return the name of the model of a store, "" if there is none."""
    try:
        return (folder / MODEL_FILE).read_text("utf-8").strip()
    except FileNotFoundError:
        return ""


def passage_key(passage: str, model: str) -> int:
    """Return the 64-bit key of a passage's vector."""
    return int.from_bytes(blake2b(f"{model}\n{passage}".encode(), digest_size=8).digest())


class VectorStore:
    """The vectors of one model. Read-only once opened; safe for many threads."""

    def __init__(self, keys: Keys, scales: NDArray[np.float32], values: NDArray[np.int8]) -> None:
        """Take three arrays of one row per vector, sorted by key."""
        self.keys = keys
        self._scales = scales
        self._values = values

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def open(cls, folder: Path) -> "VectorStore":
        """Read all files of a store; a missing folder is an empty store.

        Raises ArrayFileError if a file is damaged, OSError if one cannot be read.
        """
        columns = [_read(path) for path in sorted(folder.glob("*.vectors"))]
        if not columns:
            nothing = np.empty(0, np.uint64), np.empty(0, np.float32), np.empty((0, 0), np.int8)
            return cls(*nothing)
        if len({values.shape[1] for _, _, values in columns}) > 1:
            raise ArrayFileError(folder, "has vectors of several lengths; remove it, embed again")
        keys = np.concatenate([keys for keys, _, _ in columns])
        keys, rows = np.unique(keys, return_index=True)
        return cls(
            keys,
            np.concatenate([scales for _, scales, _ in columns])[rows],
            np.concatenate([values for _, _, values in columns])[rows],
        )

    def find(self, keys: Sequence[int]) -> tuple[NDArray[np.bool_], Vectors]:
        """Return a mask of the keys that have a vector, and these vectors in the same order."""
        wanted = np.array(keys, np.uint64)
        if not len(self.keys):
            return np.zeros(len(wanted), np.bool_), np.empty((0, 0), np.float32)
        rows = np.searchsorted(self.keys, wanted).clip(max=len(self.keys) - 1)
        known = self.keys[rows] == wanted
        rows = rows[known]
        return known, self._values[rows] * self._scales[rows, None]


def _read(path: Path) -> tuple[Keys, NDArray[np.float32], NDArray[np.int8]]:
    file = open_arrays(path)
    file.check_all()
    try:
        keys, scales, values = typed_arrays(file, _COLUMNS)
        if len(keys) != len(scales) or not len(keys) or len(values) % len(keys):
            raise ValueError("the table of vectors is damaged: its columns are inconsistent")
    except (KeyError, ValueError) as error:
        raise ArrayFileError(path, str(error)) from error
    return keys, scales, values.reshape(len(keys), -1)


def quantised(vectors: Vectors) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Quantise vectors: return a scale for each and integers from -127 to 127.

    >>> scales, values = quantised(np.array([[0.5, -0.25]], np.float32))
    >>> values.tolist(), (values * scales[:, None]).round(2).tolist()
    ([[127, -64]], [[0.5, -0.25]])
    """
    scales = np.abs(vectors).max(axis=1, initial=0.0) / MAX_VALUE
    scales = np.maximum(scales, np.finfo(np.float32).tiny).astype(np.float32)
    return scales, np.rint(vectors / scales[:, None]).astype(np.int8)


def embed(articles: Iterable[Article], model: EmbeddingModel, folder: Path) -> Iterator[int]:
    """Embed the passages that have no vector yet; yield the number of passages of each file.

    Raises OSError if writing fails; files written before are kept. Raises
    ModelError if the folder has vectors of another model.
    """
    make_folder(folder)
    if (other := model_name(folder)) not in ("", model.name):
        raise ModelError(f"{folder} has vectors of {other}; remove it to use {model.name}")
    replace_file(folder / MODEL_FILE, model.name.encode())
    known = set(VectorStore.open(folder).keys.tolist())
    taken = {path.name for path in folder.glob("*.vectors")}
    names = (name for number in range(1 << 32) if (name := f"{number:08x}.vectors") not in taken)
    missing = _missing(articles, model.name, known)
    while batch := list(islice(missing, PASSAGES_PER_FILE)):
        vectors = model.passages([passage for _, passage in batch])
        keys = np.array([key for key, _ in batch], np.uint64)
        order = np.argsort(keys)
        scales, values = quantised(vectors[order])
        columns: dict[str, Array] = {
            "keys": keys[order],
            "scales": scales,
            "values": values.reshape(-1),
        }
        write_arrays(folder / next(names), columns)
        sync_folder(folder)
        yield len(batch)


def _missing(articles: Iterable[Article], model: str, known: set[int]) -> Iterator[tuple[int, str]]:
    """Yield key and text of each passage whose key is not `known`, and add it there."""
    for article in articles:
        passage = passage_of(article)
        key = passage_key(passage, model)
        if passage and key not in known:
            known.add(key)
            yield key, passage


def drop_unused(articles: Iterable[Article], model: str, folder: Path) -> int:
    """Delete the vectors of passages that no article has; return the number of those kept.

    Rewrites all files as one, so that no deleted vector is left on disk.
    """
    store = VectorStore.open(folder)
    wanted = {passage_key(passage_of(article), model) for article in articles}
    kept = np.array([key in wanted for key in store.keys.tolist()], np.bool_)
    if kept.all():
        return len(store)
    old = sorted(folder.glob("*.vectors"))
    if kept.any():
        keys = store.keys[kept]
        _, vectors = store.find(keys.tolist())
        scales, values = quantised(vectors)
        first = f"{max(int(path.stem, 16) for path in old) + 1:08x}.vectors"
        columns: dict[str, Array] = {"keys": keys, "scales": scales, "values": values.reshape(-1)}
        write_arrays(folder / first, columns)
    for path in old:
        path.unlink()
    sync_folder(folder)
    return int(kept.sum())
