"""Counting the bigrams and trigrams of articles, and merging the tables of several parts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from numpy.typing import NDArray

from index.models.bigrams import (
    BigramCounts,
    BigramTable,
    Ordinals,
    bigram_arrays,
    count_bigrams,
    join_bigrams,
    merge_bigram_tables,
    min_count,
    prune_bigrams,
    subtract_bigrams,
)
from index.models.spellings import spelling_arrays
from index.models.trigrams import (
    TrigramCounts,
    TrigramTable,
    count_trigrams,
    join_trigrams,
    merge_trigram_tables,
    min_gain,
    trigram_arrays,
)

Arrays = dict[str, NDArray[Any]]

_Item = TypeVar("_Item")


def count_language(
    terms: Ordinals,
    articles: Ordinals,
    positions: Ordinals,
    vocabulary: Sequence[str],
) -> Arrays:
    """Count the bigrams and trigrams of a part's text; return its tables as arrays for its file.

    The first three arguments are those of `count_bigrams`. No bigrams are pruned: one that occurs
    once in a flush may be frequent in the index. If the part is so large that a merge will prune
    it, the table of spellings is left empty until then.
    """
    bigrams = count_bigrams(terms, articles, positions)
    trigrams = count_trigrams(terms, articles, positions, bigrams, vocabulary)
    stays = min_count(len(terms)) == 1
    return language_arrays(bigrams, trigrams, vocabulary, spelled=stays)


def language_arrays(
    bigrams: BigramCounts,
    trigrams: TrigramCounts,
    vocabulary: Sequence[str],
    *,
    spelled: bool = True,
) -> Arrays:
    """Return the tables of a part as arrays for its file; without `spelled`, no spellings."""
    return {
        **bigram_arrays(bigrams, len(vocabulary)),
        **trigram_arrays(trigrams),
        **spelling_arrays(vocabulary if spelled else ()),
    }


def merge_bigrams_of(
    tables: Sequence[BigramTable],
    ordinals: Sequence[Ordinals],
    terms: int,
    tokens: int,
    removed: Sequence[BigramCounts] = (),
    released: Callable[[], None] = lambda: None,
) -> BigramCounts:
    """Return the sum of the bigrams of parts that are merged into one of `tokens` tokens, pruned.

    `ordinals[i]`, ascending, maps the ordinals of table i to those of the merged vocabulary of
    `terms` terms. `removed` are the bigrams of deleted articles, in merged ordinals. `released` is
    called after each range of first terms, to release the pages read for it.
    """
    least = min_count(tokens)
    merged = join_bigrams(_each(merge_bigram_tables(tables, ordinals, terms, least), released))
    for gone in removed:
        merged = prune_bigrams(subtract_bigrams(merged, gone), least)
    return merged


def merge_trigrams_of(
    tables: Sequence[TrigramTable], tokens: int, released: Callable[[], None] = lambda: None
) -> TrigramCounts:
    """Return the sum of the trigrams of parts that are merged into one of `tokens` tokens, pruned.

    Trigrams of deleted articles stay counted: they can only decide between interpretations whose
    terms occur in other articles.
    """
    return join_trigrams(_each(merge_trigram_tables(tables, min_gain(tokens)), released))


def _each(items: Iterable[_Item], released: Callable[[], None]) -> list[_Item]:
    every = []
    for item in items:
        every.append(item)
        released()
    return every
