"""NumPy arrays that can be appended to."""

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)
Numbers = NDArray[np.signedinteger[Any]]


class GrowableArray(Generic[Number]):
    """An array that can be appended to. Arrays that `array` has returned never change.

    >>> grows = GrowableArray(np.int32)
    >>> grows.extend([1, 2])
    >>> first = grows.array()
    >>> grows.extend([3])
    >>> first.tolist(), grows.array().tolist()
    ([1, 2], [1, 2, 3])
    """

    def __init__(self, dtype: type[Number]) -> None:
        self._buffer: NDArray[Number] = np.empty(1 << 10, dtype)
        self._size = 0
        self._new: list[float] = []
        self.extend = self._new.extend

    def array(self) -> NDArray[Number]:
        """Return all numbers added so far: a view, not a copy."""
        if self._new:
            end = self._size + len(self._new)
            if end > len(self._buffer):
                larger = np.empty(2 * end, self._buffer.dtype)
                larger[: self._size] = self._buffer[: self._size]
                self._buffer = larger
            self._buffer[self._size : end] = self._new
            self._size = end
            self._new.clear()
        return self._buffer[: self._size]


class JaggedArray:
    """Rows of int32 numbers of different lengths; rows can be appended.

    >>> rows = JaggedArray()
    >>> rows.extend([[5, 6], [], [7]])
    >>> values, lengths = rows.take(np.array([2, 0]))
    >>> values.tolist(), lengths.tolist()
    ([7, 5, 6], [1, 2])
    """

    def __init__(self) -> None:
        self._bounds = GrowableArray(np.int32)  # row n is values[bounds[n] : bounds[n + 1]]
        self._bounds.extend((0,))
        self._values = GrowableArray(np.int32)
        self._size = 0

    def extend(self, rows: Sequence[Sequence[int]]) -> None:
        """Append rows."""
        bounds = list(accumulate(map(len, rows), initial=self._size))
        self._size = bounds[-1]
        self._values.extend(chain.from_iterable(rows))
        self._bounds.extend(bounds[1:])

    def values(self) -> NDArray[np.int32]:
        """Return the values of all rows, concatenated."""
        return self._values.array()

    def positions(self, rows: Numbers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the positions in `values` of the given rows, concatenated, and the rows' lengths.

        Both are int32; the lengths are aligned with `rows`.
        """
        bounds = self._bounds.array()
        starts = bounds[rows]
        lengths = bounds[1:][rows]
        lengths -= starts
        # Entry i of the result is i + (start of its row - length of all rows before it).
        starts += lengths
        starts -= np.cumsum(lengths, dtype=np.int32)
        positions = np.repeat(starts, lengths)
        positions += np.arange(len(positions), dtype=np.int32)
        return positions, lengths

    def take(self, rows: Numbers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the values of the given rows, concatenated, and the rows' lengths."""
        positions, lengths = self.positions(rows)
        return self.values()[positions], lengths
