"""Each field of a batch has the tokens of its articles with their positions, however batched."""

import os
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import analysis
from index.analysis import AnalysedBatch, AnalysisError, analyse, analyse_all
from index.article import Article
from index.values import PART_GAP
from index.vietnamese.syllables import terms
from index.vietnamese.words import search_words
from tests.index.vietnamese.strange_text import texts

Row = tuple[int, str, int]


def rows(batch: AnalysedBatch, field: str) -> list[Row]:
    tokens = batch.fields[field]
    for column in (tokens.terms, tokens.articles, tokens.positions):
        assert column.dtype == np.int32
    names = [batch.vocabulary[term] for term in tokens.terms.tolist()]
    return list(zip(tokens.articles.tolist(), names, tokens.positions.tolist(), strict=True))


def placed(number: int, parts: Sequence[list[str]]) -> Iterator[Row]:
    position = 0
    for part in parts:
        for term in part:
            yield number, term, position
            position += 1
        position += PART_GAP


def expected(articles: Sequence[Article], field: str) -> list[Row]:
    found: list[Row] = []
    for number, article in enumerate(articles):
        parts = {
            "text": [
                terms(t) for t in (article.body, article.title, article.summary, article.author)
            ],
            "title": [terms(article.title)],
            "author": [terms(article.author)],
            "words": [search_words(t) for t in (article.body, article.title, article.summary)],
        }[field]
        found += placed(number, parts)
    return found


articles = st.lists(st.builds(Article, st.just("1"), texts, texts, texts, texts), max_size=4)


@given(articles)
def test_fields_have_the_tokens_of_their_articles_at_their_positions(batch: list[Article]) -> None:
    analysed = analyse(batch)
    assert analysed.articles == tuple(batch)
    for field in analysis.TEXT_FIELDS:
        assert rows(analysed, field) == expected(batch, field)


@given(articles, articles)
def test_a_batch_depends_on_its_articles_only(before: list[Article], batch: list[Article]) -> None:
    first = analyse(batch)
    analyse(before)
    again = analyse(batch)
    assert again.vocabulary == first.vocabulary
    used = {term for name in analysis.TEXT_FIELDS for term in first.fields[name].terms.tolist()}
    assert used == set(range(len(first.vocabulary)))


def many(count: int) -> Iterator[Article]:
    for number in range(count):
        yield Article(str(number), f"Bài số {number}", body="Tổng thống Mỹ đến Hà Nội. " * 3)


def test_the_number_of_workers_makes_no_difference() -> None:
    alone = list(analyse_all(many(20), workers=1, max_batch_articles=3))
    together = list(analyse_all(many(20), workers=2, max_batch_articles=3))
    assert [batch.articles for batch in together] == [batch.articles for batch in alone]
    for one, other in zip(alone, together, strict=True):
        assert one.vocabulary == other.vocabulary
        for field in analysis.TEXT_FIELDS:
            assert rows(one, field) == rows(other, field)


def test_reading_ahead_is_bounded() -> None:
    read = 0

    def counted() -> Iterator[Article]:
        nonlocal read
        for article in many(1000):
            read += 1
            yield article

    batches = analyse_all(counted(), workers=2, max_batch_articles=2)
    assert len(list(islice(batches, 3))) == 3
    assert read <= 2 * (3 + 2 * 2 + 1)
    del batches  # which ends its processes


class Deadly(str):
    """A str that kills the process that unpickles it, like the kernel's OOM killer."""

    __slots__ = ()

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)


def test_a_dead_worker_is_reported() -> None:
    deadly = [Article("1", "một"), Article("2", "hai"), Article("3", Deadly("ba"))]
    with pytest.raises(AnalysisError, match="worker process died"):
        list(analyse_all(deadly, workers=2, max_batch_articles=1))
