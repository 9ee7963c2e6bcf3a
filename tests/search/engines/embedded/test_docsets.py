"""Sets of articles against Python's own, whichever way they are kept."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.engines.embedded.docsets import (
    Found,
    bits_of,
    bits_of_mask,
    distinct,
    intersection,
    nothing,
    union,
    without,
)

sizes = st.sampled_from([1, 7, 8, 63, 64, 65, 1000, 5000])


def kept(size: int) -> st.SearchStrategy[tuple[set[int], Found]]:
    """Some articles, few or many, kept in one of the ways."""
    few, many = (st.sets(st.integers(0, size - 1), max_size=most) for most in (3, 300))
    return st.tuples(few | many, st.integers(0, 2)).map(lambda drawn: _kept(size, *drawn))


def _kept(size: int, members: set[int], way: int) -> tuple[set[int], Found]:
    numbers = np.array(sorted(members), np.int64)
    bits = bits_of(numbers, size)
    ways = (
        Found(size, numbers=numbers),
        Found(size, bits=bits),
        Found(size, numbers=numbers, bits=bits, total=len(numbers)),
    )
    return members, ways[way]


@given(st.data(), sizes)
def test_what_a_set_says(data: st.DataObject, size: int) -> None:
    members, found = data.draw(kept(size))
    asked = np.arange(size)
    assert found.count() == len(members)
    assert found.contains(asked).tolist() == [number in members for number in range(size)]
    assert found.as_numbers().tolist() == sorted(members)
    mask = np.isin(asked, found.as_numbers())
    assert (found.as_bits() == bits_of_mask(mask)).all()


@given(st.data(), sizes)
def test_sets_of_sets(data: st.DataObject, size: int) -> None:
    pairs = data.draw(st.lists(kept(size), min_size=1, max_size=4))
    members, sets = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    everything = Found(size, numbers=np.arange(size))
    assert union(sets, size).as_numbers().tolist() == sorted(set().union(*members))
    common = set.intersection(*members)
    assert intersection(sets).as_numbers().tolist() == sorted(common)
    rest = sorted(set(range(size)) - members[0])
    assert without(everything, sets[0]).as_numbers().tolist() == rest
    for found, expected in zip(sets, members, strict=True):
        assert found.as_numbers().tolist() == sorted(expected)  # no set was changed


def test_no_sets() -> None:
    assert union([], 70).count() == nothing(70).count() == 0


@given(st.lists(st.integers(0, 9)).map(sorted))
def test_distinct(numbers: list[int]) -> None:
    array = np.array(numbers, np.int64)
    assert array[distinct(array)].tolist() == sorted(set(numbers))
