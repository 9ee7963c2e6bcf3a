"""From a syntax tree to what an engine is asked, and to what will be marked in the hits.

Units written side by side must all match; of a run of plain words enough (`match_policy`).
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from index.schema import Kind
from index.vietnamese.equivalents import Equivalent
from index.vietnamese.syllables import syllables
from index.vietnamese.words import search_words
from search import plan
from search.engines.contract import TermFrequency
from search.interpretation.context import Context
from search.interpretation.interpretation import Candidate, Interpretation, as_typed
from search.interpretation.joined import other_groupings, typed_joined
from search.planning.conditions import number_node, period_node
from search.planning.features import equivalent_features, features, field_features
from search.planning.match_policy import Run, any_of, enough_of, standing
from search.query import tree as q
from search.request import Operator
from search.results.highlights import Marking, Marks
from search.warnings import QueryWarning, warning

MAX_PREFIX_TERMS_SCORED = 64
"""The most frequent terms that begin with a prefix, which score; arbitrary."""

MAX_PREFIX_TERMS_MARKED = 1000
"""The most frequent terms that begin with a prefix, which are marked; others are found unmarked."""

MAX_PHRASE_INTERPRETED = 12
"""Syllables of a quoted phrase whose missing marks are filled in; a title has about as many."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as an engine is asked it, how it was interpreted, and what to mark in the hits.

    `marks` are by stored field, `interpretations` of the runs of plain words alone. `in_steps`
    says whether a match that is too small may be widened step by step.
    """

    match: plan.Node
    features: tuple[plan.Feature, ...]
    marks: Mapping[str, Marks]
    interpretations: Mapping[q.Words, Interpretation]
    read: str
    changed: bool
    in_steps: bool
    warnings: tuple[QueryWarning, ...]


def look_up(trees: Iterable[q.Query], context: Context, *, literal: bool) -> None:
    """Ask at once for all that the weights and prefixes of some trees depend on."""
    terms: list[str] = []
    prefixes: list[tuple[str, str]] = []
    for tree in trees:
        asked_terms, asked_prefixes = _Planner(context, literal=literal).asked(tree)
        terms += asked_terms
        prefixes += asked_prefixes
    context.look_up(terms)
    context.terms_with_prefixes(prefixes, MAX_PREFIX_TERMS_MARKED)


def understand(
    tree: q.Query, context: Context, *, literal: bool, operator: Operator | None = None
) -> Understood:
    """Interpret a tree's words, unless they are to be taken as typed, and plan the search."""
    planner = _Planner(context, literal=literal, operator=operator)
    planner.look_up(tree)
    match = planner.node(tree)
    return Understood(
        match=plan.Everything() if tree == q.NOTHING else match,
        features=(*planner.scores.values(), *planner.bigrams.values()),
        marks=planner.marking.by_stored_field(),
        interpretations=planner.interpretations,
        read=q.written(tree, planner.read),
        changed=any(run.changed or words.joined for words, run in planner.interpretations.items()),
        in_steps=not planner.longer,
        warnings=tuple(dict.fromkeys(planner.warnings)),
    )


