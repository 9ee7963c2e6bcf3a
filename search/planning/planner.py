"""From a query tree to what an engine is asked, and to what will be marked in the hits.

Units written side by side must all match; of a run of plain words any one does (all of them,
stop words aside, where the hits are sorted by date: there a weak match would stand on top).
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from index.vietnamese.dates import parse_period, today_in_vietnam
from index.vietnamese.equivalents import Equivalent
from index.vietnamese.syllables import syllables
from index.vietnamese.words import search_words
from search import ranking
from search.interpretation.context import Context
from search.interpretation.interpretation import Candidate, Interpretation, as_typed
from search.interpretation.interpreter import interpret
from search.planning import plan
from search.query import tree as q
from search.results.highlights import Marking
from search.results.snippets import Marks
from search.results.warnings import QueryWarning, warning

MARKED = 0.6
"""So much of the weight of the likeliest candidate of its place has one that is marked."""

PREFIX_TERMS = 64
"""So many of the terms that begin with a prefix, the most frequent, count towards the score."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as an engine is asked it, how it was read, and what to mark, by stored field.

    `readings` are of the runs of plain words, and of them alone.
    """

    match: plan.Node
    scores: tuple[plan.TermScore, ...]
    pairs: tuple[plan.PairScore, ...]
    marks: Mapping[str, Marks]
    readings: Mapping[q.Words, Interpretation]
    read: str
    changed: bool
    warnings: tuple[QueryWarning, ...]


def understand(tree: q.Query, context: Context, *, literal: bool, every_word: bool) -> Understood:
    """Interpret a tree's words, unless they are to be taken as_typed, and plan the search."""
    planner = _Planner(context, literal=literal, every_word=every_word)
    match = planner.node(tree)
    return Understood(
        match=plan.Everything() if tree == q.NOTHING else match,
        scores=tuple(planner.scores.values()),
        pairs=tuple(planner.pairs.values()),
        marks=planner.marking.by_stored_field(),
        readings=planner.readings,
        read=q.written(tree, planner.read),
        changed=any(reading.changed for reading in planner.readings.values()),
        warnings=tuple(planner.warnings),
    )


