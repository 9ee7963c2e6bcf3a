"""Widening by plans: at first the best articles and what they hold, then the wider set."""

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
    has_steps,
    matches_fully,
    widened_plan,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan that is not widened, and what is to be told of each article of its page.

    `parts`: which of these parts of a match it holds. `facets`: the values it has in these. Where
    not `counted`, only the page matters.
    """

    asked: plan.Plan
    parts: tuple[plan.Node, ...] = ()
    facets: tuple[plan.FacetRequest, ...] = ()
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and what was to be told of each article of the page.

    `held`: the places of the parts that it holds. `values`: for each facet its values. `listed`:
    for each facet of the plan the counts of all its values, None where there were too many to be
    listed. The total is at least the page, and the cursor may be one after the last match, where
    the plan was not counted.
    """

    matches: plan.Matches
    held: tuple[frozenset[int], ...] = ()
    values: tuple[tuple[tuple[str, ...], ...], ...] = ()
    listed: tuple[Mapping[str, int] | None, ...] = ()


Execute = Callable[[Sequence[Wanted]], list[Answer]]
"""Answers many in one round trip."""


def execute_widened(
    asked: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Return the answers to a plan that is to be widened, and to other plans: one or two trips."""
    if asked.widening is plan.Widening.IN_STEPS and has_steps(asked.match):
        return _in_steps(asked, others, execute)
    first = Wanted(replace(asked, widening=None))
    full, *beside = [answer.matches for answer in execute([first, *map(Wanted, others)])]
    if full.total >= plan.MIN_MATCHES or not any(at_least_nodes(asked.match)):
        return [full, *beside]
    [wider] = execute([Wanted(widened_plan(asked, 0.0))])
    return [replace(wider.matches, full=full.total, factor=0.0), *beside]


def _in_steps(
    asked: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Answer in one trip where the page is that of the best articles, whatever else matches.

    Then the match is only counted, and the articles that are added to it are counted here.
    """
    parts = tuple(dict.fromkeys(fixed_parts(asked.match)))
    is_first_page = _is_first_page(asked)
    wide = widened_plan(asked, 0.0)
    top = plan.Plan(wide.match, wide.features, limit=plan.MIN_MATCHES)
    rest = replace(asked, limit=0) if is_first_page else asked
    full, best, *beside = execute(
        [
            Wanted(replace(rest, widening=None)),
            Wanted(top, parts, asked.facets, counted=False),
            *map(Wanted, others),
        ]
    )
    total, holds = full.matches.total, _columns(parts, best.held)
    if total < plan.MIN_MATCHES:
        factor = float(factors(asked.match, holds).min()) if best.held else 0.0
        found = _wider(rest, factor, (), execute)
    else:
        factor, lacking = 1.0, ~matches_fully(asked.match, holds)
        places = np.flatnonzero(lacking).tolist() if best.held else []
        added = tuple(best.matches.page[at].id for at in places)
        counted = _with_added(full, best, places, asked.facets) if is_first_page else None
        if counted:
            found = counted
        elif added:
            found = _wider(rest, factor, added, execute)
        else:
            found = full.matches
        found = replace(found, added=added)
    found = replace(found, full=total, factor=factor)
    if is_first_page:
        found = _with_page(found, best.matches, asked.limit)
    return [found, *(answer.matches for answer in beside)]


def _is_first_page(asked: plan.Plan) -> bool:
    """Return whether the page of a plan is that of its best articles, or empty."""
    plain = plan.Plan(asked.match, asked.features, limit=asked.limit, facets=asked.facets)
    return replace(asked, widening=None) == plain and asked.limit in (0, plan.MIN_MATCHES)


def _columns(parts: Sequence[plan.Node], held: Sequence[frozenset[int]]) -> NodeMatches:
    """Return the function that says which articles match a part."""
    columns: dict[plan.Node, NDArray[np.bool_]] = {
        part: np.array([at in places for places in held], np.bool_) for at, part in enumerate(parts)
    }
    return columns.__getitem__


def _wider(
    asked: plan.Plan, factor: float, added: tuple[str, ...], execute: Execute
) -> plan.Matches:
    """Return what a wider match finds."""
    [answer] = execute([Wanted(widened_plan(asked, factor, added))])
    return answer.matches


def _with_added(
    full: Answer, best: Answer, places: Sequence[int], facets: Sequence[plan.FacetRequest]
) -> plan.Matches | None:
    """Return the total and facets of a match and the best articles at some places beside it.

    None where not all values of a facet were listed: one that is added may be among the others.
    """
    found = []
    for number, (facet, listed) in enumerate(zip(facets, full.listed, strict=True)):
        if listed is None:
            if places:
                return None
            found.append(full.matches.facets[number])
            continue
        counts = Counter(listed)
        for at in places:
            counts.update(best.values[at][number])
        found.append(plan.facet_counts(counts, facet))
    return replace(full.matches, total=full.matches.total + len(places), facets=tuple(found))


def _with_page(found: plan.Matches, best: plan.Matches, limit: int) -> plan.Matches:
    """Return an answer with the page of the best articles."""
    page = best.page[:limit]
    cursor = best.cursor if page and found.total > len(page) else None
    return replace(found, page=page, cursor=cursor, complete=found.complete and best.complete)
