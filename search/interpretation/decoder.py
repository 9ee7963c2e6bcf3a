"""Decoding of a lattice of candidates: a noisy channel.

Posteriors come from forward-backward, the best path from Viterbi, both exact. The bigram model is
interpolated Kneser-Ney (Chen and Goodman 1999, "An empirical study of smoothing techniques for
language modeling", section 2.7), on a pruned table:

    P(b | a) = max(c(ab) - D, 0) / c(a) + (1 - sum of these) n(.b) / n(..)

where n counts distinct bigrams: n(.b) those that end in b, n(..) all. Bigrams pruned from the table
contribute to the second summand. If no marks were typed and several candidates are likely, trigrams
decide (`trigram_rescoring`).
"""

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from index.models.language_model import LanguageModel
from search.interpretation.trigram_rescoring import (
    DISCOUNT,
    MIN_BACKOFF,
    BigramLattice,
    Floats,
    rescored,
)

UNSEEN_COUNT = 0.5
"""The count of a syllable that does not occur, as the one typed may be. Arbitrary."""

MAX_RESCORED = 4
"""The likeliest candidates of a slot, which are rescored by trigrams: at most 16 contexts and 64
trigrams per slot, about 0.3 ms. Arbitrary otherwise."""
MAX_CONTEXTS = 192
"""Bigrams of these candidates whose trigrams are looked up, about 20 us each; with more of them
three or two candidates of a slot are rescored. Sixty syllables of many forms have 900."""
MIN_RESCORED = 0.01
"""Minimum posterior of a rescored candidate, as a share of the likeliest one's; arbitrary."""

Lattice = Sequence[dict[str, float]]
"""For each slot the candidates with their costs in nats."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """For each slot the posterior probability of every candidate, and the best path's choice."""

    posteriors: tuple[dict[str, float], ...]
    best: tuple[str, ...]
    is_partial: bool = False


def decode(lattice: Lattice, model: LanguageModel, width: int) -> Decoded:
    """Return the posteriors of a lattice; only the `width` best candidates of a slot are kept.

    The first candidate of a slot is always kept.
    """
    bigrams = _bigram_lattice(lattice, model, width)
    channels = bigrams.channels
    start = bigrams.start * channels[0]
    steps = [step * typed for step, typed in zip(bigrams.transitions, channels[1:], strict=True)]
    posteriors = _posteriors(start, steps)
    all_likely = [_likely(posterior) for posterior in posteriors]
    likely = _fewer(all_likely)
    by_trigrams = None
    if len(likely) > 2 and any(len(kept) > 1 for kept in likely) and _without_marks(lattice):
        by_trigrams = rescored(bigrams.narrowed(likely), model)
    if by_trigrams is None:
        best = _best_path(start, steps)
    else:
        shares, path = by_trigrams
        best = [int(kept[i]) for kept, i in zip(likely, path, strict=True)]
        for posterior, kept, share in zip(posteriors, likely, shares, strict=True):
            posterior[kept] = share * posterior[kept].sum()
    return Decoded(
        tuple(
            dict(zip(terms, posterior.tolist(), strict=True))
            for terms, posterior in zip(bigrams.slots, posteriors, strict=True)
        ),
        tuple(terms[i] for terms, i in zip(bigrams.slots, best, strict=True)),
        is_partial=by_trigrams is not None and sum(map(len, likely)) < sum(map(len, all_likely)),
    )


def _without_marks(lattice: Lattice) -> bool:
    """Return whether nothing typed has marks.

    For queries with marks bigrams suffice: trigrams change the same share of clean syllables within
    0.01 %, and alqac loses 0.0035 of nDCG@10 (docs/benchmarks/effectiveness.md).
    """
    return all(next(iter(slot)).isascii() for slot in lattice)


def _likely(posterior: Floats) -> NDArray[np.int64]:
    """Return the candidates of a slot that are rescored, likeliest first."""
    first = posterior.argmax()
    # Usually one candidate has nearly all of the probability, and sorting is unnecessary.
    if posterior[first] * (1.0 + MIN_RESCORED) > 1.0:
        return np.array([first])
    best = np.argsort(-posterior, kind="stable")[:MAX_RESCORED].astype(np.int64)
    likely: NDArray[np.int64] = best[posterior[best] >= MIN_RESCORED * posterior[best[0]]]
    return likely


