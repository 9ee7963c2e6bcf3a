"""The match policy: how much of what was typed an article must hold to be found.

A run of plain words is cut into units: its telling syllables, and its words of several syllables
side by side. An article matches that holds units of enough weight. The set is the same for
totals, facets, every order of sorting and exports; docs/explanation/match-policy.md has the
measurements. `widening` widens it where it is too small.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.vietnamese import Language
from index.vietnamese.equivalents import Equivalent
from index.vietnamese.segmenter import words
from index.vietnamese.syllables import syllables
from search import plan
from search.interpretation.interpretation import Candidate, Interpretation

MIN_STANDING_WEIGHT = 0.6
"""A candidate stands for its syllable (matches alone, and is marked) whose weight is at least this
fraction of the best one's that occurs: a posterior of .13 of its. With all candidates two unmarked
syllables match 3,429 of 34,862 articles in the median, so 2,283."""

MAX_UNITS_REQUIRED = 2
"""Units that are all required; of more, a share of their weight is. Nearly all who type two
syllables mean articles that hold both."""

SHARE_EXPONENT = 0.2
"""Share of the weight required of n units: (2 / n) to this power; .87 for 4, .76 for 8, .67 for
15. Between 0 and .3 the first hits stay the same, since `widening` keeps the best articles; totals
of 8 syllables grow from 66 to 94 in the median."""

ADJACENCY = 0.5
"""Share of a word's weight that its syllables earn side by side; apart they earn the rest. With 0
news topics lose .002 of nDCG@10 at the same totals, with 1 they lose .01."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of plain words to be matched: where, as typed, and as interpreted.

    `phrases` are, for each of the equivalents of a part
    of the run, the nodes that match instead of it.
    """

    field: str
    text: str
    interpretation: Interpretation
    equivalents: Sequence[Equivalent]
    phrases: Sequence[Sequence[plan.Node]]


def standing(candidates: Sequence[Candidate], occurs: Callable[[str], bool]) -> list[Candidate]:
    """Return the candidates that stand for their syllable, best first.

    What no article holds does not count as the best one: "trn" must not hide what was meant.
    """
    occurring = [candidate for candidate in candidates if occurs(candidate.text)]
    best = (occurring or candidates)[0].weight
    return [candidate for candidate in candidates if candidate.weight >= MIN_STANDING_WEIGHT * best]


def any_of(run: Run, places: Sequence[Sequence[Candidate]]) -> plan.Node:
    """Return the articles that hold any word of a run."""
    terms = [plan.Term(run.field, c.text) for place in places for c in place]
    return plan.Or((*dict.fromkeys(terms), *(node for nodes in run.phrases for node in nodes)))


def enough_of(
    run: Run,
    places: Sequence[Sequence[Candidate]],
    idf: Callable[[str], float],
    language: Language,
    *,
    every: bool,
) -> plan.Node:
    """Return the articles that hold enough of a run, or with `every` all that is telling of it.

    `places` are the candidates that stand for each syllable.
    """
    units = list(_units(run, places, idf, language))
    telling = sum(unit.is_syllable for unit in units)
    if every:  # words, wherever they stand
        units = [unit for unit in units if unit.is_syllable]
    units = _distinct(units)
    nodes = tuple(unit.node for unit in units)
    if not nodes:  # signs only
        return plan.Or(())
    if every or len(nodes) == 1:
        return nodes[0] if len(nodes) == 1 else plan.And(nodes)
    weights = tuple(unit.weight for unit in units)
    share = min(1.0, (MAX_UNITS_REQUIRED / telling) ** SHARE_EXPONENT)
    return plan.AtLeast(nodes, weights, share * sum(weights))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A part of a run that matches on its own, and what it weighs."""

    node: plan.Node
    weight: float
    is_syllable: bool


def _units(
    run: Run,
    places: Sequence[Sequence[Candidate]],
    idf: Callable[[str], float],
    language: Language,
) -> Iterator[_Unit]:
    """Yield the units of a run: its telling syllables, then its words of several syllables."""
    best = run.interpretation.best
    telling = _telling(best, language)
    groups = word_groups(run.text, len(best))
    if len(best) == MAX_UNITS_REQUIRED and sum(telling) == 1:
        # "của anh": what hardly says anything alone says it beside the other.
        telling, groups = [True, True], [range(2)]
    compounds = [group for group in groups if len(group) > 1 and run.field != "author"]
    in_compound = {at for group in compounds for at in group}
    weights = [max(idf(text), 1e-3) for text in best]
    for at, place in enumerate(places):
        if telling[at]:
            terms = plan.Or(tuple(plan.Term(run.field, c.text) for c in place))
            share = ADJACENCY if at in in_compound else 1.0
            yield _Unit(_or_equal(terms, at, at + 1, run), share * weights[at], is_syllable=True)
    for group in compounds:
        if weight := sum(weights[at] for at in group if telling[at]):
            phrase = tuple(tuple(c.text for c in places[at]) for at in group)
            node = _or_equal(plan.Phrase(run.field, phrase), group.start, group.stop, run)
            yield _Unit(node, ADJACENCY * weight, is_syllable=False)


def _distinct(units: Iterable[_Unit]) -> list[_Unit]:
    """Return each node once, with its weights summed: a syllable may be repeated a thousand times.

    What a sum of weights requires stays the same.
    """
    found: dict[plan.Node, _Unit] = {}
    for unit in units:
        known = found.get(unit.node)
        found[unit.node] = replace(unit, weight=unit.weight + known.weight) if known else unit
    return list(found.values())


def _telling(best: Sequence[str], language: Language) -> list[bool]:
    """Return for each syllable whether it says something; all do where none does."""
    stops, asked = language.stop_syllables, language.question_syllables(best)
    telling = [text not in stops and not asks for text, asks in zip(best, asked, strict=True)]
    return telling if any(telling) else [True] * len(best)


def word_groups(text: str, count: int) -> list[range]:
    """Return the syllables of each word of a text, by their numbers."""
    starts = [token.start for token in syllables(text)]
    groups: list[range] = []
    at = 0
    for word in words(text):
        first = at
        while at < len(starts) and starts[at] < word.end:
            at += 1
        if at > first:
            groups.append(range(first, at))
    return groups if at == count else [range(number, number + 1) for number in range(count)]


def _or_equal(node: plan.Node, start: int, end: int, run: Run) -> plan.Node:
    """Let another way to write a part of a run stand for each unit within the part."""
    others = [
        phrase
        for other, nodes in zip(run.equivalents, run.phrases, strict=True)
        if other.start < end and start < other.end
        for phrase in nodes
    ]
    return plan.Or((node, *others)) if others else node
