"""Widening of a match in a cluster by executing plans, in one or two round trips.

The first executes the match. To widen in steps, it also finds the best articles that match any
unit, and which parts of the match each of them matches. These determine how far the match is
relaxed and which articles are added to it. The second executes the widened match, unless its total
and facets follow from the first.
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

    `parts`: nodes of a match; the answer says which of them the article matches. `facets`: the
    facets whose values of the article are returned. If not `counted`, only the page matters, and
    the total may be too low.
    """

    query_plan: plan.Plan
    parts: tuple[plan.Node, ...] = ()
    facets: tuple[plan.FacetRequest, ...] = ()
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """The matches of a question, and what was to be returned for each article of the page.

    `matched_parts`: by article, the indices of the question's parts that it matches. `values`: by
    article, its values of each facet. `all_counts`: for each facet of the plan, the counts of all
    its values; None if the cluster returned only the most frequent ones. If the plan was not
    counted, the total is that of the page, and there may be a cursor after the last match.
    """

    matches: plan.Matches
    matched_parts: tuple[frozenset[int], ...] = ()
    values: tuple[tuple[tuple[str, ...], ...], ...] = ()
    all_counts: tuple[Mapping[str, int] | None, ...] = ()


Execute = Callable[[Sequence[Question]], list[Answer]]
"""Answers many questions in one round trip."""


def execute_widened(
    query_plan: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Return the answers to a plan with its match widened, and to other plans."""
    if query_plan.widening is plan.Widening.IN_STEPS and has_steps(query_plan.match):
        return _in_steps(query_plan, others, execute)
    first = Question(replace(query_plan, widening=None))
    full, *other_matches = [answer.matches for answer in execute([first, *map(Question, others)])]
    if full.total >= plan.MIN_MATCHES or not any(at_least_nodes(query_plan.match)):
        return [full, *other_matches]
    wider = _execute_wider(query_plan, 0.0, (), execute)
    return [replace(wider, full_total=full.total, factor=0.0), *other_matches]


def _in_steps(
    query_plan: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Widen in steps. The first page by score takes one round trip, unless the match is relaxed.

    That page consists of the best articles, which are searched for anyway. So the match need only
    be counted, and the articles that are added to it are counted here.
    """
    parts = tuple(dict.fromkeys(fixed_parts(query_plan.match)))
    is_first_page = _is_first_page(query_plan)
    any_unit = widened_plan(query_plan, 0.0).match
    best_articles = plan.Plan(any_unit, query_plan.features, limit=plan.MIN_MATCHES)
    rest = replace(query_plan, limit=0) if is_first_page else query_plan
    full, best, *other_answers = execute(
        [
            Question(replace(rest, widening=None)),
            Question(best_articles, parts, query_plan.facets, counted=False),
            *map(Question, others),
        ]
    )
    full_total, node_matches = full.matches.total, _node_matches(parts, best.matched_parts)
    factor, is_lacking = 1.0, ~matches_fully(query_plan.match, node_matches)
    if full_total < plan.MIN_MATCHES:
        reached = factors(query_plan.match, node_matches)
        factor = half_factor(reached)
        is_lacking = reached < factor
    lacking = np.flatnonzero(is_lacking).tolist() if best.matched_parts else []
    added = tuple(best.matches.page[i].id for i in lacking)
    if factor == 1.0 and not added:
        found = full.matches
    else:
        may_count = factor == 1.0 and is_first_page
        counted = _counted_with(full, best, lacking, query_plan.facets) if may_count else None
        found = counted or _execute_wider(rest, factor, added, execute)
    found = replace(found, full_total=full_total, factor=factor, added=added)
    if is_first_page:
        found = _with_page(found, best.matches, query_plan.limit)
    return [found, *(answer.matches for answer in other_answers)]


def _is_first_page(query_plan: plan.Plan) -> bool:
    """Return whether a plan is for the first page by score, of the default size, or for no hits."""
    plain = plan.Plan(
        query_plan.match, query_plan.features, limit=query_plan.limit, facets=query_plan.facets
    )
    return replace(query_plan, widening=None) == plain and query_plan.limit in (0, plan.MIN_MATCHES)


def _node_matches(
    parts: Sequence[plan.Node], matched_parts: Sequence[frozenset[int]]
) -> NodeMatches:
    """Return the function that returns which articles match a part."""
    columns: dict[plan.Node, NDArray[np.bool_]] = {
        part: np.array([i in matched for matched in matched_parts], np.bool_)
        for i, part in enumerate(parts)
    }
    return columns.__getitem__


def _execute_wider(
    query_plan: plan.Plan, factor: float, added: tuple[str, ...], execute: Execute
) -> plan.Matches:
    """Execute a plan with its match relaxed by `factor`, and with the `added` articles in it."""
    [answer] = execute([Question(widened_plan(query_plan, factor, added))])
    return answer.matches


def _counted_with(
    full: Answer, best: Answer, lacking: Sequence[int], facets: Sequence[plan.FacetRequest]
) -> plan.Matches | None:
    """Return the full matches with some of the best articles added to the total and facets.

    `lacking` are their indices in the page of `best`. None if not all counts of a facet are known,
    since a value of an added article may be among those that were left out.
    """
    found = []
    for number, (facet, all_counts) in enumerate(zip(facets, full.all_counts, strict=True)):
        if all_counts is None:
            return None
        counts = Counter(all_counts)
        for i in lacking:
            counts.update(best.values[i][number])
        found.append(plan.facet_counts(counts, facet))
    return replace(full.matches, total=full.matches.total + len(lacking), facets=tuple(found))


def _with_page(found: plan.Matches, best: plan.Matches, limit: int) -> plan.Matches:
    """Return matches with the page of the best articles."""
    page = best.page[:limit]
    cursor = best.cursor if page and found.total > len(page) else None
    return replace(found, page=page, cursor=cursor, complete=found.complete and best.complete)
