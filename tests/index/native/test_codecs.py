"""Compiled decoders give the same results as the NumPy versions and brute force."""

from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.embedded.term_dictionary import TermDictionary
from index.storage.array_file import open_arrays
from index.storage.array_writer import ArrayWriter
from index.storage.doc_id_codecs import decode_documents, encode_documents
from index.storage.packed_ints import Packed, PackedWriter
from search.engines.embedded.phrases import next_of_each
from tests.compiled import compiled, needs_kernels, numpy_alone

pytestmark = needs_kernels


@given(st.sets(st.integers(0, 70_000), min_size=1, max_size=300), st.integers(0, 70_000))
def test_doc_ids_are_decoded_as_by_numpy(chosen: set[int], beyond: int) -> None:
    documents = max(chosen) + 1 + beyond
    ids = np.array(sorted(chosen), np.int32)
    content, _ = encode_documents(ids, np.array([len(ids)]), documents)
    found = compiled().decode_doc_ids(content, len(ids), documents)
    assert found.tolist() == ids.tolist() == decode_documents(content, len(ids), documents).tolist()


@given(st.binary(max_size=60), st.integers(0, 90), st.integers(0, 400))
def test_any_bytes_are_doc_ids_or_an_error(content: bytes, count: int, documents: int) -> None:
    try:
        found = compiled().decode_doc_ids(np.frombuffer(content, np.uint8), count, documents)
    except ValueError:
        return
    assert len(found) == count
    assert (np.diff(found) > 0).all()
    assert not count or (found[0] >= 0 and found[-1] < documents)


numbers = st.one_of(st.integers(0, 3), st.integers(0, 5000), st.integers(0, 2**31 - 2))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(numbers, min_size=1, max_size=1500),
    low_bits=st.sampled_from([0, 8]),
    data=st.data(),
)
def test_slices_of_packed_numbers_are_the_same(
    tmp_path: Path, values: list[int], low_bits: int, data: st.DataObject
) -> None:
    path = tmp_path / "numbers.arrays"
    with ArrayWriter(path) as writer:
        packed = PackedWriter(writer, "n", low_bits)
        packed.append(np.array(values, np.int32))
        packed.close()
    reader = Packed(open_arrays(path), "n", low_bits)
    start = data.draw(st.integers(0, len(values)))
    stop = data.draw(st.integers(start, len(values)))
    assert reader.slice(start, stop).tolist() == values[start:stop]
    added = [value + 1 for value in values[start:stop]]
    assert reader.slice(start, stop, added=1).tolist() == added
    with numpy_alone():
        assert reader.slice(start, stop, added=1).tolist() == added


@given(
    arrays=st.tuples(*[st.binary(max_size=12)] * 3),
    exceptions=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 2**31 - 2)), max_size=3),
    ranks=st.lists(st.integers(0, 2**32 - 1), max_size=2),
    bounds=st.tuples(st.integers(0, 120), st.integers(0, 120)),
)
def test_sections_that_do_not_fit_are_an_error(
    arrays: tuple[bytes, bytes, bytes],
    exceptions: list[tuple[int, int]],
    ranks: list[int],
    bounds: tuple[int, int],
) -> None:
    more, high, low = (np.frombuffer(one, np.uint8) for one in arrays)
    at, values = np.array(exceptions, np.uint32).reshape(-1, 2).T.copy()
    start, stop = bounds
    try:
        found = compiled().unpack(
            more, np.array(ranks, np.uint32), high, low, at, values, start, stop, 0
        )
    except ValueError:
        return
    assert len(found) == stop - start


positions = st.lists(st.integers(0, 400), max_size=200, unique=True)


@example([0, 60], [[57]], -3, np.uint32, sorted)  # 0 - 3 wraps around
@given(
    starts=positions,
    terms=st.lists(positions, max_size=3),
    offset=st.integers(-3, 3),
    dtype=st.sampled_from([np.uint32, np.uint64]),
    ordered=st.sampled_from([sorted, list]),
)
def test_followed_positions_equal_brute_force(
    starts: list[int], terms: list[list[int]], offset: int, dtype: type, ordered: type
) -> None:
    starts = ordered(starts)
    arrays: list[NDArray[Any]] = [np.array(sorted(term), dtype) for term in terms]
    found = compiled().followed(np.array(starts, dtype), offset, arrays)
    held = {at for term in terms for at in term}
    assert found.dtype == dtype
    assert found.tolist() == [start for start in starts if start + offset in held]


