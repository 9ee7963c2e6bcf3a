"""Compiled bigrams are those of NumPy and of brute force, and nothing else is read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.native import Sections
from index.storage.array_file import open_arrays
from index.storage.array_writer import ArrayWriter
from index.storage.packed_ints import Packed, PackedWriter
from tests.compiled import compiled, needs_kernels

pytestmark = needs_kernels

Document = dict[int, list[int]]

BITS = 16
near = st.sets(st.integers(0, 12), min_size=1, max_size=8)
wide = st.sets(st.integers(0, 5_000), min_size=1, max_size=8)
position_lists = (near | wide | near.map(lambda found: {at * 255 + 1 for at in found})).map(sorted)
documents = st.dictionaries(st.integers(0, 300), position_lists, max_size=40)


def sections_of(tmp_path: Path, terms: list[Document]) -> Sections:
    numbers = [at for term in terms for doc_id in sorted(term) for at in term[doc_id]]
    path = tmp_path / "numbers.arrays"
    with ArrayWriter(path) as writer:
        packed = PackedWriter(writer, "n", 8)
        packed.append(np.array(numbers, np.int32))
        packed.close()
    return Packed(open_arrays(path), "n", 8).sections(0, max(1, len(numbers)))


def postings(term: Document, start: int) -> tuple[NDArray[np.int32], NDArray[np.int32], int, int]:
    ids = np.array(sorted(term), np.int32)
    frequencies = np.array([len(term[doc_id]) for doc_id in sorted(term)], np.int32)
    return ids, frequencies, start, start + int(frequencies.sum())


def packed(term: Document) -> NDArray[np.uint64]:
    found = [doc_id << BITS | at for doc_id in sorted(term) for at in term[doc_id]]
    return np.array(found, np.uint64)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=documents, first=documents, second=documents, width=st.sampled_from([4, 8]))
@example(before={}, first={1: [4_095, 4_096]}, second={1: [4_096, 4_097, 4_998]}, width=4)
@example(before={}, first={at: [0] for at in range(40)}, second={39: [1]}, width=4)
@example(
    before={}, first={at: [255] for at in range(20)}, second={at: [256] for at in (0, 19)}, width=8
)
def test_bigrams_are_those_of_both_terms_positions(
    tmp_path: Path, before: Document, first: Document, second: Document, width: int
) -> None:
    if not first or not second:
        return
    sections = sections_of(tmp_path, [before, first, second])
    start = sum(map(len, before.values()))
    one = postings(first, start)
    other = postings(second, one[3])
    found = compiled().bigram(one, other, sections, BITS, width)
    expected = [
        doc_id << BITS | at
        for doc_id in sorted(first)
        for at in first[doc_id]
        if at + 1 in second.get(doc_id, ())
    ]
    assert (found.tolist(), found.dtype.itemsize) == (expected, width)
    assert compiled().followed(packed(first), 1, [packed(second)]).tolist() == expected
    swapped = compiled().bigram(other, one, sections, BITS, width).tolist()
    assert swapped == [
        doc_id << BITS | at
        for doc_id in sorted(second)
        for at in second[doc_id]
        if at + 1 in first.get(doc_id, ())
    ]


arrays = st.binary(max_size=12).map(lambda content: np.frombuffer(content, np.uint8))
ints = st.lists(st.integers(-1, 40), max_size=4).map(lambda found: np.array(found, np.int32))
numbers = st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 60), max_size=4)
words = numbers.map(lambda found: np.array(found, np.uint32))
terms = st.tuples(ints, ints, st.integers(-1, 100), st.integers(-1, 100))
whole = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(
    lambda found: (
        np.arange(len(found), dtype=np.int32), np.array(found, np.int32), 0, sum(found)
    )
)  # fmt: skip


@settings(max_examples=400)
@given(
    first=terms | whole,
    second=terms | whole,
    sections=st.tuples(arrays, words, arrays, st.none() | arrays, words, words),
    bits=st.integers(-1, 40),
    width=st.sampled_from([0, 2, 4, 8]),
)
def test_terms_and_sections_that_do_not_fit_are_an_error(
    first: Any, second: Any, sections: Any, bits: int, width: int
) -> None:
    try:
        found = compiled().bigram(first, second, sections, bits, width)
    except ValueError:
        return
    assert len(found) <= min(first[3] - first[2], second[3] - second[2])


def test_positions_that_do_not_ascend_find_no_more_than_the_rarer_term_has(tmp_path: Path) -> None:
    """Others were written past the end of the array."""
    many = 100_000
    once, often = {7: [3]}, {7: [4] * many}
    sections = sections_of(tmp_path, [once, often])
    one, other = postings(once, 0), postings(often, 1)
    assert compiled().bigram(one, other, sections, BITS, 8).tolist() == [7 << BITS | 3]
    sections = sections_of(tmp_path, [{7: [3] * many}, {7: [4]}])
    one, other = postings({7: [3] * many}, 0), postings({7: [4]}, many)
    assert compiled().bigram(one, other, sections, BITS, 8).tolist() == [7 << BITS | 3]


@pytest.mark.parametrize("wrong", [None, (), (1, 2, 3, 4), [1]])
def test_wrong_arguments_raise(wrong: Any) -> None:
    ids = np.array([1], np.int32)
    term = (ids, ids, 0, 1)
    none = np.zeros(1, np.uint32)
    byte = np.zeros(1, np.uint8)
    fitting = (byte, none, byte, byte, none[:0], none[:0])
    assert compiled().bigram(term, term, fitting, 12, 4).tolist() == []
    for first, second, sections in (
        (wrong, term, fitting),
        (term, wrong, fitting),
        (term, term, wrong),
    ):
        with pytest.raises((TypeError, ValueError)):
            compiled().bigram(first, second, sections, 12, 4)
