"""Packed integers that are mostly small: frequencies and positions.

This is patched coding (PFOR: Zukowski, Héman, Nes and Boncz 2006) with a rank bit vector (Jacobson
1989), so that any slice can be decoded alone. A number has a low part of 8 or 0 bits and a high
part. The sections of numbers called NAME:

    NAME.low       uint8, the low parts, if there are any
    NAME.has_high  uint8, a bit vector, lowest bit first: 1 where a high part is above 0
    NAME.ranks     uint32, its rank directory: bits set before number 0, 512, 1024, ...
    NAME.high      uint8, each high part above 0, minus 1, in 4 bits, low half first
    NAME.exception_indices, NAME.exception_values  uint32, the numbers with a high part above 15;
                   the 4 bits of each in NAME.high are all set
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.native import Kernels, Sections, kernels
from index.storage.array_file import ArrayFile, ArrayFileError
from index.storage.array_writer import ArrayWriter

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
Uint8Array = NDArray[np.uint8]

_RANK_BITS = 512
"""Bits per entry of the rank directory: 0.8 % more bytes than the bits alone; arbitrary."""

_MAX_HIGH = 15
_MAX_NUMBER = (1 << 31) - 2  # frequencies are stored minus 1, and must fit into an int32
_BYTE = 8


class PackedWriter:
    """Appends numbers from 0 to 2^31 - 2 to sections `name`.*; `low_bits` is 8 or 0."""

    def __init__(self, writer: ArrayWriter, name: str, low_bits: int) -> None:
        self._writer = writer
        self._name = name
        self._low_bits = low_bits
        self._count = 0
        self._high_count = 0
        self._has_high = _BitsWriter(writer, f"{name}.has_high", 1)
        self._high = _BitsWriter(writer, f"{name}.high", 4)
        self.append(np.empty(0, np.int32))  # creates all sections

    def append(self, numbers: Int32Array) -> None:
        """Add numbers to the end."""
        high = numbers >> self._low_bits
        exceptions = np.flatnonzero(high > _MAX_HIGH)
        self._append("exception_indices", (exceptions + self._count).astype(np.uint32))
        self._append("exception_values", numbers[exceptions].astype(np.uint32))
        if self._low_bits:
            self._append("low", (numbers & 0xFF).astype(np.uint8))
        has_high = high > 0
        with_high = np.flatnonzero(has_high)
        block_starts = np.arange(-self._count % _RANK_BITS, len(numbers), _RANK_BITS)
        ranks = np.searchsorted(with_high, block_starts) + self._high_count
        self._append("ranks", ranks.astype(np.uint32))
        self._has_high.append(has_high.view(np.uint8))
        self._high.append((np.minimum(high[with_high], _MAX_HIGH + 1) - 1).astype(np.uint8))
        self._count += len(numbers)
        self._high_count += len(with_high)

    def _append(self, section: str, array: NDArray[np.generic]) -> None:
        self._writer.append(f"{self._name}.{section}", array)

    def close(self) -> None:
        """Write the last, incomplete bytes."""
        self._has_high.close()
        self._high.close()


class _BitsWriter:
    """Appends numbers of `bits` bits to a section, lowest bits first in a byte."""

    def __init__(self, writer: ArrayWriter, section: str, bits: int) -> None:
        self._writer = writer
        self._section = section
        self._bits = bits
        self._each = _BYTE // bits
        self._waiting = np.empty(0, np.uint8)

    def append(self, numbers: Uint8Array) -> None:
        """Write whole bytes; keep the remainder for the next call."""
        numbers = np.concatenate([self._waiting, numbers])
        whole = len(numbers) // self._each * self._each
        packed = np.zeros(whole // self._each, np.uint8)
        for i in range(self._each):
            packed |= numbers[i : whole : self._each] << self._bits * i
        self._writer.append(self._section, packed)
        self._waiting = numbers[whole:]

    def close(self) -> None:
        """Write the last byte, padded with zeros."""
        if len(self._waiting):
            self.append(np.zeros(-len(self._waiting) % self._each, np.uint8))


class Packed:
    """A reader of numbers that a `PackedWriter` wrote; decodes any slice."""

    def __init__(self, arrays: ArrayFile, name: str, low_bits: int) -> None:
        self._arrays = arrays
        self._name = name
        self._low_bits = low_bits
        self._has_high: Uint8Array = arrays.typed(f"{name}.has_high", np.uint8)
        self._high: Uint8Array = arrays.typed(f"{name}.high", np.uint8)
        self._low: Uint8Array | None = arrays.typed(f"{name}.low", np.uint8) if low_bits else None

    @cached_property
    def _ranks(self) -> NDArray[np.uint32]:
        return self._arrays.checked(f"{self._name}.ranks", np.uint32)

    @cached_property
    def _exceptions(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The indexes of the exceptions, ascending, and their values; two aligned arrays."""
        indexes = self._arrays.checked(f"{self._name}.exception_indices", np.uint32)
        values = self._arrays.checked(f"{self._name}.exception_values", np.uint32)
        ascending = (indexes[1:] > indexes[:-1]).all()
        if len(indexes) != len(values) or not ascending or (values > _MAX_NUMBER).any():
            raise self._inconsistent("its exceptions are inconsistent")
        return indexes, values

    def _inconsistent(self, what: str) -> ArrayFileError:
        return ArrayFileError(self._arrays.path, f"section {self._name!r} is inconsistent: {what}")

    def highest(self) -> int:
        """Return an upper bound of all numbers. Raises ArrayFileError for damage."""
        return int(self._exceptions[1].max(initial=(_MAX_HIGH + 1 << self._low_bits) - 1))

    def slice(self, start: int, stop: int, added: int = 0) -> Int32Array:
        """Return the numbers [start, stop), each plus `added`.

        Raises ArrayFileError if they are damaged.
        """
        if start >= stop:
            return np.empty(0, np.int32)
        if kernels:
            return self._unpacked(kernels, start, stop, added)
        numbers = self._high_parts(start, stop).astype(np.int32)
        if self._low is not None:
            numbers <<= self._low_bits
            numbers |= self._part("low", self._low, start, stop)
        indexes, values = self._exceptions
        if len(indexes):
            first, last = np.searchsorted(indexes, np.array([start, stop], np.uint32))
            numbers[indexes[first:last] - np.uint32(start)] = values[first:last]
        numbers += added
        return numbers

    def _unpacked(self, compiled: Kernels, start: int, stop: int, added: int) -> Int32Array:
        """Return what `slice` does, by compiled code."""
        sections = self.sections(start, stop)
        try:
            return compiled.unpack(*sections, start, stop, added)
        except ValueError as error:
            raise self._inconsistent(str(error)) from error

    def sections(self, start: int, stop: int) -> Sections:
        """Return the arrays that compiled code reads the numbers [start, stop) from.

        Raises ArrayFileError if they are damaged.
        """
        block, end = start // _RANK_BITS, -(-stop // _RANK_BITS)
        ranks = self._ranks
        if block >= len(ranks):
            raise self._inconsistent(f"has no rank of number {start}")
        self._part("has_high", self._has_high, block * _RANK_BITS // _BYTE, -(-stop // _BYTE))
        last = int(ranks[end]) // 2 + 1 if end < len(ranks) else len(self._high)
        self._part("high", self._high, int(ranks[block]) // 2, min(last, len(self._high)))
        if self._low is not None:
            self._part("low", self._low, start, stop)
        return (self._has_high, ranks, self._high, self._low, *self._exceptions)

    def _high_parts(self, start: int, stop: int) -> Uint8Array:
        block = start // _RANK_BITS
        packed = self._part(
            "has_high", self._has_high, block * _RANK_BITS // _BYTE, -(-stop // _BYTE)
        )
        has_high = np.unpackbits(packed, bitorder="little").view(np.bool_)
        offset = start - block * _RANK_BITS
        with_high = np.flatnonzero(has_high[offset : stop - block * _RANK_BITS])
        if block >= len(self._ranks):
            raise self._inconsistent(f"has no rank of number {start}")
        first = int(self._ranks[block]) + int(np.count_nonzero(has_high[:offset]))
        last = first + len(with_high)
        stored = nibbles(self._part("high", self._high, first // 2, -(-last // 2)))
        high = np.zeros(stop - start, np.uint8)
        high[with_high] = stored[first % 2 :][: len(with_high)] + np.uint8(1)
        high &= _MAX_HIGH  # exceptions wrap to 0 here and are patched by slice()
        return high

    def _part(self, section: str, whole: Uint8Array, first: int, last: int) -> Uint8Array:
        """Return a part of a section, after comparing it with its checksums."""
        if last > len(whole):
            raise self._inconsistent(f"{section!r} ends before {last}")
        self._arrays.check(f"{self._name}.{section}", first, last)
        return whole[first:last]


def nibbles(content: Uint8Array) -> Uint8Array:
    """Unpack 4-bit numbers, two per byte, the low half first.

    >>> nibbles(np.array([0x21, 0xF3], np.uint8)).tolist()
    [1, 2, 3, 15]
    """
    wide = content.astype("<u2")
    wide |= wide << 4
    wide &= 0x0F0F
    return wide.view(np.uint8)
