"""A hash map from 64-bit to 32-bit integers with vectorised lookup and insertion."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

_MAX_PROBES = 8
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 / golden ratio: multiplicative hashing


class IntegerMap:
    """Maps int64 keys other than 0 to int32 values from 0, in 12 bytes per slot.

    A hash table with linear probing (Knuth, TAOCP 3, 6.4) of at most `_MAX_PROBES` slots. A key
    that finds no free slot there is not stored, so keys chosen to collide cannot make it slow.
    Not thread-safe.

    >>> numbers = IntegerMap()
    >>> numbers.add(np.array([10, 20]), np.array([1, 2], np.int32)).tolist()
    [True, True]
    >>> numbers.find(np.array([20, 30])).tolist()
    [2, -1]
    """

    def __init__(self) -> None:
        self._size = 0
        self._make_room(bits=12)

    def find(self, keys: Longs) -> Ints:
        """Return the value of each key, -1 for keys that are not stored."""
        slots = self._slots(keys)
        numbers = self._numbers.take(slots)
        found = self._keys.take(slots)
        left = np.flatnonzero((found != keys) & (found != 0))
        slots, keys = slots.take(left), keys.take(left)
        for _ in range(1, _MAX_PROBES):
            if not len(left):
                break
            slots += 1
            found = self._keys.take(slots)
            numbers[left] = self._numbers.take(slots)  # an empty slot, which ends probing, has -1
            pending = np.flatnonzero((found != keys) & (found != 0))
            left, slots, keys = left.take(pending), slots.take(pending), keys.take(pending)
        numbers[left] = -1
        return numbers

    def add(self, keys: Longs, numbers: Ints) -> NDArray[np.bool_]:
        """Store the values of keys that are not stored yet; return a mask of those stored."""
        if 3 * (self._size + len(keys)) > len(self._keys):
            known = np.flatnonzero(self._keys)
            old = self._keys[known], self._numbers[known]
            self._size = 0
            self._make_room(bits=(4 * (len(known) + len(keys))).bit_length())
            self._insert(*old)
        return self._insert(keys, numbers)

    def _insert(self, keys: Longs, numbers: Ints) -> NDArray[np.bool_]:
        kept = np.zeros(len(keys), np.bool_)
        left = np.arange(len(keys))
        slots = self._slots(keys)
        for _ in range(_MAX_PROBES):
            free = self._keys[slots] == 0
            self._keys[slots[free]] = keys[left[free]]  # of several for one slot, one stays
            is_stored = self._keys[slots] == keys[left]
            self._numbers[slots[is_stored]] = numbers[left[is_stored]]
            kept[left[is_stored]] = True
            left, slots = left[~is_stored], slots[~is_stored] + 1
            if not len(left):
                break
        self._size += int(np.count_nonzero(kept))
        return kept

    def _make_room(self, bits: int) -> None:
        self._bits = bits
        self._keys = np.zeros((1 << bits) + _MAX_PROBES, np.int64)
        self._numbers = np.full(len(self._keys), -1, np.int32)

    def _slots(self, keys: Longs) -> Longs:
        mixed = keys.view(np.uint64) * _GOLDEN
        mixed >>= np.uint64(64 - self._bits)
        return mixed.view(np.int64)
