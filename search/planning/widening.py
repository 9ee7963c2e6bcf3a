"""Retrieval: executing a plan, with its match widened if it finds less than a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from search import plan
from search.engines.contract import IndexReader
from search.relaxation import at_least_nodes, widened

MakePlan = Callable[[plan.Node], plan.Plan]
"""Returns the plan of a search, given its match."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Retrieved articles: the match as executed, the engine's answer, and how it was widened.

    `full_total` counts the articles that match without widening; `is_relaxed` says whether these
    were less than a page and others were added. `others` are the answers to the other plans.
    """

    match: plan.Node
    matches: plan.Matches
    full_total: int
    is_relaxed: bool
    others: tuple[plan.Matches, ...] = ()


def retrieve(
    query_plan: plan.Plan,
    match: plan.Node,
    reader: IndexReader,
    *,
    in_steps: bool,
    others: Sequence[plan.Plan] = (),
) -> Retrieval:
    """Execute a plan and widen its match if it finds less than a page.

    `match` is that of the plan without filters. With `in_steps` it is widened in steps, else to any
    word at once. `others` are plans that are executed in the same round trip.
    """
    if query_plan.features and any(at_least_nodes(match)):
        widening = plan.Widening.IN_STEPS if in_steps else plan.Widening.AT_ONCE
        query_plan = replace(query_plan, widening=widening)
    matches, *other_matches = reader.execute([query_plan, *others])
    full_total = matches.total if matches.full_total is None else matches.full_total
    is_relaxed = full_total < plan.MIN_MATCHES and matches.total > full_total
    executed = widened(match, matches.factor, matches.added)
    return Retrieval(executed, matches, full_total, is_relaxed, tuple(other_matches))


def retrieve_any_word(
    match: plan.Node, make_plan: MakePlan, reader: IndexReader, full_total: int
) -> Retrieval:
    """Execute a match, or if it finds less than a page, the match for any of its words.

    `full_total` is the number of full matches of the original query.
    """
    query_plan = make_plan(match)
    if any(at_least_nodes(match)):
        query_plan = replace(query_plan, widening=plan.Widening.AT_ONCE)
    [matches] = reader.execute([query_plan])
    executed = widened(match, matches.factor, matches.added)
    return Retrieval(executed, matches, full_total, is_relaxed=matches.total > full_total)
