"""The interface of a part of the models.

A part has the counts of one segment of an index, or of one batch of articles of a cluster. The
models of an index are sums over its parts.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import BigramTable, Ordinals
from index.models.completions import Completions
from index.models.spellings import Spellings
from index.models.trigrams import TrigramTable


class Vocabulary(Protocol):
    """The terms of one part, numbered in ascending order."""

    def ordinals(self, terms: Sequence[str]) -> Ordinals:
        """Return the ordinal of each term, -1 for an unknown one."""
        ...

    def term(self, ordinal: int) -> str:
        """Return the term with this ordinal."""
        ...


class ModelPart(Protocol):
    """The tables of one part. Read-only and thread-safe.

    A part may still count deleted articles; `contains_term` and `contains_phrase` return whether an
    article that is not deleted has a term or phrase.
    """

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms of the articles' text."""
        ...

    @property
    def frequencies(self) -> NDArray[np.integer[Any]]:
        """The collection frequency of each term, by ordinal."""
        ...

    @property
    def tokens(self) -> int:
        """The number of syllables in the articles."""
        ...

    @property
    def bigrams(self) -> BigramTable:
        """The bigrams of the text."""
        ...

    @property
    def trigrams(self) -> TrigramTable:
        """The trigrams of the text that the bigram model does not predict."""
        ...

    @property
    def spellings(self) -> Spellings:
        """The terms by their unmarked letters."""
        ...

    @property
    def completions(self) -> Completions:
        """The phrases that may complete a query."""
        ...

    def contains_term(self, ordinal: int) -> bool:
        """Return whether an article that is not deleted has the term in its text."""
        ...

    def contains_phrase(self, phrase: str) -> bool:
        """Return whether an article that is not deleted has this phrase of `completions`."""
        ...

    def written(self, phrase: str) -> str:
        """Return a phrase as titles write it; unchanged if that is not known."""
        ...
