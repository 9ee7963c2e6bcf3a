"""Which terms stand where in an article: from text to the tokens of each field.

Fields: "text" (syllables of title, summary, body and author, one after another with a gap of
`PART_GAP` positions between them), "title" and "author" (syllables), "words" (segmented words of
title, summary and body, the syllables of a word joined by "_").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.vietnamese.syllables import terms
from index.vietnamese.words import search_words

PART_GAP = 16
"""Positions left free between the parts of a field, so that no phrase spans two of them."""

TEXT_FIELDS = ("text", "title", "author", "words")


@dataclass(frozen=True, slots=True)
class FieldTokens:
    """The tokens of one field for a batch of articles, in reading order; three aligned arrays.

    `terms`: int32, index into the batch's vocabulary. `articles`: int32, index into the batch's
    articles, ascending. `positions`: int32, position in the field counted in tokens, ascending
    within an article.
    """

    terms: NDArray[np.int32]
    articles: NDArray[np.int32]
    positions: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class AnalysedBatch:
    """Articles with their tokens. All fields share one vocabulary (canonical lower-case terms)."""

    articles: tuple[Article, ...]
    vocabulary: tuple[str, ...]
    fields: Mapping[str, FieldTokens]


BATCH_SIZE = 64
"""Articles analysed together, by one worker."""


def analyse(articles: Sequence[Article]) -> AnalysedBatch:
    """Give the tokens of every field of the articles, in the order given."""
    vocabulary: dict[str, int] = {}
    columns = {name: _Column() for name in TEXT_FIELDS}
    for number, article in enumerate(articles):
        parts = (article.title, article.summary, article.body)
        for name, texts in (
            ("text", [terms(part) for part in (*parts, article.author)]),
            ("title", [terms(article.title)]),
            ("author", [terms(article.author)]),
            ("words", [search_words(part) for part in parts]),
        ):
            columns[name].add(number, texts, vocabulary)
    fields = {name: column.tokens() for name, column in columns.items()}
    return AnalysedBatch(tuple(articles), tuple(vocabulary), fields)


def analyse_all(articles: Iterable[Article], workers: int) -> Iterator[AnalysedBatch]:  # noqa: ARG001
    """Give the articles analysed in batches, in order; the result does not depend on `workers`."""
    source = iter(articles)
    while batch := list(islice(source, BATCH_SIZE)):
        yield analyse(batch)


@dataclass(slots=True)
class _Column:
    terms: list[int] = field(default_factory=list)
    articles: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)

    def add(self, article: int, parts: list[list[str]], vocabulary: dict[str, int]) -> None:
        position = 0
        for part in parts:
            for term in part:
                self.terms.append(vocabulary.setdefault(term, len(vocabulary)))
                self.articles.append(article)
                self.positions.append(position)
                position += 1
            position += PART_GAP

    def tokens(self) -> FieldTokens:
        columns = (self.terms, self.articles, self.positions)
        return FieldTokens(*(np.array(column, np.int32) for column in columns))
