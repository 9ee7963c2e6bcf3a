"""The set of articles that a search lists and counts: its match, widened where it is too small."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from search import plan
from search.engines.contract import IndexReader
from search.relaxation import relaxed, requirements, widened

MakePlan = Callable[[plan.Node], plan.Plan]
"""Returns the plan of a search, given its match."""


@dataclass(frozen=True, slots=True)
class Found:
    """The set of a search: its match, the engine's answer, and how it came about.

    `full` counts the articles that match without widening; `is_relaxed` says whether they were
    less than a page and others were added. `others` are the answers to the plans beside it.
    """

    match: plan.Node
    matches: plan.Matches
    full: int
    is_relaxed: bool
    others: tuple[plan.Matches, ...] = ()


def find(
    asked: plan.Plan,
    match: plan.Node,
    reader: IndexReader,
    *,
    in_steps: bool,
    others: Sequence[plan.Plan] = (),
) -> Found:
    """Find the articles of a plan, whose `match`, filters aside, is widened where that is needed.

    Without `in_steps` a set of less than a page is widened to any word at once. `others` are plans
    that are executed in the same round trip.
    """
    if asked.features and any(requirements(match)):
        widening = plan.Widening.IN_STEPS if in_steps else plan.Widening.AT_ONCE
        asked = replace(asked, widening=widening)
    matches, *beside = reader.execute([asked, *others])
    full = matches.total if matches.full is None else matches.full
    is_relaxed = full < plan.MIN_MATCHES and matches.total > full
    found = widened(match, matches.factor, matches.added)
    return Found(found, matches, full, is_relaxed, tuple(beside))


def find_loosely(match: plan.Node, make_plan: MakePlan, reader: IndexReader, full: int) -> Found:
    """Find the articles of a match, or where they are less than a page those with any word of it.

    One round trip. `full` counts the articles that hold all that was asked for at first.
    """
    any_word = relaxed(match, 0.0)
    enough, anything = reader.execute([make_plan(match), make_plan(any_word)])
    if enough.total >= plan.MIN_MATCHES:
        return Found(match, enough, full, is_relaxed=enough.total > full)
    return Found(any_word, anything, full, is_relaxed=anything.total > full)
