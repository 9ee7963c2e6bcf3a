"""The features of a plan: the weighted terms and bigrams that score, from an interpreted query.

The formula itself, and the fields that it sums over, are in `search.ranking`.
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
"""Weight of stop syllables and question phrases, unless the query consists of these.

Measured: ranking.md, "Weights of stop syllables and question phrases".
"""

FOREIGN_WEIGHT = 1.5
"""Weight of a word that is no Vietnamese syllable ("Paris", "GDP") and has no digit.

A Vietnamese word of two syllables scores as both, as their bigram and as a word; a foreign one is a
single token. Measured: ranking.md, "Weights of foreign words".
"""

EQUIVALENT_WEIGHT = 0.5
"""Weight of an abbreviation or expansion relative to what was typed: ranking.md, "Equivalents"."""

UNCERTAIN_EQUIVALENT_WEIGHT = 0.2
"""The same for an equivalent that may mean something else: ranking.md, "Equivalents"."""

MAX_BIGRAMS_PER_PAIR = 8
"""The likeliest bigrams of the candidates of two adjacent syllables, which score.

Arbitrary; two slots of 32 candidates have 1,024.
"""


def features(
    interpretation: Interpretation, words: Sequence[str], language: Language
) -> tuple[Feature, ...]:
    """Return the features of an interpretation and of the words of its best path.

    A term that a query repeats counts once, with its highest weight.
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
    """Return the features of an interpretation that is searched in one field only."""
    return tuple(
        TermScore(field, text, w) for text, w in _term_weights(interpretation, language).items()
    )


def equivalent_features(
    field: str, equivalent: Equivalent, alternative: Sequence[str], idf_ratio: float
) -> tuple[Feature, ...]:
    """Return the features of an equivalent of a part of the query.

    `idf_ratio` is the idf of the part typed divided by that of the alternative: a rare abbreviation
    scores no more than the frequent expansion that was typed.
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
    """Return whether a name is a single Vietnamese syllable, such as "Mỹ", which is ambiguous.

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
    """Return the weight of each syllable: more for foreign words, less for stop syllables.

    In a query of nothing but stop syllables each has weight 1.
    """
    stops = language.stop_syllables
    weights = [
        STOP_WEIGHT if asks or syllable in stops else _content_weight(syllable)
        for syllable, asks in zip(best, language.question_syllables(best), strict=True)
    ]
    return weights if max(weights, default=1.0) >= 1.0 else [1.0] * len(weights)


def _content_weight(syllable: str) -> float:
    return FOREIGN_WEIGHT if is_foreign(syllable) else 1.0


def is_foreign(token: str) -> bool:
    """Return whether a token consists of letters, but is no Vietnamese syllable.

    >>> [is_foreign(token) for token in ("paris", "gdp", "hoa", "2026", "u23")]
    [True, True, False, False, False]
    """
    return token.isalpha() and not is_syllable(token)


def _bigram_weights(
    interpretation: Interpretation, language: Language
) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the likeliest bigrams of candidates of adjacent syllables, with their weights.

    Stop syllables have their full weight here: a bigram with one is informative.
    """
    in_question = language.question_syllables(interpretation.best)
    for (firsts, first_asks), (seconds, second_asks) in pairwise(
        zip(interpretation.candidates, in_question, strict=True)
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
    """Return the highest weight of each item, in order of first occurrence."""
    kept: dict[_Item, float] = {}
    for item, weight in weighted:
        kept[item] = max(weight, kept.get(item, 0.0))
    return kept
