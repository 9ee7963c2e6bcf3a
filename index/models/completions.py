"""Completions: the phrases of a part, sorted by their folded letters, so "ha n" finds "hà nội"."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models.typed_marks import may_become
from index.storage.array_file import typed_arrays
from index.vietnamese.forms import fold, fold_all

MAX_GONE_PHRASES = 256
"""Phrases of deleted articles that are passed over for one question, each some 50 µs of looking
for an article that still has it; with more of them fewer phrases are offered."""

MAX_MEMO_ROWS = 1 << 12
"""Rows whose folded letters are cached, some 400 kB: the first dozen steps of each binary search. A
completion takes some 150 steps."""

_ROWS_A_LOOK_UP = 64
"""Reading all rows costs 1 us for each, and looking one phrase up as much as this many rows."""

_FIRST_SORTED = 512
"""Rows of a prefix that are sorted first: mostly a few of the heaviest are needed. Arbitrary."""


NO_EXAMPLE = 0xFFFFFFFF
"""Stands for the example of a phrase that no title has."""


def completion_arrays(
    weights: Mapping[str, int], examples: Mapping[str, int] | None = None
) -> dict[str, NDArray[Any]]:
    """Lay out phrases as arrays, in the order of their unmarked letters.

    `completion_texts` (uint8) is the phrases in UTF-8 one after another, `completion_starts`
    (uint32, one more than phrases) where each begins, `completion_weights` (uint32),
    `completion_examples` (uint32) a document with it in its title, or `NO_EXAMPLE`.
    """
    ordered = sorted(zip(fold_all(weights), weights, strict=True))
    encoded = [phrase.encode("utf-8", "surrogatepass") for _, phrase in ordered]
    return {
        "completion_texts": np.frombuffer(b"".join(encoded), np.uint8),
        "completion_starts": np.cumsum([0, *map(len, encoded)]).astype(np.uint32),
        "completion_weights": np.array([weights[phrase] for _, phrase in ordered], np.uint32),
        "completion_examples": np.array(
            [(examples or {}).get(phrase, NO_EXAMPLE) for _, phrase in ordered], np.uint32
        ),
    }


_COLUMNS: dict[str, type[np.generic]] = {
    "completion_texts": np.uint8,
    "completion_starts": np.uint32,
    "completion_weights": np.uint32,
}


class Completions:
    """The phrases of one segment, read from its (memory-mapped) arrays; nothing is copied."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `completion_arrays`; raises ValueError if they are inconsistent."""
        self._texts, self._starts, self.weights = typed_arrays(arrays, _COLUMNS)
        rows = len(self.weights)
        if "completion_examples" in arrays:
            [self._examples] = typed_arrays(arrays, {"completion_examples": np.uint32})
        else:  # a file of version 0.2.0
            self._examples = np.full(rows, NO_EXAMPLE, np.uint32)
        sizes = (len(self._starts) - 1, len(self._examples))
        if sizes != (rows, rows) or self._starts[-1] != len(self._texts):
            message = "the table of completions is damaged: its columns are inconsistent"
            raise ValueError(f"{message}; build the index again")
        self._folded: dict[int, str] = {}  # a memo of `_letters`

    def __len__(self) -> int:
        return len(self.weights)

    def phrase(self, row: int) -> str:
        """Return the phrase in a row."""
        start, end = self._starts[row : row + 2].tolist()
        return bytes(self._texts[start:end]).decode("utf-8", "replace")

    def _letters(self, row: int) -> str:
        """Return the folded letters of a row; binary searches share their first rows."""
        letters = self._folded.get(row)
        if letters is None:
            letters = fold(self.phrase(row))
            if len(self._folded) < MAX_MEMO_ROWS:
                self._folded[row] = letters
        return letters

    def example(self, phrase: str) -> int | None:
        """Return a document that has a phrase in its title; None if none is known."""
        row = self._row(phrase)
        document = NO_EXAMPLE if row < 0 else int(self._examples[row])
        return None if document == NO_EXAMPLE else document

    def _row(self, phrase: str) -> int:
        def place(row: int) -> tuple[str, str]:
            return self._letters(row), self.phrase(row)

        row = bisect_left(range(len(self)), (fold(phrase), phrase), key=place)
        return row if row < len(self) and self.phrase(row) == phrase else -1

    def rows_of(self, phrases: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each phrase, -1 for one that is not there."""
        if len(phrases) * _ROWS_A_LOOK_UP < len(self):
            found = [self._row(phrase) for phrase in phrases]
        else:
            numbers = {self.phrase(row): row for row in range(len(self))}
            found = [numbers.get(phrase, -1) for phrase in phrases]
        return np.array(found, np.int64)

    def without(
        self, rows: NDArray[np.int64], removed: NDArray[np.int64], min_weights: NDArray[np.int64]
    ) -> "Completions":
        """Return the same phrases with `removed` taken from the weights of rows, each once.

        A row left with less than its `min_weights` gets the weight 0, and is no phrase any more. A
        row with a minimum of 0 keeps a weight of at least 1.
        """
        other = copy(self)
        other.weights = self.weights.copy()
        left = self.weights[rows].astype(np.int64) - removed
        left[left < min_weights] = 0
        left[min_weights == 0] = np.maximum(left[min_weights == 0], 1)
        other.weights[rows] = left.astype(np.uint32)
        return other

    def beginning_with(self, folded: str) -> range:
        """Return the rows of the phrases whose folded letters begin with `folded`."""
        rows = range(len(self))

        def letters(row: int) -> str:
            return self._letters(row)[: len(folded)]

        first = bisect_left(rows, folded, key=letters)
        return range(first, bisect_right(rows, folded, lo=first, key=letters))


class PhrasePart(Protocol):
    """The interface of a part of the models that `best_phrases` needs."""

    @property
    def completions(self) -> Completions:
        """The phrases that people may be typing."""
        ...

    def holds_phrase(self, phrase: str) -> bool:
        """Return whether an article that is not deleted has the phrase."""
        ...


def best_phrases(parts: Sequence[PhrasePart], typed: str, size: int) -> list[tuple[str, int]]:
    """Return the phrases that continue what was typed, the heaviest first, with their weights.

    `typed` is canonical and lower case. Marks that it has must agree; those that it lacks may be
    added. Weights of several parts are summed for phrases that are among the best of each.
    """
    weights: dict[str, int] = {}
    for part in parts:
        for phrase, weight in islice(_fitting(part, typed), size * len(parts)):
            weights[phrase] = weights.get(phrase, 0) + weight
    best = sorted(weights.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
    return best[:size]


def _fitting(part: PhrasePart, typed: str) -> Iterator[tuple[str, int]]:
    """Yield the phrases of a part that continue what was typed, the heaviest first."""
    table = part.completions
    rows = table.beginning_with(fold(typed))
    scores = table.weights[rows.start : rows.stop]
    gone = 0
    for row in _heaviest(scores):
        phrase, weight = table.phrase(rows[row]), int(scores[row])
        if not weight:
            return
        if not may_become(typed, phrase):
            continue
        if part.holds_phrase(phrase):
            yield phrase, weight
        elif (gone := gone + 1) > MAX_GONE_PHRASES:
            return


def _heaviest(weights: NDArray[np.uint32]) -> Iterator[int]:
    """Yield the indices of weights, greatest first; the first ones without sorting them all."""
    if len(weights) > _FIRST_SORTED:
        limit = np.partition(weights, -_FIRST_SORTED)[-_FIRST_SORTED]
        above = np.flatnonzero(weights > limit)
        yield from above[np.argsort(-weights[above].astype(np.int64), kind="stable")].tolist()
        rest = np.flatnonzero(weights <= limit)
    else:
        rest = np.arange(len(weights))
    yield from rest[np.argsort(-weights[rest].astype(np.int64), kind="stable")].tolist()
