"""A part of the models: what one segment of an index, or one batch of a cluster's, was counted to.

The models of an index are the sums over its parts.
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
        """Return the ordinal of each term, -1 for one that the part lacks."""
        ...

    def term(self, ordinal: int) -> str:
        """Return the term of an ordinal."""
        ...


class ModelPart(Protocol):
    """The tables of one part. Read-only, safe for many threads.

    A part may still count articles that were deleted since; `holds_term` and `holds_phrase` say
    whether one that was not deleted has a term or phrase.
    """

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms of the articles' text."""
        ...

    @property
    def frequencies(self) -> NDArray[np.integer[Any]]:
        """How often each term occurs, by ordinal."""
        ...

    @property
    def tokens(self) -> int:
        """How many syllables the articles have, all in all."""
        ...

    @property
    def bigrams(self) -> BigramTable:
        """The bigrams of the text."""
        ...

    @property
    def trigrams(self) -> TrigramTable:
        """The trigrams of the text that the bigrams do not predict."""
        ...

    @property
    def spellings(self) -> Spellings:
        """The terms by their unmarked letters."""
        ...

    @property
    def completions(self) -> Completions:
        """The phrases that people may be typing."""
        ...

    def holds_term(self, ordinal: int) -> bool:
        """Return whether an article that is not deleted has the term in its text."""
        ...

    def holds_phrase(self, phrase: str) -> bool:
        """Return whether an article that is not deleted has a phrase of the completions."""
        ...

    def written(self, phrase: str) -> str:
        """Return a phrase as a title writes it; itself where none is known."""
        ...
