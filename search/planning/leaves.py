"""The leaves of a syntax tree, interpreted: runs of words, phrases, prefixes.

They are interpreted before anything is planned, so that the statistics of all their terms and
prefixes are fetched in one request.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from index.vietnamese.equivalents import Equivalent
from index.vietnamese.phonology import folded_syllables, is_syllable
from index.vietnamese.syllables import syllables
from search.interpretation.context import Context, effort_for
from search.interpretation.interpretation import Candidate, Interpretation, as_typed
from search.interpretation.joined import other_groupings, typed_joined
from search.planning.match_policy import word_groups
from search.planning.wildcards import pattern_beginnings
from search.query import tree as q
from search.query.wildcards import Pattern, phrase_patterns, phrase_slots

MAX_PHRASE_SYLLABLES = 12
"""Syllables of a quoted phrase whose missing diacritics are restored: the length of a title. Longer
phrases are taken as typed. Arbitrary."""


class InterpretedRun(NamedTuple):
    """A run of plain words as interpreted, and the equivalents of its parts."""

    interpretation: Interpretation
    equivalents: Sequence[Equivalent] = ()


class PrefixForms(NamedTuple):
    """The syllables before the last one of a prefix, and the possible forms of the last one."""

    before: Sequence[str]
    last: Sequence[str]


@dataclass(frozen=True, slots=True)
class Leaves:
    """The interpreted leaves of a tree that count towards the score."""

    runs: Mapping[q.Words, InterpretedRun] = field(default_factory=dict)
    phrases: Mapping[q.Phrase, Interpretation] = field(default_factory=dict)
    prefixes: Mapping[q.Prefix, PrefixForms] = field(default_factory=dict)
    patterns: frozenset[tuple[str, str]] = frozenset()
    """Each (field, prefix) whose terms may match a word with wildcards."""

    def iter_terms(self) -> Iterator[str]:
        """Yield the terms whose idf the plan needs, some perhaps repeatedly."""
        interpretations = (run.interpretation for run in self.runs.values())
        for interpretation in (*interpretations, *self.phrases.values()):
            yield from (c.text for slot in interpretation.candidates for c in slot)
        for run in self.runs.values():
            for equivalent in run.equivalents:
                yield from run.interpretation.best[equivalent.start : equivalent.end]
                yield from itertools.chain(*equivalent.alternatives)

    def iter_prefixes(self) -> Iterator[tuple[str, str]]:
        """Yield each (field, prefix) whose terms the plan needs, some perhaps repeatedly."""
        for prefix, forms in self.prefixes.items():
            yield from ((prefix.field, form) for form in forms.last)
        yield from sorted(self.patterns)


def interpret_leaves(tree: q.Query, context: Context, *, literal: bool) -> Leaves:
    """Interpret the leaves of a tree; with `literal` they are taken as typed."""
    runs: dict[q.Words, InterpretedRun] = {}
    phrases: dict[q.Phrase, Interpretation] = {}
    prefixes: dict[q.Prefix, PrefixForms] = {}
    leaves = list(q.scored_leaves(tree))
    count = sum(isinstance(leaf, q.Words | q.Phrase) for leaf in leaves)
    for leaf in leaves:
        match leaf:
            case q.Words() if leaf not in runs:
                runs[leaf] = interpret_run(leaf, context, count, literal=literal)
            case q.Phrase():
                phrases[leaf] = _interpret_phrase(leaf, context, count, literal=literal)
            case q.Prefix():
                prefixes[leaf] = prefix_forms(leaf, context, literal=literal)
            case _:
                pass
    patterns = {
        (field, form)
        for field, pattern in _patterns(tree)
        for form in pattern_beginnings(pattern, context, literal=literal)
    }
    return Leaves(runs, phrases, prefixes, frozenset(patterns))


def _patterns(tree: q.Query) -> Iterator[tuple[str, Pattern]]:
    """Yield each word with wildcards and its field, including those in exclusions."""
    match tree:
        case q.Wildcard(text, field):
            yield field, Pattern(text)
        case q.Phrase():
            yield from ((tree.field, pattern) for pattern in phrase_patterns(tree.text))
        case q.AllOf() | q.AnyOf() | q.Sequence():
            for child in tree.children:
                yield from _patterns(child)
        case q.Required() | q.Not():
            yield from _patterns(tree.child)
        case _:
            return


def interpret_run(
    run: q.Words, context: Context, runs: int = 1, *, literal: bool
) -> InterpretedRun:
    """Interpret one of a query's `runs` runs; for authors only missing marks are restored."""
    tokens = syllables(run.text)
    typed = [token.text for token in tokens]
    if literal or run.literal:
        return InterpretedRun(as_typed(typed))

    def interpreted() -> InterpretedRun:
        if run.field == "author":
            interpretation = _all_marked_forms(typed, context)
        else:
            written = [run.text[token.start : token.end] for token in tokens]
            meanings = context.language.chat_meanings(written)
            meanings = meanings if any(meanings) else ()
            interpretation = context.interpret(typed, runs, meanings, _acronyms(written))
        return InterpretedRun(interpretation, _equivalents(run, interpretation, context))

    # Cached, since a query with phrases is planned twice, with them and without.
    result: InterpretedRun = context.runs.get((run, effort_for(runs)), interpreted)
    return result


