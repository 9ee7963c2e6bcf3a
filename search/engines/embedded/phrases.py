"""The documents of a segment that contain a phrase.

A step is one position of a phrase, with the terms that may occur there.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.native import kernels
from search.engines.embedded.budget import WorkBudget
from search.engines.embedded.docsets import DocIds
from search.engines.embedded.occurrences import Occurrences, PackedPositions
from search.engines.embedded.positions import Positions

Step = list[Occurrences]

_SHIFT_OF_A_POSITION = 2
"""A position is charged to the budget as a quarter of a posting: it is read in 15 ns, and is mostly
cached. One that is merged with those of other terms costs as much as a posting, each time."""

_MIN_FILTERED = 200
"""Up to this many positions are searched for without the Bloom filter; arbitrary."""


MAX_MERGED_POSITIONS = 1 << 17
"""Up to this many positions of the terms of one step are merged, which takes about 1 ms, and cached
like those of one term. While a query is typed, the same spellings recur with each letter: searching
for 40 of them separately took 0.48 ms for a phrase instead of 0.13 (a script over the completions
of `benchmarks.suggestions`). The exact value is arbitrary: many more positions take longer to sort
than to search."""


def phrase_doc_ids(
    positions: Positions,
    phrase: Sequence[Sequence[str]],
    slop: int,
    budget: WorkBudget | None = None,
    max_merged: int = MAX_MERGED_POSITIONS,
) -> DocIds:
    """Return the doc id of each occurrence of a phrase, ascending, with duplicates.

    Its steps occur in this order, with at most `slop` extra positions between them in total.
    """
    if len(phrase) > 1 and not slop and all(len(set(terms)) == 1 for terms in phrase):
        find = _of_bigrams if len(phrase) > 2 else _of_bigram
        return find(positions, [terms[0] for terms in phrase], budget)
    steps = []
    for terms in phrase:
        step = [positions.occurrences(term) for term in dict.fromkeys(terms)]
        size = sum(map(len, step))
        is_merged = len(step) > 1 and size <= max_merged
        if budget:
            is_sorted = is_merged or (slop > 0 and len(step) > 1)
            budget.spend(size >> (0 if is_sorted else _SHIFT_OF_A_POSITION))
            if not budget.allows():
                return np.empty(0, np.int64)
        steps.append([positions.any_of(terms)] if is_merged else step)
    if not steps or not all(any(map(len, step)) for step in steps):
        return np.empty(0, np.int64)
    starts, ends = _stretched(steps, slop) if slop else _adjacent(steps)
    return _in_one_document(positions, starts, ends)


def _of_bigram(positions: Positions, terms: Sequence[str], budget: WorkBudget | None) -> DocIds:
    """Return what `phrase_doc_ids` does for two terms; the caller caches it."""
    for term in terms:
        if budget:
            budget.spend(positions.count(term) >> _SHIFT_OF_A_POSITION)
            if not budget.allows():
                return np.empty(0, np.int64)
    starts = positions.adjacent(*terms)
    return _in_one_document(positions, starts, starts + starts.dtype.type(1))


def _of_bigrams(positions: Positions, terms: Sequence[str], budget: WorkBudget | None) -> DocIds:
    """Return what `phrase_doc_ids` does for three terms or more, by intersecting bigrams.

    Two bigrams cover a phrase of three or four terms, and have far fewer positions than the terms:
    a phrase of three takes 60 us instead of 125 once they are cached.
    """
    last = len(terms) - 2
    steps = []
    for i in (*range(0, last, 2), last):
        bigram = positions.bigram(terms[i], terms[i + 1])
        if budget:
            budget.spend(len(bigram) >> _SHIFT_OF_A_POSITION)
        if not len(bigram) or (budget and not budget.allows()):
            return np.empty(0, np.int64)
        steps.append((len(bigram), i, bigram))
    steps.sort(key=lambda step: step[0])
    _, i, rarest = steps[0]
    # An occurrence that would begin before position 0 wraps around to where no bigram occurs.
    starts = rarest.positions - rarest.positions.dtype.type(i)
    for _, i, bigram in steps[1:]:
        if kernels:
            starts = kernels.followed(starts, i, [bigram.positions])
        else:
            starts = starts[_indices_of(bigram, starts + starts.dtype.type(i))]
    return _in_one_document(positions, starts, starts + starts.dtype.type(len(terms) - 1))


def _indices_of(term: Occurrences, positions: PackedPositions) -> NDArray[np.intp]:
    """Return the indices of the positions at which a term occurs."""
    if len(positions) <= _MIN_FILTERED:
        return term.contain(positions).nonzero()[0]
    maybe = term.may_contain(positions).nonzero()[0]
    return maybe[term.contain(positions.take(maybe))]


def _in_one_document(
    positions: Positions, starts: PackedPositions, ends: PackedPositions
) -> DocIds:
    """Return the documents of phrases, dropping those that begin in one and end in the next."""
    doc_ids = positions.doc_ids(starts)
    # The packed positions of consecutive documents are consecutive, too.
    found: DocIds = doc_ids[doc_ids == positions.doc_ids(ends)]
    return found


def _adjacent(steps: Sequence[Step]) -> tuple[PackedPositions, PackedPositions]:
    """Return the first and last position of each occurrence with adjacent steps."""
    sizes = [sum(map(len, step)) for step in steps]
    order = sorted(range(len(steps)), key=sizes.__getitem__)
    rarest = [term.positions for term in steps[order[0]]]
    starts = np.concatenate(rarest) - rarest[0].dtype.type(order[0])
    for i in order[1:]:
        if kernels:
            starts = kernels.followed(starts, i, [term.positions for term in steps[i]])
            continue
        if len(starts) > _MIN_FILTERED:
            starts = starts[_any(Occurrences.may_contain, steps[i], starts + i)]
        starts = starts[_any(Occurrences.contain, steps[i], starts + i)]
    if len(rarest) > 1:  # sorted last, when few are left: sorting all of them took most of the time
        starts.sort()
    return starts, starts + (len(steps) - 1)


def _any(
    test: Callable[[Occurrences, PackedPositions], NDArray[np.bool_]],
    step: Step,
    positions: PackedPositions,
) -> NDArray[np.bool_]:
    """Return for each position whether any term of a step passes a test there."""
    passed = test(step[0], positions)
    for other in step[1:]:
        passed |= test(other, positions)
    return passed


def _merged(step: Step) -> PackedPositions:
    if len(step) == 1:
        return step[0].positions
    return np.sort(np.concatenate([term.positions for term in step]))


def _stretched(steps: Sequence[Step], slop: int) -> tuple[PackedPositions, PackedPositions]:
    """Return the first and last position of each occurrence, with at most `slop` extra ones."""
    starts = ends = _merged(steps[0])
    for length, step in enumerate(steps[1:], 2):
        # Greedy: the next occurrence after the current end leaves the most room. A match that is
        # already too long is dropped, since later steps only lengthen it.
        starts, ends = next_of_each(starts, ends, _merged(step), length + slop)
    return starts, ends


def next_of_each(
    starts: PackedPositions, ends: PackedPositions, positions: PackedPositions, max_span: int
) -> tuple[PackedPositions, PackedPositions]:
    """Return the occurrences continued at the next of the positions, if shorter than `max_span`."""
    if kernels:
        return kernels.stretched(starts, ends, positions, max_span)
    following = np.searchsorted(positions, ends, side="right")
    has_next = following < len(positions)
    starts, ends = starts[has_next], positions[following[has_next]]
    near = ends - starts < max_span
    return starts[near], ends[near]
