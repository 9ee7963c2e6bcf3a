"""What was packed comes back: documents in their three ways, frequencies, sizes, lengths, dates."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from index.arrays import ArrayFile, ArrayWriter, open_arrays
from index.postings.columns import (
    NO_DATE,
    SizesWriter,
    read_dates,
    read_lengths,
    read_starts,
    write_dates,
    write_lengths,
)
from index.postings.documents import decode_documents, decode_many, encode_documents
from index.postings.lexicon import all_to_bytes, to_bytes
from index.postings.packing import Packed, PackedWriter

LARGEST = st.sampled_from([3, 300, 1 << 16, (1 << 16) + 1, 188_687, 1 << 24, (1 << 24) + 1])


@st.composite
def term_documents(draw: st.DrawFn) -> tuple[int, list[list[int]]]:
    """Draw a number of documents, and those of several terms: near each other and far apart."""
    documents = draw(LARGEST)
    terms = []
    for _ in range(draw(st.integers(1, 8))):
        near = st.integers(0, min(documents, draw(st.sampled_from([20, 90, 2000, 1 << 25]))) - 1)
        terms.append(sorted(draw(st.sets(near, min_size=1, max_size=60))))
    return documents, terms


@given(term_documents())
def test_documents(drawn: tuple[int, list[list[int]]]) -> None:
    documents, terms = drawn
    counts = np.array([len(term) for term in terms])
    numbers = np.array([number for term in terms for number in term], np.int32)
    content, sizes = encode_documents(numbers, counts, documents)
    assert sizes.sum() == len(content)
    assert decode_many(content, sizes, counts, documents).tolist() == numbers.tolist()
    for term, (start, end) in zip(terms, pairwise(np.cumsum([0, *sizes])), strict=True):
        assert decode_documents(content[start:end], len(term), documents).tolist() == term
        assert end - start <= min(4 * len(term), -(-documents // 8))


@pytest.mark.parametrize(
    ("step", "documents", "size"),
    [
        (60_000, 188_687, 4 * 2),  # gaps of two bytes
        (100_000, 1 << 20, 11 * 3),  # plain numbers
        (100, 10_000, 100),  # gaps of a byte
        (10, 10_000, 500),  # gaps of half a byte
        (2, 10_000, 1250),  # a bit for each document
    ],
)
def test_documents_take_few_bytes(step: int, documents: int, size: int) -> None:
    numbers = np.arange(0, documents, step, dtype=np.int32)
    content, sizes = encode_documents(numbers, np.array([len(numbers)]), documents)
    assert sizes.tolist() == [len(content)] == [size]


def reopened(write: Callable[[ArrayWriter], object]) -> ArrayFile:
    """Give the sections that a function writes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "arrays"
        with ArrayWriter(path) as writer:
            write(writer)
        return open_arrays(path)


def parts(least: int, most: int) -> st.SearchStrategy[list[np.ndarray]]:
    """Draw a column in parts: mostly small numbers, some large ones; long and short."""
    numbers = st.one_of(st.integers(least, min(least + 20, most)), st.integers(least, most))
    sizes = st.sampled_from([0, 1, 3, 4, 5, 1021, 1024, 2050])
    arrays = nps.arrays(np.int32, sizes, elements=numbers, fill=numbers)
    return st.lists(arrays, max_size=4)


def joined(columns: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty(0, np.int32), *columns])


@given(parts(0, 5000), st.sampled_from([0, 8]), st.data())
def test_packed_numbers(columns: list[np.ndarray], bits: int, data: st.DataObject) -> None:
    def write(writer: ArrayWriter) -> None:
        packed = PackedWriter(writer, "packed", bits)
        for column in columns:
            packed.append(column)
        packed.close()

    packed, every = Packed(reopened(write), "packed", bits), joined(columns)
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(every))] * 2)))
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
def test_lengths(columns: list[np.ndarray]) -> None:
    lengths = read_lengths(reopened(lambda writer: write_lengths(writer, "l", columns)), "l")
    assert lengths.dtype == np.int32
    assert lengths.tolist() == joined(columns).tolist()


SHORT_DATES = [0, -1, 1 << 30, -(1 << 31) + 1, (1 << 31) - 1, int(NO_DATE)]


@given(st.lists(st.sampled_from([*SHORT_DATES, -(1 << 31), 1 << 31, -(1 << 62)]), max_size=5))
def test_dates(dates: list[int]) -> None:
    column = np.array(dates, np.int64)
    arrays = reopened(lambda writer: write_dates(writer, "date", [column, column]))
    assert read_dates(arrays, "date").tolist() == dates * 2
    assert arrays["date"].itemsize == (4 if set(dates) <= set(SHORT_DATES) else 8)


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=3)))
def test_all_to_bytes_encodes_each(terms: list[str]) -> None:
    assert all_to_bytes(terms) == list(map(to_bytes, terms))
