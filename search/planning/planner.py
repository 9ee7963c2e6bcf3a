"""The planner: a syntax tree becomes the match, the features and the highlights of a search.

Parts of a query written side by side must all match; of a run of plain words, enough must match
(`match_policy`).
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.vietnamese.equivalents import Equivalent
from index.vietnamese.syllables import syllables
from index.vietnamese.words import search_words
from search import plan
from search.interpretation.context import Context
from search.interpretation.interpretation import Candidate, Interpretation, as_typed
from search.planning.conditions import plan_filter
from search.planning.features import (
    equivalent_features,
    features,
    field_features,
    is_one_syllable,
)
from search.planning.leaves import (
    InterpretedRun,
    Leaves,
    interpret_leaves,
    interpret_run,
    prefix_forms,
    written_run,
)
from search.planning.match_policy import Run, any_of, enough_of, matching_candidates
from search.planning.planned import (
    MAX_WEIGHT_LEFT_OUT,
    PlannedParts,
    strongest,
    weight_left_out,
)
from search.planning.wildcards import (
    PatternTerms,
    TermsWithPrefix,
    pattern_terms,
    with_patterns,
)
from search.query import tree as q
from search.query.wildcards import Pattern, phrase_patterns, phrase_slots
from search.request import Operator
from search.results.highlights import HighlightPart, HighlightQuery, highlight_queries
from search.warnings import QueryWarning, warning

MAX_PREFIX_TERMS_SCORED = 64
"""The most frequent terms with a prefix, which score; arbitrary."""

MAX_PREFIX_TERMS_HIGHLIGHTED = 1000
"""The most frequent terms with a prefix, which are highlighted; all match. Arbitrary."""


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """A planned query: match and features for the engine, interpretations, highlights.

    `highlight_queries` are keyed by stored field, `interpretations` by runs of plain words.
    `in_steps` says whether a match that is too small may be widened in steps.
    """

    match: plan.Node
    features: tuple[plan.Feature, ...]
    highlight_queries: Mapping[str, HighlightQuery]
    interpretations: Mapping[q.Words, Interpretation]
    interpreted_query: str
    changed: bool
    in_steps: bool
    warnings: tuple[QueryWarning, ...]


def prefetch(trees: Iterable[q.Query], context: Context, *, literal: bool) -> None:
    """Fetch the statistics that planning these trees needs into the context, in one round trip."""
    leaves = [interpret_leaves(tree, context, literal=literal) for tree in trees]
    _terms_with_prefixes(leaves, context)


def plan_query(
    tree: q.Query, context: Context, *, literal: bool, operator: Operator | None = None
) -> PlannedQuery:
    """Interpret a tree's words, unless they are to be taken as typed, and plan the search."""
    leaves = interpret_leaves(tree, context, literal=literal)
    terms = _terms_with_prefixes([leaves], context)
    parts = _plan(tree, _Inputs(context, literal, operator, leaves, terms))
    [match] = parts.nodes
    interpretations = {run: interpreted.interpretation for run, interpreted in leaves.runs.items()}
    warnings = [*parts.warnings]
    if any(leaf.is_partial for leaf in (*interpretations.values(), *leaves.phrases.values())):
        warnings.append(warning("interpreted_partly"))
    scored = strongest(parts.features)
    if weight_left_out(parts.features, scored) > MAX_WEIGHT_LEFT_OUT:
        warnings.append(warning("ordered_partly", features=len(scored)))
    return PlannedQuery(
        match=plan.Everything() if tree == q.NOTHING else match,
        features=scored,
        highlight_queries=highlight_queries(parts.highlights),
        interpretations=interpretations,
        interpreted_query=q.written(tree, lambda run: _written(run, interpretations)),
        changed=any(run.changed or words.joined for words, run in interpretations.items()),
        # The best articles by score would be those of the scored terms of a prefix: widen at once.
        in_steps=not terms,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _terms_with_prefixes(leaves: Sequence[Leaves], context: Context) -> TermsWithPrefix:
    """Fetch the document frequencies of all terms; return the terms of all prefixes."""
    terms = itertools.chain(*(part.iter_terms() for part in leaves))
    prefixes = itertools.chain(*(part.iter_prefixes() for part in leaves))
    return context.fetch_statistics(terms, prefixes, MAX_PREFIX_TERMS_HIGHLIGHTED)


def _written(run: q.Words, interpretations: Mapping[q.Words, Interpretation]) -> str:
    interpretation = interpretations.get(run)
    return written_run(run, interpretation) if interpretation else run.text


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What the plan of every part of a query depends on."""

    context: Context
    literal: bool
    operator: Operator | None = None
    leaves: Leaves = field(default_factory=Leaves)
    terms_with_prefix: TermsWithPrefix = field(default_factory=dict)
    scored: bool = True


def _plan(tree: q.Query, inputs: _Inputs) -> PlannedParts:
    """Return the plan of a tree as one part."""
    match tree:
        case q.Required():
            return _plan(tree.child, replace(inputs, operator=Operator.AND))
        case q.Not():  # excluded words are taken as typed; they neither score nor are highlighted
            terms = inputs.terms_with_prefix
            unscored = _Inputs(inputs.context, literal=True, terms_with_prefix=terms, scored=False)
            excluded = _plan(tree.child, unscored)
            return PlannedParts((plan.Not(*excluded.nodes),))
        case q.AnyOf():
            children = _plan_all(tree.children, inputs)
            return children.matching(plan.Or(children.nodes))
        case q.AllOf() | q.Sequence():
            children = _plan_all(tree.children, inputs)
            return children.matching(plan.And(children.nodes))
        case _:
            return _plan_leaf(tree, inputs)


def _plan_leaf(
    leaf: q.Words | q.Phrase | q.Compound | q.Prefix | q.Wildcard | q.Filter, inputs: _Inputs
) -> PlannedParts:
    match leaf:
        case q.Words():
            return _plan_words(leaf, inputs)
        case q.Phrase():
            return _plan_phrase(leaf, inputs)
        case q.Compound():
            return _plan_compound(leaf, inputs.context)
        case q.Prefix():
            return _plan_prefix(leaf, inputs)
        case q.Wildcard():
            return _plan_wildcard(leaf, inputs)
        case q.Filter():
            return plan_filter(leaf, inputs.context)


def _plan_all(trees: Iterable[q.Query], inputs: _Inputs) -> PlannedParts:
    return sum((_plan(tree, inputs) for tree in trees), PlannedParts())


def _plan_words(words: q.Words, inputs: _Inputs) -> PlannedParts:
    """Plan a run of plain words: all candidates score, the likely ones also match."""
    context, language = inputs.context, inputs.context.language
    cached = inputs.leaves.runs.get(words)
    # Runs in exclusions are not among the leaves.
    interpreted = cached or interpret_run(words, context, literal=inputs.literal)
    interpretation, equivalents = interpreted
    text = written_run(words, interpretation)
    phrases = [_phrases(equivalent, words.field) for equivalent in equivalents]
    run = Run(words.field, text, interpretation, equivalents, phrases)
    if not inputs.scored:
        return PlannedParts((any_of(run, interpretation.candidates),))
    if words.field == q.TEXT:
        scored = features(interpretation, search_words(text), language)
    else:
        scored = field_features(words.field, interpretation, language)
    occurs = _occurs(words.field, context)
    slots = [matching_candidates(slot, occurs) for slot in interpretation.candidates]
    require_all = inputs.operator is Operator.AND
    if inputs.operator is Operator.OR:
        node = any_of(run, slots)
    else:
        node = enough_of(run, slots, context.idf, language, require_all=require_all)
    planned = PlannedParts((node,), scored, (_highlight_of(words.field, slots, context),))
    return _equivalents_of(words.field, interpreted, context) + planned


def _phrases(equivalent: Equivalent, field: str) -> list[plan.Phrase | plan.Term]:
    """Return the nodes that match the alternatives of an equivalent.

    A single syllable must be a word of its own: "Mỹ" is the country, "mỹ thuật" is not.
    """
    return [
        plan.Term("words", alternative[0])
        if field == q.TEXT and is_one_syllable(alternative)
        else plan.Phrase(field, tuple((text,) for text in alternative))
        for alternative in equivalent.alternatives
    ]


def _equivalents_of(field: str, run: InterpretedRun, context: Context) -> PlannedParts:
    """Return the features and highlights of the equivalents of a run.

    `idf_ratio`: a rare alternative must not score more than the part typed.
    """
    planned = PlannedParts()
    for equivalent in run.equivalents:
        part = run.interpretation.best[equivalent.start : equivalent.end]
        typed_idf = sum(map(context.idf, part))
        phrases = _phrases(equivalent, field)
        for phrase, alternative in zip(phrases, equivalent.alternatives, strict=True):
            alternative_idf = sum(map(context.idf, alternative))
            idf_ratio = typed_idf / alternative_idf if alternative_idf else 0.0
            scored = equivalent_features(field, equivalent, alternative, idf_ratio)
            highlight = (
                HighlightPart(field, phrase=phrase)
                if isinstance(phrase, plan.Phrase)
                else HighlightPart(field, ((phrase.text, context.idf(phrase.text)),))
            )
            planned += PlannedParts((), scored, (highlight,))
    return planned


def _highlight_of(
    field: str, slots: Iterable[Sequence[Candidate]], context: Context
) -> HighlightPart:
    """Return the highlight of candidates, weighted by candidate weight times idf."""
    candidates = itertools.chain.from_iterable(slots)
    return HighlightPart(field, tuple((c.text, c.weight * context.idf(c.text)) for c in candidates))


def _occurs(field: str, context: Context) -> Callable[[str], bool]:
    """Return a predicate: whether any article contains a term in "text".

    For other fields, whose statistics are not fetched, it is always true.
    """
    if field != q.TEXT:
        return lambda _term: True
    idf, highest = context.idf, context.max_idf
    return lambda term: idf(term) < highest


def _plan_phrase(phrase: q.Phrase, inputs: _Inputs) -> PlannedParts:
    """Plan a phrase as typed; if it lacks marks, with the candidates of each syllable."""
    found = phrase_patterns(phrase.text)
    patterns = {pattern: _terms_of(phrase.field, pattern, inputs) for pattern in found}
    slots, interpretation, warnings = with_patterns(
        phrase.text, _phrase_interpretation(phrase, inputs), patterns
    )
    language = inputs.context.language
    scored: tuple[plan.Feature, ...]
    if phrase.field == q.TEXT:
        changed = interpretation.best != interpretation.typed
        text = " ".join(interpretation.best) if changed else phrase.text
        scored = features(interpretation, search_words(text), language)
    else:
        scored = field_features(phrase.field, interpretation, language)
    node = plan.Phrase(phrase.field, slots, phrase.slop)
    if len(slots) == 1:
        highlight = HighlightPart(phrase.field, tuple((text, 1.0) for text in slots[0]))
    else:
        highlight = HighlightPart(phrase.field, phrase=node)
    return PlannedParts((node,), scored, (highlight,), warnings)


def _terms_of(field: str, pattern: Pattern, inputs: _Inputs) -> PatternTerms:
    literal = inputs.literal and inputs.scored  # excluded words may lack their marks
    listed = inputs.terms_with_prefix
    return pattern_terms(field, pattern, inputs.context, listed, literal=literal)


def _phrase_interpretation(phrase: q.Phrase, inputs: _Inputs) -> Interpretation:
    """Return the candidates of a phrase's syllables; those typed keep their full weight."""
    interpreted = inputs.leaves.phrases.get(phrase)
    typed = [slot for slot in phrase_slots(phrase.text) if isinstance(slot, str)]
    interpretation = interpreted or as_typed(typed)
    candidates = interpretation.candidates
    if phrase.field == "author" or all(len(slot) == 1 for slot in candidates):
        return interpretation
    occurs = _occurs(phrase.field, inputs.context)
    slots = tuple(
        (Candidate(text, 1.0), *(c for c in matching_candidates(slot, occurs) if c.text != text))
        for text, slot in zip(interpretation.typed, candidates, strict=True)
    )
    return replace(interpretation, candidates=slots)


def _plan_compound(word: q.Compound, context: Context) -> PlannedParts:
    """Plan a word as a whole, with all marked forms of syllables without marks."""
    typed = [token.text for token in syllables(word.text)]
    slots = tuple((text, *context.marked_forms(text)) for text in typed)
    return PlannedParts((plan.Phrase(word.field, slots),))


def _plan_prefix(prefix: q.Prefix, inputs: _Inputs) -> PlannedParts:
    """Plan a prefix; if it has no marks, it also matches its marked forms."""
    field = prefix.field
    before, last = prefix_forms(prefix, inputs.context, literal=inputs.literal)
    found = itertools.chain(*(inputs.terms_with_prefix.get((field, form), ()) for form in last))
    longer = [term for term, _ in sorted(found, key=lambda term: -term.document_frequency)]
    endings = plan.Or(tuple(plan.Prefix(field, form) for form in last))
    node = plan.And((*(plan.Term(field, term) for term in before), endings))
    interpretation = as_typed([*before, *longer[:MAX_PREFIX_TERMS_SCORED]])
    scored = field_features(field, interpretation, inputs.context.language)
    highlight = HighlightPart(field, tuple((term, 1.0) for term in (*before, *longer)))
    warnings: tuple[QueryWarning, ...] = ()
    if inputs.scored and len(longer) > MAX_PREFIX_TERMS_SCORED:
        terms = MAX_PREFIX_TERMS_SCORED
        warnings = (warning("prefix_ordered_partly", text=f"{prefix.text}*", terms=terms),)
    return PlannedParts((node,), scored, (highlight,), warnings)


def _plan_wildcard(word: q.Wildcard, inputs: _Inputs) -> PlannedParts:
    """Plan a word with a wildcard; a question mark that matches no term is punctuation."""
    found, warnings = _terms_of(word.field, Pattern(word.text), inputs)
    if not found and "*" not in word.text:
        return _plan_words(q.Words(word.text.replace("?", " "), word.field), inputs)
    node = plan.Or(tuple(plan.Term(word.field, term) for term in found))
    if not inputs.scored:
        return PlannedParts((node,), warnings=warnings)
    interpretation = as_typed(found[:MAX_PREFIX_TERMS_SCORED])
    scored = field_features(word.field, interpretation, inputs.context.language)
    highlight = HighlightPart(word.field, tuple((term, 1.0) for term in found))
    return PlannedParts((node,), scored, (highlight,), warnings)
