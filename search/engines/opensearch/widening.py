"""Widening of a match in a cluster, by plans: one round trip, or two.

The first executes the match. To widen in steps it also finds the best articles that hold any unit,
and which parts of the match each of them holds: how far the match is relaxed, and which articles
are added to it, follows from these. The second executes the widened match, where its total and
facets do not follow from the first.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search import plan
from search.relaxation import (
    NodeMatches,
    at_least_nodes,
    factors,
    fixed_parts,
    half_factor,
    has_steps,
    matches_fully,
    widened_plan,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A plan to be executed without widening, and what to return for each article of its page.

    `parts`: nodes of a match; the answer names those that the article matches. `facets`: those
    whose values of the article are returned. Where not `counted`, only the page matters: the total
    may be too low.
    """

    asked: plan.Plan
    parts: tuple[plan.Node, ...] = ()
    facets: tuple[plan.FacetRequest, ...] = ()
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """The matches of a question, and what it asks for each article of the page.

    `matched_parts`: by article, the indices of the question's parts that it matches. `values`: by
    article, its values of each facet. `all_counts`: for each facet of the plan the counts of all
    its values; None where the cluster returned only the most frequent ones. Of a plan that was not
    counted, the total is that of the page, and there may be a cursor after the last match.
    """

    matches: plan.Matches
    matched_parts: tuple[frozenset[int], ...] = ()
    values: tuple[tuple[tuple[str, ...], ...], ...] = ()
    all_counts: tuple[Mapping[str, int] | None, ...] = ()


Execute = Callable[[Sequence[Question]], list[Answer]]
"""Answers many questions in one round trip."""


def execute_widened(
    asked: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Return the answers to a plan with its match widened, and to other plans."""
    if asked.widening is plan.Widening.IN_STEPS and has_steps(asked.match):
        return _in_steps(asked, others, execute)
    first = Question(replace(asked, widening=None))
    full, *beside = [answer.matches for answer in execute([first, *map(Question, others)])]
    if full.total >= plan.MIN_MATCHES or not any(at_least_nodes(asked.match)):
        return [full, *beside]
    wider = _execute_wider(asked, 0.0, (), execute)
    return [replace(wider, full_total=full.total, factor=0.0), *beside]


def _in_steps(
    asked: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Widen in steps. The first page by score takes one trip, unless the match is relaxed.

    That page is the best articles, which are looked for anyway. So the match needs only to be
    counted, and the articles that are added to it are counted here.
    """
    parts = tuple(dict.fromkeys(fixed_parts(asked.match)))
    is_first_page = _is_first_page(asked)
    any_unit = widened_plan(asked, 0.0).match
    best_articles = plan.Plan(any_unit, asked.features, limit=plan.MIN_MATCHES)
    rest = replace(asked, limit=0) if is_first_page else asked
    full, best, *beside = execute(
        [
            Question(replace(rest, widening=None)),
            Question(best_articles, parts, asked.facets, counted=False),
            *map(Question, others),
        ]
    )
    full_total, node_matches = full.matches.total, _node_matches(parts, best.matched_parts)
    factor, is_lacking = 1.0, ~matches_fully(asked.match, node_matches)
    if full_total < plan.MIN_MATCHES:
        reached = factors(asked.match, node_matches)
        factor = half_factor(reached)
        is_lacking = reached < factor
    lacking = np.flatnonzero(is_lacking).tolist() if best.matched_parts else []
    added = tuple(best.matches.page[at].id for at in lacking)
    if factor == 1.0 and not added:
        found = full.matches
    else:
        may_count = factor == 1.0 and is_first_page
        counted = _counted_with(full, best, lacking, asked.facets) if may_count else None
        found = counted or _execute_wider(rest, factor, added, execute)
    found = replace(found, full_total=full_total, factor=factor, added=added)
    if is_first_page:
        found = _with_page(found, best.matches, asked.limit)
    return [found, *(answer.matches for answer in beside)]


def _is_first_page(asked: plan.Plan) -> bool:
    """Return whether a plan asks for the first page by score, of default size, or for no hits."""
    plain = plan.Plan(asked.match, asked.features, limit=asked.limit, facets=asked.facets)
    return replace(asked, widening=None) == plain and asked.limit in (0, plan.MIN_MATCHES)


def _node_matches(
    parts: Sequence[plan.Node], matched_parts: Sequence[frozenset[int]]
) -> NodeMatches:
    """Return the function that returns which articles match a part."""
    columns: dict[plan.Node, NDArray[np.bool_]] = {
        part: np.array([at in matched for matched in matched_parts], np.bool_)
        for at, part in enumerate(parts)
    }
    return columns.__getitem__


def _execute_wider(
    asked: plan.Plan, factor: float, added: tuple[str, ...], execute: Execute
) -> plan.Matches:
    """Execute a plan with its match relaxed by `factor`, and with the `added` articles in it."""
    [answer] = execute([Question(widened_plan(asked, factor, added))])
    return answer.matches


def _counted_with(
    full: Answer, best: Answer, lacking: Sequence[int], facets: Sequence[plan.FacetRequest]
) -> plan.Matches | None:
    """Return an answer with the total and facets that it has with some best articles added.

    `lacking` are their indices in the page of `best`. None where the counts of a facet are not
    known in full: a value of an added article may be among those that were left out.
    """
    found = []
    for number, (facet, all_counts) in enumerate(zip(facets, full.all_counts, strict=True)):
        if all_counts is None:
            return None
        counts = Counter(all_counts)
        for at in lacking:
            counts.update(best.values[at][number])
        found.append(plan.facet_counts(counts, facet))
    return replace(full.matches, total=full.matches.total + len(lacking), facets=tuple(found))


def _with_page(found: plan.Matches, best: plan.Matches, limit: int) -> plan.Matches:
    """Return an answer with the page of the best articles."""
    page = best.page[:limit]
    cursor = best.cursor if page and found.total > len(page) else None
    return replace(found, page=page, cursor=cursor, complete=found.complete and best.complete)
