"""The pairs of a query: what they add to the scores of the best articles."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.matching.ordering import best, least_of_best
from search.matching.positions import Positions, Request
from search.matching.scoring import SLACK
from search.matching.sets import Numbers
from search.matching.terms import Scores, Terms, saturate
from search.plan import PairScore
from search.ranking import PAIR_SATURATION, idf

_FIRST_LOOK = 8
"""So many times the articles wanted are scored before it is seen who else has a chance."""

_FEW = 100
_REMEMBERED = 100_000
"""So many pairs' document frequencies are kept, some 20 MB."""


class Rescorer:
    """Scores pairs of neighbours from positions, with their document frequencies from the tables.

    A table counts deleted articles until their segment is merged, and forgets the rarest pairs of
    a large index: the document frequency used is at least 1 and at most the number of articles.
    """

    def __init__(self, terms: Terms, positions: Sequence[Positions]) -> None:
        """Take the positions of "text", a segment each."""
        self._terms = terms
        self._positions = positions
        self._documents: dict[tuple[str, str], int] = {}

    def best(
        self, rescores: Sequence[PairScore], numbers: Numbers, scores: Scores, count: int
    ) -> tuple[Numbers, Scores]:
        """Add the pairs to the scores of articles and give the `count` best, best first.

        Articles that even all pairs they may hold would not bring there are not looked at.
        """
        order = np.argsort(numbers)
        numbers, scores = numbers[order], scores[order]
        pairs = [pair for pair in rescores if self._occurs(pair)]
        if not pairs:
            order = best(scores, count)
            return numbers[order], scores[order]
        weights = self._weights(pairs)
        terms = {term for pair in pairs for term in (pair.first, pair.second)}
        held = {term: self._frequencies(term, numbers) for term in terms}
        norms = self._terms.norms("text", PAIR_SATURATION)[numbers]
        most = [np.minimum(held[pair.first], held[pair.second]) for pair in pairs]
        bounds = scores.copy()
        for weight, frequencies in zip(weights, most, strict=True):
            if weight > 0:
                bounds += weight * saturate(frequencies, norms, PAIR_SATURATION.k1)
        asked = _Asked(pairs, np.array(weights).reshape(-1, 1), np.array(most))
        first = best(bounds, max(_FIRST_LOOK * count, _FEW))
        looked = np.zeros(len(numbers), np.bool_)
        looked[first] = True
        scores[looked] += self._added(asked, numbers, norms, looked)
        least = least_of_best(scores[looked], count)
        others = ~looked & (bounds >= least - SLACK * abs(least))
        scores[others] += self._added(asked, numbers, norms, others)
        seen = np.flatnonzero(looked | others)
        chosen = seen[best(scores[seen], count)]
        return numbers[chosen], scores[chosen]

    def _occurs(self, pair: PairScore) -> bool:
        held = (self._terms.decoded("text", term).documents for term in (pair.first, pair.second))
        return all(held)

    def _frequencies(self, term: str, numbers: Numbers) -> NDArray[np.integer[Any]]:
        return self._terms.decoded("text", term).frequencies_in(numbers)

    def _weights(self, pairs: Sequence[PairScore]) -> list[float]:
        articles = self._terms.articles
        wanted = [(pair.first, pair.second) for pair in pairs]
        known = self._documents
        if missing := [pair for pair in wanted if pair not in known]:
            if len(known) > _REMEMBERED:
                known = self._documents = {}
            known.update(zip(missing, self._count_documents(missing), strict=True))
        return [
            pair.weight * idf(articles, min(max(known[words], 1), articles))
            for pair, words in zip(pairs, wanted, strict=True)
        ]

    def _count_documents(self, pairs: Sequence[tuple[str, str]]) -> list[int]:
        """Look up in how many articles pairs stand."""
        documents = np.zeros(len(pairs), np.int64)
        for segment in self._terms.segments:
            lexicon = segment.fields["text"].lexicon
            first = lexicon.ordinals([first for first, _ in pairs])
            second = lexicon.ordinals([second for _, second in pairs])
            documents += segment.pairs.numbers(segment.pairs.rows(first, second))[1]
        counts: list[int] = documents.tolist()
        return counts

    def _added(
        self, asked: "_Asked", numbers: Numbers, norms: Scores, chosen: NDArray[np.bool_]
    ) -> Scores:
        """Give what the pairs add to the chosen articles."""
        rows = np.flatnonzero(chosen)
        frequencies = np.zeros((len(asked.pairs), len(rows)), np.int64)
        bounds = np.searchsorted(numbers[rows], [*self._terms.bases, self._terms.size]).tolist()
        for at, (start, stop) in enumerate(pairwise(bounds)):
            if start < stop:
                documents = numbers[rows[start:stop]] - self._terms.bases[at]
                held = asked.held[:, rows[start:stop]] > 0
                frequencies[:, start:stop] = _count_pairs(
                    self._positions[at], asked.pairs, held, documents
                )
        saturated = saturate(frequencies, norms[rows], PAIR_SATURATION.k1)
        added: Scores = (asked.weights * saturated).sum(axis=0)
        return added


class _Asked(NamedTuple):
    """Pairs with their weights, (pairs, 1), and how often each article may hold each at most."""

    pairs: Sequence[PairScore]
    weights: Scores
    held: NDArray[np.integer[Any]]


def _count_pairs(
    positions: Positions,
    pairs: Sequence[PairScore],
    held: NDArray[np.bool_],
    documents: Numbers,
) -> NDArray[np.int64]:
    """Count each pair in each document, where both of its terms are `held`: (pairs, documents)."""
    needed: dict[str, NDArray[np.bool_]] = {}
    for pair, both in zip(pairs, held, strict=True):
        for term in (pair.first, pair.second):
            needed[term] = needed[term] | both if term in needed else both
    requests = [
        Request(term, documents[chosen], np.flatnonzero(chosen)) for term, chosen in needed.items()
    ]
    keys = dict(zip(needed, positions.keys(requests), strict=True))
    # One look for all pairs: the number of the pair stands above the label.
    firsts = np.concatenate([keys[p.first] + (at << 48) for at, p in enumerate(pairs)]) + 1
    seconds = np.concatenate([keys[p.second] + (at << 48) for at, p in enumerate(pairs)])
    at = np.searchsorted(seconds, firsts)
    at[at == len(seconds)] = 0
    found = firsts[seconds[at] == firsts] if len(seconds) else firsts[:0]
    cells = (found >> 48) * len(documents) + ((found >> 32) & 0xFFFF)
    counts = np.bincount(cells, minlength=held.size)
    return counts.reshape(held.shape)
