"""The ranking formula and its parameters. Engines and tests call this one implementation.

BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", eq. 3.15) with the
non-negative idf of Lucene, summed over `SUMMANDS`, plus freshness if a plan has that feature:

    score =       SUM_t  w_t  idf(t)  saturate(t in text)    t:  syllables of the query
          + 0.5 * SUM_ab w_ab idf(ab) saturate(ab in text)   ab: its adjacent syllables, adjacent
          + 0.5 * SUM_v  w_v  idf(v)  saturate(v in words)   v:  its words as segmented
          + 0.5 * SUM_t  w_t  idf(t)  saturate(t in title)
          + 0.5 * SUM_t  w_t  idf(t)  saturate(t in author)
          + w_f decay(days between the article's date and a moment)  where a query asks for news

    saturate(tf, |d|) = tf (k1 + 1) / (tf + k1 (1 - b + b round(|d|) / average |d|))

Lengths are rounded as in Lucene (`rounded_lengths`), so that both engines rank alike. The average
is that of the exact lengths, an empty field counting as one token; for bigrams |d| is the number of
syllables. Lucene has dropped the constant factor k1 + 1 since version 8; here it matters, because
k1 differs by field. w is less than 1 for stop syllables and for candidates that are not certain.
docs/explanation/ranking.md has the measurements behind every number here.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Frequencies = NDArray[np.integer[Any]]
AnyFrequencies = Frequencies | Scores
"""Integers, or float64 if the frequencies of many terms are scored at once."""
AnyScores = Scores | NDArray[np.float32]
"""Scores (float64), or bounds of scores (float32)."""


class Similarity(Protocol):
    """The score of a term by its frequency and the field's length; engines call it on arrays."""

    @property
    def bound(self) -> float:
        """An upper bound of the score, whatever the frequency."""
        ...

    def norms(self, lengths: NDArray[Any], average_length: float) -> Scores:
        """Return the part of the denominator that depends on lengths alone.

        A float64 array aligned with `lengths`; an engine computes one for all articles, once.
        """
        ...

    def saturate(
        self,
        frequencies: AnyFrequencies,
        norms: AnyScores,
        weight: float | Scores = 1.0,
        out: AnyScores | None = None,
    ) -> Scores:
        """Return `weight` times the score of each frequency; 0 for a frequency of 0.

        A float64 array aligned with `frequencies` and `norms`, one element per article; for many
        terms at once, one row per term, with `weight` as a column. If `out` is given the result is
        written to it.
        """
        ...

    def score(self, frequency: float, length: int, average_length: float) -> float:
        """Return the score of one frequency in a field of this length."""
        ...


EXACT_LENGTHS = 24
"""Lengths up to this one, and the 16 above it, are exact: Lucene's choice (`SmallFloat`)."""


def rounded_lengths(lengths: NDArray[Any]) -> NDArray[Any]:
    """Return lengths as Lucene encodes them in one byte: 24, and four significant bits of the rest.

    They are rounded down by less than an eighth, and exact up to 40.

    >>> rounded_lengths(np.array([7, 40, 41, 1000])).tolist()
    [7, 40, 40, 984]
    """
    beyond = lengths - EXACT_LENGTHS
    # The exponent from frexp is the bit length of each integer.
    shifts = np.maximum(np.frexp(np.maximum(beyond, 0))[1] - 4, 0)
    rounded: NDArray[Any] = (beyond >> shifts << shifts) + EXACT_LENGTHS
    return rounded


@dataclass(frozen=True, slots=True)
class BM25:
    """BM25: `k1` saturates the frequency, `b` normalises by length, `delta` is that of BM25+.

    >>> BM25(k1=1.2, b=0.75).score(frequency=1, length=7, average_length=7)
    1.0
    >>> BM25(k1=1.2, b=0.75).bound
    2.2
    """

    k1: float
    b: float
    delta: float = 0.0

    @property
    def bound(self) -> float:
        """See `Similarity`: the limit for infinite frequency."""
        return self.k1 + 1 + self.delta

    def norms(self, lengths: NDArray[Any], average_length: float) -> Scores:
        """Return k1 (1 - b + b round(|d|) / average) for each length |d|; see `Similarity`."""
        # In place: the array has an entry for each article, and is computed when an index opens.
        norms: Scores = rounded_lengths(lengths) * (self.b / average_length)
        norms += 1 - self.b
        norms *= self.k1
        return norms

    def saturate(
        self,
        frequencies: AnyFrequencies,
        norms: AnyScores,
        weight: float | Scores = 1.0,
        out: AnyScores | None = None,
    ) -> Scores:
        """See `Similarity`."""
        scores: Scores = np.add(frequencies, norms, out=out)
        scores = np.divide(frequencies, scores, out=out)
        scores *= (self.k1 + 1) * weight
        if self.delta:
            scores += (frequencies != 0) * (self.delta * weight)
        return scores

    def score(self, frequency: float, length: int, average_length: float) -> float:
        """See `Similarity`."""
        # The same arithmetic works on plain numbers, a hundred times faster than on arrays of one.
        norm = self.norms(length, average_length)  # type: ignore[arg-type]
        return float(self.saturate(frequency, norm))  # type: ignore[arg-type]


