"""The Bloom filter passes every position of the term, and few others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.embedded.occurrences import PackedPositions, occurrences

DTYPES = (np.uint32, np.uint64)


@given(
    present=st.sets(st.integers(0, 2**32 - 1), max_size=200),
    others=st.lists(st.integers(0, 2**32 - 1), max_size=50),
    dtype=st.sampled_from(DTYPES),
)
def test_existing_positions_pass(
    present: set[int], others: list[int], dtype: type[np.uint32 | np.uint64]
) -> None:
    term = occurrences(np.array(sorted(present), dtype))
    positions: PackedPositions = np.array([*others, *sorted(present)], dtype)
    is_present = term.contain(positions)
    assert is_present.tolist() == [position in present for position in positions.tolist()]
    assert (term.may_contain(positions) | ~is_present).all()
    assert len(term) == len(present)


@pytest.mark.parametrize("dtype", DTYPES)
def test_most_other_positions_do_not_pass(dtype: type[np.uint32 | np.uint64]) -> None:
    """The others are neighbours of positions as in real documents."""
    rng = np.random.default_rng(1)
    drawn = (rng.integers(0, 50_000, 20_000) << 12) + rng.integers(0, 600, 20_000)
    present = np.unique(drawn)
    others = np.setdiff1d(present + 1, present)
    passed = occurrences(present.astype(dtype)).may_contain(others.astype(dtype))
    assert passed.mean() < 1 / 8
