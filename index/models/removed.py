"""Counts of the deleted articles of a part, which are subtracted when its tables are read.

The tables of a part are written once. Each write that deletes articles counts them and adds the
counts to those of earlier deletions, so that deleting an article takes as long as adding it did.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import BigramTable, Ordinals, count_bigrams, min_count
from index.models.completions import Completions
from index.models.mined_phrases import (
    ARTICLES_PER_WEIGHT,
    MAX_PHRASE_SYLLABLES,
    MAX_TITLE_SYLLABLES,
    MIN_TITLES,
    SYLLABLE_TITLES_PER_WEIGHT,
)
from index.models.tokens import Tokens
from index.models.trigram_choice import choose_trigrams
from index.models.trigrams import TrigramLimits, TrigramTable, rows_in, trigram_keys
from index.storage.array_file import typed_arrays

Arrays = dict[str, NDArray[Any]]


class TermOrdinals(Protocol):
    """The terms of one part, numbered in ascending order."""

    def ordinals(self, terms: Sequence[str]) -> Ordinals:
        """Return the ordinal of each term, -1 for an unknown one."""
        ...


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Counts by the row of a table: aligned int64 arrays; the rows ascend, each once."""

    rows: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, rows: NDArray[np.integer[Any]], counts: NDArray[np.integer[Any]]) -> Self:
        """Return the sum of the counts of each row; row -1 is left out.

        >>> RowCounts.of(np.array([4, -1, 2, 4]), np.array([1, 1, 1, 5])).counts.tolist()
        [1, 6]
        """
        known = rows >= 0
        distinct, inverse = np.unique(rows[known].astype(np.int64), return_inverse=True)
        summed = np.zeros(len(distinct), np.int64)
        np.add.at(summed, inverse, counts[known])
        return cls(distinct, summed)

    def __add__(self, other: Self) -> Self:
        rows = np.concatenate([self.rows, other.rows])
        return self.of(rows, np.concatenate([self.counts, other.counts]))

    def divided(self, divisor: int) -> Self:
        """Return the same rows with their counts divided, rounded down."""
        return replace(self, counts=self.counts // divisor)

    def within(self, size: int) -> bool:
        """Return whether the rows ascend and are rows of a table of that size."""
        ascend = (self.rows[1:] > self.rows[:-1]).all() and self.rows.min(initial=0) >= 0
        return bool(ascend) and int(self.rows.max(initial=-1)) < size


class PhraseWeights(NamedTuple):
    """What to subtract from the weights of the completions, by row: aligned arrays.

    `min_weights`: what must be left of each for it to stay a phrase.
    """

    rows: NDArray[np.int64]
    removed: NDArray[np.int64]
    min_weights: NDArray[np.int64]


def _no_counts() -> RowCounts:
    return RowCounts(np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class RemovedCounts:
    """The counts of the deleted articles of a part, by the rows of its tables.

    `terms`: occurrences of the terms of "text", by ordinal; `bigrams`, `trigrams`: those of the
    bigrams and trigrams that the part kept. `titles`, `syllables`: how often titles have a phrase
    of the completions, of several syllables or one; `words`: the articles that have it as a word.
    """

    terms: RowCounts
    bigrams: RowCounts
    trigrams: RowCounts
    titles: RowCounts
    syllables: RowCounts
    words: RowCounts

    @classmethod
    def none(cls) -> Self:
        """Return the counts of no articles."""
        return cls(*(_no_counts() for _ in fields(cls)))

    def __add__(self, other: "RemovedCounts") -> "RemovedCounts":
        return RemovedCounts(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(self))
        )

    def without_phrases(self) -> "RemovedCounts":
        """Return the same counts for completions that were mined without these articles."""
        return replace(self, titles=_no_counts(), syllables=_no_counts(), words=_no_counts())

    def check_rows(self, tables: "CountedTables") -> None:
        """Raise ValueError if these are not the counts of rows of the tables."""
        phrases = len(tables.completions)
        sizes = (tables.bigrams.terms, len(tables.bigrams), len(tables.trigrams), *[phrases] * 3)
        for one, size in zip(fields(self), sizes, strict=True):
            table: RowCounts = getattr(self, one.name)
            if not table.within(size):
                raise ValueError(f"the counts of deleted articles have unknown rows of {one.name}")

    @property
    def phrase_weights(self) -> "PhraseWeights":
        """The approximate weight that the articles add to each phrase; see `mine_phrases`."""
        of_titles = self.titles + self.syllables.divided(SYLLABLE_TITLES_PER_WEIGHT)
        of_words = self.words.divided(ARTICLES_PER_WEIGHT)
        rows = np.union1d(of_titles.rows, of_words.rows)
        weights = np.zeros((2, len(rows)), np.int64)
        for row, part in zip(weights, (of_titles, of_words), strict=True):
            row[np.searchsorted(rows, part.rows)] = part.counts
        # A phrase that is not a word in any of these articles was mined from titles only.
        by_titles = np.isin(rows, self.titles.rows) & ~np.isin(rows, self.words.rows)
        return PhraseWeights(rows, weights.max(axis=0), MIN_TITLES * by_titles.astype(np.int64))


@dataclass(frozen=True, slots=True)
class CountedTables:
    """The tables of a part, with the counts of articles that were deleted since."""

    vocabulary: TermOrdinals
    bigrams: BigramTable
    trigrams: TrigramTable
    completions: Completions

    def counts_of(
        self, vocabulary: Sequence[str], batch: Mapping[str, Tokens], mined_from: int = 0
    ) -> RemovedCounts:
        """Return the counts of a batch of articles, by the rows of these tables.

        `batch` has "text", "title" and "words". `mined_from`: the first article of the batch with a
        title that was mined for phrases.
        """
        text = batch["text"]
        terms = self.vocabulary.ordinals(vocabulary)[text.terms]
        bigrams = count_bigrams(terms, text.articles, text.positions)
        keys, counts = np.unique(
            trigram_keys(text.terms, text.articles, text.positions, vocabulary), return_counts=True
        )
        runs = list(_runs(vocabulary, batch["title"], mined_from))
        return RemovedCounts(
            RowCounts.of(terms, np.ones(len(terms), np.int64)),
            RowCounts.of(self.bigrams.rows_of(bigrams.keys), bigrams.counts),
            RowCounts.of(self.trigrams.rows_of(keys), counts),
            self._phrases(run for run in runs if " " in run),
            self._phrases(run for run in runs if " " not in run),
            self._phrases(_words(vocabulary, batch["words"])),
        )

    def trigrams_chosen_again(
        self, removed: RemovedCounts, vocabulary: Sequence[str], tokens: int
    ) -> NDArray[np.bool_]:
        """Return which trigrams of the table a build of the articles that are left would choose.

        Those have `tokens` tokens. Trigrams that the table lacks are not found: 1.5 % of those of a
        build after a tenth of the articles was deleted.
        """
        no_limits = TrigramLimits(1, 0.0)
        left = self.trigrams.without(removed.trigrams.rows, removed.trigrams.counts, no_limits)
        least = min_count(tokens)
        bigrams = self.bigrams.without(removed.bigrams.rows, removed.bigrams.counts, least)
        counted = bigrams.bigrams(0, len(vocabulary))
        chosen = choose_trigrams(left.trigrams(0, 1 << 32), counted, vocabulary, tokens)
        every = self.trigrams.trigrams(0, 1 << 32).keys
        mask: NDArray[np.bool_] = rows_in(chosen.keys, every) >= 0
        return mask

    def _phrases(self, phrases: Iterable[str]) -> RowCounts:
        counted = Counter(phrases)
        rows = self.completions.rows_of(list(counted))
        return RowCounts.of(rows, np.fromiter(counted.values(), np.int64, len(counted)))


def _runs(vocabulary: Sequence[str], titles: Tokens, mined_from: int) -> Iterator[str]:
    """Yield the runs of syllables in titles, starting at an article, that may be phrases."""
    mined = (titles.articles >= mined_from) & (titles.positions < MAX_TITLE_SYLLABLES)
    words = [vocabulary[int(term)] for term in titles.terms[mined]]
    owners = titles.articles[mined]
    ends = np.searchsorted(owners, owners, side="right").tolist()
    for start, end in enumerate(ends):
        for stop in range(start + 1, min(end, start + MAX_PHRASE_SYLLABLES) + 1):
            yield " ".join(words[start:stop])


def _words(vocabulary: Sequence[str], words: Tokens) -> Iterator[str]:
    """Yield the distinct compounds of each article, as phrases with spaces."""
    pairs = np.unique(words.articles.astype(np.int64) << 32 | words.terms)
    for term in pairs & 0xFFFFFFFF:
        word = vocabulary[int(term)]
        if "_" in word:
            yield word.replace("_", " ")


def removed_arrays(counts: RemovedCounts) -> Arrays:
    """Lay out counts as arrays: for each table T `removed_T` (rows) and `removed_T_counts`."""
    arrays: Arrays = {}
    for one in fields(counts):
        table: RowCounts = getattr(counts, one.name)
        arrays[f"removed_{one.name}"] = table.rows.astype(np.uint32)
        arrays[f"removed_{one.name}_counts"] = table.counts.astype(np.uint32)
    return arrays


def read_removed(arrays: Mapping[str, NDArray[Any]]) -> RemovedCounts:
    """Read the arrays of `removed_arrays`. Raises ValueError if they are inconsistent."""
    return RemovedCounts(*(_table(arrays, one.name) for one in fields(RemovedCounts)))


def _table(arrays: Mapping[str, NDArray[Any]], name: str) -> RowCounts:
    rows, counts = typed_arrays(
        arrays, {f"removed_{name}": np.uint32, f"removed_{name}_counts": np.uint32}
    )
    if len(rows) != len(counts):
        raise ValueError("the counts of deleted articles are damaged: their columns differ")
    return RowCounts(rows.astype(np.int64), counts.astype(np.int64))
