"""The match policy: how much of a query an article must contain to match.

A run of plain words is divided into units: its content syllables; each longer word, as a phrase of
its syllables; if the run is two words of one syllable each, the two as words; and the content
syllables of a short run near each other. An article matches if the units it contains have a large
enough share of the weight of all units. The set of matches is the same for totals, facets, every
sort order and exports. `widening` adds the best articles by score, and relaxes the match if the set
is smaller than a page.
docs/explanation/match-policy.md has the measurements.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.vietnamese import Language
from index.vietnamese.characters import UNSPACED_CHARACTER
from index.vietnamese.equivalents import Equivalent
from index.vietnamese.phonology import is_syllable
from index.vietnamese.segmenter import words
from index.vietnamese.syllables import syllables
from search import plan
from search.interpretation.interpretation import Candidate, Interpretation
from search.query.tree import TEXT

MIN_MATCHING_WEIGHT = 0.6
"""A candidate matches if its weight is at least this fraction of the weight of the best candidate
that occurs; others only score. Weights are posteriors ^ 0.25, so 0.6 is a posterior ratio of 0.13.
Two syllables without diacritics match 3,429 of 34,862 articles in the median with all candidates,
2,283 with this bound."""

ALL_REQUIRED_UP_TO = 2
"""Up to this many content syllables all units are required: all syllables, and side by side if they
are one word. Nearly everybody who types two syllables wants articles with both."""

MIN_UNIT_WEIGHT = 1e-3
"""`AtLeast` needs positive weights, but the idf of a syllable in every article is near 0.
Arbitrary, far below other weights."""

SHARE_EXPONENT = 0.2
"""The share of the weight that n content syllables require is (2 / n) to this power: 0.87 for 4,
0.76 for 8, 0.67 for 15. From 0.1 to 0.3 nDCG@10 changes by 0.0002 at most, and median totals of 8
syllables grow from 66 to 94 (match-policy.md, measured with the best 5 articles always in the
set)."""

ADJACENCY_SHARE = 0.5
"""Share of a word's weight that its syllables have side by side; separately they have the rest.
With 0 news topics lose 0.002 of nDCG@10 at the same totals, with 1 they lose 0.01."""

MAX_NEAR_SYLLABLES = 4
"""Up to this many content syllables, a run of two words must have them near each other: who types
so few means one thing. Other queries are matched by their share of weight alone."""

MAX_GAP = 2
"""Content syllables are near each other if there are at most this many other positions for each
step from one to the next. Of the ten newest of 60 queries, 1 and 2 keep about as few articles that
are off topic, and 4 lets in three times as many (match-policy.md)."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of plain words to be matched in a field; `text` is the run as it was interpreted.

    `phrases[i]`: the nodes that `equivalents[i]` adds as alternatives for its part of the run.
    """

    field: str
    text: str
    interpretation: Interpretation
    equivalents: Sequence[Equivalent]
    phrases: Sequence[Sequence[plan.Node]]


def matching_candidates(
    candidates: Sequence[Candidate], occurs: Callable[[str], bool]
) -> list[Candidate]:
    """Return the candidates of a syllable that match, best first.

    They are compared with the best one that occurs in an article: a typo such as "trn", which has
    full weight because it was typed, must not displace the intended syllable.
    """
    occurring = [candidate for candidate in candidates if occurs(candidate.text)]
    best = (occurring or candidates)[0].weight
    return [candidate for candidate in candidates if candidate.weight >= MIN_MATCHING_WEIGHT * best]


def any_of(run: Run, slots: Sequence[Sequence[Candidate]]) -> plan.Node:
    """Return the node that matches articles containing a candidate of any syllable of a run."""
    terms = [plan.Term(run.field, c.text) for slot in slots for c in slot]
    return plan.Or((*dict.fromkeys(terms), *(node for nodes in run.phrases for node in nodes)))


def enough_of(
    run: Run,
    slots: Sequence[Sequence[Candidate]],
    idf: Callable[[str], float],
    language: Language,
    *,
    require_all: bool,
) -> plan.Node:
    """Return the node that matches articles containing enough of a run.

    With `require_all`, all its content syllables are required. `slots[i]`: the candidates of
    syllable i that match.
    """
    units = list(_units(run, slots, idf, language))
    content_count = sum(not unit.is_adjacency for unit in units)
    if require_all:  # AND requires every syllable, but not side by side
        units = [unit for unit in units if not unit.is_adjacency]
    units = _distinct(units)
    nodes = tuple(unit.node for unit in units)
    if not nodes:  # punctuation only
        return plan.Or(())
    if require_all or len(nodes) == 1:
        return nodes[0] if len(nodes) == 1 else plan.And(nodes)
    weights = tuple(unit.weight for unit in units)
    share = min(1.0, (ALL_REQUIRED_UP_TO / content_count) ** SHARE_EXPONENT)
    return plan.AtLeast(nodes, weights, share * sum(weights))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A part of a run that matches on its own, and its weight.

    `is_adjacency`: its syllables are units themselves, and it requires them side by side.
    """

    node: plan.Node
    weight: float
    is_adjacency: bool


