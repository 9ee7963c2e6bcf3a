"""`IntegerMap` may lose keys, but never returns a wrong value."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.segmenter.integer_map import IntegerMap

keys = st.integers(-(1 << 63), (1 << 63) - 1).filter(bool)
rounds = st.lists(st.lists(keys | st.integers(1, 1 << 20), unique=True, max_size=300), max_size=5)


def array(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


@given(rounds)
def test_a_map_behaves_like_a_dictionary(rounds: list[list[int]]) -> None:
    found, known = IntegerMap(), dict[int, int]()
    for keys in rounds:
        expected = [known.get(key, -1) for key in keys]
        assert found.find(array(keys)).tolist() == expected
        new = [key for key in keys if key not in known]
        numbers = range(len(known), len(known) + len(new))
        assert found.add(array(new), np.array(numbers, np.int32)).all()
        known.update(zip(new, numbers, strict=True))
    every = [*known, *(key + 1 for key in known if 0 < key + 1 < 1 << 63)]
    assert found.find(array(every)).tolist() == [known.get(key, -1) for key in every]


def test_colliding_keys_are_dropped_but_never_confused() -> None:
    inverse = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
    same = array(
        [(number * inverse + (1 << 63)) % (1 << 64) - (1 << 63) for number in range(1, 9999)]
    )
    found = IntegerMap()
    kept = found.add(same, np.arange(len(same), dtype=np.int32))
    assert 0 < np.count_nonzero(kept) < 20
    assert found.find(same).tolist() == np.where(kept, np.arange(len(same)), -1).tolist()


def test_a_map_grows() -> None:
    many = np.arange(1, 100_001, dtype=np.int64) << 20
    found = IntegerMap()
    for start in range(0, len(many), 1000):
        part = slice(start, start + 1000)
        found.add(many[part], np.arange(start, start + 1000, dtype=np.int32))
    numbers = found.find(many)
    known = np.flatnonzero(numbers >= 0)
    assert len(known) > 0.999 * len(many)
    assert (numbers[known] == known).all()
    assert (found.find(many + 1) == -1).all()
