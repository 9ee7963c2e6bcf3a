"""Docsets in each representation, compared with Python's sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.engines.embedded.docsets import (
    DocSet,
    bits_of,
    bits_of_mask,
    difference,
    empty,
    first_of_each,
    intersection,
    union,
)

sizes = st.sampled_from([1, 7, 8, 63, 64, 65, 1000, 5000])


def kept(size: int) -> st.SearchStrategy[tuple[set[int], DocSet]]:
    """Draw few or many articles as a set and as a docset in either representation."""
    few, many = (st.sets(st.integers(0, size - 1), max_size=most) for most in (3, 300))
    return st.tuples(few | many, st.integers(0, 2)).map(lambda drawn: _kept(size, *drawn))


def _kept(size: int, members: set[int], way: int) -> tuple[set[int], DocSet]:
    doc_ids = np.array(sorted(members), np.int64)
    bits = bits_of(doc_ids, size)
    ways = (
        DocSet(size, doc_ids=doc_ids),
        DocSet(size, bits=bits),
        DocSet(size, doc_ids=doc_ids, bits=bits, total=len(doc_ids)),
    )
    return members, ways[way]


@given(st.data(), sizes)
def test_a_set_has_its_count_members_and_bits(data: st.DataObject, size: int) -> None:
    members, found = data.draw(kept(size))
    all_ids = np.arange(size)
    assert found.count() == len(members)
    assert found.contains(all_ids).tolist() == [number in members for number in range(size)]
    assert found.as_doc_ids().tolist() == sorted(members)
    mask = np.isin(all_ids, found.as_doc_ids())
    assert (found.as_bits() == bits_of_mask(mask)).all()


@given(st.data(), sizes)
def test_set_operations_equal_those_of_python_sets(data: st.DataObject, size: int) -> None:
    pairs = data.draw(st.lists(kept(size), min_size=1, max_size=4))
    members, sets = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    everything = DocSet(size, doc_ids=np.arange(size))
    assert union(sets, size).as_doc_ids().tolist() == sorted(set().union(*members))
    common = set.intersection(*members)
    assert intersection(sets).as_doc_ids().tolist() == sorted(common)
    rest = sorted(set(range(size)) - members[0])
    assert difference(everything, sets[0]).as_doc_ids().tolist() == rest
    for found, expected in zip(sets, members, strict=True):
        assert found.as_doc_ids().tolist() == sorted(expected)  # the operations changed no set


def test_unions_and_intersections_of_no_sets_are_defined() -> None:
    assert union([], 70).count() == empty(70).count() == 0


@given(st.lists(st.integers(0, 9)).map(sorted))
def test_distinct_ids_are_sorted_and_unique(doc_ids: list[int]) -> None:
    array = np.array(doc_ids, np.int64)
    assert array[first_of_each(array)].tolist() == sorted(set(doc_ids))
