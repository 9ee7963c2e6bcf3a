"""Compiled look-ups in a table of bigrams give those of NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models.bigrams import BigramCounts, BigramTable, bigram_arrays
from tests.compiled import compiled, needs_kernels, numpy_alone

pytestmark = needs_kernels

TERMS = 9
ordinals = st.integers(0, TERMS - 1)
tables = st.dictionaries(st.tuples(ordinals, ordinals), st.integers(1, 600), max_size=40)
pair_lists = st.lists(
    st.tuples(st.integers(-1, TERMS + 1), st.integers(-1, TERMS + 1)), max_size=30
)


def table_of(counts: dict[tuple[int, int], int]) -> BigramTable:
    keys = np.array(sorted(first << 32 | second for first, second in counts), np.int64)
    each = [counts[key >> 32, key & 0xFFFFFFFF] for key in keys.tolist()]
    return BigramTable(bigram_arrays(BigramCounts(keys, np.array(each, np.int64)), TERMS))


@given(tables, pair_lists)
def test_rows_and_contexts_are_those_of_numpy(
    counts: dict[tuple[int, int], int], pairs: list[tuple[int, int]]
) -> None:
    keys = np.array([first << 32 | second for first, second in pairs], np.int64)
    table, terms = table_of(counts), np.arange(-1, TERMS + 1)
    rows = table.rows_of(keys.reshape(1, -1))
    assert rows.shape == (1, len(pairs))
    assert table.counts(rows).tolist() == [[counts.get(pair, 0) for pair in pairs]]
    with numpy_alone():
        other = table_of(counts)
        assert other.rows_of(keys).tolist() == rows[0].tolist()
        contexts = [column.tolist() for column in other.neighbours(terms)]
        assert other.distinct() == len(counts)
    assert [column.tolist() for column in table.neighbours(terms)] == contexts
    assert table.distinct() == len(counts)


def test_tables_that_do_not_fit_are_an_error() -> None:
    starts, seconds = np.array([0, 1, 9], np.uint32), np.array([3, 4], np.uint32)
    rows = compiled().bigram_rows(starts, seconds, np.array([3, 4, 2 << 32, -1], np.int64))
    assert rows.tolist() == [0, -1, -1, -1]
    with pytest.raises(ValueError, match="beyond the end"):
        compiled().bigram_rows(starts, seconds, np.array([1 << 32], np.int64))
    assert compiled().bigram_rows(starts[:0], seconds, np.array([0], np.int64)).tolist() == [-1]
    descending = np.array([2, 1, 0], np.uint32)
    assert compiled().bigram_rows(descending, seconds, np.array([3])).tolist() == [-1]
    with pytest.raises(ValueError, match="too high"):
        compiled().count_ordinals(seconds, 4)
    assert compiled().count_ordinals(seconds, 6).tolist() == [0, 0, 0, 1, 1, 0]
