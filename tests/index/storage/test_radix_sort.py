"""`stable_order` equals NumPy's stable argsort for any size and type of numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.storage.radix_sort import stable_order

_BITS = (1, 8, 16, 17, 32, 45, 62, 63)


@given(
    st.sampled_from(_BITS).flatmap(
        lambda bits: st.lists(st.integers(0, (1 << bits) - 1) | st.integers(0, 3), max_size=40)
    )
)
def test_any_numbers_are_sorted_as_by_numpy(numbers: list[int]) -> None:
    given_numbers = np.array(numbers, np.int64)
    expected = np.argsort(given_numbers, kind="stable")
    assert stable_order(given_numbers).tolist() == expected.tolist()
    assert given_numbers.tolist() == numbers


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize("least", [0, 1 << 15, 1 << 29])
def test_many_equal_numbers_keep_their_order(dtype: type[np.generic], least: int) -> None:
    numbers = (np.random.default_rng(1).integers(0, 50, 5000) + least).astype(dtype)
    order = stable_order(numbers)
    assert order.tolist() == np.argsort(numbers, kind="stable").tolist()
