"""Relaxation of a match: minimum-should-match lowered step by step.

The minimum of each `AtLeast` is multiplied by a *factor* below 1; with 0 any of its children is
enough. All other nodes stay as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from search import plan

STEPS = 20
"""Number of factors tried, from 0 to below 1. With 10, relaxed sets are a tenth larger."""

NodeMatches = Callable[[plan.Node], NDArray[np.bool_]]
"""Evaluates a node on a fixed list of articles: whether each of them matches it."""


def relaxed(node: plan.Node, factor: float) -> plan.Node:
    """Return a match with its minimums multiplied by `factor`; with 0 any child is enough."""
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


def widened_plan(original: plan.Plan, factor: float, added: Sequence[str] = ()) -> plan.Plan:
    """Return a plan with its match and the matches of its facets widened; `widening` is None.

    The `added` articles must pass the plan's filters. They then pass those of each facet, which are
    a subset.
    """
    facets = tuple(
        facet if facet.match is None else replace(facet, match=widened(facet.match, factor, added))
        for facet in original.facets
    )
    match = widened(original.match, factor, added)
    return replace(original, match=match, facets=facets, widening=None)


def at_least_nodes(node: plan.Node) -> Iterator[plan.AtLeast]:
    """Yield the `AtLeast` nodes of a match, whose minimums `relaxed` lowers."""
    match node:
        case plan.AtLeast():
            yield node
        case plan.And() | plan.Or():
            for child in node.children:
                yield from at_least_nodes(child)
        case _:
            return


def has_steps(node: plan.Node) -> bool:
    """Return whether an `AtLeast` of a match requires less than all of its children."""
    # A node that requires all its children is not lowered in steps: even the first step would admit
    # articles that lack its rarest word. 0.999 allows for rounding of the sums.
    return any(part.minimum < 0.999 * sum(part.weights) for part in at_least_nodes(node))


def fixed_parts(node: plan.Node) -> Iterator[plan.Node]:
    """Yield the parts of a match that relaxing keeps as they are: leaves, children of `AtLeast`."""
    match node:
        case plan.AtLeast(children):
            yield from children
        case plan.And(children) | plan.Or(children):
            for child in children:
                yield from fixed_parts(child)
        case _:
            yield node


def factors(node: plan.Node, matches: NodeMatches) -> NDArray[np.float64]:
    """Return for each article the highest step at which it matches; each must match at step 0.

    >>> def matches(node):
    ...     return np.array([True, node == plan.Term("text", "a")])
    >>> both = plan.AtLeast((plan.Term("text", "a"), plan.Term("text", "b")), (1.0, 1.0), 1.6)
    >>> factors(both, matches).tolist()
    [0.95, 0.6]
    """
    reached = np.clip(np.atleast_1d(_reached(node, matches)), 0.0, 1.0)
    steps = np.arange(STEPS) / STEPS
    highest: NDArray[np.float64] = steps[np.searchsorted(steps, reached, side="right") - 1]
    return highest


def half_factor(reached: NDArray[np.float64]) -> float:
    """Return the highest factor at which half of some articles match, given those of each.

    Half, not all: otherwise a single good article that has little of a long query would let in
    every article that has as little. 0 if there are no articles.

    >>> half_factor(np.array([0.4, 0.9, 0.7])), half_factor(np.array([]))
    (0.7, 0.0)
    """
    return float(np.sort(reached)[len(reached) // 2]) if len(reached) else 0.0


def matches_fully(node: plan.Node, matches: NodeMatches) -> NDArray[np.bool_]:
    """Return for each article whether it matches without relaxation.

    >>> both = plan.AtLeast((plan.Term("text", "a"), plan.Term("text", "b")), (1.0, 1.0), 1.6)
    >>> matches_fully(both, lambda node: np.array([True, node == both.children[0]])).tolist()
    [True, False]
    """
    return np.atleast_1d(_reached(node, matches)) >= 1.0


def _reached(node: plan.Node, matches: NodeMatches) -> NDArray[np.float64]:
    """Return the highest factor at which each article matches.

    Infinity if it matches with any factor, -1 if with none.
    """
    match node:
        case plan.AtLeast(children, weights, minimum):
            weight = sum(matches(c) * w for c, w in zip(children, weights, strict=True))
            reached = (weight + plan.AT_LEAST_SLACK * sum(weights)) / minimum
            return np.where(np.greater(weight, 0), reached, -1.0)
        case plan.And(children):
            parts = [_reached(child, matches) for child in children]
            return np.minimum.reduce(parts) if parts else np.array(np.inf)
        case plan.Or(children):
            parts = [_reached(child, matches) for child in children]
            return np.maximum.reduce(parts) if parts else np.array(-1.0)
        case _:
            return np.where(matches(node), np.inf, -1.0)
