"""Which terms stand where in an article: from text to the tokens of each field.

Fields: "text" (syllables of title, summary, body and author, one after another with a gap of
`PART_GAP` positions between them), "title" and "author" (syllables), "words" (segmented words of
title, summary and body, the syllables of a word joined by "_").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.article import Article

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
