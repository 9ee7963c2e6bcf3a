"""Which candidates fit each other? A noisy channel, decoded exactly by forward-backward.

The bigram model is interpolated Kneser-Ney (Chen and Goodman 1999, "An empirical study of
smoothing techniques for language modeling", section 2.7), on a table that lacks rare pairs:

    P(b | a) = max(c(ab) - D, 0) / c(a) + (1 - sum of these) n(.b) / n(..)

where n counts different pairs. What the table lacks goes to the second summand. Where no
marks are typed and more than one reading is likely, triples decide between them (see `refining`).
"""

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from index.models.language_model import LanguageModel
from search.interpretation.trigram_rescoring import (
    DISCOUNT,
    LEAST_BACKING_OFF,
    Floats,
    Paths,
    refined,
)

UNSEEN = 0.5
"""The count that a syllable has which no article holds: what was typed may be one."""

REREAD = 4
"""So many candidates of a place, the likeliest, are weighed by triples."""
LEAST_REREAD = 0.01
"""So likely they must be, compared with the likeliest."""

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
    paths = _paths(lattice, model, width)
    channels = paths.channels
    start = paths.start * channels[0]
    steps = [step * typed for step, typed in zip(paths.steps, channels[1:], strict=True)]
    posteriors = _posteriors(start, steps)
    likely = [_likely(posterior) for posterior in posteriors]
    told = None
    if len(likely) > 2 and any(len(few) > 1 for few in likely) and _without_marks(lattice):
        told = refined(paths.narrowed(likely), model)
    if told is None:
        best = _best_path(start, steps)
    else:
        refinements, path = told
        best = [int(few[at]) for few, at in zip(likely, path, strict=True)]
        for posterior, few, refinement in zip(posteriors, likely, refinements, strict=True):
            posterior[few] = refinement * posterior[few].sum()
    return Decoded(
        tuple(
            dict(zip(terms, posterior.tolist(), strict=True))
            for terms, posterior in zip(paths.places, posteriors, strict=True)
        ),
        tuple(terms[at] for terms, at in zip(paths.places, best, strict=True)),
    )


def _without_marks(lattice: Lattice) -> bool:
    """Say whether nothing typed has marks; where something has, its neighbours are told enough."""
    return all(next(iter(place)).isascii() for place in lattice)


def _likely(posterior: Floats) -> NDArray[np.int64]:
    """Choose the candidates of a place that are weighed again, the likeliest first."""
    first = posterior.argmax()
    if posterior[first] * (1.0 + LEAST_REREAD) > 1.0:  # as mostly: there is no room for another
        return np.array([first])
    best = np.argsort(-posterior, kind="stable")[:REREAD].astype(np.int64)
    likely: NDArray[np.int64] = best[posterior[best] >= LEAST_REREAD * posterior[best[0]]]
    return likely


def _paths(lattice: Lattice, model: LanguageModel, width: int) -> Paths:
    """Give the candidates kept with what the model says of them."""
    places, channels, counts = _pruned(lattice, model, width)
    single, left_over = _single_syllables(places, model, counts)
    pairs = model.pair_counts(places)
    steps = [
        np.maximum(together - DISCOUNT, 0.0) / here[:, None] + left[:, None] * after
        for together, here, left, after in zip(pairs, counts, left_over, single[1:], strict=False)
    ]
    return Paths(places, counts[0], steps, channels, pairs)


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
    ends = accumulate(map(len, places))
    return [values[end - len(place) : end] for place, end in zip(places, ends, strict=True)]


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
