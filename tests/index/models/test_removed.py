"""Tables without the counts of deleted articles equal those of the remaining articles."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.analysis import analyse
from index.article import Article
from index.models.bigrams import BigramTable, bigram_arrays, count_bigrams, prune_bigrams
from index.models.completions import Completions, completion_arrays
from index.models.removed import (
    CountedTables,
    RemovedCounts,
    RowCounts,
    read_removed,
    removed_arrays,
)
from index.models.trigrams import (
    TrigramCounts,
    TrigramLimits,
    TrigramTable,
    trigram_arrays,
    trigram_keys,
)

VOCABULARY = ["gia", "giá", "gạo", "lúa", "vàng"]
articles_of = st.lists(st.lists(st.integers(0, len(VOCABULARY) - 1), max_size=30), max_size=8)
NO_TRIGRAMS = TrigramTable(
    trigram_arrays(TrigramCounts(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)))
)
NO_PHRASES = Completions(completion_arrays({}))


class Terms:
    """The vocabulary of a part."""

    def ordinals(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """See `TermOrdinals`."""
        found = [VOCABULARY.index(one) if one in VOCABULARY else -1 for one in terms]
        return np.array(found, np.int64)


Column = NDArray[np.int32]


def columns(articles: list[list[int]]) -> tuple[Column, Column, Column]:
    lengths = [len(article) for article in articles]
    terms = np.array([term for article in articles for term in article], np.int32)
    owners = np.repeat(np.arange(len(articles), dtype=np.int32), lengths)
    positions = np.concatenate([np.empty(0, np.int32), *map(np.arange, lengths)])
    return terms, owners, positions.astype(np.int32)


def bigram_table(articles: list[list[int]], least: int) -> BigramTable:
    counted = prune_bigrams(count_bigrams(*columns(articles)), least)
    return BigramTable(bigram_arrays(counted, len(VOCABULARY)))


@given(articles_of, articles_of, st.integers(1, 3), st.sampled_from([1, 300]))
def test_subtracting_deleted_articles_leaves_the_bigrams_of_the_others(
    remaining: list[list[int]], deleted: list[list[int]], least: int, times: int
) -> None:
    remaining *= times  # 300 times: counts that need more than a byte, before or after the deletion
    table = bigram_table(remaining + deleted, least)
    removed = count_bigrams(*columns(deleted))
    counts = RowCounts.of(table.rows_of(removed.keys), removed.counts)
    without, fresh = (
        table.without(counts.rows, counts.counts, least),
        bigram_table(remaining, least),
    )
    one, other = (each.bigrams(0, len(VOCABULARY)) for each in (without, fresh))
    assert (one.keys.tolist(), one.counts.tolist()) == (other.keys.tolist(), other.counts.tolist())
    every = np.arange(-1, len(VOCABULARY) + 1)
    for column, expected in zip(without.neighbours(every), fresh.neighbours(every), strict=True):
        assert column.tolist() == expected.tolist()


def test_large_counts_can_become_small_by_subtraction() -> None:
    pairs = [[0, 1]] * 300 + [[1, 2]] * 400 + [[2, 3]] * 256 + [[3, 4]]
    deleted = [[0, 1]] * 100 + [[1, 2]] * 100 + [[2, 3]]
    table = bigram_table(pairs, 1)
    removed = count_bigrams(*columns(deleted))
    rows = table.rows_of(removed.keys)
    without = table.without(rows, removed.counts, 1)
    keys = np.array([a << 32 | b for a, b in pairwise(range(5))])
    assert without.counts(without.rows_of(keys)).tolist() == [200, 300, 255, 1]


def test_trigrams_lose_counts_and_gains_together() -> None:
    terms, owners, positions = columns([[0, 1, 2], [2, 3, 4], [4, 4, 4]])
    keys = np.sort(trigram_keys(terms, owners, positions, VOCABULARY))
    table = TrigramTable(
        trigram_arrays(TrigramCounts(keys, np.array([10, 10, 4]), np.full(3, 5.0)))
    )
    rows = table.rows_of(keys)
    assert rows.tolist() == [0, 1, 2]
    assert table.rows_of(keys + 1).tolist() == [-1, -1, -1]
    assert NO_TRIGRAMS.rows_of(keys).tolist() == [-1, -1, -1]
    remaining = table.without(rows, np.array([5, 0, 3]), TrigramLimits(2, 0.5)).trigrams(0, 1 << 32)
    assert (remaining.keys.tolist(), remaining.counts.tolist()) == (keys[:2].tolist(), [5, 10])
    assert remaining.gains.tolist() == pytest.approx([2.5, 5.0])
    assert len(table.without(rows, np.array([5, 0, 3]), TrigramLimits(2, 3.0))) == 1
    assert len(table.without(rows, np.array([99, 99, 99]), TrigramLimits(2, 0.0))) == 0
    # Trigrams that were always below the limits remain: other parts have them.
    assert len(table.without(rows, np.array([1, 1, 1]), TrigramLimits(20, 9.0))) == 3


@pytest.mark.parametrize("others", [0, 2000])
def test_the_rows_of_phrases_are_found_one_by_one_or_together(others: int) -> None:
    phrases = {f"phrase {number}": 1 for number in range(others)} | {"hà nội": 4, "hạ nội": 2}
    table = Completions(completion_arrays(phrases))
    rows = table.rows_of(["hạ nội", "hà nộ", "hà nội"])
    assert [row >= 0 for row in rows.tolist()] == [True, False, True]
    assert [table.phrase(row) for row in rows[[0, 2]].tolist()] == ["hạ nội", "hà nội"]


def test_a_phrase_of_one_title_is_dropped_unless_it_is_a_word() -> None:
    table = Completions(completion_arrays({"giá gạo": 3, "giá lúa": 3, "giá vàng": 3}))
    rows = table.rows_of(["giá gạo", "giá lúa", "giá vàng"])
    remaining = table.without(rows, np.array([1, 2, 3]), np.array([2, 2, 0]))
    assert remaining.weights[rows].tolist() == [2, 0, 1]
    assert table.weights[rows].tolist() == [3, 3, 3]


def test_articles_are_counted_to_the_rows_of_all_tables() -> None:
    phrases = Completions(completion_arrays({"giá gạo": 9, "hội nghị": 9, "gạo": 9, "vàng": 9}))
    tables = CountedTables(Terms(), bigram_table([[1, 2], [2, 3]], 1), NO_TRIGRAMS, phrases)
    batch = analyse([Article("1", "Giá gạo", body="Hội nghị: giá gạo, giá gạo lúa.")])
    counts = tables.counts_of(batch.vocabulary, batch.fields)
    by_term = dict(zip(counts.terms.rows.tolist(), counts.terms.counts.tolist(), strict=True))
    assert by_term == {1: 3, 2: 3, 3: 1}
    assert counts.bigrams.counts.tolist() == [3, 1]
    named = [phrases.phrase(row) for row in counts.titles.rows.tolist()]
    assert named == ["giá gạo"]
    assert [phrases.phrase(row) for row in counts.syllables.rows.tolist()] == ["gạo"]
    assert "hội nghị" in [phrases.phrase(row) for row in counts.words.rows.tolist()]
    # Titles that were too old to be mined do not count.
    assert not len(tables.counts_of(batch.vocabulary, batch.fields, 1).titles.rows)
    twice = counts + counts
    assert twice.bigrams.counts.tolist() == [6, 2]
    back = read_removed(removed_arrays(twice))
    assert back.terms.counts.tolist() == twice.terms.counts.tolist()
    back.check_rows(tables)
    wrong = RemovedCounts(*[RowCounts.of(np.array([99]), np.array([1]))] * 6)
    with pytest.raises(ValueError, match="unknown rows"):
        wrong.check_rows(tables)
