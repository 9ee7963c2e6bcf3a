"""Relaxation of a match: minimum-should-match lowered step by step.

The minimum of each `AtLeast` is multiplied by a *factor* below 1; with 0 any of its children is
enough. Exclusions and required parts stay as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from search import plan

STEPS = 20
"""Number of factors from 0 to below 1 that are tried; with 10, totals are a tenth higher."""

Held = Callable[[plan.Node], NDArray[np.bool_]]
"""Returns for each of some articles whether it matches a node."""


def relaxed(node: plan.Node, factor: float) -> plan.Node:
    """Return a match whose minimums are multiplied by `factor`; with 0 any child is enough."""
    match node:
        case plan.AtLeast() if factor > 0:
            return replace(node, minimum=node.minimum * factor)
        case plan.AtLeast():
            return plan.Or(node.children)
        case plan.And() | plan.Or():
            return type(node)(tuple(relaxed(child, factor) for child in node.children))
        case _:
            return node


def widened(node: plan.Node, factor: float, added: Sequence[str]) -> plan.Node:
    """Return a relaxed match that also matches the articles with the ids `added`."""
    if factor < 1.0:
        node = relaxed(node, factor)
    return plan.Or((node, plan.Keyword("id", tuple(added)))) if added else node


def widened_plan(asked: plan.Plan, factor: float, added: Sequence[str] = ()) -> plan.Plan:
    """Return a plan with its own match and its facets' widened, and no widening left to do.

    The `added` articles must pass the plan's filters, and so those of each facet.
    """
    facets = tuple(
        facet if facet.match is None else replace(facet, match=widened(facet.match, factor, added))
        for facet in asked.facets
    )
    match = widened(asked.match, factor, added)
    return replace(asked, match=match, facets=facets, widening=None)


def requirements(node: plan.Node) -> Iterator[plan.AtLeast]:
    """Yield the parts of a match that `relaxed` changes."""
    match node:
        case plan.AtLeast():
            yield node
        case plan.And() | plan.Or():
            for child in node.children:
                yield from requirements(child)
        case _:
            return


def has_steps(node: plan.Node) -> bool:
    """Return whether an `AtLeast` of a match requires less than all of its children."""
    # .999: sums of floats; a minimum of everything is no step.
    return any(part.minimum < 0.999 * sum(part.weights) for part in requirements(node))


def fixed_parts(node: plan.Node) -> Iterator[plan.Node]:
    """Yield the parts of a match that no factor changes: children of `AtLeast`, and leaves."""
    match node:
        case plan.AtLeast(children):
            yield from children
        case plan.And(children) | plan.Or(children):
            for child in children:
                yield from fixed_parts(child)
        case _:
            yield node


def factors(node: plan.Node, held: Held) -> NDArray[np.float64]:
    """Return for each article the highest factor below 1 at which it matches; 0 where none.

    >>> def held(node):
    ...     return np.array([True, node == plan.Term("text", "a")])
    >>> both = plan.AtLeast((plan.Term("text", "a"), plan.Term("text", "b")), (1.0, 1.0), 1.6)
    >>> factors(both, held).tolist()
    [0.95, 0.6]
    """
    reached = np.clip(np.atleast_1d(_reached(node, held)), 0.0, 1.0)
    steps = np.arange(STEPS) / STEPS
    highest: NDArray[np.float64] = steps[np.searchsorted(steps, reached, side="right") - 1]
    return highest


def _reached(node: plan.Node, held: Held) -> NDArray[np.float64]:
    """Return the highest factor at which each article matches.

    Infinity where it matches with any factor, -1 where with none.
    """
    match node:
        case plan.AtLeast(children, weights, minimum):
            weight = sum(held(c) * w for c, w in zip(children, weights, strict=True))
            reached = (weight + plan.AT_LEAST_SLACK * sum(weights)) / minimum
            return np.where(np.greater(weight, 0), reached, -1.0)
        case plan.And(children):
            parts = [_reached(child, held) for child in children]
            return np.minimum.reduce(parts) if parts else np.array(np.inf)
        case plan.Or(children):
            parts = [_reached(child, held) for child in children]
            return np.maximum.reduce(parts) if parts else np.array(-1.0)
        case _:
            return np.where(held(node), np.inf, -1.0)
