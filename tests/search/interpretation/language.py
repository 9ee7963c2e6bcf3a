"""A language model counted in a few sentences written for these tests."""

from collections.abc import Sequence

import numpy as np

from index.models.bigrams import Ordinals, PairTable, count_pairs, pair_arrays
from index.models.language_model import IndexLanguage, SegmentLanguage
from index.models.spellings import Spellings, spelling_arrays
from index.models.trigrams import TripleCounts, TripleTable, count_triples, triple_arrays
from index.vietnamese.syllables import terms

NO_TRIPLES = TripleCounts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


class ListedTerms:
    """A lexicon that is a list."""

    def __init__(self, listed: Sequence[str]) -> None:
        self.listed = listed
        self.numbers = {term: number for number, term in enumerate(listed)}

    def ordinals(self, terms: Sequence[str]) -> Ordinals:
        return np.array([self.numbers.get(term, -1) for term in terms], np.int64)

    def term(self, ordinal: int) -> str:
        return self.listed[ordinal]


def segment(articles: Sequence[str], *, with_triples: bool = False) -> SegmentLanguage:
    """Count one segment."""
    syllables = [terms(article) for article in articles]
    lexicon = ListedTerms(sorted({term for article in syllables for term in article}))
    tokens = lexicon.ordinals([term for article in syllables for term in article])
    numbers = np.repeat(np.arange(len(syllables)), [len(article) for article in syllables])
    pairs = count_pairs(tokens, numbers, np.arange(len(tokens)))
    triples = NO_TRIPLES
    if with_triples:
        positions = np.arange(len(tokens))
        triples = count_triples(tokens, numbers, positions, pairs, lexicon.listed)
    return SegmentLanguage(
        lexicon,
        np.bincount(tokens, minlength=len(lexicon.listed)),
        PairTable(pair_arrays(pairs, len(lexicon.listed))),
        TripleTable(triple_arrays(triples)),
        Spellings(spelling_arrays(lexicon.listed), len(lexicon.listed)),
        len(tokens),
    )


def language(articles: Sequence[str], segments: int = 1) -> IndexLanguage:
    """Count a model, the articles dealt out to so many segments."""
    return IndexLanguage([segment(articles[start::segments]) for start in range(segments)])
