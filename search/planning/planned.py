"""The value that planning a part of a query returns; those of parts side by side join by `+`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from search import plan
from search.results.highlights import Mark
from search.warnings import QueryWarning


@dataclass(frozen=True, slots=True)
class Planned:
    """Parts of a query as planned: what matches, scores, is marked, and is to be told.

    >>> one, other = (Planned((plan.Term("text", text),)) for text in ("gạo", "nếp"))
    >>> (one + other).matching(plan.Or((one + other).nodes)).nodes
    (Or(children=(Term(field='text', text='gạo'), Term(field='text', text='nếp'))),)
    """

    nodes: tuple[plan.Node, ...] = ()
    """What matches each of the parts, in order."""
    features: tuple[plan.Feature, ...] = ()
    marks: tuple[Mark, ...] = ()
    warnings: tuple[QueryWarning, ...] = ()

    def __add__(self, other: "Planned") -> "Planned":
        return Planned(
            self.nodes + other.nodes,
            self.features + other.features,
            self.marks + other.marks,
            self.warnings + other.warnings,
        )

    def matching(self, node: plan.Node) -> "Planned":
        """Return the same as one part, which this node matches."""
        return replace(self, nodes=(node,))


def strongest(features: Iterable[plan.Feature]) -> tuple[plan.Feature, ...]:
    """Return each feature once, with its highest weight: terms first, then bigrams."""
    terms: dict[tuple[str, str], plan.TermScore] = {}
    bigrams: dict[tuple[str, str], plan.BigramScore] = {}
    for feature in features:
        if isinstance(feature, plan.TermScore):
            term = terms.setdefault((feature.field, feature.text), feature)
            if feature.weight > term.weight:
                terms[feature.field, feature.text] = feature
        else:
            bigram = bigrams.setdefault((feature.first, feature.second), feature)
            if feature.weight > bigram.weight:
                bigrams[feature.first, feature.second] = feature
    return (*terms.values(), *bigrams.values())