def _fewer(likely: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Return fewer candidates per slot, but at least two, if they have too many bigrams."""
    for limit in range(MAX_RESCORED, 2, -1):
        counts = [min(len(slot), limit) for slot in likely]
        if sum(a * b for a, b in pairwise(counts)) <= MAX_CONTEXTS:
            break
    else:
        limit = 2
    return [slot[:limit] for slot in likely]


def _bigram_lattice(lattice: Lattice, model: LanguageModel, width: int) -> BigramLattice:
    """Return the candidates that are kept, with their probabilities by the model."""
    slots, channels, counts = _pruned(lattice, model, width)
    continuations, backoffs = _lower_order(slots, model, counts)
    bigrams = model.bigram_counts(slots)
    transitions = [
        np.maximum(bigram_counts - DISCOUNT, 0.0) / context_counts[:, None]
        + backoff[:, None] * continuation
        for bigram_counts, context_counts, backoff, continuation in zip(
            bigrams, counts, backoffs, continuations[1:], strict=False
        )
    ]
    return BigramLattice(slots, counts[0], transitions, channels, bigrams)


def _pruned(
    lattice: Lattice, model: LanguageModel, width: int
) -> tuple[list[list[str]], list[Floats], list[Floats]]:
    """Return the candidates kept at each slot, exp(-cost) of each, and their counts."""
    occurring = model.counts([term for slot in lattice for term in slot])
    counts = _split_by_slot(np.maximum(occurring, UNSEEN_COUNT), lattice)
    slots, channels, kept_counts = [], [], []
    for slot, count in zip(lattice, counts, strict=True):
        terms, channel = list(slot), np.exp(-np.fromiter(slot.values(), float))
        kept = np.arange(len(terms))
        if len(terms) > width:
            order = np.argsort(-(channel * count)[1:], kind="stable")
            kept = np.append(0, order[: width - 1] + 1)
        slots.append([terms[i] for i in kept.tolist()])
        channels.append(channel[kept])
        kept_counts.append(count[kept])
    return slots, channels, kept_counts


def _lower_order(
    slots: list[list[str]], model: LanguageModel, counts: list[Floats]
) -> tuple[list[Floats], list[Floats]]:
    """Return the continuation probability n(.b) / n(..) and the backoff weight of each candidate.

    The backoff weight of a candidate is the probability that its seen bigrams leave.
    """
    contexts = model.neighbours([t for slot in slots for t in slot])
    continuation = np.maximum(contexts.predecessors, UNSEEN_COUNT) / max(model.bigrams, 1)
    seen = (contexts.total - DISCOUNT * contexts.successors) / np.concatenate(counts)
    backoff = np.clip(1.0 - seen, MIN_BACKOFF, 1.0)
    return _split_by_slot(continuation, slots), _split_by_slot(backoff, slots)


def _split_by_slot(values: Floats, slots: Sequence[Sized]) -> list[Floats]:
    """Split an array over all candidates into one for each slot."""
    ends = accumulate(map(len, slots))
    return [values[end - len(slot) : end] for slot, end in zip(slots, ends, strict=True)]


def _posteriors(start: Floats, steps: Sequence[Floats]) -> list[Floats]:
    """Return the posteriors of each slot by forward-backward, scaled to sum to 1."""
    forward = [start / start.sum()]
    for step in steps:
        weights = forward[-1] @ step
        forward.append(weights / weights.sum())
    backward = [np.ones(len(forward[-1]))]
    for step in reversed(steps):
        weights = step @ backward[-1]
        backward.append(weights / weights.sum())
    products = [f * b for f, b in zip(forward, reversed(backward), strict=True)]
    return [product / product.sum() for product in products]


def _best_path(start: Floats, steps: Sequence[Floats]) -> list[int]:
    """Return the single likeliest path (Viterbi)."""
    score, came_from = np.log(start), []
    for step in steps:
        scores = score[:, None] + np.log(step)
        came_from.append(scores.argmax(axis=0))
        score = scores.max(axis=0)
    path = [int(score.argmax())]
    for origins in reversed(came_from):
        path.append(int(origins[path[-1]]))
    return path[::-1]
