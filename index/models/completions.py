"""Completions: the phrases of a part, sorted by their `fold`, so that "ha n" finds "hà nội"."""

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

MAX_DELETED_PHRASES = 256
"""Phrases of deleted articles that one request skips: for each, about 50 µs are spent on looking
for an article that still has it. Beyond this number, fewer phrases are returned."""

MAX_MEMO_ROWS = 1 << 12
"""Rows whose folded letters are cached, about 400 kB: the first dozen steps of each binary search.
A completion takes about 150 steps."""

_ROWS_PER_LOOKUP = 64
"""Looking up one phrase takes as long as reading this many rows, at 1 µs each."""

_FIRST_SORTED = 512
"""Rows of a prefix that are sorted first: usually only a few of the heaviest are needed.
Arbitrary."""


NO_EXAMPLE = 0xFFFFFFFF
"""The example document of a phrase that occurs in no title."""


def completion_arrays(
    weights: Mapping[str, int], examples: Mapping[str, int] | None = None
) -> dict[str, NDArray[Any]]:
    """Return phrases and their weights as arrays for a file, sorted by `fold`.

    `completion_texts` (uint8): the phrases in UTF-8, concatenated. `completion_starts` (uint32,
    phrases + 1): the offset of each. `completion_weights` (uint32). `completion_examples` (uint32):
    a document that has the phrase in its title, or `NO_EXAMPLE`.
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
    """The phrases of one part, over its memory-mapped arrays without a copy."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `completion_arrays`. Raises ValueError if they are inconsistent."""
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
        """Return the phrase of a row."""
        start, end = self._starts[row : row + 2].tolist()
        return bytes(self._texts[start:end]).decode("utf-8", "replace")

    def _letters(self, row: int) -> str:
        """Return the `fold` of a row's phrase, memoised, as binary searches share first steps."""
        letters = self._folded.get(row)
        if letters is None:
            letters = fold(self.phrase(row))
            if len(self._folded) < MAX_MEMO_ROWS:
                self._folded[row] = letters
        return letters

    def example(self, phrase: str) -> int | None:
        """Return a document that has the phrase in its title; None if none is known."""
        row = self._row(phrase)
        document = NO_EXAMPLE if row < 0 else int(self._examples[row])
        return None if document == NO_EXAMPLE else document

    def _row(self, phrase: str) -> int:
        def sort_key(row: int) -> tuple[str, str]:
            return self._letters(row), self.phrase(row)

        row = bisect_left(range(len(self)), (fold(phrase), phrase), key=sort_key)
        return row if row < len(self) and self.phrase(row) == phrase else -1

    def rows_of(self, phrases: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each phrase, -1 for an unknown one."""
        if len(phrases) * _ROWS_PER_LOOKUP < len(self):
            found = [self._row(phrase) for phrase in phrases]
        else:
            numbers = {self.phrase(row): row for row in range(len(self))}
            found = [numbers.get(phrase, -1) for phrase in phrases]
        return np.array(found, np.int64)

    def without(
        self, rows: NDArray[np.int64], removed: NDArray[np.int64], min_weights: NDArray[np.int64]
    ) -> "Completions":
        """Return a copy with `removed` subtracted from the weights of `rows`, without duplicates.

        `min_weights` is aligned with `rows`. A row left with less than its minimum gets weight 0
        and is no longer a phrase; a row whose minimum is 0 keeps a weight of at least 1.
        """
        other = copy(self)
        other.weights = self.weights.copy()
        left = self.weights[rows].astype(np.int64) - removed
        left[left < min_weights] = 0
        left[min_weights == 0] = np.maximum(left[min_weights == 0], 1)
        other.weights[rows] = left.astype(np.uint32)
        return other

    def beginning_with(self, folded: str) -> range:
        """Return the rows of the phrases whose `fold` begins with `folded`."""
        rows = range(len(self))

        def letters(row: int) -> str:
            return self._letters(row)[: len(folded)]

        first = bisect_left(rows, folded, key=letters)
        return range(first, bisect_right(rows, folded, lo=first, key=letters))


class PhrasePart(Protocol):
    """The interface of a part of the models that `best_phrases` needs."""

    @property
    def completions(self) -> Completions:
        """The phrases that may complete a query."""
        ...

    def contains_phrase(self, phrase: str) -> bool:
        """Return whether an article that is not deleted has the phrase."""
        ...


def best_phrases(parts: Sequence[PhrasePart], typed: str, size: int) -> list[tuple[str, int]]:
    """Return at most `size` (phrase, weight) pairs that begin with `typed`, heaviest first.

    `typed` is canonical and lower case. A phrase may add marks to what was typed, but not change
    any. The weights of a phrase in several parts are summed; only the heaviest phrases of each part
    are considered.
    """
    weights: dict[str, int] = {}
    for part in parts:
        for phrase, weight in islice(_fitting(part, typed), size * len(parts)):
            weights[phrase] = weights.get(phrase, 0) + weight
    best = sorted(weights.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
    return best[:size]


def _fitting(part: PhrasePart, typed: str) -> Iterator[tuple[str, int]]:
    """Yield the phrases of a part that begin with what was typed, heaviest first."""
    table = part.completions
    rows = table.beginning_with(fold(typed))
    scores = table.weights[rows.start : rows.stop]
    deleted = 0
    for row in _heaviest(scores):
        phrase, weight = table.phrase(rows[row]), int(scores[row])
        if not weight:
            return
        if not may_become(typed, phrase):
            continue
        if part.contains_phrase(phrase):
            yield phrase, weight
        elif (deleted := deleted + 1) > MAX_DELETED_PHRASES:
            return


def _heaviest(weights: NDArray[np.uint32]) -> Iterator[int]:
    """Yield the indices of the weights, greatest first; the first ones without sorting all."""
    if len(weights) > _FIRST_SORTED:
        limit = np.partition(weights, -_FIRST_SORTED)[-_FIRST_SORTED]
        above = np.flatnonzero(weights > limit)
        yield from above[np.argsort(-weights[above].astype(np.int64), kind="stable")].tolist()
        rest = np.flatnonzero(weights <= limit)
    else:
        rest = np.arange(len(weights))
    yield from rest[np.argsort(-weights[rest].astype(np.int64), kind="stable")].tolist()