def _units(
    run: Run,
    slots: Sequence[Sequence[Candidate]],
    idf: Callable[[str], float],
    language: Language,
) -> Iterator[_Unit]:
    """Yield the units of a run: its content syllables, its longer words, its pair of words."""
    best = run.interpretation.best
    is_content = _content_mask(best, language)
    groups = word_groups(run.text, len(best))
    if len(best) == 2 and sum(is_content) == 1:
        # "của anh": next to a single content syllable, a stop syllable counts, too.
        is_content, groups = [True, True], [range(2)]
    unspaced = unspaced_groups(run.text)
    in_unspaced = {i for group in unspaced for i in group}
    compounds = [group for group in groups if len(group) > 1 and in_unspaced.isdisjoint(group)]
    if run.field == "author":  # "Mai Lê" is also by Lê Mai
        compounds = []
    in_compound = {i for group in compounds for i in group}
    weights = [max(idf(text), MIN_UNIT_WEIGHT) for text in best]
    for i, slot in enumerate(slots):
        if is_content[i] and i not in in_unspaced:
            terms = plan.Or(tuple(plan.Term(run.field, c.text) for c in slot))
            share = ADJACENCY_SHARE if i in in_compound else 1.0
            node = _with_equivalents(terms, i, i + 1, run)
            yield _Unit(node, share * weights[i], is_adjacency=False)
    for group in unspaced:  # only as a whole: its single characters are other words
        phrase = tuple(tuple(c.text for c in slots[i]) for i in group)
        weight = sum(weights[i] for i in group)
        yield _Unit(plan.Phrase(run.field, phrase), weight, is_adjacency=False)
    for group in compounds:
        if weight := sum(weights[i] for i in group if is_content[i]):
            phrase = tuple(tuple(c.text for c in slots[i]) for i in group)
            node = _with_equivalents(plan.Phrase(run.field, phrase), group.start, group.stop, run)
            yield _Unit(node, ADJACENCY_SHARE * weight, is_adjacency=True)
    if near := _near(run, slots, groups, is_content):
        node = _with_equivalents(near, 0, len(slots), run)
        content_weight = sum(w for w, counts in zip(weights, is_content, strict=True) if counts)
        yield _Unit(node, ADJACENCY_SHARE * content_weight, is_adjacency=True)


def _near(
    run: Run,
    slots: Sequence[Sequence[Candidate]],
    groups: Sequence[range],
    is_content: Sequence[bool],
) -> plan.Node | None:
    """Return the node of a short run of two words near each other; None for any other run.

    It matches articles with the content syllables side by side, or within `MAX_GAP` if those that
    are words of their own are words in the article too: "xe điện cỡ B giá 600 triệu" is not about
    "giá điện", nor "nâng giá trị hạt gạo" about "giá gạo". A foreign name or a number ("bầu cử
    2026") is not bound to its neighbours.
    """
    best = run.interpretation.best
    content = [[i for i in group if is_content[i]] for group in groups]
    found = [word for word in content if word]
    count = sum(map(len, found))
    if run.field != TEXT or len(found) != 2 or count > MAX_NEAR_SYLLABLES:
        return None
    if not all(map(is_syllable, best)):
        return None

    # A compound is a unit itself: here its syllable next to the other word will do.
    texts = tuple(tuple(c.text for c in slots[i]) for i in (found[0][-1], found[1][0]))
    as_words = [
        plan.Or(tuple(plan.Term("words", c.text) for c in slots[word[0]]))
        for word in found
        if len(word) == 1
    ]
    near = plan.And((*as_words, plan.Phrase(run.field, texts, MAX_GAP * (count - 1))))
    # The other candidates count as words only: a bigram of single terms is cached.
    adjacent = plan.Phrase(run.field, tuple((best[i],) for word in found for i in word))
    return plan.Or((adjacent, near))


def _distinct(units: Iterable[_Unit]) -> list[_Unit]:
    """Return each node once, with the sum of its weights.

    This changes no match, since an article has either all units with the same node or none.
    """
    found: dict[plan.Node, _Unit] = {}
    for unit in units:
        known = found.get(unit.node)
        found[unit.node] = replace(unit, weight=unit.weight + known.weight) if known else unit
    return list(found.values())


def _content_mask(best: Sequence[str], language: Language) -> list[bool]:
    """Return for each syllable whether it is a content syllable; if none were, all are."""
    stops, in_question = language.stop_syllables, language.question_syllables(best)
    is_content = [
        text not in stops and not asks for text, asks in zip(best, in_question, strict=True)
    ]
    return is_content if any(is_content) else [True] * len(best)


def word_groups(text: str, count: int) -> list[range]:
    """Return the indices of the syllables of each word of a text.

    If the words do not have `count` syllables in total, each syllable is a group of its own.
    """
    starts = [token.start for token in syllables(text)]
    groups: list[range] = []
    i = 0
    for word in words(text):
        first = i
        while i < len(starts) and starts[i] < word.end:
            i += 1
        if i > first:
            groups.append(range(first, i))
    return groups if i == count else [range(number, number + 1) for number in range(count)]


def unspaced_groups(text: str) -> list[range]:
    """Return groups of indices of adjacent characters of a script without spaces.

    >>> unspaced_groups("hãng 本田 ở 日")
    [range(1, 3)]
    """
    if not UNSPACED_CHARACTER.search(text):
        return []
    groups: list[range] = []
    tokens = syllables(text)
    for i, (before, token) in enumerate(pairwise(tokens), 1):
        both = UNSPACED_CHARACTER.match(before.text) and UNSPACED_CHARACTER.match(token.text)
        if not both or token.start != before.end:
            continue
        if groups and groups[-1].stop == i:
            groups[-1] = range(groups[-1].start, i + 1)
        else:
            groups.append(range(i - 1, i + 1))
    return groups


def _with_equivalents(node: plan.Node, start: int, end: int, run: Run) -> plan.Node:
    """Return a node that also matches the equivalents that overlap the syllables [start, end)."""
    others = [
        phrase
        for other, nodes in zip(run.equivalents, run.phrases, strict=True)
        if other.start < end and start < other.end
        for phrase in nodes
    ]
    return plan.Or((node, *others)) if others else node
