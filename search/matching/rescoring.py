"""The pairs of a query: what they add to the scores of the best articles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.postings.fields import Field
from index.postings.packing import Numbers
from index.postings.segment import OpenSegment
from search.matching.positions import Keys, keys_of, pair_frequencies
from search.matching.terms import Scores, Terms, saturate
from search.plan import PairScore
from search.ranking import PAIR_SATURATION, idf


class Rescorer:
    """Scores pairs of neighbours from positions, with their document frequencies from the tables.

    A table counts deleted articles until their segment is merged, and forgets the rarest pairs of
    a large index: the document frequency used is at least 1 and at most the number of articles.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def scores(self, rescores: Sequence[PairScore], numbers: NDArray[np.int64]) -> Scores:
        """Give what the pairs add to each of these articles; `numbers` ascends."""
        every_norm = self._terms.norms("text", PAIR_SATURATION)
        added = np.zeros(len(numbers))
        weights = self._weights(rescores)
        for segment, base in zip(self._terms.segments, self._terms.bases, strict=True):
            first, last = np.searchsorted(numbers, (base, base + segment.documents)).tolist()
            among = (numbers[first:last] - base).astype(np.int32)
            if not len(among):
                continue
            norms = every_norm[numbers[first:last]]
            located = _Located(segment.fields["text"], among)
            for pair, weight in zip(rescores, weights, strict=True):
                documents, counts = located.pair(pair)
                places = np.searchsorted(among, documents)
                added[first + places] += weight * saturate(
                    counts, norms[places], PAIR_SATURATION.k1
                )
        return added

    def _weights(self, rescores: Sequence[PairScore]) -> list[float]:
        documents = np.zeros(len(rescores), np.int64)
        for segment in self._terms.segments:
            documents += _documents(segment, rescores)
        articles = self._terms.articles
        frequencies = np.clip(documents, 1, max(articles, 1)).tolist()
        return [
            pair.weight * idf(articles, frequency)
            for pair, frequency in zip(rescores, frequencies, strict=True)
        ]


def _documents(segment: OpenSegment, rescores: Sequence[PairScore]) -> NDArray[np.int64]:
    lexicon = segment.fields["text"].lexicon
    first = lexicon.ordinals([pair.first for pair in rescores])
    second = lexicon.ordinals([pair.second for pair in rescores])
    _, documents = segment.pairs.numbers(segment.pairs.rows(first, second))
    return documents


class _Located:
    """The positions of terms in some documents of a segment, each term looked up once."""

    def __init__(self, field: Field, among: Numbers) -> None:
        self._field = field
        self._among = among
        self._keys: dict[str, Keys] = {}

    def pair(self, pair: PairScore) -> tuple[Numbers, Numbers]:
        """Give the documents that hold a pair, ascending, and how often."""
        return pair_frequencies(self._of(pair.first), self._of(pair.second))

    def _of(self, term: str) -> Keys:
        keys = self._keys.get(term)
        if keys is None:
            ordinal = self._field.lexicon.ordinal(term)
            keys = np.empty(0, np.int64)
            if ordinal >= 0:
                keys = keys_of(self._field, ordinal, self._among)
            self._keys[term] = keys
        return keys