class Presence:
    """A similarity for keyword fields: 1 if an article has the term."""

    bound = 1.0

    def norms(self, lengths: NDArray[Any], average_length: float) -> Scores:
        """See `Similarity`; lengths do not matter."""
        return np.zeros(len(lengths))

    def saturate(
        self,
        frequencies: AnyFrequencies,
        norms: AnyScores,
        weight: float | Scores = 1.0,
        out: AnyScores | None = None,
    ) -> Scores:
        """See `Similarity`."""
        return np.multiply(np.not_equal(frequencies, 0), weight, out=out)

    def score(self, frequency: float, length: int, average_length: float) -> float:
        """See `Similarity`."""
        return float(frequency != 0)


class TermKind(StrEnum):
    """The kinds of query terms; `SUMMANDS` says which fields each scores in."""

    SYLLABLE = "syllable"
    BIGRAM = "bigram"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Summand:
    """One summand of the formula: terms of one kind, scored in one field with a weight.

    Only "text" has bigrams.
    """

    kind: TermKind
    field: str
    weight: float

    def __post_init__(self) -> None:
        """Raise ValueError for bigrams of a field that has none."""
        if self.kind is TermKind.BIGRAM and self.field != "text":
            raise ValueError(f"there are no bigrams of {self.field!r}, only of 'text'")


SUMMANDS = (
    Summand(TermKind.SYLLABLE, "text", 1.0),
    Summand(TermKind.SYLLABLE, "title", 0.5),
    Summand(TermKind.SYLLABLE, "author", 0.5),
    Summand(TermKind.WORD, "words", 0.5),
    Summand(TermKind.BIGRAM, "text", 0.5),
)
"""The summands. Measurements: ranking.md, "Weights of the summands"; the optimum is flat."""

BIGRAMS = "bigrams"
"""The pseudo-field under which the bigrams of "text" have their similarity and norms."""

SIMILARITIES: dict[str, Similarity] = {
    "text": BM25(k1=0.8, b=0.758),
    "words": BM25(k1=0.8, b=0.758),
    "title": BM25(k1=1.0, b=0.75),
    "author": BM25(k1=0.6, b=0.0),  # most articles name none, so lengths mean nothing
    BIGRAMS: BM25(k1=0.62, b=0.758),
}
"""The similarity of each token field; ranking.md, "k1 and b", has the measurements. With rounded
lengths, 0.62 and 0.758 give the scores that 0.6 and 0.75 give with exact lengths."""

OWN_TEXT_SIMILARITY = BM25(k1=1.0, b=0.75)
"""The similarity of a user's own text fields: that of titles, since they are usually as short."""

KEYWORD_SIMILARITY = Presence()
"""The similarity of keyword fields."""


SECONDS_PER_DAY = 86_400


def idf(articles: int, document_frequency: int) -> float:
    """Return the inverse document frequency: ln(1 + (N - df + 0.5) / (df + 0.5)), above 0.

    >>> round(idf(articles=1000, document_frequency=10), 3)
    4.557
    """
    return math.log1p((articles - document_frequency + 0.5) / (document_frequency + 0.5))


def decay(seconds: NDArray[Any], half_life_days: float) -> Scores:
    """Return 2 ** -(distance in time / half-life) for each distance.

    >>> decay(np.array([0, 86_400, 172_800]), half_life_days=1).tolist()
    [1.0, 0.5, 0.25]
    """
    decayed: Scores = np.exp2(seconds / (-SECONDS_PER_DAY * half_life_days))
    return decayed


OWN_FIELD_WEIGHT = 1.0
"""The weight of a field that only the user's schema has: that of "text", since a query that
names such a field is scored in that field alone."""


def term_score(
    similarity: Similarity,
    frequency: float,
    *,
    articles: int,
    document_frequency: int,
    length: int = 1,
    average_length: float = 1.0,
    weight: float = 1.0,
) -> float:
    """Return `weight * idf * saturate(tf)`: one summand of one article.

    By default the article has average length.

    >>> round(term_score(BM25(1.2, 0.75), 1, articles=1000, document_frequency=10), 3)
    4.557
    """
    score = similarity.score(frequency, length, average_length)
    return weight * idf(articles, document_frequency) * score


def field_weight(field: str) -> float:
    """Return the weight of the syllables of a query in a field, or of its words in "words"."""
    weights = (s.weight for s in SUMMANDS if s.field == field and s.kind is not TermKind.BIGRAM)
    return next(weights, OWN_FIELD_WEIGHT)


def bigram_weight() -> float:
    """Return the weight of the bigrams of a query, 0 if they do not score."""
    return next((s.weight for s in SUMMANDS if s.kind is TermKind.BIGRAM), 0.0)
