"""Each of the five codecs decodes what it encoded, and takes few bytes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.storage.doc_id_codecs import decode_documents, decode_many, encode_documents

MAX_DOC_ID = st.sampled_from([3, 300, 1 << 16, (1 << 16) + 1, 188_687, 1 << 24, (1 << 24) + 1])


@st.composite
def term_documents(draw: st.DrawFn) -> tuple[int, list[list[int]]]:
    """Draw a number of documents, and the doc ids of several terms, dense and sparse."""
    documents = draw(MAX_DOC_ID)
    terms = []
    for _ in range(draw(st.integers(1, 8))):
        near = st.integers(0, min(documents, draw(st.sampled_from([20, 90, 2000, 1 << 25]))) - 1)
        terms.append(sorted(draw(st.sets(near, min_size=1, max_size=60))))
    return documents, terms


@given(term_documents())
def test_doc_ids_survive_a_round_trip(drawn: tuple[int, list[list[int]]]) -> None:
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
        (2, 10_000, 1250),  # one bit for each document
    ],
)
def test_doc_ids_take_few_bytes(step: int, documents: int, size: int) -> None:
    numbers = np.arange(0, documents, step, dtype=np.int32)
    content, sizes = encode_documents(numbers, np.array([len(numbers)]), documents)
    assert sizes.tolist() == [len(content)] == [size]


@pytest.mark.parametrize(("gap", "size"), [(65_535, 257 * 2), (65_536, 257 * 3)])
def test_gaps_of_a_byte_never_take_the_bytes_of_long_ones(gap: int, size: int) -> None:
    """After 256 neighbours one document is so far away that gaps take two bytes per document."""
    numbers = np.append(np.arange(256), 256 + gap).astype(np.int32)
    counts = np.array([len(numbers)])
    content, sizes = encode_documents(numbers, counts, 1 << 20)
    assert sizes.tolist() == [size]
    assert decode_documents(content, len(numbers), 1 << 20).tolist() == numbers.tolist()
    assert decode_many(content, sizes, counts, 1 << 20).tolist() == numbers.tolist()


def test_more_postings_than_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="more postings than bits"):
        decode_many(np.zeros(1, np.uint8), np.array([1]), np.array([1 << 40]), 100)
