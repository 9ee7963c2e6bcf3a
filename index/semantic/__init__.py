"""Passage vectors beside an index: an embedding model, and a store of what it made of articles.

Optional: nothing else needs this room, and it needs no engine.
"""

from index.semantic.models import EmbeddingModel, ModelError, open_model
from index.semantic.passages import passage_of
from index.semantic.vectors import VectorStore, drop_others, embed, key_of, model_of, store_folder

__all__ = [
    "EmbeddingModel",
    "ModelError",
    "VectorStore",
    "drop_others",
    "embed",
    "key_of",
    "model_of",
    "open_model",
    "passage_of",
    "store_folder",
]
