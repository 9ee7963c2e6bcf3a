"""Widening by plans alone, for engines that know no faster way: one to three round trips."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from search import plan
from search.relaxation import factors, fixed_parts, has_steps, requirements, widened_plan

Execute = Callable[[Sequence[plan.Plan]], list[plan.Matches]]
"""Executes plans that are not widened, in one round trip."""


def execute_widened(
    asked: plan.Plan, others: Sequence[plan.Plan], execute: Execute
) -> list[plan.Matches]:
    """Return the answers to a plan that is to be widened, and to other plans in one round trip."""
    in_steps = asked.widening is plan.Widening.IN_STEPS and has_steps(asked.match)
    extra = []
    if in_steps:
        extra.append(_best(widened_plan(asked, 0.0)))
        if asked.sort is not None or asked.offset or asked.cursor or asked.limit < plan.PAGE:
            extra.append(_best(asked))
    full, *rest = execute([replace(asked, widening=None), *extra, *others])
    beside = rest[len(extra) :]
    if not in_steps:
        if full.total >= plan.PAGE or not any(requirements(asked.match)):
            return [full, *beside]
        return [_widened(asked, 0.0, (), full, execute), *beside]
    names = [article.id for article in rest[0].page]
    if full.total < plan.PAGE:
        factor = min(_factors(asked.match, names, execute), default=0.0)
        return [_widened(asked, factor, (), full, execute), *beside]
    held = {article.id for article in (rest[1] if len(extra) > 1 else full).page}
    if added := tuple(name for name in names if name not in held):
        return [_widened(asked, 1.0, added, full, execute), *beside]
    return [full, *beside]


def _best(asked: plan.Plan) -> plan.Plan:
    """Return the plan of the page of best articles of a search by score."""
    return plan.Plan(asked.match, asked.features, limit=plan.PAGE)


def _factors(match: plan.Node, ids: Sequence[str], execute: Execute) -> list[float]:
    """Return for each article the highest factor at which a match holds it.

    One round trip tells which article holds which part; the sums of weights follow from that.
    """
    if not ids:
        return []
    named = plan.Keyword("id", tuple(ids))
    parts = list(dict.fromkeys(fixed_parts(match)))
    answers = execute([plan.Plan(plan.And((named, part)), limit=len(ids)) for part in parts])
    held = {
        part: np.isin(ids, [article.id for article in answer.page])
        for part, answer in zip(parts, answers, strict=True)
    }
    reached: list[float] = factors(match, held.__getitem__).tolist()
    return reached


def _widened(
    asked: plan.Plan,
    factor: float,
    added: tuple[str, ...],
    full: plan.Matches,
    execute: Execute,
) -> plan.Matches:
    """Return what is found by a wider match."""
    [matches] = execute([widened_plan(asked, factor, added)])
    return replace(matches, full=full.total, factor=factor, added=added)
