"""Which candidates fit each other? A noisy channel, decoded exactly by forward-backward.

The bigram model is interpolated Kneser-Ney (Chen and Goodman 1999, "An empirical study of
smoothing techniques for language modeling", section 2.7), on a table that lacks rare pairs:

    P(b | a) = max(c(ab) - D, 0) / c(a) + (1 - sum of these) n(.b) / n(..)

where n counts different pairs. What the table lacks goes to the second summand.
"""

from collections.abc import Sequence, Sized
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.interpretation.model import LanguageModel

DISCOUNT = 0.9
LEAST_BACKING_OFF = 1e-3
"""What is always left for pairs never seen."""
UNSEEN = 0.5
"""The count that a syllable has which no article holds: what was typed may be one."""

Floats = NDArray[np.float64]

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
    places, channels, counts = _pruned(lattice, model, width)
    single, left_over = _single_syllables(places, model, counts)
    steps = [
        (np.maximum(pairs - DISCOUNT, 0.0) / here[:, None] + left[:, None] * after) * channel
        for pairs, here, left, after, channel in zip(
            model.pair_counts(places), counts, left_over, single[1:], channels[1:], strict=False
        )
    ]
    start = counts[0] * channels[0]
    return Decoded(
        tuple(
            dict(zip(terms, posterior.tolist(), strict=True))
            for terms, posterior in zip(places, _posteriors(start, steps), strict=True)
        ),
        tuple(terms[at] for terms, at in zip(places, _best_path(start, steps), strict=True)),
    )


def _pruned(
    lattice: Lattice, model: LanguageModel, width: int
) -> tuple[list[list[str]], list[Floats], list[Floats]]:
    """Give the candidates kept at each place, e to the minus their costs, and their counts."""
    occurring = model.counts([term for place in lattice for term in place])
    counts = _cut(np.maximum(occurring, UNSEEN), lattice)
    places, channels, kept_counts = [], [], []
    for place, count in zip(lattice, counts, strict=True):
        terms, channel = list(place), np.exp(-np.fromiter(place.values(), float))
        kept = np.arange(len(terms))
        if len(terms) > width:
            order = np.argsort(-(channel * count)[1:], kind="stable")
            kept = np.append(0, order[: width - 1] + 1)
        places.append([terms[at] for at in kept.tolist()])
        channels.append(channel[kept])
        kept_counts.append(count[kept])
    return places, channels, kept_counts


def _single_syllables(
    places: list[list[str]], model: LanguageModel, counts: list[Floats]
) -> tuple[list[Floats], list[Floats]]:
    """Give n(.b) / n(..) of every candidate, and what each leaves over for unknown pairs."""
    followed, successors, predecessors = model.neighbours([t for place in places for t in place])
    single = np.maximum(predecessors, UNSEEN) / max(model.pairs, 1)
    seen = (followed - DISCOUNT * successors) / np.concatenate(counts)
    left_over = np.clip(1.0 - seen, LEAST_BACKING_OFF, 1.0)
    return _cut(single, places), _cut(left_over, places)


def _cut(values: Floats, places: Sequence[Sized]) -> list[Floats]:
    """Cut an array over all candidates into one for each place."""
    return np.split(values, np.cumsum([len(place) for place in places])[:-1])


def _posteriors(start: Floats, steps: Sequence[Floats]) -> list[Floats]:
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


def _best_path(start: Floats, steps: Sequence[Floats]) -> list[int]:
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
