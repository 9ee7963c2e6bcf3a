"""Which number belongs to an integer? A dictionary that is asked with whole arrays."""

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]

_PROBES = 8
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class IntegerMap:
    """Remembers the numbers of 64-bit integers (any but 0), in 16 bytes for each place.

    A hash table with linear probing (Knuth, TAOCP 3, 6.4) in which a key stands at most
    `_PROBES` places behind its own; one that finds no room there is not remembered, so nobody
    can make it slow. For one thread.
    """

    def __init__(self) -> None:
        self._bits = 12
        self._size = 0
        self._rows = self._empty()

    def find(self, keys: Longs) -> Longs:
        """Give the number of each key, -1 for those that are not there."""
        places = self._places(keys)
        rows = self._rows.take(places, axis=0)
        numbers = np.where(rows[:, 0] == keys, rows[:, 1], -1)
        left = np.flatnonzero(numbers < 0)
        for probe in range(1, _PROBES):
            if not len(left):
                break
            rows = self._rows[places[left] + probe]
            found = rows[:, 0] == keys[left]
            numbers[left[found]] = rows[found, 1]
            left = left[~found]
        return numbers

    def add(self, keys: Longs, numbers: Longs) -> NDArray[np.bool_]:
        """Remember the numbers, from 0, of keys that are not there yet; say of which it does."""
        if 2 * (self._size + len(keys)) > 1 << self._bits:
            known = self._rows[self._rows[:, 0] != 0]
            self._bits = (4 * (self._size + len(keys))).bit_length()
            self._size = 0
            self._rows = self._empty()
            self._insert(known)
        return self._insert(np.stack((keys, numbers), axis=1))

    def _insert(self, rows: Longs) -> NDArray[np.bool_]:
        kept = np.zeros(len(rows), np.bool_)
        places = self._places(rows[:, 0])
        for probe in range(_PROBES):
            left = np.flatnonzero(~kept)
            there = places[left] + probe
            free = self._rows[there, 0] == 0
            self._rows[there[free]] = rows[left[free]]  # where several would, one stays
            kept[left] = self._rows[there, 0] == rows[left, 0]
        self._size += int(np.count_nonzero(kept))
        return kept

    def _empty(self) -> Longs:
        return np.zeros(((1 << self._bits) + _PROBES, 2), np.int64)

    def _places(self, keys: Longs) -> Longs:
        mixed = keys.view(np.uint64) * _GOLDEN
        mixed >>= np.uint64(64 - self._bits)
        return mixed.view(np.int64)