@pytest.mark.parametrize(("few", "many"), [(3, 5000), (400, 5000), (3000, 5000)])
def test_galloping_and_merging_find_the_same_followed_positions(few: int, many: int) -> None:
    draw = np.random.default_rng(few)
    one, other = (
        np.sort(draw.choice(20_000, size, replace=False)).astype(np.uint32) for size in (few, many)
    )
    expected = [start for start in one.tolist() if start + 1 in set(other.tolist())]
    assert compiled().followed(one, 1, [other]).tolist() == expected
    back = [start for start in other.tolist() if start - 1 in set(one.tolist())]
    assert compiled().followed(other, -1, [one]).tolist() == back


@given(
    phrases=st.one_of(
        st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), max_size=60),
        st.just([(at // 2, at % 3) for at in range(4000)]),
    ),
    step=st.one_of(positions, st.just(list(range(1, 4000)))),
    longest=st.integers(1, 60),
    dtype=st.sampled_from([np.uint32, np.uint64]),
)
def test_phrases_are_widened_as_by_numpy(
    phrases: list[tuple[int, int]], step: list[int], longest: int, dtype: type
) -> None:
    # The highest positions as well: nothing may wrap around beyond them.
    starts, lengths = np.array(phrases, np.int64).reshape(-1, 2).T
    for added in (0, np.iinfo(dtype).max - 4100):
        first = np.sort(starts).astype(dtype) + dtype(added)
        last = np.maximum.accumulate(first + lengths.astype(dtype))
        there = np.array(sorted(step), dtype) + dtype(added)
        found = compiled().stretched(first, last, there, longest)
        with numpy_alone():
            expected = next_of_each(first, last, there, longest)
        for one, other in zip(found, expected, strict=True):
            assert one.dtype == other.dtype
            assert one.tolist() == other.tolist()


@given(
    st.lists(st.tuples(st.integers(0, 9000), st.lists(st.integers(0, 999), min_size=1)), max_size=9)
)
def test_positions_are_packed_as_by_numpy(rows: list[tuple[int, list[int]]]) -> None:
    ids = np.array([row[0] for row in rows], np.int32)
    counts = np.array([len(row[1]) for row in rows], np.int32)
    every = np.array([at for row in rows for at in row[1]], np.int32)
    expected = [(row[0] << 10) + at for row in rows for at in row[1]]
    for width in (4, 8):
        assert compiled().pack_positions(ids, counts, every, 10, width).tolist() == expected
    if len(every):
        with pytest.raises(ValueError, match="inconsistent"):
            compiled().pack_positions(ids, counts, every[1:], 10, 4)


@given(st.sets(st.text(max_size=4), max_size=40), st.text(max_size=4), st.integers(0, 50))
def test_terms_are_found_as_by_bisection(terms: set[str], wanted: str, first: int) -> None:
    encoded = sorted(term.encode() for term in terms)
    content = np.frombuffer(b"".join(encoded), np.uint8)
    starts = np.cumsum([0, *map(len, encoded)]).astype(np.uint32)
    dictionary = TermDictionary(content, starts)
    expected = max(bisect_left(encoded, wanted.encode(), min(first, len(encoded))), first)
    assert dictionary.lower_bound(wanted.encode(), first) == expected
    assert dictionary.ordinal(wanted) == (encoded.index(wanted.encode()) if wanted in terms else -1)


def test_bounds_of_terms_beyond_their_content_are_an_error() -> None:
    content = np.frombuffer(b"ab", np.uint8)
    with pytest.raises(ValueError, match="inconsistent"):
        compiled().lower_bound(content, np.array([0, 9], np.uint32), b"b", 0)
