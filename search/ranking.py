"""The ranking formula and its parameters: the one place where they are stated.

BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", eq. 3.15) with the
never negative idf of Lucene, summed over syllables, words, title and adjacent pairs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from search.interpretation.reading import Reading
from search.plan import PairScore, TermScore

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


def features(
    reading: Reading, words: Sequence[str]
) -> tuple[tuple[TermScore, ...], tuple[PairScore, ...]]:
    """Say what the score of a query is the sum of.

    Syllables and title by every candidate of every place, pairs of neighbouring candidates, words
    as segmented in the best path. A term that the query repeats counts once.
    """
    terms: dict[tuple[str, str], float] = {}
    for candidate in (c for place in reading.candidates for c in place):
        for field in ("text", "title"):
            key, weight = (field, candidate.text), FIELD_WEIGHT[field] * candidate.weight
            terms[key] = max(terms.get(key, 0.0), weight)
    terms |= {("words", word): FIELD_WEIGHT["words"] for word in words}
    pairs: dict[tuple[str, str], float] = {}
    for first, second in pairwise(reading.candidates):
        for a, b in product(first, second):
            weight = PAIR_WEIGHT * a.weight * b.weight
            pairs[a.text, b.text] = max(pairs.get((a.text, b.text), 0.0), weight)
    return (
        tuple(TermScore(field, text, weight) for (field, text), weight in terms.items()),
        tuple(PairScore(first, second, weight) for (first, second), weight in pairs.items()),
    )


def field_features(field: str, reading: Reading) -> tuple[TermScore, ...]:
    """Say what the score is the sum of where one field, or a phrase, was asked for."""
    weights: dict[str, float] = {}
    for candidate in (c for place in reading.candidates for c in place):
        weights[candidate.text] = max(weights.get(candidate.text, 0.0), candidate.weight)
    return tuple(TermScore(field, text, weight) for text, weight in weights.items())
