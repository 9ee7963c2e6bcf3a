"""Widening of a match that is too small: the set of articles that a search lists and counts.

The set is that of the match policy and
- the page of best articles by score, since what tells most of a query best may lack a word of it,
- where the policy's set is less than a page, all that hold as much of the query, in steps of 5 %
  of what is required, as the articles of that page do.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from search import plan
from search.engines.contract import Snapshot
from search.planning.match_policy import relaxed, requirements

PAGE = 10
"""Articles that a set should have at least: one page. The best ones of any word are always in it:
nDCG@10 is that of any word (docs/explanation/match-policy.md)."""

FACTORS = tuple(step / 20 for step in range(19, -1, -1))
"""Shares of what is required, widest last; with steps of .1 totals are a tenth higher."""

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
    match: plan.Node,
    make_plan: MakePlan,
    features: Sequence[plan.Feature],
    snapshot: Snapshot,
    *,
    in_steps: bool,
    others: Sequence[plan.Plan] = (),
) -> Found:
    """Find the articles of a match, widened where that is needed: one to three round trips.

    Without `in_steps` a set of less than a page is widened to any word at once. `others` are plans
    that are executed in the same round trip.
    """
    parts = list(requirements(match))
    shares = [part for part in parts if part.minimum < 0.999 * sum(part.weights)]
    if not parts or not features:
        full, *beside = snapshot.execute([make_plan(match), *others])
        return Found(match, full, full.total, is_relaxed=False, others=tuple(beside))
    asked = make_plan(match)
    extra = []
    if in_steps and shares:
        extra.append(_best(make_plan(relaxed(match, 0.0)), features))
        if asked.sort is not None or asked.offset or asked.cursor or asked.limit < PAGE:
            extra.append(_best(asked, features))
    full, *rest = snapshot.execute([asked, *extra, *others])
    found = Found(match, full, full.total, is_relaxed=False, others=tuple(rest[len(extra) :]))
    if not extra:
        if full.total >= PAGE:
            return found
        return _widened(found, relaxed(match, 0.0), make_plan, snapshot)
    best = rest[0]
    names = [article.id for article in best.page]
    if full.total < PAGE:
        factor = min(_factors(match, names, snapshot), default=0.0)
        return _widened(found, relaxed(match, factor), make_plan, snapshot, best)
    held = {article.id for article in (rest[1] if len(extra) > 1 else full).page}
    if added := tuple(name for name in names if name not in held):
        wider = plan.Or((match, plan.Keyword("id", added)))
        return _widened(found, wider, make_plan, snapshot, best)
    return found


def find_loosely(match: plan.Node, make_plan: MakePlan, snapshot: Snapshot, full: int) -> Found:
    """Find the articles of a match, or where they are less than a page those with any word of it.

    One round trip. `full` counts the articles that hold all that was asked for at first.
    """
    any_word = relaxed(match, 0.0)
    enough, anything = snapshot.execute([make_plan(match), make_plan(any_word)])
    if enough.total >= PAGE:
        return Found(match, enough, full, is_relaxed=enough.total > full)
    return Found(any_word, anything, full, is_relaxed=anything.total > full)


def _best(asked: plan.Plan, features: Sequence[plan.Feature]) -> plan.Plan:
    """Return the plan of the page of best articles of a search by score."""
    return plan.Plan(asked.match, tuple(features), limit=PAGE)


def _factors(match: plan.Node, ids: Sequence[str], snapshot: Snapshot) -> list[float]:
    """Return for each article the highest of the factors at which a match holds it.

    One round trip tells which article holds which part; the sums of weights follow from that.
    """
    if not ids:
        return []
    named = plan.Keyword("id", tuple(ids))
    parts = list(dict.fromkeys(_parts(match)))
    answers = snapshot.execute(
        [plan.Plan(plan.And((named, part)), limit=len(ids)) for part in parts]
    )
    held: dict[str, set[plan.Node]] = {name: set() for name in ids}
    for part, answer in zip(parts, answers, strict=True):
        for article in answer.page:
            held[article.id].add(part)
    shares = (_reached(match, held[name]) for name in ids)
    return [next((f for f in FACTORS if f <= share), 0.0) for share in shares]


def _parts(node: plan.Node) -> Iterator[plan.Node]:
    """Yield the parts of a match that an article holds or not, whatever the factor is."""
    match node:
        case plan.AtLeast(children):
            yield from children
        case plan.And(children) | plan.Or(children):
            for child in children:
                yield from _parts(child)
        case _:
            yield node


def _reached(node: plan.Node, held: AbstractSet[plan.Node]) -> float:
    """Return the highest factor at which an article matches, given which parts it holds.

    Infinite where the factor does not matter, -1 where the article matches with none.
    """
    match node:
        case plan.AtLeast(children, weights, minimum):
            weight = sum(w for child, w in zip(children, weights, strict=True) if child in held)
            return (weight + plan.AT_LEAST_SLACK * sum(weights)) / minimum if weight else -1.0
        case plan.And(children):
            return min((_reached(child, held) for child in children), default=math.inf)
        case plan.Or(children):
            return max((_reached(child, held) for child in children), default=-1.0)
        case _:
            return math.inf if node in held else -1.0


def _widened(
    found: Found,
    match: plan.Node,
    make_plan: MakePlan,
    snapshot: Snapshot,
    best: plan.Matches | None = None,
) -> Found:
    """Return what is found by a wider match.

    `best` is the page of best articles, if this set holds all of them: they need not be looked
    for once more.
    """
    asked = make_plan(match)
    if best is None or asked != replace(
        asked, sort=None, offset=0, limit=PAGE, cursor=None, collapse=False
    ):
        [matches] = snapshot.execute([asked])
    else:
        [counted] = snapshot.execute([replace(asked, limit=0)])
        matches = replace(
            counted,
            page=best.page,
            cursor=best.cursor if counted.total > len(best.page) else None,
            complete=counted.complete and best.complete,
        )
    is_relaxed = found.full < PAGE and matches.total > found.full
    return replace(found, match=match, matches=matches, is_relaxed=is_relaxed)
