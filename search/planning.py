"""From a query tree to what an engine is asked, and to what will be marked in the hits.

Units written side by side must all match; of a run of plain words any one does (all of them,
stop words aside, where the hits are sorted by date: there a weak match would stand on top).
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from index.vietnamese.dates import parse_period, today_in_vietnam
from index.vietnamese.equivalents import Equivalent, equivalents
from index.vietnamese.facts import stop_syllables
from index.vietnamese.forms import fold
from index.vietnamese.syllables import syllables
from index.vietnamese.words import search_words
from search import plan, ranking
from search import query as q
from search.interpretation.interpreter import interpret
from search.interpretation.model import LanguageModel
from search.interpretation.reading import Reading, literally
from search.results import QueryWarning
from search.snippets import Marks

COLUMNS = ("source", "section")
MARKED = 0.6
"""So much of the weight of the likeliest candidate of its place has one that is marked."""
_MARKED_IN = {
    q.TextField.TEXT: ("title", "summary", "body", "author"),
    q.TextField.TITLE: ("title",),
    q.TextField.AUTHOR: ("author",),
}


@dataclass(frozen=True, slots=True)
class Context:
    """What of an index a query is understood with.

    `values`: for each column, its values by their folded form; `rarity`: the idf of a term in
    the text; `generation`: the commit.
    """

    language: LanguageModel
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    rarity: Callable[[str], float]
    generation: int


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as an engine is asked it, how it was read, and what to mark, by stored field.

    `readings` are of the runs of plain words, and of them alone.
    """

    match: plan.Node
    scores: tuple[plan.TermScore, ...]
    rescores: tuple[plan.PairScore, ...]
    marks: Mapping[str, Marks]
    readings: Mapping[q.Words, Reading]
    read: str
    changed: bool
    warnings: tuple[QueryWarning, ...]


def understand(tree: q.Query, context: Context, *, literal: bool, every_word: bool) -> Understood:
    """Interpret a tree's words, unless they are to be taken literally, and plan the search."""
    planner = _Planner(context, literal=literal, every_word=every_word)
    match = planner.node(tree)
    return Understood(
        match=plan.Everything() if tree == q.NOTHING else match,
        scores=tuple(planner.scores.values()),
        rescores=tuple(planner.rescores.values()),
        marks=planner.marks(),
        readings=planner.readings,
        read=q.written(tree, planner.read),
        changed=any(reading.changed for reading in planner.readings.values()),
        warnings=tuple(planner.warnings),
    )


