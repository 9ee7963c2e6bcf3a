"""A language model of a few sentences written for these tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import BigramTable, Ordinals, bigram_arrays, count_bigrams
from index.models.completions import Completions, completion_arrays
from index.models.language_model import CountedLanguage
from index.models.spellings import Spellings, spelling_arrays
from index.models.titles import TitlesFound
from index.models.trigram_choice import choose_trigrams
from index.models.trigrams import TrigramCounts, TrigramTable, count_trigrams, trigram_arrays
from index.vietnamese.syllables import terms

NO_TRIGRAMS = TrigramCounts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
NO_COMPLETIONS = Completions(completion_arrays({}))


class ListedTerms:
    """A vocabulary that is a list."""

    def __init__(self, listed: Sequence[str]) -> None:
        self.listed = listed
        self.numbers = {term: number for number, term in enumerate(listed)}

    def ordinals(self, terms: Sequence[str]) -> Ordinals:
        return np.array([self.numbers.get(term, -1) for term in terms], np.int64)

    def term(self, ordinal: int) -> str:
        return self.listed[ordinal]


@dataclass(frozen=True)
class Part:
    """A part in memory; articles with a term in `deleted` count as deleted."""

    vocabulary: ListedTerms
    frequencies: NDArray[np.int64]
    tokens: int
    bigrams: BigramTable
    trigrams: TrigramTable
    spellings: Spellings
    completions: Completions = NO_COMPLETIONS
    deleted: frozenset[str] = frozenset()

    def contains_term(self, ordinal: int) -> bool:
        return self.vocabulary.term(ordinal) not in self.deleted

    def written(self, phrase: str) -> str:
        return phrase

    def titles(self, letters: str, size: int) -> TitlesFound:
        return TitlesFound()

    def contains_phrase(self, phrase: str) -> bool:
        return self.deleted.isdisjoint(phrase.split())


def segment(
    articles: Sequence[str], *, with_trigrams: bool = False, deleted: frozenset[str] = frozenset()
) -> Part:
    """Count one part."""
    syllables = [terms(article) for article in articles]
    vocabulary = ListedTerms(sorted({term for article in syllables for term in article}))
    tokens = vocabulary.ordinals([term for article in syllables for term in article])
    numbers = np.repeat(np.arange(len(syllables)), [len(article) for article in syllables])
    positions = np.arange(len(tokens))
    bigrams = count_bigrams(tokens, numbers, positions)
    trigrams = NO_TRIGRAMS
    if with_trigrams:
        every = count_trigrams(tokens, numbers, positions, vocabulary.listed)
        trigrams = choose_trigrams(every, bigrams, vocabulary.listed, len(tokens))
    return Part(
        vocabulary,
        np.bincount(tokens, minlength=len(vocabulary.listed)),
        len(tokens),
        BigramTable(bigram_arrays(bigrams, len(vocabulary.listed))),
        TrigramTable(trigram_arrays(trigrams)),
        Spellings(spelling_arrays(vocabulary.listed), len(vocabulary.listed)),
        deleted=deleted,
    )


def language(articles: Sequence[str], segments: int = 1) -> CountedLanguage:
    """Return a model of the articles, distributed over that many parts."""
    return CountedLanguage([segment(articles[start::segments]) for start in range(segments)])
