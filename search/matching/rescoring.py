"""The pairs of a query: what they add to the scores of the best articles."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.matching.decoded import saturate
from search.matching.ordering import best, least_of_best
from search.matching.positions import Positions, Request
from search.matching.scoring import SLACK, Contest
from search.matching.sets import Numbers, Scores
from search.matching.terms import Terms
from search.plan import PairScore
from search.ranking import PAIR_SATURATION, idf

_FIRST_LOOK = 5
"""So many times the articles wanted are scored before it is seen who else has a chance."""

_FEW = 50
"""So many at least."""

_K1 = PAIR_SATURATION.k1

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
        self, contest: Contest, rescores: Sequence[PairScore], count: int, window: int
    ) -> tuple[Numbers, Scores]:
        """Give the `count` best of a contest after its best `window` were rescored, best first.

        What some promising articles score in full, pairs included, the others must be able to
        reach: neither those that cannot nor any that score less without pairs are looked at.
        """
        pairs = [pair for pair in rescores if self._occurs(pair)]
        if not pairs:
            return contest.best(count)
        asked = _Asked(pairs, np.array(self._weights(pairs)).reshape(-1, 1))
        least = self._reached(contest, asked, count) if count < window else 0.0
        numbers, scores = contest.best(max(count, window), least - asked.most)
        order = np.argsort(numbers[:window])
        final = self._rescored(numbers[order], scores[order], asked, least)
        chosen = best(final, count)
        return (
            np.concatenate([numbers[order][chosen], numbers[window:]]),
            np.concatenate([final[chosen], scores[window:]]),
        )

    def _reached(self, contest: Contest, asked: "_Asked", count: int) -> float:
        """Give a score, pairs included, that the last of the best reaches; 0 if none is known."""
        looked = max(_FIRST_LOOK * count, _FEW)
        numbers, scores = contest.promising(looked)
        rows = np.sort(best(scores, looked))
        final = scores[rows] + self._added(asked, numbers[rows])
        return least_of_best(final, count) * (1 - SLACK)

    def _rescored(self, numbers: Numbers, scores: Scores, asked: "_Asked", least: float) -> Scores:
        """Add the pairs to the scores of articles, ascending, that may reach `least` with them."""
        bounds = scores + self._most(asked, numbers)
        rows = np.flatnonzero(bounds >= least)
        final = scores.copy()
        final[rows] += self._added(asked, numbers[rows])
        return final

    def _most(self, asked: "_Asked", numbers: Numbers) -> Scores:
        """Give what the pairs add at most, by how often their syllables stand in an article."""
        held = self._held(asked, numbers)
        norms = self._terms.norms("text", PAIR_SATURATION).take(numbers)
        most: Scores = (np.maximum(asked.weights, 0) * saturate(held, norms, _K1)).sum(axis=0)
        return most

    def _held(self, asked: "_Asked", numbers: Numbers) -> NDArray[np.integer[Any]]:
        """Say how often articles may hold each pair: (pairs, articles)."""
        terms = {term for pair in asked.pairs for term in (pair.first, pair.second)}
        often = {term: self._terms.decoded("text", term).frequencies_in(numbers) for term in terms}
        return np.array([np.minimum(often[pair.first], often[pair.second]) for pair in asked.pairs])

    def _occurs(self, pair: PairScore) -> bool:
        held = (self._terms.decoded("text", term).documents for term in (pair.first, pair.second))
        return all(held)

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

    def _added(self, asked: "_Asked", numbers: Numbers) -> Scores:
        """Give what the pairs add to articles, ascending."""
        held = self._held(asked, numbers) > 0
        frequencies = np.zeros(held.shape, np.int64)
        bounds = np.searchsorted(numbers, self._terms.bounds).tolist()
        for at, (start, stop) in enumerate(pairwise(bounds)):
            if start < stop:
                part = slice(start, stop)
                documents = numbers[part] - self._terms.bases[at]
                frequencies[:, part] = _count_pairs(
                    self._positions[at], asked.pairs, held[:, part], documents
                )
        norms = self._terms.norms("text", PAIR_SATURATION).take(numbers)
        added: Scores = (asked.weights * saturate(frequencies, norms, _K1)).sum(axis=0)
        return added


class _Asked(NamedTuple):
    """Pairs with their weights, (pairs, 1)."""

    pairs: Sequence[PairScore]
    weights: Scores

    @property
    def most(self) -> float:
        """What all pairs together add at most."""
        return float(np.maximum(self.weights, 0).sum()) * (_K1 + 1)


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
