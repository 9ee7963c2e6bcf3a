"""Passage vectors beside an index: embedding models, and a store of the articles' vectors.

Optional: nothing else needs this package, and it needs no engine.
"""

from index.semantic.models import EmbeddingModel, ModelError, open_model
from index.semantic.passages import passage_of
from index.semantic.vectors import (
    VectorStore,
    drop_unused,
    embed,
    model_name,
    passage_key,
    store_folder,
)

__all__ = [
    "EmbeddingModel",
    "ModelError",
    "VectorStore",
    "drop_unused",
    "embed",
    "model_name",
    "open_model",
    "passage_key",
    "passage_of",
    "store_folder",
]
