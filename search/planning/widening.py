"""Widening of a match that is too small: the set of articles that a search lists and counts.

The set of the match policy is widened, in steps of 5 % of what is required,
- until it holds the MAX_BEST best articles by score, since what tells most of a query best may lack
  a word of it, and
- where it then holds less than a page, until it holds the page of best articles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from search import plan
from search.engines.contract import Snapshot
from search.planning.match_policy import relaxed, requirements

PAGE = 10
"""Articles that a set should have at least: one page."""

MAX_BEST = 5
"""Best articles by score that are always in the set. nDCG@10 of the four collections against that
of any word: .9028 .8853 .9099 .9652 after .9010 .8874 .9116 .9652; with 3 .8907 .8845 .9106
.9652 (docs/explanation/match-policy.md)."""

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
    """Find the articles of a match, widened where that is needed: one to four round trips.

    Without `in_steps` a set of less than a page is widened to any word at once. `others` are plans
    that are executed in the same round trip.
    """
    parts = list(requirements(match))
    shares = [part for part in parts if part.minimum < 0.999 * sum(part.weights)]
    if not parts or not features:
        full, *beside = snapshot.execute([make_plan(match), *others])
        return Found(match, full, full.total, is_relaxed=False, others=tuple(beside))
    asked = make_plan(match)
    listed = asked.sort is None and not asked.offset and not asked.cursor
    extra = []
    if in_steps and shares:
        extra.append(_best(make_plan(relaxed(match, 0.0)), features, PAGE))
        if not listed or asked.limit < MAX_BEST:
            extra.append(_best(asked, features, MAX_BEST))
    full, *rest = snapshot.execute([asked, *extra, *others])
    found = Found(match, full, full.total, is_relaxed=False, others=tuple(rest[len(extra) :]))
    if not extra:
        return found if full.total >= PAGE else _widened(found, 0.0, make_plan, snapshot)
    best = [article.id for article in rest[0].page]
    top = [article.id for article in (rest[1] if len(extra) > 1 else full).page]
    if full.total >= PAGE and set(best[:MAX_BEST]) <= set(top):
        return found
    for_best, for_page = _factors(match, (best[:MAX_BEST], best), snapshot)
    wider = _widened(found, for_best, make_plan, snapshot)
    if wider.matches.total >= PAGE:
        return wider
    return _widened(found, for_page, make_plan, snapshot)


def find_loosely(match: plan.Node, make_plan: MakePlan, snapshot: Snapshot, full: int) -> Found:
    """Find the articles of a match, or where they are less than a page those with any word of it.

    One round trip. `full` counts the articles that hold all that was asked for at first.
    """
    any_word = relaxed(match, 0.0)
    enough, anything = snapshot.execute([make_plan(match), make_plan(any_word)])
    if enough.total >= PAGE:
        return Found(match, enough, full, is_relaxed=enough.total > full)
    return Found(any_word, anything, full, is_relaxed=anything.total > full)


def _best(asked: plan.Plan, features: Sequence[plan.Feature], count: int) -> plan.Plan:
    """Return the plan of the best articles of a search by score."""
    return plan.Plan(asked.match, tuple(features), limit=count)


def _factors(match: plan.Node, groups: Sequence[Sequence[str]], snapshot: Snapshot) -> list[float]:
    """Return for each group of articles the highest factor at which a match holds all of them."""
    plans = [
        plan.Plan(plan.And((plan.Keyword("id", tuple(ids)), relaxed(match, factor))), limit=0)
        for ids in groups
        for factor in FACTORS[:-1]
    ]
    counted = iter(snapshot.execute(plans))
    highest = []
    for ids in groups:
        held = [factor for factor in FACTORS[:-1] if next(counted).total == len(ids)]
        highest.append(max(held, default=0.0))
    return highest


def _widened(found: Found, factor: float, make_plan: MakePlan, snapshot: Snapshot) -> Found:
    """Return what is found where only this share of the requirements holds."""
    match = relaxed(found.match, factor)
    [matches] = snapshot.execute([make_plan(match)])
    is_relaxed = found.full < PAGE and matches.total > found.full
    return replace(found, match=match, matches=matches, is_relaxed=is_relaxed)