class _Planner:
    """Walks a tree, and gathers what adds to the score and what is marked on the way."""

    def __init__(self, context: Context, *, literal: bool, every_word: bool) -> None:
        self.context = context
        self.literal = literal
        self.every_word = every_word
        self.readings: dict[q.Words, Reading] = {}
        self.scores: dict[tuple[str, str], plan.TermScore] = {}
        self.rescores: dict[tuple[str, str], plan.PairScore] = {}
        self.terms: dict[q.TextField, dict[str, float]] = defaultdict(dict)
        self.phrases: dict[q.TextField, list[plan.Phrase]] = defaultdict(list)
        self.warnings: list[QueryWarning] = []

    def node(self, tree: q.Query) -> plan.Node:
        """Plan which articles match a tree."""
        match tree:
            case q.Words():
                return self.words(tree)
            case q.Quoted():
                return self.quoted(tree)
            case q.Beginning():
                return self.beginning(tree)
            case q.Filter():
                return self.filter(tree)
            case q.Without():
                return plan.Not(self.excluded(tree.child))
            case q.AnyOf():
                return plan.Or(tuple(map(self.node, tree.children)))
            case q.AllOf() | q.Sequence():
                return plan.And(tuple(map(self.node, tree.children)))

    def words(self, run: q.Words) -> plan.Node:
        """Plan a run of plain words: every candidate of every syllable matches and scores."""
        typed = [token.text for token in syllables(run.text)]
        reading = literally(typed) if self.literal else interpret(typed, self.context.language)
        self.readings[run] = reading
        self.mark(run.field, reading)
        if run.field is q.TextField.TEXT:
            self.add(*ranking.features(reading, search_words(self.read(run))))
        else:
            self.add(ranking.field_features(run.field, reading))
        places = [
            tuple(plan.Term(run.field, candidate.text) for candidate in candidates)
            for candidates in reading.candidates
        ]
        others = [] if self.literal else equivalents(reading.best)
        equals = [self.equal(other, run) for other in others]
        if not self.every_word:
            return plan.Or(tuple(itertools.chain(*places, *equals)))
        return _every(reading, [plan.Or(place) for place in places], others, equals)

    def equal(self, other: Equivalent, run: q.Words) -> list[plan.Node]:
        """Plan the other ways to write a part of a run, each to be found as a phrase."""
        nodes: list[plan.Node] = []
        part = self.readings[run].best[other.start : other.end]
        typed = sum(map(self.context.rarity, part))
        for alternative in other.alternatives:
            phrase = plan.Phrase(run.field, tuple((text,) for text in alternative))
            self.phrases[run.field].append(phrase)
            nodes.append(phrase)
            told = sum(map(self.context.rarity, alternative))
            share = typed / told if told else 0.0
            self.add(*ranking.equivalent_features(run.field, other, alternative, share))
        return nodes

    def quoted(self, phrase: q.Quoted) -> plan.Node:
        """Plan a phrase, which is taken as typed."""
        typed = [token.text for token in syllables(phrase.text)]
        if phrase.field is q.TextField.TEXT:
            self.add(*ranking.features(literally(typed), search_words(phrase.text)))
        else:
            self.add(ranking.field_features(phrase.field, literally(typed)))
        node = plan.Phrase(phrase.field, tuple((text,) for text in typed), phrase.slop)
        self.phrases[phrase.field].append(node)
        return node

    def beginning(self, prefix: q.Beginning) -> plan.Node:
        """Plan a prefix; typed without marks, it also finds the marked forms of its syllable."""
        *before, last = [token.text for token in syllables(prefix.text)]
        known = [last] if self.literal else [last, *self.unmarked(last)]
        self.add(ranking.field_features(prefix.field, literally([*before, *known])))
        for term in (*before, *known):
            self.terms[prefix.field].setdefault(term, 1.0)
        forms = [plan.Term(prefix.field, term) for term in known]
        ending = plan.Or((plan.Prefix(prefix.field, last), *forms))
        return plan.And((*(plan.Term(prefix.field, term) for term in before), ending))

    def excluded(self, tree: q.Query) -> plan.Node:
        """Plan what must not match: words as typed, or in any of their marked forms."""
        if not isinstance(tree, q.Words):
            return _Planner(self.context, literal=True, every_word=True).node(tree)
        pieces = [[token.text for token in syllables(piece)] for piece in tree.text.split()]
        phrases = [
            plan.Phrase(tree.field, tuple((text, *self.unmarked(text)) for text in piece))
            for piece in pieces
            if piece
        ]
        return plan.And(tuple(phrases))

    def filter(self, condition: q.Filter) -> plan.Node:
        """Plan a condition on a column; a value that no article has matches none."""
        if condition.field in (q.FilterField.SINCE, q.FilterField.UNTIL):
            return self.period(condition)
        values = self.context.values[condition.field].get(fold(condition.value), ())
        if not values:
            kind = "nguồn" if condition.field is q.FilterField.SOURCE else "chuyên mục"
            self.warn("unknown_value", f"Không có {kind} nào tên “{condition.value}”.")
        return plan.Keyword(condition.field, values)

    def period(self, condition: q.Filter) -> plan.Node:
        """Plan `since:` or `until:`; a date that nobody can read is left out with a warning."""
        try:
            period = parse_period(condition.value, today_in_vietnam())
        except ValueError:
            message = (
                f"Không hiểu ngày “{condition.value}”; hãy viết như 3/1/2024, 1/2024 hay 2024."
            )
            self.warn("unknown_date", message)
            return plan.Everything()
        if condition.field is q.FilterField.SINCE:
            return plan.Published(since=period.start)
        return plan.Published(until=period.end)

    def unmarked(self, syllable: str) -> list[str]:
        """Give the marked forms of a syllable that was typed without marks."""
        if not syllable.isascii():
            return []
        [forms] = self.context.language.spelled([syllable])
        return [form for form in forms if form != syllable]

    def add(
        self, scores: Iterable[plan.TermScore], rescores: Iterable[plan.PairScore] = ()
    ) -> None:
        """Add to the score; what is there already counts once, with the higher weight."""
        for score in scores:
            kept = self.scores.setdefault((score.field, score.text), score)
            self.scores[score.field, score.text] = max(kept, score, key=attrgetter("weight"))
        for pair in rescores:
            before = self.rescores.setdefault((pair.first, pair.second), pair)
            self.rescores[pair.first, pair.second] = max(before, pair, key=attrgetter("weight"))

    def mark(self, field: q.TextField, reading: Reading) -> None:
        """Have the likely candidates marked, the likelier and rarer ones rather shown."""
        weights = self.terms[field]
        for candidates in reading.candidates:
            for candidate in candidates:
                if candidate.weight >= MARKED * candidates[0].weight:
                    weight = candidate.weight * self.context.rarity(candidate.text)
                    weights[candidate.text] = max(weights.get(candidate.text, 0), weight)

    def marks(self) -> dict[str, Marks]:
        """Give what to mark in each stored field."""
        marks: dict[str, Marks] = {}
        for field, stored in _MARKED_IN.items():
            terms, phrases = self.terms[field], tuple(self.phrases[field])
            if terms or phrases:
                for name in stored:
                    before = marks.get(name, Marks())
                    marks[name] = Marks({**before.terms, **terms}, (*before.phrases, *phrases))
        return marks

    def read(self, run: q.Words) -> str:
        """Write a run as it was read, in the letters typed where nothing was changed."""
        reading = self.readings.get(run)
        if reading is None:
            return run.text
        parts: list[str] = []
        at = 0
        for token, best in zip(syllables(run.text), reading.best, strict=True):
            typed = run.text[token.start : token.end]
            parts += (
                run.text[at : token.start],
                typed if best == token.text else _cased(best, typed),
            )
            at = token.end
        return "".join((*parts, run.text[at:]))

    def warn(self, code: str, message: str) -> None:
        """Keep a warning."""
        self.warnings.append(QueryWarning(code, message))


def _every(
    reading: Reading,
    places: list[plan.Node],
    others: Sequence[Equivalent],
    equals: Sequence[Sequence[plan.Node]],
) -> plan.Node:
    """Ask for every place but the stop words', or for another way to write some of them."""
    stops = stop_syllables()
    if not stops.issuperset(reading.best):
        pairs = zip(reading.best, places, strict=True)
        places = [plan.Everything() if text in stops else place for text, place in pairs]
    for other, nodes in reversed([*zip(others, equals, strict=True)]):
        # From the end, so that the places before keep their numbers.
        either = (plan.And(tuple(places[other.start : other.end])), *nodes)
        places[other.start : other.end] = [plan.Or(either)]
    return plan.And(tuple(places))


def _cased(text: str, typed: str) -> str:
    """Write a syllable in capitals where the one typed was."""
    if len(typed) > 1 and typed.isupper():
        return text.upper()
    return text.capitalize() if typed[0].isupper() else text
