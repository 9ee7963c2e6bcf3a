"""How often does a term stand in each of its documents? Two bits mostly, for two in three are 1.

Sections of `NAME`: `few` (uint8) holds four frequencies a byte, lowest bits first: 0 to 2 stand for
1 to 3, 3 for more; `rank` (uint32) how many of these are before every 1,024th one; `more.*` what
those are above 4, packed in 4 bits (see `packing`).
"""

import numpy as np
from numpy.typing import NDArray

from index.arrays import ArrayFile, ArrayWriter
from index.postings.packing import Numbers, Packed, PackedWriter

MORE = 4
"""The least frequency that is kept apart."""

_STEP = 1024
_MORE_BITS = 4
_SHIFTS = np.array([0, 2, 4, 6])
_FOUR = ((np.arange(256)[:, None] >> _SHIFTS & 3) + 1).astype(np.int32)
"""The four frequencies of each byte."""


class FrequencyWriter:
    """Appends frequencies, each at least 1."""

    def __init__(self, writer: ArrayWriter, name: str) -> None:
        self._writer = writer
        self._name = name
        self._more = PackedWriter(writer, f"{name}.more", _MORE_BITS)
        self._waiting = np.empty(0, np.int32)
        self._passed = 0
        writer.append(f"{name}.few", np.empty(0, np.uint8))
        writer.append(f"{name}.rank", np.empty(0, np.uint32))

    def append(self, frequencies: Numbers) -> None:
        """Add frequencies to the end."""
        every = np.concatenate([self._waiting, frequencies])
        whole = len(every) // _STEP * _STEP
        self._write(every[:whole])
        self._waiting = every[whole:]

    def close(self) -> None:
        """Write the frequencies that wait for a whole step."""
        self._write(np.append(self._waiting, np.ones(-len(self._waiting) % 4, np.int32)))
        self._more.close()

    def _write(self, frequencies: Numbers) -> None:
        codes = (np.minimum(frequencies, MORE) - 1).astype(np.uint8).reshape(-1, 4)
        codes <<= _SHIFTS.astype(np.uint8)
        self._writer.append(f"{self._name}.few", np.bitwise_or.reduce(codes, axis=1))
        large = np.flatnonzero(frequencies >= MORE)
        rank = np.searchsorted(large, np.arange(0, len(frequencies), _STEP)) + self._passed
        self._writer.append(f"{self._name}.rank", rank.astype(np.uint32))
        self._more.append(frequencies[large] - MORE)
        self._passed += len(large)


class Frequencies:
    """Frequencies that a `FrequencyWriter` wrote."""

    def __init__(self, arrays: ArrayFile, name: str) -> None:
        """Raise ArrayFileError where a section is missing."""
        self._arrays = arrays
        self._name = name
        self._few: NDArray[np.uint8] = arrays[f"{name}.few"]
        self._rank: NDArray[np.uint32] = arrays[f"{name}.rank"]
        self._more = Packed(arrays, f"{name}.more", _MORE_BITS)

    def slice(self, start: int, stop: int) -> Numbers:
        """Give the frequencies [start, stop). Raises ArrayFileError for damage."""
        step = start // _STEP
        first = step * _STEP
        self._arrays.check(f"{self._name}.few", first >> 2, (stop + 3) >> 2)
        frequencies: Numbers = _FOUR.take(self._few[first >> 2 : (stop + 3) >> 2], axis=0).ravel()
        frequencies = frequencies[: stop - first]
        large = np.flatnonzero(frequencies == MORE)
        before = int(np.searchsorted(large, start - first))
        if before < len(large):
            self._arrays.check(f"{self._name}.rank", step, step + 1)
            passed = int(self._rank[step]) + before
            frequencies[large[before:]] += self._more.slice(passed, passed + len(large) - before)
        return frequencies[start - first :]
