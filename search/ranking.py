"""The ranking formula and its parameters: the one place where they are stated.

BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", eq. 3.15) with the
never negative idf of Lucene, summed over syllables, words, title and adjacent pairs.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

RESCORE_WINDOW = 1000
"""How many articles, best first, are scored again with the pairs of the query."""


@dataclass(frozen=True, slots=True)
class Saturation:
    """How term frequency counts in a field: `k1` bends it, `b` normalises by length."""

    k1: float
    b: float


SATURATION: Mapping[str, Saturation] = {
    "text": Saturation(k1=1.2, b=0.75),
    "words": Saturation(k1=1.2, b=0.75),
    "title": Saturation(k1=0.6, b=0.5),
    "author": Saturation(k1=0.6, b=0.5),
}
PAIR_SATURATION = Saturation(k1=0.6, b=0.75)

FIELD_WEIGHT: Mapping[str, float] = {"text": 1.0, "words": 0.5, "title": 0.3, "author": 0.3}
PAIR_WEIGHT = 0.5
STOP_WEIGHT = 0.3


def idf(documents: int, document_frequency: int) -> float:
    """Weigh a term by its rarity: ln(1 + (N - df + .5) / (df + .5)), in nats, above 0."""
    return math.log1p((documents - document_frequency + 0.5) / (document_frequency + 0.5))


def sat(tf: float, length: float, average_length: float, saturation: Saturation) -> float:
    """Bend a term frequency towards k1 + 1, the more slowly the longer the field is."""
    k1, b = saturation.k1, saturation.b
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average_length))
