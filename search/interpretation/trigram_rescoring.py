"""What do three syllables in a row tell of the likely readings, beyond what pairs do?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.models.language_model import LanguageModel
from index.models.trigrams import last_hash

DISCOUNT = 0.9
"""Taken from every count, of a pair or a triple, for those that are not known."""
LEAST_BACKING_OFF = 1e-3
"""What is always left for those never seen."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paths:
    """A lattice of terms with its model of pairs.

    `start`: how likely the terms of the first place are. `steps[i]`: how likely each term of place
    i + 1 is after each of place i. `channels[i]`: how likely the terms of place i are typed so.
    `pairs[i]`: how often each pair occurs.
    """

    places: Sequence[list[str]]
    start: Floats
    steps: Sequence[Floats]
    channels: Sequence[Floats]
    pairs: Sequence[NDArray[np.int64]]

    def narrowed(self, kept: Sequence[NDArray[np.int64]]) -> "Paths":
        """Keep some terms of each place."""
        grids = [(here[:, None], after) for here, after in pairwise(kept)]
        return Paths(
            [
                [terms[at] for at in some.tolist()]
                for terms, some in zip(self.places, kept, strict=True)
            ],
            self.start[kept[0]],
            [step[grid] for step, grid in zip(self.steps, grids, strict=True)],
            [channel[some] for channel, some in zip(self.channels, kept, strict=True)],
            [pairs[grid] for pairs, grid in zip(self.pairs, grids, strict=True)],
        )


def refined(paths: Paths, model: LanguageModel) -> tuple[list[Floats], list[int]] | None:
    """Give each place's posteriors and the best path by triples; None where no triple is known.

    Kneser and Ney's interpolation once more, with the steps of pairs to back off to.
    """
    contexts = [
        (first, second)
        for firsts, seconds in zip(paths.places, paths.places[1:-1], strict=False)
        for first in firsts
        for second in seconds
    ]
    following = model.following(contexts)
    if not any(following):
        return None
    told = iter(following)
    steps = [
        _step([next(told) for _ in range(pairs.size)], pairs, step, lasts) * channel
        for pairs, step, lasts, channel in zip(
            paths.pairs, paths.steps[1:], paths.places[2:], paths.channels[2:], strict=False
        )
    ]
    start = (paths.start * paths.channels[0])[:, None] * paths.steps[0] * paths.channels[1]
    return _posteriors(start, steps), _best_path(start, steps)


def _step(
    following: Sequence[Mapping[int, int]],
    pairs: NDArray[np.int64],
    step: Floats,
    lasts: Sequence[str],
) -> Floats:
    """Give the probability of each last term after each pair: (first, second, last)."""
    if not any(following):
        return np.broadcast_to(step, (len(pairs), *step.shape))
    hashes = [last_hash(last) for last in lasts]
    counts = np.array([[counted.get(last, 0) for last in hashes] for counted in following])
    followed = np.array([sum(counted.values()) for counted in following])
    kinds = np.array([len(counted) for counted in following])
    here = np.maximum(np.maximum(pairs.ravel(), followed), 1)
    left = np.clip(1.0 - (followed - DISCOUNT * kinds) / here, LEAST_BACKING_OFF, 1.0)
    seen = np.maximum(counts - DISCOUNT, 0.0) / here[:, None]
    told: Floats = seen.reshape(*pairs.shape, -1) + left.reshape(*pairs.shape, 1) * step
    return told


def _posteriors(start: Floats, steps: Sequence[Floats]) -> list[Floats]:
    """Run forward and backward over pairs of neighbours, scaled to sum 1 at each place."""
    forward = [start / start.sum()]
    for step in steps:
        reached = (forward[-1][:, :, None] * step).sum(axis=0)
        forward.append(reached / reached.sum())
    backward = [np.ones(forward[-1].shape)]
    for step in reversed(steps):
        ahead = (step * backward[-1]).sum(axis=2)
        backward.append(ahead / ahead.sum())
    products = [f * b for f, b in zip(forward, reversed(backward), strict=True)]
    places = [products[0].sum(axis=1), *(product.sum(axis=0) for product in products)]
    return [place / place.sum() for place in places]


def _best_path(start: Floats, steps: Sequence[Floats]) -> list[int]:
    """Find the single likeliest path (Viterbi over pairs of neighbours)."""
    score, came_from = np.log(start), []
    for step in steps:
        reached = score[:, :, None] + np.log(step)
        came_from.append(reached.argmax(axis=0))
        score = reached.max(axis=0)
    first, second = divmod(int(score.argmax()), score.shape[1])
    path = [second, first]
    for origins in reversed(came_from):
        path.append(int(origins[path[-1], path[-2]]))
    return path[::-1]