def _acronyms(written: Sequence[str]) -> frozenset[int]:
    """Return the indices of acronyms: words in capitals among others that are not, as in "phim DC".

    Unmarked Vietnamese syllables are not acronyms: capitals may be for emphasis ("VIET NAM").

    >>> [sorted(_acronyms(words.split())) for words in ("phim DC", "phim dc", "PHIM DC")]
    [[1], [], []]
    """
    if all(text.isupper() for text in written):
        return frozenset()
    return frozenset(
        i
        for i, text in enumerate(written)
        if text.isupper() and text.isalpha() and text.lower() not in folded_syllables()
    )


def _equivalents(
    run: q.Words, interpretation: Interpretation, context: Context
) -> list[Equivalent]:
    """Return the equivalents of parts of a run; of groupings only those whose terms occur.

    `other_groupings` joins digits and letters more freely than `number_forms`; seven in ten of its
    alternatives are also equivalents by those rules, and are not repeated.
    """
    best = interpretation.best
    equivalents = _of_whole_words(context.language.equivalents(best), run, interpretation)
    equivalents += _of_foreign_names(interpretation, context)
    known = {(e.start, e.end, way) for e in equivalents for way in e.alternatives}
    counts = context.model.counts
    for grouping in (*other_groupings(best), *typed_joined(run)):
        occurring = tuple(
            way
            for way in grouping.alternatives
            if (grouping.start, grouping.end, way) not in known and counts(way).min() > 0
        )
        if occurring:
            equivalents.append(replace(grouping, alternatives=occurring))
    return equivalents


def _of_whole_words(
    equivalents: list[Equivalent], run: q.Words, interpretation: Interpretation
) -> list[Equivalent]:
    """Return the equivalents without those of a syllable that is part of a longer word.

    "Mỹ" is the country in "bầu cử Mỹ", and in "mỹ thuật" it is not.
    """
    best = interpretation.best
    single = [e for e in equivalents if e.end - e.start == 1 and is_syllable(best[e.start])]
    if not single or len(best) == 1:  # as in nearly all queries: no need to segment
        return equivalents
    groups = word_groups(written_run(run, interpretation), len(best))
    within = {i for group in groups if len(group) > 1 for i in group}
    return [e for e in equivalents if e not in single or e.start not in within]


def _of_foreign_names(interpretation: Interpretation, context: Context) -> list[Equivalent]:
    """Return the equivalents of foreign names as typed that were interpreted as Vietnamese."""
    typed, best = interpretation.typed, interpretation.best
    if typed == best or all(map(is_syllable, typed)) or not "".join(typed).isalpha():
        return []  # Telex or VNI, not foreign names
    return [
        e
        for e in context.language.equivalents(typed)
        if e.certain
        and typed[e.start : e.end] != best[e.start : e.end]
        and not all(map(is_syllable, typed[e.start : e.end]))
    ]


def _interpret_phrase(
    phrase: q.Phrase, context: Context, runs: int, *, literal: bool
) -> Interpretation:
    """Interpret a phrase if it was typed without marks; otherwise take it as typed."""
    typed = [slot for slot in phrase_slots(phrase.text) if isinstance(slot, str)]
    unmarked = all(text.isascii() for text in typed)
    if literal or not unmarked or not any(map(context.marked_forms, typed[:MAX_PHRASE_SYLLABLES])):
        return as_typed(typed)
    if len(typed) > MAX_PHRASE_SYLLABLES:
        return as_typed(typed, is_partial=True)
    if phrase.field == "author":
        return _all_marked_forms(typed, context)
    return context.interpret(typed, runs)


def _all_marked_forms(typed: Sequence[str], context: Context) -> Interpretation:
    """Return an interpretation with all marked forms of each syllable as equal candidates."""
    forms = [(text, *context.marked_forms(text)) for text in typed]
    candidates = (tuple(Candidate(form, 1.0) for form in slot) for slot in forms)
    return Interpretation(tuple(typed), tuple(typed), tuple(candidates))


def prefix_forms(prefix: q.Prefix, context: Context, *, literal: bool) -> PrefixForms:
    """Return the syllables of a prefix; the last one, if it has no marks, in all marked forms."""
    *before, last = [token.text for token in syllables(prefix.text)]
    return PrefixForms(before, [last] if literal else [last, *context.marked_forms(last)])


def written_run(run: q.Words, interpretation: Interpretation) -> str:
    """Return a run as it was interpreted; unchanged syllables keep the letters typed."""
    parts: list[str] = []
    end = 0
    for token, best in zip(syllables(run.text), interpretation.best, strict=True):
        typed = run.text[token.start : token.end]
        written = typed if best == token.text else _with_case_of(best, typed)
        parts += (run.text[end : token.start], written)
        end = token.end
    return "".join((*parts, run.text[end:]))


def _with_case_of(text: str, typed: str) -> str:
    """Return a syllable in upper case or capitalised, like the one typed."""
    if len(typed) > 1 and typed.isupper():
        return text.upper()
    return text.capitalize() if typed[0].isupper() else text
