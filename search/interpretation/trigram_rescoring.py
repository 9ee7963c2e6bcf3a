"""Rescoring of the likely paths through a lattice by trigrams."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.models.language_model import Continuations, LanguageModel

DISCOUNT = 0.9
"""Subtracted from every bigram and trigram count in favour of unseen ones (Kneser and Ney 1995).
0.9 instead of 0.5 reduced the changed clean syllables of headlines from 0.7 to 0.2 %, and had no
other effect (docs/benchmarks/effectiveness.md, 2026-11-23)."""
MIN_BACKOFF = 1e-3
"""Minimum probability of unseen events. Arbitrary, small."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BigramLattice:
    """The candidates of each slot with their probabilities by the bigram model.

    `start`: the counts of the candidates of the first slot, which are unnormalised probabilities.
    `transitions[i]`: the probabilities of each candidate of slot i + 1 after each of slot i.
    `channels[i]`: for the candidates of slot i, P(typed | candidate), up to a constant.
    `bigram_counts[i]`: the counts of each bigram of slots i and i + 1.
    """

    slots: Sequence[list[str]]
    start: Floats
    transitions: Sequence[Floats]
    channels: Sequence[Floats]
    bigram_counts: Sequence[NDArray[np.int64]]

    def narrowed(self, kept: Sequence[NDArray[np.int64]]) -> "BigramLattice":
        """Return the lattice of some candidates of each slot, given their indices."""
        grids = [(before[:, None], after) for before, after in pairwise(kept)]
        return BigramLattice(
            [
                [terms[i] for i in indices.tolist()]
                for terms, indices in zip(self.slots, kept, strict=True)
            ],
            self.start[kept[0]],
            [step[grid] for step, grid in zip(self.transitions, grids, strict=True)],
            [channel[indices] for channel, indices in zip(self.channels, kept, strict=True)],
            [counts[grid] for counts, grid in zip(self.bigram_counts, grids, strict=True)],
        )


def rescored(lattice: BigramLattice, model: LanguageModel) -> tuple[list[Floats], list[int]] | None:
    """Return each slot's posteriors and the best path by trigrams; None if the model has none.

    Interpolated Kneser-Ney, backing off to the transitions of bigrams.
    """
    continuations = model.trigram_counts(lattice.slots)
    if not continuations:
        return None
    steps = [
        _trigram_step(following, bigram_counts, step) * channel
        for following, bigram_counts, step, channel in zip(
            continuations,
            lattice.bigram_counts,
            lattice.transitions[1:],
            lattice.channels[2:],
            strict=False,
        )
    ]
    first = (lattice.start * lattice.channels[0])[:, None]
    start = first * lattice.transitions[0] * lattice.channels[1]
    return _posteriors(start, steps), _best_path(start, steps)


def _trigram_step(
    following: Continuations, bigram_counts: NDArray[np.int64], step: Floats
) -> Floats:
    """Return the probability of each last candidate after each bigram: (first, second, last)."""
    if not following.types.any():
        return np.broadcast_to(step, (len(bigram_counts), *step.shape))
    context_counts = np.maximum(np.maximum(bigram_counts, following.totals), 1)
    unseen = (following.totals - DISCOUNT * following.types) / context_counts
    backoff = np.clip(1.0 - unseen, MIN_BACKOFF, 1.0)
    seen = np.maximum(following.counts - DISCOUNT, 0.0) / context_counts[:, :, None]
    probabilities: Floats = seen + backoff[:, :, None] * step
    return probabilities


def _posteriors(start: Floats, steps: Sequence[Floats]) -> list[Floats]:
    """Return the posteriors of each slot by forward-backward over pairs of adjacent slots."""
    forward = [start / start.sum()]
    for step in steps:
        weights = (forward[-1][:, :, None] * step).sum(axis=0)
        forward.append(weights / weights.sum())
    backward = [np.ones(forward[-1].shape)]
    for step in reversed(steps):
        weights = (step * backward[-1]).sum(axis=2)
        backward.append(weights / weights.sum())
    products = [f * b for f, b in zip(forward, reversed(backward), strict=True)]
    slots = [products[0].sum(axis=1), *(product.sum(axis=0) for product in products)]
    return [slot / slot.sum() for slot in slots]


def _best_path(start: Floats, steps: Sequence[Floats]) -> list[int]:
    """Return the likeliest path (Viterbi over pairs of adjacent slots)."""
    score, came_from = np.log(start), []
    for step in steps:
        scores = score[:, :, None] + np.log(step)
        came_from.append(scores.argmax(axis=0))
        score = scores.max(axis=0)
    first, second = divmod(int(score.argmax()), score.shape[1])
    path = [second, first]
    for origins in reversed(came_from):
        path.append(int(origins[path[-1], path[-2]]))
    return path[::-1]
