"""Bigram counts, compared with counting by hand."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models.bigram_merging import known_bigrams, merge_bigram_tables
from index.models.bigrams import (
    BigramCounts,
    BigramTable,
    bigram_arrays,
    count_bigrams,
    join_bigrams,
    merge_bigrams,
    min_count,
    prune_bigrams,
    renumber,
)

TERMS = 6
Token = tuple[int, int]  # a term, and its distance from the previous one
articles_of = st.lists(
    st.lists(st.tuples(st.integers(0, TERMS - 1), st.sampled_from([1, 1, 1, 17])), max_size=12),
    max_size=6,
)


def counted(articles: list[list[Token]]) -> BigramCounts:
    terms, numbers, positions = [], [], []
    for number, article in enumerate(articles):
        at = 0
        for term, gap in article:
            at += gap
            terms.append(term)
            numbers.append(number)
            positions.append(at)
    return count_bigrams(*(np.array(column, np.int32) for column in (terms, numbers, positions)))


def by_hand(articles: list[list[Token]]) -> dict[tuple[int, int], int]:
    return dict(
        Counter(
            (first[0], second[0])
            for article in articles
            for first, second in pairwise(article)
            if second[1] == 1
        )
    )


def as_dict(bigrams: BigramCounts) -> dict[tuple[int, int], int]:
    rows = zip(bigrams.keys.tolist(), bigrams.counts.tolist(), strict=True)
    return {(key >> 32, key & 0xFFFFFFFF): count for key, count in rows}


def table_of(pairs: BigramCounts, terms: int = TERMS) -> BigramTable:
    return BigramTable(bigram_arrays(pairs, terms))


@given(articles_of)
def test_bigrams_are_counted_as_by_hand(articles: list[list[Token]]) -> None:
    pairs = counted(articles)
    assert as_dict(pairs) == by_hand(articles)
    assert (np.diff(pairs.keys) > 0).all()


@given(articles_of, st.sampled_from([(1 << 16) - 3, 1 << 16, 1 << 30]))
def test_terms_of_any_number_are_counted(articles: list[list[Token]], first: int) -> None:
    moved = [[(term + first, gap) for term, gap in article] for article in articles]
    assert as_dict(counted(moved)) == by_hand(moved)


def test_terms_and_articles_that_do_not_fit_one_integer_are_counted() -> None:
    largest = (1 << 31) - 2
    terms = np.array([largest, largest - 1, largest, largest - 1, 0, 0, 0], np.int64)
    articles = np.array([0, 0, 9, 9, 9, 12, 12], np.int64)
    positions = np.array([0, 1, 3, 4, 5, 0, 1], np.int64)
    assert as_dict(count_bigrams(terms, articles, positions)) == {
        (largest, largest - 1): 2,
        (largest - 1, 0): 1,
        (0, 0): 1,
    }


@given(articles_of, articles_of)
def test_merging_equals_counting_together(
    some: list[list[Token]], others: list[list[Token]]
) -> None:
    together = counted(some + others)
    assert as_dict(merge_bigrams([counted(some), counted(others)])) == as_dict(together)


@given(articles_of, st.integers(1, 4))
def test_pruned_tables_keep_what_is_frequent(articles: list[list[Token]], least: int) -> None:
    pruned = prune_bigrams(counted(articles), least)
    assert as_dict(pruned) == {k: v for k, v in by_hand(articles).items() if v >= least}


@given(articles_of)
def test_the_table_returns_the_counts(articles: list[list[Token]]) -> None:
    expected = by_hand(articles)
    table = table_of(counted(articles))
    assert len(table) == len(expected)
    first, second = np.meshgrid(np.arange(-1, TERMS + 2), np.arange(-1, TERMS + 2), indexing="ij")
    counts = table.counts(table.rows_of(first << 32 | second))
    for a, b, count in zip(
        *(column.ravel().tolist() for column in (first, second, counts)), strict=True
    ):
        assert count == expected.get((a, b), 0)
    totals, successors, predecessors = table.neighbours(np.arange(-1, TERMS + 1))
    for a in range(-1, TERMS + 1):
        assert totals[a + 1] == sum(count for (x, _), count in expected.items() if x == a)
        assert successors[a + 1] == sum(x == a for x, _ in expected)
        assert predecessors[a + 1] == sum(y == a for _, y in expected)


def test_large_numbers_are_exact() -> None:
    keys = np.array([1, 2, (1 << 32) | 1], np.int64)
    counts = np.array([254, 255, 5_000_000_000], np.int64)  # more than 32 bits
    pairs = BigramCounts(keys, counts)
    table = table_of(pairs)
    assert as_dict(table.bigrams(0, TERMS)) == as_dict(pairs)
    totals, _, _ = table.neighbours(np.arange(3))
    assert totals.tolist() == [254 + 255, 5_000_000_000, 0]


@given(articles_of, articles_of, st.integers(1, 3))
def test_merged_tables_are_the_table_of_all_articles(
    some: list[list[Token]], others: list[list[Token]], least: int
) -> None:
    # The second segment has other terms: its term t is term 2 t + 1 of the merged vocabulary.
    odd = np.arange(TERMS) * 2 + 1
    same = np.arange(TERMS)
    tables = [table_of(counted(some)), table_of(counted(others))]
    merged = join_bigrams([*merge_bigram_tables(tables, [same, odd], 2 * TERMS, least)])
    renamed = [[(2 * term + 1, gap) for term, gap in article] for article in others]
    expected = by_hand(some + renamed)
    assert as_dict(merged) == {k: v for k, v in expected.items() if v >= least}


def test_merging_in_ranges_equals_merging_at_once() -> None:
    articles = [[(term, 1) for term in (0, 1, 2, 3, 4, 5, 0, 2, 4, 1, 3, 5)]] * 3
    tables = [table_of(counted(articles)), table_of(counted(articles))]
    merged = list(merge_bigram_tables(tables, [np.arange(TERMS)] * 2, TERMS, 1, rows_at_once=4))
    assert len(merged) > 2
    assert as_dict(join_bigrams(merged)) == by_hand(articles * 2)


@given(articles_of, st.permutations(range(TERMS)))
def test_renumbered_bigrams_have_the_same_counts(
    articles: list[list[Token]], names: list[int]
) -> None:
    renamed = [[(names[term], gap) for term, gap in article] for article in articles]
    assert as_dict(renumber(counted(articles), np.array(names))) == by_hand(renamed)


def test_small_segments_keep_every_bigram_and_huge_ones_are_bounded() -> None:
    assert min_count(10) == 1
    assert min_count(20_700_000) == 3
    assert min_count(640_000_000) == 10


def test_a_damaged_table_is_refused() -> None:
    arrays = bigram_arrays(counted([[(0, 1), (1, 1), (2, 1)]]), TERMS)
    with pytest.raises(ValueError, match="damaged"):
        BigramTable(arrays | {"bigram_counts": arrays["bigram_counts"][1:]})
    with pytest.raises(ValueError, match="damaged"):
        BigramTable(arrays | {"bigram_starts": arrays["bigram_starts"][::-1]})


def test_what_other_parts_have_too_adds_no_neighbours() -> None:
    def bigrams_of(*times: tuple[int, int, int]) -> BigramCounts:
        return counted([[(a, 1), (b, 1)] for a, b, count in times for _ in range(count)])

    bigrams = bigrams_of((0, 1, 4), (0, 2, 3), (1, 2, 1), (2, 3, 1), (2, 0, 1))
    other = BigramTable(bigram_arrays(bigrams_of((0, 1, 2), (2, 3, 1)), 5))
    known = known_bigrams(bigrams, [(other, np.array([0, 1, 2, 3]))])
    assert list(as_dict(bigrams.where(known))) == [(0, 1), (2, 3)]
    lacking = known_bigrams(bigrams, [(other, np.array([-1, 1, 2, 3]))])
    assert list(as_dict(bigrams.where(lacking))) == [(2, 3)]
    arrays = bigram_arrays(bigrams, 4) | {"bigram_known": np.packbits(known)}
    table = BigramTable(arrays)
    total, successors, predecessors = table.neighbours(np.arange(4), 3)
    assert total.tolist() == [7, 0, 1, 0]
    assert successors.tolist() == [1, 0, 0, 0]
    assert predecessors.tolist() == [0, 0, 1, 0]
    assert (table.distinct(3), table.distinct(), len(table)) == (1, 3, 5)
    without = table.without(np.array([0]), np.array([4]), 1)
    assert without.neighbours(np.arange(4), 3).total.tolist() == [3, 0, 1, 0]
    with pytest.raises(ValueError, match="damaged"):
        BigramTable(arrays | {"bigram_known": np.zeros(9, np.uint8)})
