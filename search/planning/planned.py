"""What planning returns for a part of a query; `+` joins the parts side by side."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import get_args

from search import plan
from search.results.highlights import HighlightPart
from search.warnings import QueryWarning

MAX_FEATURES = 192
"""Features of a query that score, those of the highest weight: some 50 us each of every search.

A question of 110 letters without marks asks for 255 and of 380 letters for 750; with 192 nDCG@10 of
alqac and viquad stays the same to the digit with marks and without (of 300 queries each), with 128
alqac loses .004. All of them took a query of 200 letters from 90 to 150 ms of CPU."""


_KINDS = get_args(plan.Feature)


@dataclass(frozen=True, slots=True)
class PlannedParts:
    """Planned parts of a query: nodes, features, highlights and warnings.

    >>> one, other = (PlannedParts((plan.Term("text", text),)) for text in ("gạo", "nếp"))
    >>> (one + other).matching(plan.Or((one + other).nodes)).nodes
    (Or(children=(Term(field='text', text='gạo'), Term(field='text', text='nếp'))),)
    """

    nodes: tuple[plan.Node, ...] = ()
    """What matches each of the parts, in order."""
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
        """Return the same as one part, which this node matches."""
        return replace(self, nodes=(node,))


def strongest(
    features: Iterable[plan.Feature], limit: int = MAX_FEATURES
) -> tuple[plan.Feature, ...]:
    """Return each feature once, with its highest weight, kind by kind as in `plan.Feature`.

    Of more than `limit` those of the lowest weights are left out, of equal ones the last.

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
    kept = nlargest(limit, range(len(found)), key=lambda at: (found[at].weight, -at))
    return tuple(found[at] for at in sorted(kept))
