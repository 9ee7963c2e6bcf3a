"""Which documents of a segment hold a phrase?

A phrase is a list of steps, each with the terms that may stand there.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from search.engines.embedded.docsets import Numbers
from search.engines.embedded.occurrences import Occurrences, Places
from search.engines.embedded.positions import Positions

Step = list[Occurrences]

_FEW = 200
"""So many places are searched for right away."""


def phrase_documents(positions: Positions, phrase: Sequence[Sequence[str]], slop: int) -> Numbers:
    """Give the document of each place where the steps follow each other in this order, ascending.

    They may be stretched by `slop` positions in all.
    """
    steps = [[positions.occurrences(term) for term in dict.fromkeys(terms)] for terms in phrase]
    if not steps or not all(any(map(len, step)) for step in steps):
        return np.empty(0, np.int64)
    starts, ends = _stretched(steps, slop) if slop else _adjacent(steps)
    documents = positions.documents(starts)
    # Places of neighbouring documents are neighbours, too.
    found: Numbers = documents[documents == positions.documents(ends)]
    return found


def _adjacent(steps: Sequence[Step]) -> tuple[Places, Places]:
    """Give where the first of steps stands that the others follow directly, and the last."""
    sizes = [sum(map(len, step)) for step in steps]
    order = sorted(range(len(steps)), key=sizes.__getitem__)
    starts = _together(steps[order[0]]) - order[0]
    for at in order[1:]:
        if len(starts) > _FEW:
            starts = starts[_any(Occurrences.may_hold, steps[at], starts + at)]
        starts = starts[_any(Occurrences.hold, steps[at], starts + at)]
    return starts, starts + (len(steps) - 1)


def _any(
    test: Callable[[Occurrences, Places], NDArray[np.bool_]], step: Step, places: Places
) -> NDArray[np.bool_]:
    """Say of places whether any term of a step passes a test there."""
    passed = test(step[0], places)
    for other in step[1:]:
        passed |= test(other, places)
    return passed


def _together(step: Step) -> Places:
    if len(step) == 1:
        return step[0].places
    return np.sort(np.concatenate([term.places for term in step]))


def _stretched(steps: Sequence[Step], slop: int) -> tuple[Places, Places]:
    """Give where the first of steps stands, and the last, with `slop` positions between them."""
    starts = ends = _together(steps[0])
    for step in steps[1:]:
        places = _together(step)
        # The next token after the earliest end so far: it leaves the most room.
        following = np.searchsorted(places, ends, side="right")
        there = following < len(places)
        starts, ends = starts[there], places[following[there]]
    near = ends - starts < len(steps) + slop
    return starts[near], ends[near]
