"""The Bloom filter passes every position of the term, and few others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.embedded.occurrences import PackedPositions, occurrences

DTYPES = (np.uint32, np.uint64)


@given(
    there=st.sets(st.integers(0, 2**32 - 1), max_size=200),
    requested=st.lists(st.integers(0, 2**32 - 1), max_size=50),
    dtype=st.sampled_from(DTYPES),
)
def test_existing_positions_pass(
    there: set[int], requested: list[int], dtype: type[np.uint32 | np.uint64]
) -> None:
    term = occurrences(np.array(sorted(there), dtype))
    positions: PackedPositions = np.array([*requested, *sorted(there)], dtype)
    held = term.contain(positions)
    assert held.tolist() == [position in there for position in positions.tolist()]
    assert (term.may_contain(positions) | ~held).all()
    assert len(term) == len(there)


@pytest.mark.parametrize("dtype", DTYPES)
def test_most_other_positions_do_not_pass(dtype: type[np.uint32 | np.uint64]) -> None:
    """The others are neighbours of positions as in real documents."""
    rng = np.random.default_rng(1)
    drawn = (rng.integers(0, 50_000, 20_000) << 12) + rng.integers(0, 600, 20_000)
    there = np.unique(drawn)
    others = np.setdiff1d(there + 1, there)
    passed = occurrences(there.astype(dtype)).may_contain(others.astype(dtype))
    assert passed.mean() < 1 / 8
