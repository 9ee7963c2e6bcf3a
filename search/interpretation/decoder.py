"""Which candidates fit each other? A noisy channel, decoded exactly by forward-backward.

The bigram model is absolute discounting, interpolated with the single syllable's share:

    P(b | a) = L max(c(ab) - .5, 0) / c(a) + (1 - L) P(b),    L = .9 c(a) / (c(a) + 20)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.interpretation.model import LanguageModel

DISCOUNT = 0.5
BIGRAM_SHARE = 0.9
BIGRAM_PRIOR = 20.0
UNSEEN = 0.5
"""The count that a syllable has which no article holds: what was typed may be one."""

Lattice = Sequence[dict[str, float]]
"""For each place the candidates with their costs in nats."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """For each place the posterior probability of every candidate, and the best path's choice."""

    posteriors: tuple[dict[str, float], ...]
    best: tuple[str, ...]


def decode(lattice: Lattice, model: LanguageModel, width: int) -> Decoded:
    """Weigh the paths through a lattice; only the `width` best candidates of a place are kept.

    The first candidate of a place is always kept.
    """
    counts = np.split(
        np.maximum(model.counts([term for place in lattice for term in place]), UNSEEN),
        np.cumsum([len(place) for place in lattice])[:-1],
    )
    tokens = max(model.tokens, 1)
    places, channels, shares = [], [], []
    for place, count in zip(lattice, counts, strict=True):
        share = count / tokens
        channel = np.exp(-np.fromiter(place.values(), float))
        kept = _best(channel * share, width)
        terms = list(place)
        places.append([terms[at] for at in kept.tolist()])
        channels.append(channel[kept])
        shares.append(share[kept])
    steps = [
        _following(pairs, here * tokens, after) * channel
        for pairs, here, after, channel in zip(
            model.pair_counts(places), shares, shares[1:], channels[1:], strict=False
        )
    ]
    start = shares[0] * channels[0]
    return Decoded(
        tuple(
            dict(zip(terms, posterior.tolist(), strict=True))
            for terms, posterior in zip(places, _posteriors(start, steps), strict=True)
        ),
        tuple(terms[at] for terms, at in zip(places, _best_path(start, steps), strict=True)),
    )


def _best(scores: NDArray[np.float64], width: int) -> NDArray[np.intp]:
    """Give the places of the first and of the highest scores, ascending."""
    if len(scores) <= width:
        return np.arange(len(scores))
    highest = np.argpartition(-scores[1:], width - 2)[: width - 1] + 1
    return np.sort(np.append(highest, 0))


def _following(
    pairs: NDArray[np.int64], here: NDArray[np.float64], after: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give P(b | a), one row for each a, from pair counts, counts of a and shares of b."""
    bigram_share = BIGRAM_SHARE * here / (here + BIGRAM_PRIOR)
    seen = np.maximum(pairs - DISCOUNT, 0.0) / here[:, None]
    following: NDArray[np.float64] = bigram_share[:, None] * seen
    return following + (1 - bigram_share)[:, None] * after


def _posteriors(
    start: NDArray[np.float64], steps: Sequence[NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """Run forward and backward, scaled to sum 1 at each place."""
    forward = [start / start.sum()]
    for step in steps:
        reached = forward[-1] @ step
        forward.append(reached / reached.sum())
    backward = [np.ones(len(forward[-1]))]
    for step in reversed(steps):
        ahead = step @ backward[-1]
        backward.append(ahead / ahead.sum())
    products = [f * b for f, b in zip(forward, reversed(backward), strict=True)]
    return [product / product.sum() for product in products]


def _best_path(start: NDArray[np.float64], steps: Sequence[NDArray[np.float64]]) -> list[int]:
    """Find the single likeliest path (Viterbi)."""
    score, came_from = np.log(start), []
    for step in steps:
        reached = score[:, None] + np.log(step)
        came_from.append(reached.argmax(axis=0))
        score = reached.max(axis=0)
    path = [int(score.argmax())]
    for origins in reversed(came_from):
        path.append(int(origins[path[-1]]))
    return path[::-1]
