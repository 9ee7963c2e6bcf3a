"""Corrections: other queries that may have been meant, from other paths through the lattice."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, islice, pairwise

import numpy as np

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.syllables import terms
from search.interpretation.context import Context
from search.interpretation.interpretation import Interpretation
from search.interpretation.interpreter import POSTERIOR_EXPONENT
from search.query import tree as q

MAX_CORRECTIONS = 3
"""Corrections that are offered; they fit into a line of the page."""

MAX_QUERIES_COUNTED = 2 * MAX_CORRECTIONS
"""Corrections whose matches are counted, since a few of them find nothing. Each costs a search."""

MAX_SYLLABLES = 16
"""Maximum syllables of a query that is corrected, including operators, phrases and exclusions.
Arbitrary: longer ones find their articles anyway, and counting the matches of their corrections
would cost six long searches."""

MIN_SHARE = 0.02
"""Minimum probability of a path that is offered, as a share of the likeliest one's; arbitrary."""

MAX_PATHS = 8
"""Beam width of the search for paths; arbitrary."""

MIN_PMI = 1.0
"""Minimum pointwise mutual information, log(c(ab) N / (c(a) c(b))) in nats, of neighbours where a
path differs from the best one. Arbitrary."""

Path = tuple[str, ...]


def corrected_queries(
    tree: q.Query, interpretations: Mapping[q.Words, Interpretation], context: Context
) -> list[str]:
    """Return queries that may have been meant, likeliest first; each differs in one run of words.

    Their matches must be counted: one that finds nothing must not be offered.
    """
    if len(terms(q.written(tree, lambda part: part.text))) > MAX_SYLLABLES:
        return []
    return list(islice(_queries(tree, interpretations, context), MAX_QUERIES_COUNTED))


def _queries(
    tree: q.Query, interpretations: Mapping[q.Words, Interpretation], context: Context
) -> Iterator[str]:
    """Yield the query as it would be written for each alternative of each run."""
    as_interpreted = {words: " ".join(run.best) for words, run in interpretations.items()}
    for words, run in interpretations.items():
        is_alone = len(run.typed) == 1 and not run.changed
        if is_alone and (words.text.isupper() or not run.typed[0].isascii()):
            continue  # "AI" is an acronym, though "ai" may be "ái"; "ngô" does not mean "ngộ"
        for path in alternatives(run, context.model, context.language):
            texts = {**as_interpreted, words: " ".join(path)}
            yield q.written(tree, lambda part, texts=texts: texts.get(part, part.text))  # type: ignore[misc]


def alternatives(run: Interpretation, model: LanguageModel, language: Language) -> list[Path]:
    """Return other paths through a run than the best one and what was typed, likeliest first."""
    close = MIN_SHARE**POSTERIOR_EXPONENT
    slots = run.candidates
    if all(rival.weight < close * slot[0].weight for slot in slots for rival in slot[1:]):
        return []  # as for most queries with marks
    likely = _likely_bigrams(run, model)
    paths: list[tuple[float, Path]] = [(0.0, ())]
    for i, slot in enumerate(slots):
        extended = [
            (score + math.log(candidate.weight) / POSTERIOR_EXPONENT, (*path, candidate.text))
            for score, path in paths
            for candidate in slot
            if not path or (i, path[-1], candidate.text) in likely
        ]
        paths = sorted(extended, key=lambda item: -item[0])[:MAX_PATHS]
    # There are none if no kept path continues with a candidate of the next slot.
    min_score = max((score for score, _ in paths), default=0.0) + math.log(MIN_SHARE)
    excluded = {_one_spelling(path, language) for path in (run.best, run.typed)}
    offered = [path for score, path in paths if score >= min_score]
    return [path for path in offered if _one_spelling(path, language) not in excluded][
        :MAX_CORRECTIONS
    ]


def _one_spelling(path: Path, language: Language) -> Path:
    """Return a path in one spelling, since others (kĩ, kỹ) are searched anyway."""
    return tuple(min((text, *language.variants(text))) for text in path)


def _likely_bigrams(run: Interpretation, model: LanguageModel) -> set[tuple[int, str, str]]:
    """Return the neighbouring candidates that go together, by the second's slot.

    Those of the best path always do.
    """
    slots: Sequence[list[str]] = [[c.text for c in slot] for slot in run.candidates]
    all_counts = np.maximum(model.counts([term for slot in slots for term in slot]), 1)
    counts = np.split(all_counts, list(accumulate(map(len, slots)))[:-1])
    likely = {(i, *pair) for i, pair in enumerate(pairwise(run.best), 1)}
    for i, bigram_counts in enumerate(model.bigram_counts(slots), 1):
        chance = np.outer(counts[i - 1], counts[i]) / max(model.tokens, 1)
        firsts, seconds = np.nonzero(bigram_counts > math.exp(MIN_PMI) * chance)
        likely |= {
            (i, slots[i - 1][first], slots[i][second])
            for first, second in zip(firsts.tolist(), seconds.tolist(), strict=True)
        }
    return likely
