"""Compiled counting and joining of tokens, compared with NumPy versions and brute force."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import FieldTokens, analyse
from index.article import Article
from index.models.near_duplicates import signatures
from index.models.part_builder import article_counts
from index.opensearch.documents import documents
from index.schema import DEFAULT_SCHEMA
from index.vietnamese.segmenter.vocabulary import Vocabulary, compacted
from tests.compiled import compiled, needs_kernels, numpy_alone

pytestmark = needs_kernels

texts = st.lists(
    st.sampled_from(("giá", "gạo", 'a"b', "\\", "“tăng”", "2025-06", "\ud800", "", "\n", "中文")),
    max_size=9,
).map(" ".join)
articles = st.lists(
    st.builds(Article, st.just("1"), title=texts, summary=texts, body=texts, author=texts),
    max_size=6,
)
tokens = st.lists(st.lists(st.integers(0, 9), max_size=20), max_size=5)


def as_arrays(terms: list[list[int]]) -> FieldTokens:
    """Return the tokens of articles, given by their terms."""
    owners = [article for article, own in enumerate(terms) for _ in own]
    positions = [position for own in terms for position in range(len(own))]
    columns = ([term for own in terms for term in own], owners, positions)
    return FieldTokens(*(np.array(column, np.int32) for column in columns))


@given(articles)
def test_documents_are_written_as_by_numpy(given_articles: list[Article]) -> None:
    batch = analyse(given_articles)
    found = [document for _, document in documents(batch, DEFAULT_SCHEMA, 7)]
    with numpy_alone():
        assert found == [document for _, document in documents(batch, DEFAULT_SCHEMA, 7)]


@given(tokens)
def test_articles_are_counted_as_by_numpy(terms: list[list[int]]) -> None:
    field = as_arrays(terms)
    found = article_counts(field.terms, field.articles, 10).tolist()
    assert found == [sum(term in own for own in terms) for term in range(10)]
    with numpy_alone():
        assert found == article_counts(field.terms, field.articles, 10).tolist()


@given(tokens, st.integers(1, 9))
def test_signatures_are_those_of_numpy(terms: list[list[int]], together: int) -> None:
    field = as_arrays(terms)
    vocabulary = [f"từ{number}" for number in range(10)]
    found = signatures(field.terms, field.articles, vocabulary, len(terms)).tolist()
    with numpy_alone():
        other = signatures(field.terms, field.articles, vocabulary, len(terms), together)
    assert found == other.tolist()


@given(st.lists(st.lists(st.integers(0, 30), max_size=20), max_size=3))
def test_texts_are_numbered_as_by_numpy(numbers: list[list[int]]) -> None:
    vocabulary = Vocabulary()
    for number in range(31):
        _ = vocabulary[f"từ{number}"]
    arrays = [np.array(row, np.int32) for row in numbers]
    texts, found = compacted(arrays, vocabulary)
    assert [[texts[at] for at in row] for row in found] == [
        [vocabulary.texts[number] for number in row] for row in numbers
    ]
    with numpy_alone():
        others, beside = compacted(arrays, vocabulary)
    assert texts == others
    assert [row.tolist() for row in found] == [row.tolist() for row in beside]


@pytest.mark.parametrize("number", [-1, 31, 2**31 - 1])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        compiled().factorize([int32(1), int32(2, number)], 31)


def int32(*numbers: int) -> Any:
    return np.array(numbers, np.int32)


def test_parts_are_distinguished() -> None:
    terms = [b"gi\xc3\xa1", b"", b"b"]
    starts = np.array([0, 0, 3, 4, 5], np.int64)
    numbers, gaps = int32(0, 0, 2, 1, 2), int32(0, 1, 0, 2, 2)
    assert compiled().terms_as_json(terms, numbers, gaps, starts, b"-") == [
        b'["-"]', '["giá","giá b"]'.encode(), b'["-"]', b'["","","b"]',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "gaps", "starts"),
    [
        (int32(3), int32(0), [0, 1]),
        (int32(-1), int32(0), [0, 1]),
        (int32(0), int32(-1), [0, 1]),
        (int32(0), int32(1 << 20), [0, 1]),
        (int32(0), int32(0, 0), [0, 1]),
        (int32(0), int32(0), [0, 2]),
        (int32(0), int32(0), [1, 1]),
        (int32(0, 0), int32(0, 0), [0, 2, 1, 2]),
        (int32(), int32(), []),
    ],
)
def test_inconsistent_tokens_are_refused(numbers: Any, gaps: Any, starts: list[int]) -> None:
    with pytest.raises(ValueError, match="inconsistent"):
        compiled().terms_as_json([b"a", b"b", b"c"], numbers, gaps, np.array(starts, np.int64), b"")


@pytest.mark.parametrize(
    ("terms", "owners"), [((0, 5), (0, 0)), ((0, -1), (0, 0)), ((0, 1), (1, 0)), ((0,), (-1,))]
)
def test_tokens_out_of_range_are_refused(terms: tuple[int, ...], owners: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="inconsistent"):
        compiled().article_counts(int32(*terms), int32(*owners), 5)
    with pytest.raises(ValueError, match="inconsistent"):
        compiled().min_hashes(int32(*terms), int32(*owners), np.zeros(5, np.uint64), 5)
