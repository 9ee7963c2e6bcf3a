"""Widening by plans: at first the best articles and what they hold, then the wider set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from search import plan
from search.relaxation import at_least_nodes, factors, fixed_parts, has_steps, widened_plan


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan that is not widened, and which `parts` of a match each article of its page holds.

    Where not `counted`, only the page matters.
    """

    asked: plan.Plan
    parts: tuple[plan.Node, ...] = ()
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and for each article of the page the places of the parts that it holds.

    The total is at least the page, and the cursor may be one after the last match, where the plan
    was not counted.
    """

    matches: plan.Matches
    held: tuple[frozenset[int], ...] = ()


Execute = Callable[[Sequence[Wanted]], list[Answer]]
"""Answers many in one round trip."""


def execute_widened(
    asked: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Return the answers to a plan that is to be widened, and to other plans: one or two trips."""
    in_steps = asked.widening is plan.Widening.IN_STEPS and has_steps(asked.match)
    parts = tuple(dict.fromkeys(fixed_parts(asked.match)))
    extra = []
    if in_steps:
        extra.append(Wanted(_best(widened_plan(asked, 0.0)), parts, counted=False))
        if asked.sort is not None or asked.offset or asked.cursor or asked.limit < plan.MIN_MATCHES:
            extra.append(Wanted(_best(asked), counted=False))
    answers = execute([Wanted(replace(asked, widening=None)), *extra, *map(Wanted, others)])
    full, beside = answers[0].matches, [one.matches for one in answers[1 + len(extra) :]]
    if not in_steps:
        if full.total >= plan.MIN_MATCHES or not any(at_least_nodes(asked.match)):
            return [full, *beside]
        return [_widened(asked, 0.0, (), full, None, execute), *beside]
    best = answers[1]
    if full.total < plan.MIN_MATCHES:
        factor = _factor(asked.match, parts, best.held)
        return [_widened(asked, factor, (), full, best.matches, execute), *beside]
    top = answers[2] if len(extra) > 1 else answers[0]
    held = {article.id for article in top.matches.page}
    added = tuple(article.id for article in best.matches.page if article.id not in held)
    if added:
        return [_widened(asked, 1.0, added, full, best.matches, execute), *beside]
    return [full, *beside]


def _best(asked: plan.Plan) -> plan.Plan:
    """Return the plan of the page of best articles of a search by score."""
    return plan.Plan(asked.match, asked.features, limit=plan.MIN_MATCHES)


def _factor(match: plan.Node, parts: Sequence[plan.Node], held: Sequence[frozenset[int]]) -> float:
    """Return the highest factor at which a match holds articles that hold these parts."""
    columns = {part: np.array([at in places for places in held]) for at, part in enumerate(parts)}
    return min(factors(match, columns.__getitem__).tolist()) if held else 0.0


def _widened(
    asked: plan.Plan,
    factor: float,
    added: tuple[str, ...],
    full: plan.Matches,
    best: plan.Matches | None,
    execute: Execute,
) -> plan.Matches:
    """Return what is found by a wider match, which holds the articles of `best`."""
    wider = widened_plan(asked, factor, added)
    plain = plan.Plan(wider.match, wider.features, facets=wider.facets, limit=plan.MIN_MATCHES)
    if best is None or wider != plain:
        [answer] = execute([Wanted(wider)])
        return replace(answer.matches, full=full.total, factor=factor, added=added)
    if added and not asked.facets:  # none of them is among those counted
        counted = replace(full, total=full.total + len(added))
    else:
        [answer] = execute([Wanted(replace(wider, limit=0))])
        counted = answer.matches
    more = counted.total > len(best.page)
    return replace(
        counted,
        page=best.page,
        cursor=best.cursor if more else None,
        complete=counted.complete and best.complete,
        full=full.total,
        factor=factor,
        added=added,
    )
