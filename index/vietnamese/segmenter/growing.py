"""Arrays that grow: how do facts found one by one become something NumPy can take from?"""

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


class Growing(Generic[Number]):
    """One array that grows at its end; an array once given out never changes."""

    def __init__(self, dtype: type[Number]) -> None:
        self._array: NDArray[Number] = np.empty(0, dtype)
        self._new: list[float] = []
        self.extend = self._new.extend

    def array(self) -> NDArray[Number]:
        """Give everything so far."""
        if self._new:
            new = np.array(self._new, self._array.dtype)
            self._array = np.concatenate([self._array, new])
            self._new.clear()
        return self._array


class Rows:
    """Rows of numbers, each of its own length, that grow by whole rows."""

    def __init__(self) -> None:
        self._ends = Growing(np.int32)
        self._values = Growing(np.int32)
        self._size = 0

    def extend(self, rows: Sequence[Sequence[int]]) -> None:
        """Add rows behind the last."""
        ends = list(accumulate(map(len, rows), initial=self._size))
        self._size = ends[-1]
        self._values.extend(chain.from_iterable(rows))
        self._ends.extend(ends[1:])

    def take(self, rows: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Give the values of the rows asked for, one row after the other, and each row's length.

        Both are int32; the lengths are aligned with `rows`.
        """
        ends = self._ends.array()
        lengths = np.diff(ends, prepend=np.int32(0))[rows]
        ends_taken = np.cumsum(lengths, dtype=np.int32)
        places = np.repeat(ends[rows] - ends_taken, lengths)
        places += np.arange(len(places), dtype=np.int32)
        return self._values.array()[places], lengths
