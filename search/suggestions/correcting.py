"""What else may have been meant? Other readings of the words typed, with what they would find."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, pairwise

import numpy as np

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from search.interpretation.context import Context
from search.interpretation.interpretation import Interpretation
from search.interpretation.interpreter import FLATTENING
from search.query import tree as q
from search.results.records import Correction

LEAST_SHARE = 0.02
"""So likely, compared with the likeliest, a reading must be."""

PATHS = 8
"""Readings that are followed side by side."""

LEAST_AFFINITY = 1.0
"""So much, in nats, two neighbours must rather stand together than by chance, where a reading
differs from the best one: log(c(ab) N / (c(a) c(b)))."""


COUNTED_FOR_ONE = 2
"""Queries that are counted for one that is offered: few alternatives find nothing.

Bounded, since a query may have hundreds of runs and each count executes the whole query.
"""


def corrections(
    tree: q.Query,
    readings: Mapping[q.Words, Interpretation],
    context: Context,
    count: Callable[[Sequence[str]], Sequence[int]],
    size: int = 3,
) -> tuple[Correction, ...]:
    """Give other queries that may have been meant, likeliest first, and how much each finds.

    `readings` says how runs of words in the tree were read; each correction differs in one of
    them. `count` gives the numbers of results of queries, all at once; what finds nothing is not
    offered.
    """
    offered = list(islice(_queries(tree, readings, context, size), COUNTED_FOR_ONE * size))
    totals = count(offered) if offered else ()
    found = [Correction(*pair) for pair in zip(offered, totals, strict=True) if pair[1]]
    return tuple(found[:size])


def _queries(
    tree: q.Query, readings: Mapping[q.Words, Interpretation], context: Context, size: int
) -> Iterator[str]:
    """Yield the query as it would be written for each alternative of each run."""
    read = {run: " ".join(reading.best) for run, reading in readings.items()}
    for run, reading in readings.items():
        for path in alternatives(reading, context.model, context.language, size):
            texts = {**read, run: " ".join(path)}
            yield q.written(tree, lambda words, texts=texts: texts.get(words, words.text))  # type: ignore[misc]


def alternatives(
    reading: Interpretation, model: LanguageModel, language: Language, size: int
) -> list[tuple[str, ...]]:
    """Give other readings of a run than the best one and what was typed, likeliest first."""
    close = LEAST_SHARE**FLATTENING
    places = reading.candidates
    if all(rival.weight < close * place[0].weight for place in places for rival in place[1:]):
        return []  # as for most queries with marks
    likely = _likely_pairs(reading, model)
    paths: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for at, place in enumerate(places):
        longer = [
            (score + math.log(candidate.weight) / FLATTENING, (*path, candidate.text))
            for score, path in paths
            for candidate in place
            if not path or (at, path[-1], candidate.text) in likely
        ]
        paths = sorted(longer, key=lambda item: -item[0])[:PATHS]
    least = max(score for score, _ in paths) + math.log(LEAST_SHARE)
    known = {_common(path, language) for path in (reading.best, reading.typed)}
    offered = [path for score, path in paths if score >= least]
    return [path for path in offered if _common(path, language) not in known][:size]


def _common(path: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """Write a path in one spelling, since others (kĩ, kỹ) are asked for anyway."""
    return tuple(min((text, *language.variants(text))) for text in path)


def _likely_pairs(reading: Interpretation, model: LanguageModel) -> set[tuple[int, str, str]]:
    """Give the neighbouring candidates that go together, by the second's place.

    Those of the best path do, whatever the articles say.
    """
    places = [[candidate.text for candidate in place] for place in reading.candidates]
    counts = [np.maximum(model.counts(place), 1) for place in places]
    pairs = {(at, *pair) for at, pair in enumerate(pairwise(reading.best), 1)}
    for at, together in enumerate(model.bigram_counts(places), 1):
        chance = np.outer(counts[at - 1], counts[at]) / max(model.tokens, 1)
        firsts, seconds = np.nonzero(together > math.exp(LEAST_AFFINITY) * chance)
        pairs |= {
            (at, places[at - 1][first], places[at][second])
            for first, second in zip(firsts.tolist(), seconds.tolist(), strict=True)
        }
    return pairs
