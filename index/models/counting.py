"""Counts the tokens of articles, lays the counts out as tables of a part, and merges tables."""

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
    *,
    spelled: bool = False,
) -> Arrays:
    """Count the bigrams and trigrams of a part's text and lay them out with its spellings.

    The first three arguments are those of `count_bigrams`. No bigrams are pruned: one that occurs
    once in a flush may be frequent in the index. Where the table will be pruned after the next
    merge, it gets its spellings only then, unless `spelled` is set.
    """
    bigrams = count_bigrams(terms, articles, positions)
    trigrams = count_trigrams(terms, articles, positions, bigrams, vocabulary)
    stays = min_count(len(terms)) == 1
    return language_arrays(bigrams, trigrams, vocabulary, spelled=spelled or stays)


def language_arrays(
    bigrams: BigramCounts,
    trigrams: TrigramCounts,
    vocabulary: Sequence[str],
    *,
    spelled: bool = True,
) -> Arrays:
    """Lay out the tables of a part as arrays for its file."""
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
    """Add up the bigrams of parts that become one with `tokens` tokens, and prune the sum.

    `ordinals[i]`, ascending, names the terms of table i among the `terms` terms of all parts.
    `removed` are the bigrams of deleted articles, by the same names. `released` is called after
    each range, to release what was read for it.
    """
    least = min_count(tokens)
    merged = join_bigrams(_each(merge_bigram_tables(tables, ordinals, terms, least), released))
    for gone in removed:
        merged = prune_bigrams(subtract_bigrams(merged, gone), least)
    return merged


def merge_trigrams_of(
    tables: Sequence[TrigramTable], tokens: int, released: Callable[[], None] = lambda: None
) -> TrigramCounts:
    """Add up the trigrams of parts that become one with `tokens` tokens, and prune the sum.

    Trigrams of deleted articles stay counted: they can only choose between readings whose terms
    occur in other articles.
    """
    return join_trigrams(_each(merge_trigram_tables(tables, min_gain(tokens)), released))


def _each(items: Iterable[_Item], released: Callable[[], None]) -> list[_Item]:
    every = []
    for item in items:
        every.append(item)
        released()
    return every