class _Planner:
    """Walks a tree twice: interprets its words and asks for the statistics of all; then plans.

    On the second walk it gathers what adds to the score and what is marked.
    """

    def __init__(
        self,
        context: Context,
        *,
        literal: bool,
        operator: Operator | None = None,
        scored: bool = True,
    ) -> None:
        self.context = context
        self.language = context.language
        self.literal = literal
        self.operator = operator
        self.scored = scored
        self.interpretations: dict[q.Words, Interpretation] = {}
        self.phrases: dict[q.Quoted, Interpretation] = {}
        self.equivalents: dict[q.Words, Sequence[Equivalent]] = {}
        self.longer: Mapping[tuple[str, str], Sequence[TermFrequency]] = {}
        self.scores: dict[tuple[str, str], plan.TermScore] = {}
        self.bigrams: dict[tuple[str, str], plan.BigramScore] = {}
        self.marking = Marking()
        self.warnings: list[QueryWarning] = []

    def look_up(self, tree: q.Query) -> None:
        """Interpret the runs of words, and ask for what their weights and the prefixes depend on.

        All terms are asked for in one request, and all prefixes in one.
        """
        terms, prefixes = self.asked(tree)
        self.context.look_up(terms)
        self.longer = self.context.terms_with_prefixes(prefixes, MAX_PREFIX_TERMS_MARKED)

    def asked(self, tree: q.Query) -> tuple[list[str], list[tuple[str, str]]]:
        """Interpret the runs of words; return the terms that are weighed, and the prefixes."""
        terms: list[str] = []
        prefixes: list[tuple[str, str]] = []
        for leaf in _scored_leaves(tree):
            if isinstance(leaf, q.Words) and leaf not in self.interpretations:
                run = self.interpretations[leaf] = self.interpretation(leaf)
                literal = self.literal or leaf.literal
                others = [] if literal else self.others(leaf, run)
                self.equivalents[leaf] = others
                terms += (c.text for place in run.candidates for c in place)
                for other in others:
                    terms += run.best[other.start : other.end]
                    terms += itertools.chain(*other.alternatives)
            elif isinstance(leaf, q.Quoted):
                phrase = self.phrases[leaf] = self.phrase_interpreted(leaf)
                terms += (c.text for place in phrase.candidates for c in place)
            elif isinstance(leaf, q.Beginning):
                prefixes += ((leaf.field, form) for form in self.forms(leaf)[1])
        return terms, prefixes

    def others(self, words: q.Words, run: Interpretation) -> list[Equivalent]:
        """Return the other ways to write parts of a run, those alone that may occur."""
        others = self.language.equivalents(run.best)
        counts = self.context.model.counts
        for other in (*other_groupings(run.best), *typed_joined(words)):
            known = tuple(way for way in other.alternatives if counts(way).min() > 0)
            if known:
                others.append(replace(other, alternatives=known))
        return others

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
        before, self.operator = self.operator, Operator.AND
        node = self.node(tree)
        self.operator = before
        return node

    def words(self, words: q.Words) -> plan.Node:
        """Plan a run of plain words: every candidate scores, those that stand for it match."""
        interpretation = self.interpretations.get(words)
        if interpretation is None:  # an exclusion's, which was not looked up
            interpretation = self.interpretations[words] = self.interpretation(words)
        others = self.equivalents.get(words, ())
        text = self.read(words)
        run = Run(words.field, text, interpretation, others, [self.equal(o, words) for o in others])
        if not self.scored:
            return any_of(run, interpretation.candidates)
        if words.field == q.TEXT:
            self.add(features(interpretation, search_words(text), self.language))
        else:
            self.add(field_features(words.field, interpretation, self.language))
        places = [standing(place, self.occurs(words.field)) for place in interpretation.candidates]
        self.mark(words.field, places)
        if self.operator is Operator.OR:
            return any_of(run, places)
        return enough_of(
            run,
            places,
            self.context.rarity,
            self.language,
            every=self.operator is Operator.AND,
        )

    def equal(self, other: Equivalent, run: q.Words) -> list[plan.Node]:
        """Plan the other ways to write a part of a run, each to be found as a phrase."""
        phrases = [
            plan.Phrase(run.field, tuple((text,) for text in alternative))
            for alternative in other.alternatives
        ]
        if self.scored:
            part = self.interpretations[run].best[other.start : other.end]
            typed = sum(map(self.context.rarity, part))
            for phrase, alternative in zip(phrases, other.alternatives, strict=True):
                self.marking.phrase(run.field, phrase)
                rarity = sum(map(self.context.rarity, alternative))
                share = typed / rarity if rarity else 0.0
                self.add(equivalent_features(run.field, other, alternative, share))
        return list(phrases)

    def quoted(self, phrase: q.Quoted) -> plan.Node:
        """Plan a phrase as typed, or where it has no marks with those that it may have."""
        meant = self.phrase_meant(phrase)
        if phrase.field == q.TEXT:
            read = phrase.text if meant.best == meant.typed else " ".join(meant.best)
            self.add(features(meant, search_words(read), self.language))
        else:
            self.add(field_features(phrase.field, meant, self.language))
        places = tuple(tuple(c.text for c in place) for place in meant.candidates)
        node = plan.Phrase(phrase.field, places, phrase.slop)
        if len(places) == 1:
            self.marking.terms(phrase.field, [(text, 1.0) for text in places[0]])
        else:
            self.marking.phrase(phrase.field, node)
        return node

    def phrase_interpreted(self, phrase: q.Quoted) -> Interpretation:
        """Interpret a phrase where it was typed without marks."""
        typed = [token.text for token in syllables(phrase.text)]
        unmarked = all(text.isascii() for text in typed) and len(typed) <= MAX_PHRASE_INTERPRETED
        if self.literal or not unmarked or not any(map(self.context.unmarked, typed)):
            return as_typed(typed)
        if phrase.field == "author":
            return self.unmarked(typed)
        return self.context.interpret(typed)

    def phrase_meant(self, phrase: q.Quoted) -> Interpretation:
        """Return what stands at each place of a phrase; what was typed keeps its full weight."""
        known = self.phrases.get(phrase)
        meant = known or as_typed([token.text for token in syllables(phrase.text)])
        if phrase.field == "author" or all(len(place) == 1 for place in meant.candidates):
            return meant
        occurs = self.occurs(phrase.field)
        places = tuple(
            (Candidate(text, 1.0), *(c for c in standing(place, occurs) if c.text != text))
            for text, place in zip(meant.typed, meant.candidates, strict=True)
        )
        return Interpretation(meant.typed, meant.best, places)

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
        scored = as_typed([*before, *longer[:MAX_PREFIX_TERMS_SCORED]])
        self.add(field_features(field, scored, self.language))
        endings = plan.Or(tuple(plan.Prefix(field, form) for form in known))
        return plan.And((*(plan.Term(field, term) for term in before), endings))

    def filter(self, condition: q.Filter) -> plan.Node:
        """Plan a condition on a field.

        A value that no article has matches none; a date or number that cannot be read is left out.
        """
        name, value = condition.field, condition.value
        if name in (q.SINCE, q.UNTIL):
            bounds = f"{value}.." if name == q.SINCE else f"..{value}"
            return self.readable("unknown_date", "published", bounds, value)
        match self.context.snapshot.schema[name].kind:
            case Kind.DATE:
                return self.readable("unknown_date", name, value, value)
            case Kind.NUMBER:
                return self.readable("unknown_number", name, value, value)
            case _:
                values = self.context.values_of(name, value)
                if not values:
                    self.warn("unknown_value", field=name, value=value)
                return plan.Keyword(name, values)

    def readable(self, code: str, field: str, bounds: str, value: str) -> plan.Node:
        """Plan a range; everything, with a warning of this code, where it cannot be read."""
        try:
            make = period_node if code == "unknown_date" else number_node
            return make(field, bounds)
        except ValueError:
            self.warn(code, value=value)
            return plan.Everything()

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

    def mark(self, field: str, places: Iterable[Sequence[Candidate]]) -> None:
        """Have candidates marked, the likelier and rarer ones rather shown."""
        rarity = self.context.rarity
        standing_for = itertools.chain.from_iterable(places)
        self.marking.terms(field, ((c.text, c.weight * rarity(c.text)) for c in standing_for))

    def occurs(self, field: str) -> Callable[[str], bool]:
        """Return the function that returns whether any article holds a term."""
        if field != q.TEXT:
            return lambda _term: True
        rarity, highest = self.context.rarity, self.context.highest_rarity
        return lambda term: rarity(term) < highest

    def interpretation(self, run: q.Words) -> Interpretation:
        """Interpret a run; an author's name only as it is written, but for missing marks."""
        typed = [token.text for token in syllables(run.text)]
        if self.literal or run.literal:
            return as_typed(typed)
        if run.field != "author":
            return self.context.interpret(typed)
        return self.unmarked(typed)

    def unmarked(self, typed: Sequence[str]) -> Interpretation:
        """Return the interpretation of syllables as all that they are without their marks."""
        forms = [(text, *self.context.unmarked(text)) for text in typed]
        candidates = (tuple(Candidate(form, 1.0) for form in place) for place in forms)
        return Interpretation(tuple(typed), tuple(typed), tuple(candidates))

    def read(self, run: q.Words) -> str:
        """Write a run as it was interpreted, in the letters typed where nothing was changed."""
        interpretation = self.interpretations.get(run)
        if interpretation is None:
            return run.text
        parts: list[str] = []
        at = 0
        for token, best in zip(syllables(run.text), interpretation.best, strict=True):
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
    return _Planner(context, literal=True, scored=False).node(tree)


def _cased(text: str, typed: str) -> str:
    """Write a syllable in capitals where the one typed was."""
    if len(typed) > 1 and typed.isupper():
        return text.upper()
    return text.capitalize() if typed[0].isupper() else text
