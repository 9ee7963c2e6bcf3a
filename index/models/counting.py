"""Counting the bigrams and trigrams of articles, and merging the tables of several parts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.models.bigram_merging import known_bigrams, merge_bigram_tables
from index.models.bigrams import (
    BigramCounts,
    BigramTable,
    Ordinals,
    bigram_arrays,
    count_bigrams,
    join_bigrams,
    min_count,
)
from index.models.removed import TermOrdinals
from index.models.spellings import spelling_arrays
from index.models.trigram_choice import choose_trigrams
from index.models.trigrams import (
    TrigramCounts,
    TrigramLimits,
    TrigramTable,
    count_trigrams,
    join_trigrams,
    merge_trigram_tables,
    trigram_arrays,
)

Arrays = dict[str, NDArray[Any]]

_Item = TypeVar("_Item")


def count_language(
    terms: Ordinals, articles: Ordinals, positions: Ordinals, vocabulary: Sequence[str]
) -> Arrays:
    """Count the bigrams and trigrams of a flush; return its tables as arrays for its file.

    The first three arguments are those of `count_bigrams`. Nothing is pruned: what occurs once in a
    flush may be frequent in the index. The table of spellings is left empty until it is pruned.
    """
    # One table after the other: laid out they take a third of the memory of their counts.
    arrays = bigram_arrays(count_bigrams(terms, articles, positions), len(vocabulary))
    arrays |= trigram_arrays(count_trigrams(terms, articles, positions, vocabulary))
    return arrays | spelling_arrays(())


def language_arrays(
    bigrams: BigramCounts,
    trigrams: TrigramCounts,
    vocabulary: Sequence[str],
) -> Arrays:
    """Return the tables of a part as arrays for its file."""
    return {
        **bigram_arrays(bigrams, len(vocabulary)),
        **trigram_arrays(trigrams),
        **spelling_arrays(vocabulary),
    }


def merge_bigrams_of(
    tables: Sequence[BigramTable],
    ordinals: Sequence[Ordinals],
    terms: int,
    tokens: int,
    release: Callable[[], None] = lambda: None,
) -> BigramCounts:
    """Return the sum of the bigrams of parts that are merged into one of `tokens` tokens, pruned.

    `ordinals[i]`, ascending, maps the ordinals of table i to those of the merged vocabulary of
    `terms` terms. `release` is called after each range of first terms, to release mapped pages.
    """
    least = min_count(tokens)
    return join_bigrams(_collect(merge_bigram_tables(tables, ordinals, terms, least), release))


class CountedPart(Protocol):
    """The tables of another part of an index."""

    @property
    def vocabulary(self) -> TermOrdinals:
        """The terms of the articles' text."""
        ...

    @property
    def bigrams(self) -> BigramTable:
        """The bigrams of the text."""
        ...

    @property
    def trigrams(self) -> TrigramTable:
        """The trigrams that are kept."""
        ...


@dataclass(frozen=True, slots=True)
class WholeIndex:
    """The index that a part belongs to: its tokens, and its other parts.

    The part keeps trigrams that the other parts have, however rare these are in the part itself.
    """

    tokens: int
    others: Sequence[CountedPart] = ()

    def known_arrays(self, bigrams: BigramCounts, vocabulary: Sequence[str]) -> Arrays:
        """Return `bigram_known`: which bigrams other parts have as well; {} without others."""
        if not self.others:
            return {}
        others = [(one.bigrams, one.vocabulary.ordinals(vocabulary)) for one in self.others]
        return {"bigram_known": np.packbits(known_bigrams(bigrams, others))}


def merge_trigrams_of(
    tables: Sequence[TrigramTable],
    bigrams: BigramCounts,
    vocabulary: Sequence[str],
    whole: WholeIndex,
    release: Callable[[], None] = lambda: None,
) -> TrigramCounts:
    """Return the sum of the trigrams of parts that are merged into one, pruned.

    `bigrams` are those of the same articles, by ordinals in `vocabulary`.
    """
    least = TrigramLimits.of(whole.tokens).occurrences
    others = [one.trigrams for one in whole.others]
    some = _collect(merge_trigram_tables(tables, least, others), release)
    known = np.concatenate([one.known for one in some])
    rows = join_trigrams([one.rows for one in some])
    return choose_trigrams(rows, bigrams, vocabulary, whole.tokens, known)


def sum_trigrams_of(
    tables: Sequence[TrigramTable], least_count: int, release: Callable[[], None] = lambda: None
) -> TrigramCounts:
    """Return the sum of the trigrams of flushes that will be merged again."""
    return join_trigrams(
        [one.rows for one in _collect(merge_trigram_tables(tables, least_count), release)]
    )


def _collect(items: Iterable[_Item], release: Callable[[], None]) -> list[_Item]:
    """Return the items as a list; call `release` after each."""
    every = []
    for item in items:
        every.append(item)
        release()
    return every
