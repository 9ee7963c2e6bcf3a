"""The features of a plan: what the words of an interpreted query add to the score of an article.

The formula itself, and the fields that it sums over, are `search.ranking`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from index.vietnamese import Language
from index.vietnamese.equivalents import Equivalent
from index.vietnamese.phonology import is_syllable
from search import ranking
from search.interpretation.interpretation import Interpretation
from search.plan import BigramScore, Feature, TermScore
from search.ranking import TermKind, bigram_weight, field_weight

_Item = TypeVar("_Item")

STOP_WEIGHT = 0.3
"""For stop syllables and question phrases, unless a query has nothing else.

ranking.md, "Weights of stop syllables and question phrases".
"""

EQUIVALENT_WEIGHT = 0.5
"""For an abbreviation or its expansion, against what was typed: ranking.md, "Equivalents"."""

UNCERTAIN_EQUIVALENT_WEIGHT = 0.2
"""For an expansion of what may well mean something else: ranking.md, "Equivalents"."""

MAX_BIGRAMS_PER_PAIR = 8
"""Bigrams of the candidates of two adjacent syllables that score, the likeliest ones.

Arbitrary: two slots of 32 candidates have 1,024.
"""


def features(
    interpretation: Interpretation, words: Sequence[str], language: Language
) -> tuple[Feature, ...]:
    """Return what an interpretation and the words of its best path add to the score of an article.

    A term that a query repeats counts once, with the higher weight.
    """
    syllables = _term_weights(interpretation, language)
    segmented = _strongest(_word_weights(interpretation, words, language))
    bigrams = _strongest(_bigram_weights(interpretation, language))
    found: list[Feature] = []
    for summand in ranking.SUMMANDS:
        if summand.kind is TermKind.BIGRAM:
            found += [BigramScore(*pair, summand.weight * w) for pair, w in bigrams.items()]
        else:
            texts = syllables if summand.kind is TermKind.SYLLABLE else segmented
            found += [
                TermScore(summand.field, text, summand.weight * w) for text, w in texts.items()
            ]
    return tuple(found)


def field_features(
    field: str, interpretation: Interpretation, language: Language
) -> tuple[TermScore, ...]:
    """Return what an interpretation adds to the score where the reader asked for one field."""
    return tuple(
        TermScore(field, text, w) for text, w in _term_weights(interpretation, language).items()
    )


def equivalent_features(
    field: str, equivalent: Equivalent, alternative: Sequence[str], idf_ratio: float
) -> tuple[Feature, ...]:
    """Return what another way to write a part of the query adds to the score.

    `idf_ratio` is the idf of the part typed over that of the alternative: a rare abbreviation adds
    no more than the frequent expansion that was typed.
    """
    certainty = EQUIVALENT_WEIGHT if equivalent.certain else UNCERTAIN_EQUIVALENT_WEIGHT
    weight = certainty * min(idf_ratio, 1.0)
    if field != "text":
        return tuple(TermScore(field, text, weight) for text in alternative)
    if is_one_syllable(alternative):
        return (TermScore("words", alternative[0], weight),)
    found: list[Feature] = [
        TermScore(name, text, weight * field_weight(name))
        for name in ("text", "title")
        for text in alternative
    ]
    found += [BigramScore(*pair, bigram_weight() * weight) for pair in pairwise(alternative)]
    return tuple(found)


def is_one_syllable(alternative: Sequence[str]) -> bool:
    """Return whether a name is one Vietnamese syllable, as "Mỹ" is, which has many meanings.

    >>> is_one_syllable(["mỹ"]), is_one_syllable(["usa"]), is_one_syllable(["hoa", "kỳ"])
    (True, False, False)
    """
    return len(alternative) == 1 and is_syllable(alternative[0])


def _term_weights(interpretation: Interpretation, language: Language) -> dict[str, float]:
    importances = _importances(interpretation.best, language)
    return _strongest(
        (choice.text, choice.weight * importance)
        for choices, importance in zip(interpretation.candidates, importances, strict=True)
        for choice in choices
    )


def _importances(best: Sequence[str], language: Language) -> list[float]:
    """Return a weight for each syllable: less for stops, 1 throughout where all are stops."""
    stops = language.stop_syllables
    weights = [
        STOP_WEIGHT if asks or syllable in stops else 1.0
        for syllable, asks in zip(best, language.question_syllables(best), strict=True)
    ]
    return weights if max(weights, default=1.0) == 1.0 else [1.0] * len(weights)


def _bigram_weights(
    interpretation: Interpretation, language: Language
) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the likeliest bigrams of candidates of each two neighbours, and their weights.

    Stop syllables count in full here: beside another one they tell something.
    """
    asked = language.question_syllables(interpretation.best)
    for (firsts, first_asks), (seconds, second_asks) in pairwise(
        zip(interpretation.candidates, asked, strict=True)
    ):
        weight = STOP_WEIGHT if first_asks and second_asks else 1.0
        pairs = [
            ((first.text, second.text), first.weight * second.weight * weight)
            for first in firsts
            for second in seconds
        ]
        yield from sorted(pairs, key=lambda pair: -pair[1])[:MAX_BIGRAMS_PER_PAIR]


def _word_weights(
    interpretation: Interpretation, words: Sequence[str], language: Language
) -> Iterator[tuple[str, float]]:
    """Yield each word with the highest weight of its syllables."""
    importances = _importances(interpretation.best, language)
    weights = _strongest(zip(interpretation.best, importances, strict=True))
    for word in words:
        yield word, max(weights.get(syllable, 1.0) for syllable in word.split("_"))


def _strongest(weighted: Iterable[tuple[_Item, float]]) -> dict[_Item, float]:
    """Return the highest weight of each item, in the order they come."""
    kept: dict[_Item, float] = {}
    for item, weight in weighted:
        kept[item] = max(weight, kept.get(item, 0.0))
    return kept
