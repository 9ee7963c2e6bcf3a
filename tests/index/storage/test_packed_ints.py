"""Packed numbers are read back: frequencies, positions, sizes, lengths, dates."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from index.embedded.columns import (
    NO_DATE,
    SizesWriter,
    read_dates,
    read_lengths,
    read_starts,
    write_dates,
    write_lengths,
)
from index.embedded.term_dictionary import all_to_bytes, to_bytes
from index.storage.array_file import ArrayFile, open_arrays
from index.storage.array_writer import ArrayWriter
from index.storage.packed_ints import Packed, PackedWriter


def reopened(write: Callable[[ArrayWriter], object]) -> ArrayFile:
    """Write sections by a function, and open the file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "arrays"
        with ArrayWriter(path) as writer:
            write(writer)
        return open_arrays(path)


def parts(least: int, most: int) -> st.SearchStrategy[list[np.ndarray]]:
    """Draw a column in parts of any length: mostly small numbers, some large ones."""
    numbers = st.one_of(st.integers(least, min(least + 20, most)), st.integers(least, most))
    sizes = st.sampled_from([0, 1, 3, 4, 5, 511, 512, 513, 1021, 1024, 2050])
    arrays = nps.arrays(np.int32, sizes, elements=numbers, fill=numbers)
    return st.lists(arrays, max_size=4)


def joined(columns: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty(0, np.int32), *columns])


LARGE = (14, 15, 16, 255, 256, 4095, 4096, (1 << 31) - 2)


@given(parts(0, 5000), st.sampled_from([0, 8]), st.data())
def test_packed_numbers_survive_a_round_trip(
    columns: list[np.ndarray], bits: int, data: st.DataObject
) -> None:
    def write(writer: ArrayWriter) -> None:
        packed = PackedWriter(writer, "packed", bits)
        for column in columns:
            packed.append(column)
        packed.close()

    columns.append(np.array(data.draw(st.lists(st.sampled_from(LARGE))), np.int32))
    packed, every = Packed(reopened(write), "packed", bits), joined(columns)
    edges = [edge for edge in (8, 511, 512, 513, 1024) if edge < len(every)]
    bound = st.sampled_from([0, *edges, len(every)]) | st.integers(0, len(every))
    start, stop = sorted(data.draw(st.tuples(bound, bound)))
    np.testing.assert_array_equal(packed.slice(start, stop), every[start:stop])
    assert packed.highest() >= every.max(initial=0)


@given(parts(0, 1 << 20))
def test_sizes_add_up_to_starts(columns: list[np.ndarray]) -> None:
    def write(writer: ArrayWriter) -> None:
        sizes = SizesWriter(writer, "size")
        for column in columns:
            sizes.append(column.astype(np.int64))

    starts = read_starts(reopened(write), "size")
    assert starts.dtype == np.uint32
    assert starts.tolist() == [0, *np.cumsum(joined(columns), dtype=np.int64).tolist()]


def test_sizes_of_more_than_32_bits_are_refused() -> None:
    with pytest.raises(OverflowError, match="'size' is too large"):
        reopened(lambda writer: SizesWriter(writer, "size").append(np.array([1 << 31] * 2)))


@given(parts(0, 1 << 20))
def test_lengths_survive_a_round_trip_in_the_smallest_type(columns: list[np.ndarray]) -> None:
    lengths = read_lengths(reopened(lambda writer: write_lengths(writer, "l", columns)), "l")
    assert lengths.dtype == np.int32
    assert lengths.tolist() == joined(columns).tolist()


SHORT_DATES = [0, -1, 1 << 30, -(1 << 31) + 1, (1 << 31) - 1, int(NO_DATE)]


@given(st.lists(st.sampled_from([*SHORT_DATES, -(1 << 31), 1 << 31, -(1 << 62)]), max_size=5))
def test_dates_survive_a_round_trip(dates: list[int]) -> None:
    column = np.array(dates, np.int64)
    arrays = reopened(lambda writer: write_dates(writer, "date", [column, column]))
    assert read_dates(arrays, "date").tolist() == dates * 2
    assert arrays["date"].itemsize == (4 if set(dates) <= set(SHORT_DATES) else 8)


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=3)))
def test_all_to_bytes_encodes_each(terms: list[str]) -> None:
    assert all_to_bytes(terms) == list(map(to_bytes, terms))
