"""From a query tree to what an engine is asked, and to what will be marked in the hits.

Units written side by side must all match; of a run of plain words any one does (all of them,
stop words aside, where the hits are sorted by date: there a weak match would stand on top).
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from index.vietnamese.dates import parse_period, today_in_vietnam
from index.vietnamese.equivalents import Equivalent
from index.vietnamese.syllables import syllables
from index.vietnamese.words import search_words
from search import ranking
from search.engines.contract import TermFrequency
from search.interpretation.context import Context
from search.interpretation.interpretation import Candidate, Interpretation, as_typed
from search.interpretation.interpreter import interpret
from search.planning import plan
from search.query import tree as q
from search.results.highlights import Marking, Marks
from search.results.warnings import QueryWarning, warning

MARKED = 0.6
"""So much of the weight of the likeliest candidate of its place has one that is marked."""

PREFIX_TERMS = 64
"""So many of the terms that begin with a prefix, the most frequent, count towards the score."""

PREFIX_TERMS_MARKED = 1000
"""The most frequent terms that begin with a prefix, which are marked; others are found unmarked."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as an engine is asked it, how it was read, and what to mark, by stored field.

    `readings` are of the runs of plain words, and of them alone.
    """

    match: plan.Node
    features: tuple[plan.Feature, ...]
    marks: Mapping[str, Marks]
    readings: Mapping[q.Words, Interpretation]
    read: str
    changed: bool
    warnings: tuple[QueryWarning, ...]


def look_up(trees: Iterable[q.Query], context: Context, *, literal: bool) -> None:
    """Ask at once for all that the weights and prefixes of some trees depend on."""
    terms: list[str] = []
    prefixes: list[tuple[str, str]] = []
    for tree in trees:
        planner = _Planner(context, literal=literal, every_word=False)
        asked_terms, asked_prefixes = planner.asked(tree)
        terms += asked_terms
        prefixes += asked_prefixes
    context.look_up(terms)
    context.terms_with_prefixes(prefixes, PREFIX_TERMS_MARKED)


def understand(
    tree: q.Query, context: Context, *, literal: bool, every_word: bool, scored: bool = True
) -> Understood:
    """Interpret a tree's words, unless they are to be taken as typed, and plan the search.

    Where the matches are only counted, nothing need be `scored`, nor looked up for that.
    """
    planner = _Planner(context, literal=literal, every_word=every_word, scored=scored)
    planner.look_up(tree)
    match = planner.node(tree)
    return Understood(
        match=plan.Everything() if tree == q.NOTHING else match,
        features=(*planner.scores.values(), *planner.bigrams.values()),
        marks=planner.marking.by_stored_field(),
        readings=planner.readings,
        read=q.written(tree, planner.read),
        changed=any(reading.changed for reading in planner.readings.values()),
        warnings=tuple(planner.warnings),
    )


class _Planner:
    """Walks a tree twice: reads its words and asks for the statistics of all; then plans.

    On the second walk it gathers what adds to the score and what is marked.
    """

    def __init__(
        self, context: Context, *, literal: bool, every_word: bool, scored: bool = True
    ) -> None:
        self.context = context
        self.language = context.language
        self.literal = literal
        self.scored = scored
        self.every_word = every_word
        self.readings: dict[q.Words, Interpretation] = {}
        self.equals: dict[q.Words, Sequence[Equivalent]] = {}
        self.longer: Mapping[tuple[str, str], Sequence[TermFrequency]] = {}
        self.scores: dict[tuple[str, str], plan.TermScore] = {}
        self.bigrams: dict[tuple[str, str], plan.BigramScore] = {}
        self.marking = Marking()
        self.warnings: list[QueryWarning] = []

    def look_up(self, tree: q.Query) -> None:
        """Read the runs of words, and ask for what their weights and the prefixes depend on.

        All terms are asked for in one request, and all prefixes in one.
        """
        terms, prefixes = self.asked(tree)
        if self.scored:
            self.context.look_up(terms)
            self.longer = self.context.terms_with_prefixes(prefixes, PREFIX_TERMS_MARKED)

    def asked(self, tree: q.Query) -> tuple[list[str], list[tuple[str, str]]]:
        """Read the runs of words; return the terms that are weighed, and the prefixes."""
        terms: list[str] = []
        prefixes: list[tuple[str, str]] = []
        for leaf in _scored_leaves(tree):
            if isinstance(leaf, q.Words) and leaf not in self.readings:
                reading = self.readings[leaf] = self.reading(leaf)
                literal = self.literal or leaf.literal
                others = [] if literal else self.language.equivalents(reading.best)
                self.equals[leaf] = others
                terms += (c.text for place in reading.candidates for c in place)
                for other in others:
                    terms += reading.best[other.start : other.end]
                    terms += itertools.chain(*other.alternatives)
            elif isinstance(leaf, q.Beginning):
                prefixes += ((leaf.field, form) for form in self.forms(leaf)[1])
        return terms, prefixes

    def forms(self, prefix: q.Beginning) -> tuple[list[str], list[str]]:
        """Return the syllables before the last of a prefix, and the forms of the last one."""
        *before, last = [token.text for token in syllables(prefix.text)]
        return before, [last] if self.literal else [last, *self.context.unmarked(last)]

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
        reading = self.readings.get(run)
        if reading is None:  # an exclusion's, which was not looked up
            reading = self.readings[run] = self.reading(run)
        if self.scored:
            self.mark(run.field, reading)
            if run.field == q.TEXT:
                words = search_words(self.read(run))
                self.add(ranking.features(reading, words, self.language))
            else:
                self.add(ranking.field_features(run.field, reading, self.language))
        places = [
            tuple(plan.Term(run.field, candidate.text) for candidate in candidates)
            for candidates in reading.candidates
        ]
        others = self.equals.get(run, ())
        equals = [self.equal(other, run) for other in others]
        if not self.every_word:
            return plan.Or(tuple(itertools.chain(*places, *equals)))
        stops = self.language.stop_syllables
        return _every(reading, [plan.Or(place) for place in places], others, equals, stops)

    def equal(self, other: Equivalent, run: q.Words) -> list[plan.Node]:
        """Plan the other ways to write a part of a run, each to be found as a phrase."""
        phrases = [
            plan.Phrase(run.field, tuple((text,) for text in alternative))
            for alternative in other.alternatives
        ]
        if self.scored:
            part = self.readings[run].best[other.start : other.end]
            typed = sum(map(self.context.rarity, part))
            for phrase, alternative in zip(phrases, other.alternatives, strict=True):
                self.marking.phrase(run.field, phrase)
                told = sum(map(self.context.rarity, alternative))
                share = typed / told if told else 0.0
                self.add(ranking.equivalent_features(run.field, other, alternative, share))
        return list(phrases)

    def quoted(self, phrase: q.Quoted) -> plan.Node:
        """Plan a phrase, which is taken as typed."""
        typed = [token.text for token in syllables(phrase.text)]
        if phrase.field == q.TEXT:
            words = search_words(phrase.text)
            self.add(ranking.features(as_typed(typed), words, self.language))
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
        before, known = self.forms(prefix)
        field = prefix.field
        found = itertools.chain(*(self.longer.get((field, form), ()) for form in known))
        longer = [term for term, _ in sorted(found, key=lambda term: -term.articles)]
        self.marking.terms(field, ((term, 1.0) for term in (*before, *longer)))
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
            return plan.Range("published", minimum=period.start)
        return plan.Range("published", maximum=period.end)

    def add(self, features: Iterable[plan.Feature]) -> None:
        """Add to the score; what is there already counts once, with the higher weight."""
        for feature in features:
            if isinstance(feature, plan.TermScore):
                term = feature.field, feature.text
                score = self.scores.setdefault(term, feature)
                self.scores[term] = max(score, feature, key=attrgetter("weight"))
            else:
                pair = feature.first, feature.second
                bigram = self.bigrams.setdefault(pair, feature)
                self.bigrams[pair] = max(bigram, feature, key=attrgetter("weight"))

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


def _scored_leaves(tree: q.Query) -> Iterator[q.Query]:
    """Yield the leaves of a tree whose words count towards the score."""
    match tree:
        case q.AllOf() | q.AnyOf() | q.Sequence():
            for child in tree.children:
                yield from _scored_leaves(child)
        case q.Required():
            yield from _scored_leaves(tree.child)
        case q.Without():
            return
        case _:
            yield tree


def _unscored(tree: q.Query, context: Context) -> plan.Node:
    """Plan a part of a query that neither scores nor is marked, its words as typed."""
    return _Planner(context, literal=True, every_word=False, scored=False).node(tree)


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