class _Planner:
    """Walks a tree, and gathers what adds to the score and what is marked on the way."""

    def __init__(self, context: Context, *, literal: bool, every_word: bool) -> None:
        self.context = context
        self.language = context.language
        self.literal = literal
        self.every_word = every_word
        self.readings: dict[q.Words, Interpretation] = {}
        self.scores: dict[tuple[str, str], plan.TermScore] = {}
        self.pairs: dict[tuple[str, str], plan.PairScore] = {}
        self.marking = Marking()
        self.warnings: list[QueryWarning] = []

    def node(self, tree: q.Query) -> plan.Node:
        """Plan which articles match a tree."""
        match tree:
            case q.Words():
                return self.words(tree)
            case q.Quoted():
                return self.quoted(tree)
            case q.Compound():
                return self.compound(tree)
            case q.Beginning():
                return self.beginning(tree)
            case q.Filter():
                return self.filter(tree)
            case q.Required():
                return self.required(tree.child)
            case q.Without():
                return plan.Not(_unscored(tree.child, self.context))
            case q.AnyOf():
                return plan.Or(tuple(map(self.node, tree.children)))
            case q.AllOf() | q.Sequence():
                return plan.And(tuple(map(self.node, tree.children)))

    def required(self, tree: q.Query) -> plan.Node:
        """Plan a part of which every word must match."""
        before, self.every_word = self.every_word, True
        node = self.node(tree)
        self.every_word = before
        return node

    def words(self, run: q.Words) -> plan.Node:
        """Plan a run of plain words: every candidate of every syllable matches and scores."""
        reading = self.reading(run)
        self.readings[run] = reading
        self.mark(run.field, reading)
        if run.field == q.TEXT:
            words = search_words(self.read(run))
            self.add(*ranking.features(reading, words, self.language))
        else:
            self.add(ranking.field_features(run.field, reading, self.language))
        places = [
            tuple(plan.Term(run.field, candidate.text) for candidate in candidates)
            for candidates in reading.candidates
        ]
        others = [] if self.literal or run.literal else self.language.equivalents(reading.best)
        equals = [self.equal(other, run) for other in others]
        if not self.every_word:
            return plan.Or(tuple(itertools.chain(*places, *equals)))
        stops = self.language.stop_syllables
        return _every(reading, [plan.Or(place) for place in places], others, equals, stops)

    def equal(self, other: Equivalent, run: q.Words) -> list[plan.Node]:
        """Plan the other ways to write a part of a run, each to be found as a phrase."""
        nodes: list[plan.Node] = []
        part = self.readings[run].best[other.start : other.end]
        typed = sum(map(self.context.rarity, part))
        for alternative in other.alternatives:
            phrase = plan.Phrase(run.field, tuple((text,) for text in alternative))
            self.marking.phrase(run.field, phrase)
            nodes.append(phrase)
            told = sum(map(self.context.rarity, alternative))
            share = typed / told if told else 0.0
            self.add(*ranking.equivalent_features(run.field, other, alternative, share))
        return nodes

    def quoted(self, phrase: q.Quoted) -> plan.Node:
        """Plan a phrase, which is taken as typed."""
        typed = [token.text for token in syllables(phrase.text)]
        if phrase.field == q.TEXT:
            words = search_words(phrase.text)
            self.add(*ranking.features(as_typed(typed), words, self.language))
        else:
            self.add(ranking.field_features(phrase.field, as_typed(typed), self.language))
        node = plan.Phrase(phrase.field, tuple((text,) for text in typed), phrase.slop)
        if len(typed) == 1:
            self.marking.terms(phrase.field, [(typed[0], 1.0)])
        else:
            self.marking.phrase(phrase.field, node)
        return node

    def compound(self, word: q.Compound) -> plan.Node:
        """Plan one word, found as a whole, in any of its marked forms where marks are missing."""
        typed = [token.text for token in syllables(word.text)]
        places = tuple((text, *self.context.unmarked(text)) for text in typed)
        return plan.Phrase(word.field, places)

    def beginning(self, prefix: q.Beginning) -> plan.Node:
        """Plan a prefix; typed without marks, it also finds the marked forms of its syllable."""
        *before, last = [token.text for token in syllables(prefix.text)]
        known = [last] if self.literal else [last, *self.context.unmarked(last)]
        snapshot, field = self.context.snapshot, prefix.field
        longer = [term for form in known for term in snapshot.terms_with_prefix(field, form)]
        self.marking.terms(field, ((term, 1.0) for term in (*before, *longer)))
        longer.sort(key=lambda term: -snapshot.document_frequency(field, term))
        scored = as_typed([*before, *longer[:PREFIX_TERMS]])
        self.add(ranking.field_features(field, scored, self.language))
        endings = plan.Or(tuple(plan.Prefix(field, form) for form in known))
        return plan.And((*(plan.Term(field, term) for term in before), endings))

    def filter(self, condition: q.Filter) -> plan.Node:
        """Plan a condition on a column; a value that no article has matches none."""
        if condition.field in (q.SINCE, q.UNTIL):
            return self.period(condition)
        values = self.context.values_of(condition.field, condition.value)
        if not values:
            self.warn("unknown_value", field=condition.field, value=condition.value)
        return plan.Keyword(condition.field, values)

    def period(self, condition: q.Filter) -> plan.Node:
        """Plan `since:` or `until:`; a date that nobody can read is left out with a warning."""
        try:
            period = parse_period(condition.value, today_in_vietnam())
        except ValueError:
            self.warn("unknown_date", value=condition.value)
            return plan.Everything()
        if condition.field == q.SINCE:
            return plan.Published(since=period.start)
        return plan.Published(until=period.end)

    def add(self, scores: Iterable[plan.TermScore], pairs: Iterable[plan.PairScore] = ()) -> None:
        """Add to the score; what is there already counts once, with the higher weight."""
        for score in scores:
            kept = self.scores.setdefault((score.field, score.text), score)
            self.scores[score.field, score.text] = max(kept, score, key=attrgetter("weight"))
        for pair in pairs:
            before = self.pairs.setdefault((pair.first, pair.second), pair)
            self.pairs[pair.first, pair.second] = max(before, pair, key=attrgetter("weight"))

    def mark(self, field: str, reading: Interpretation) -> None:
        """Have the likely candidates marked, the likelier and rarer ones rather shown."""
        likely = [
            candidate
            for candidates in reading.candidates
            for candidate in candidates
            if candidate.weight >= MARKED * candidates[0].weight
        ]
        rarity = self.context.rarity
        self.marking.terms(field, ((c.text, c.weight * rarity(c.text)) for c in likely))

    def reading(self, run: q.Words) -> Interpretation:
        """Read a run of words; an author's name only as it is written, but for missing marks."""
        typed = [token.text for token in syllables(run.text)]
        if self.literal or run.literal:
            return as_typed(typed)
        if run.field != "author":
            return interpret(typed, self.context.model, self.language)
        forms = [(text, *self.context.unmarked(text)) for text in typed]
        candidates = (tuple(Candidate(form, 1.0) for form in place) for place in forms)
        return Interpretation(tuple(typed), tuple(typed), tuple(candidates))

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

    def warn(self, code: str, **params: str | int) -> None:
        """Add a warning."""
        self.warnings.append(warning(code, **params))


def _unscored(tree: q.Query, context: Context) -> plan.Node:
    """Plan a part of a query that neither scores nor is marked, its words as typed."""
    return _Planner(context, literal=True, every_word=False).node(tree)


def _every(
    reading: Interpretation,
    places: list[plan.Node],
    others: Sequence[Equivalent],
    equals: Sequence[Sequence[plan.Node]],
    stops: frozenset[str],
) -> plan.Node:
    """Ask for every place but the stop words', or for another way to write some of them."""
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
