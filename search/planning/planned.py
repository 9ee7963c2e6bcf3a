"""The result of planning a part of a query; `+` combines parts written side by side."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import get_args

from search import plan
from search.results.highlights import HighlightPart
from search.warnings import QueryWarning

MAX_FEATURES = 192
"""The features of a query that score, those with the highest weights; each costs about 50 us.

A question of 110 letters without marks has 255, one of 380 letters 750. With 192, nDCG@10 of alqac
and viquad is exactly the same with and without marks (300 queries each); with 128 alqac loses
0.004. With all of them a query of 200 letters took 150 ms of CPU instead of 90."""


MAX_WEIGHT_LEFT_OUT = 0.1
"""Share of the weight of all features that is left out without a warning. Of 180 questions without
marks of three collections a third has more than 192 features; nearly all of them leave out less
than 0.06, unlikely candidates, which changes no figure above. 57 syllables of text leave out
0.22."""

_KINDS = get_args(plan.Feature)


@dataclass(frozen=True, slots=True)
class PlannedParts:
    """Planned parts of a query: nodes, features, highlights and warnings.

    >>> one, other = (PlannedParts((plan.Term("text", text),)) for text in ("gạo", "nếp"))
    >>> (one + other).matching(plan.Or((one + other).nodes)).nodes
    (Or(children=(Term(field='text', text='gạo'), Term(field='text', text='nếp'))),)
    """

    nodes: tuple[plan.Node, ...] = ()
    """The node that matches each part, in order."""
    features: tuple[plan.Feature, ...] = ()
    highlights: tuple[HighlightPart, ...] = ()
    warnings: tuple[QueryWarning, ...] = ()

    def __add__(self, other: "PlannedParts") -> "PlannedParts":
        return PlannedParts(
            self.nodes + other.nodes,
            self.features + other.features,
            self.highlights + other.highlights,
            self.warnings + other.warnings,
        )

    def matching(self, node: plan.Node) -> "PlannedParts":
        """Return the parts as a single one, matched by this node."""
        return replace(self, nodes=(node,))


def strongest(
    features: Iterable[plan.Feature], limit: int = MAX_FEATURES
) -> tuple[plan.Feature, ...]:
    """Return each feature once, with its highest weight, in the order of kinds in `plan.Feature`.

    At most `limit` features, those with the highest weights; of equal ones the first.

    >>> one, other = plan.TermScore("text", "gạo", 0.5), plan.TermScore("text", "nếp", 1.0)
    >>> strongest([one, other, one], limit=1)
    (TermScore(field='text', text='nếp', weight=1.0),)
    """
    strongest_of: dict[tuple[str, ...], plan.Feature] = {}
    for feature in features:
        known = strongest_of.setdefault(feature.key, feature)
        if feature.weight > known.weight:
            strongest_of[feature.key] = feature
    found = sorted(strongest_of.values(), key=lambda feature: _KINDS.index(type(feature)))
    if len(found) <= limit:
        return tuple(found)
    kept = nlargest(limit, range(len(found)), key=lambda i: (found[i].weight, -i))
    return tuple(found[i] for i in sorted(kept))


def weight_left_out(features: Iterable[plan.Feature], kept: Iterable[plan.Feature]) -> float:
    """Return the share of the weight of features, each counted once, that those kept lack.

    >>> one, other = plan.TermScore("text", "gạo", 1.0), plan.TermScore("text", "nếp", 3.0)
    >>> weight_left_out([one, other, one], [other])
    0.25
    """
    weights: dict[tuple[str, ...], float] = {}
    for feature in features:
        weights[feature.key] = max(feature.weight, weights.get(feature.key, 0.0))
    total = sum(weights.values())
    return 1.0 - sum(feature.weight for feature in kept) / total if total else 0.0
