"""Widening of a match in one pass, with the docset of each part in memory.

The result equals that of `search.engines.opensearch.widening`, which executes plans instead; a test
compares them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.engines.embedded.docsets import DocIds, DocSet, union
from search.engines.embedded.evaluator import Evaluator
from search.engines.embedded.ordering import top_indices
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.top_k import Scored, score_around
from search.plan import MIN_MATCHES, Node, Plan, Widening
from search.relaxation import at_least_nodes, factors, half_factor, has_steps, relaxed


@dataclass(frozen=True, slots=True)
class Widened:
    """A widened match: its articles, and how many match without widening.

    `added` are the best articles by score that have less of the query than `factor` requires.
    `best` are scored articles that include the best ones, if they were computed.
    """

    factor: float
    docset: DocSet
    full_total: int
    added: DocIds
    best: Scored | None = None


_NONE = np.empty(0, np.int64)


def widen(plan: Plan, evaluator: Evaluator, reader: PostingsReader) -> Widened:
    """Widen the match of a plan by its `widening`."""
    match = plan.match
    found = evaluator.evaluate(match)
    full_total = found.count()
    if plan.widening is not Widening.IN_STEPS or not has_steps(match):
        if full_total >= MIN_MATCHES or not any(at_least_nodes(match)):
            return Widened(1.0, found, full_total, _NONE)
        return Widened(0.0, evaluator.evaluate(relaxed(match, 0.0)), full_total, _NONE)
    any_unit = evaluator.evaluate(relaxed(match, 0.0))
    best = score_around(reader, any_unit, found, evaluator.weighed(plan.features), MIN_MATCHES)
    doc_ids = best.doc_ids[top_indices(best.scores, MIN_MATCHES)]

    def contains(node: Node) -> NDArray[np.bool_]:
        return evaluator.evaluate(node).contains(doc_ids)

    factor = 1.0
    if full_total < MIN_MATCHES:
        factor = half_factor(factors(match, contains))
        found = evaluator.evaluate(relaxed(match, factor))
    added = doc_ids[~found.contains(doc_ids)]
    if len(added):
        found = union([found, DocSet(found.size, doc_ids=np.sort(added))], found.size)
    return Widened(factor, found, full_total, added, best)
