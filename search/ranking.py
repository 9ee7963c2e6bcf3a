"""The ranking formula and its parameters: the one place where they are stated.

BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", eq. 3.15) with the
never negative idf of Lucene, summed over syllables, words, title and adjacent pairs:

    score =      SUM_t  w_t  idf(t)  sat(t in text)       t:  syllables of the query
          + .5 * SUM_ab w_ab idf(ab) sat(ab in text)      ab: its adjacent syllables, adjacent
          + .5 * SUM_v  w_v  idf(v)  sat(v in words)      v:  its words as segmented
          + .5 * SUM_t  w_t  idf(t)  sat(t in title)
          + .5 * SUM_t  w_t  idf(t)  sat(t in author)

w is less than 1 for what says little, and for syllables that were perhaps meant. The optimum is
flat: pairs from .35 to .7, words from .5 to 1, title from .2 to .5 and k1 from 1.2 to 1.5 do about
as well; b below .75 does not.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from index.vietnamese import Language
from index.vietnamese.equivalents import Equivalent
from search.interpretation.interpretation import Interpretation
from search.planning.plan import BigramScore, Feature, TermScore

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Saturation:
    """How term frequency counts in a field: `k1` bends it, `b` normalises by length."""

    k1: float
    b: float


SATURATION: Mapping[str, Saturation] = {
    "text": Saturation(k1=1.2, b=0.75),
    "words": Saturation(k1=1.2, b=0.75),
    "title": Saturation(k1=0.6, b=0.5),
    "author": Saturation(k1=0.6, b=0.0),  # most articles name none, so lengths say nothing
}
PAIR_SATURATION = Saturation(k1=0.6, b=0.75)

FIELD_WEIGHT: Mapping[str, float] = {"text": 1.0, "words": 0.5, "title": 0.5, "author": 0.5}
PAIR_WEIGHT = 0.5
STOP_WEIGHT = 0.3
"""For stop syllables and question phrases, unless a query has nothing else."""
EQUIVALENT_WEIGHT = 0.5
"""For an abbreviation or its expansion, against what was typed."""
UNCERTAIN_EQUIVALENT_WEIGHT = 0.2
"""For an expansion of what may well mean something else."""
PAIRS_OF_A_PLACE = 8
"""So many pairs of candidates are asked for between two syllables of a query, the likeliest."""


def idf(documents: int, document_frequency: int) -> float:
    """Weigh a term by its rarity: ln(1 + (N - df + .5) / (df + .5)), in nats, above 0."""
    return math.log1p((documents - document_frequency + 0.5) / (document_frequency + 0.5))


def sat(tf: float, length: float, average_length: float, saturation: Saturation) -> float:
    """Bend a term frequency towards k1 + 1, the more slowly the longer the field is."""
    k1, b = saturation.k1, saturation.b
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average_length))


def features(
    reading: Interpretation, words: Sequence[str], language: Language
) -> tuple[Feature, ...]:
    """Give what a reading and the words of its best path add to the score of an article.

    What stands in a query twice counts once, with the higher weight.
    """
    texts = _term_weights(reading, language)
    pairs = _strongest(_pair_weights(reading, language))
    segmented = _strongest(_word_weights(reading, words, language))
    scores: list[Feature] = [
        TermScore("text", text, FIELD_WEIGHT["text"] * w) for text, w in texts.items()
    ]
    for name in ("title", "author"):
        scores += [TermScore(name, text, FIELD_WEIGHT[name] * w) for text, w in texts.items()]
    scores += [TermScore("words", word, FIELD_WEIGHT["words"] * w) for word, w in segmented.items()]
    scores += [BigramScore(*pair, PAIR_WEIGHT * w) for pair, w in pairs.items()]
    return tuple(scores)


def field_features(
    field: str, reading: Interpretation, language: Language
) -> tuple[TermScore, ...]:
    """Give what a reading adds to the score where the reader asked for one field."""
    return tuple(TermScore(field, text, w) for text, w in _term_weights(reading, language).items())


def equivalent_features(
    field: str, equivalent: Equivalent, alternative: Sequence[str], share: float
) -> tuple[Feature, ...]:
    """Give what another way to write a part of the query adds to the score.

    `share` is the idf of the part against that of the alternative: a rare abbreviation adds no
    more than its frequent expansion does.
    """
    certainty = EQUIVALENT_WEIGHT if equivalent.certain else UNCERTAIN_EQUIVALENT_WEIGHT
    weight = certainty * min(share, 1.0)
    fields = ("text", "title") if field == "text" else (field,)
    weights = {name: weight * (FIELD_WEIGHT[name] if field == "text" else 1) for name in fields}
    scores: list[Feature] = [
        TermScore(name, text, w) for name, w in weights.items() for text in alternative
    ]
    pairs = pairwise(alternative) if field == "text" else ()
    scores += [BigramScore(*pair, PAIR_WEIGHT * weight) for pair in pairs]
    return tuple(scores)


def _term_weights(reading: Interpretation, language: Language) -> dict[str, float]:
    importances = _importances(reading.best, language)
    return _strongest(
        (choice.text, choice.weight * importance)
        for choices, importance in zip(reading.candidates, importances, strict=True)
        for choice in choices
    )


def _importances(best: Sequence[str], language: Language) -> list[float]:
    """Weigh each syllable by what it says; 1 throughout where none says anything."""
    stops = language.stop_syllables
    weights = [
        STOP_WEIGHT if asks or syllable in stops else 1.0
        for syllable, asks in zip(best, language.question_syllables(best), strict=True)
    ]
    return weights if max(weights, default=1.0) == 1.0 else [1.0] * len(weights)


def _pair_weights(
    reading: Interpretation, language: Language
) -> Iterator[tuple[tuple[str, str], float]]:
    """Stop syllables count in full here: what they stand beside makes them say something."""
    asked = language.question_syllables(reading.best)
    for (firsts, first_asks), (seconds, second_asks) in pairwise(
        zip(reading.candidates, asked, strict=True)
    ):
        weight = STOP_WEIGHT if first_asks and second_asks else 1.0
        pairs = [
            ((first.text, second.text), first.weight * second.weight * weight)
            for first in firsts
            for second in seconds
        ]
        yield from sorted(pairs, key=lambda pair: -pair[1])[:PAIRS_OF_A_PLACE]


def _word_weights(
    reading: Interpretation, words: Sequence[str], language: Language
) -> Iterator[tuple[str, float]]:
    """Weigh a word like the most telling of its syllables."""
    importances = _importances(reading.best, language)
    weights = _strongest(zip(reading.best, importances, strict=True))
    for word in words:
        yield word, max(weights.get(syllable, 1.0) for syllable in word.split("_"))


def _strongest(weighted: Iterable[tuple[_Item, float]]) -> dict[_Item, float]:
    """Keep the highest weight of each, in the order they come."""
    kept: dict[_Item, float] = {}
    for item, weight in weighted:
        kept[item] = max(weight, kept.get(item, 0.0))
    return kept
