"""Small numbers in few bits, many at a time: document numbers, frequencies, positions.

Document numbers of a term ascend and are kept in the smallest of three ways, which the number of
bytes tells. Short gaps: a byte `b < 255` is the next document, `b + 1` after the one before (the
first counts from -1); 255 skips 255 documents. Long gaps, where plain numbers are longer than they:
the same in 2 bytes each, if all fit. Else plain integers of `width` bytes. Where two ways take the
same number of bytes it is plain integers, or else long gaps.

Frequencies and positions take 2, 4, 8 or 12 bits (8 low and 4 high ones, apart; lowest bits first
in a byte); what does not fit is an escape with all bits set, and stands in a list of exceptions.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arrays import ArrayFile, ArrayFileError, ArrayWriter

Numbers = NDArray[np.int32]
Sizes = NDArray[np.int64]

SKIP = 255
LONG = 2
"""Bytes of a long gap."""

LONGEST_GAP = (1 << 8 * LONG) - 1
_ODD_WIDTH = 3
_BYTE = 8
_FOUR = (np.arange(256)[:, None] >> np.array([0, 2, 4, 6]) & 3).astype(np.int32)
"""The numbers of 2 bits in each byte."""


def number_width(documents: int) -> int:
    """Give the bytes that a plain number of one of so many documents takes."""
    return 2 if documents <= 1 << 16 else 3 if documents <= 1 << 24 else 4


def encode_documents(
    numbers: Numbers, counts: Sizes, width: int
) -> tuple[NDArray[np.uint8], Sizes]:
    """Encode the documents of several terms, one term after another.

    `counts` says how many documents each term has (at least 1). Gives the bytes and how many of
    them each term has.
    """
    starts = np.cumsum(counts) - counts
    gaps = np.empty(len(numbers), np.int32)  # one less than the gap, as it is written
    np.subtract(numbers[1:], numbers[:-1], out=gaps[1:])
    gaps[1:] -= 1
    gaps[starts] = numbers[starts]
    skips = gaps // SKIP
    sizes = np.add.reduceat(skips, starts, dtype=np.int64) + counts
    long = (sizes >= counts * LONG) & (width > LONG)
    long[long] = np.maximum.reduceat(gaps, starts)[long] <= LONGEST_GAP
    plain = ~long & ((sizes >= counts * width) | (sizes == counts * LONG))
    sizes[long] = counts[long] * LONG
    sizes[plain] = counts[plain] * width
    out = np.full(int(sizes.sum()), SKIP, np.uint8)
    places = np.cumsum(sizes) - sizes

    _write_fixed(out, numbers, places, counts, plain, width)
    _write_fixed(out, gaps, places, counts, long, LONG)
    short = np.repeat(~plain & ~long, counts)
    steps = np.cumsum(skips + 1, dtype=np.int64)
    steps -= np.repeat(steps[starts] - skips[starts] - 1, counts)
    steps += np.repeat(places, counts)
    out[steps[short] - 1] = (gaps - skips * SKIP)[short]
    return out, sizes


def _write_fixed(
    out: NDArray[np.uint8],
    numbers: Numbers,
    places: Sizes,
    counts: Sizes,
    chosen: NDArray[np.bool_],
    width: int,
) -> None:
    """Write the numbers of the chosen terms in so many bytes each, from each term's place on."""
    at = spread(places[chosen], counts[chosen] * width)[::width]
    written = numbers[np.repeat(chosen, counts)]
    for byte in range(width):
        out[at + byte] = (written >> 8 * byte) & 0xFF


def _read_fixed(content: NDArray[np.uint8], width: int) -> Numbers:
    """Read unsigned integers of so many bytes each."""
    if width != _ODD_WIDTH:
        whole: Numbers = content.view(f"<u{width}").astype(np.int32)
        return whole
    wide = np.zeros((len(content) // width, 4), np.uint8)
    wide[:, :width] = content.reshape(-1, width)
    numbers: Numbers = wide.ravel().view("<i4")
    return numbers


def decode_documents(content: NDArray[np.uint8], count: int, width: int) -> Numbers:
    """Decode the `count` documents of one term."""
    if len(content) == count * width:
        return _read_fixed(content, width)
    if len(content) in (count, count * LONG):
        steps = _read_fixed(content, len(content) // count)
        steps += 1
        steps[0] -= 1
        even: Numbers = np.cumsum(steps, dtype=np.int32)
        return even
    posting = content != SKIP
    numbers: Numbers = np.cumsum(content, dtype=np.int32)
    numbers += np.cumsum(posting, dtype=np.int32)
    numbers -= 1
    kept: Numbers = numbers[posting]
    return kept


def decode_many(content: NDArray[np.uint8], sizes: Sizes, counts: Sizes, width: int) -> Numbers:
    """Decode the documents of several terms, one term after another."""
    plain = sizes == counts * width
    long = ~plain & (sizes == counts * LONG)
    numbers = np.empty(int(counts.sum()), np.int32)
    numbers[np.repeat(plain, counts)] = _read_fixed(content[np.repeat(plain, sizes)], width)
    gaps = _read_fixed(content[np.repeat(long, sizes)], LONG)
    ones = np.ones(len(gaps), np.bool_)
    numbers[np.repeat(long, counts)] = _running(gaps, ones, counts[long])
    short = ~plain & ~long
    gaps = content[np.repeat(short, sizes)]
    numbers[np.repeat(short, counts)] = _running(gaps, gaps != SKIP, counts[short], sizes[short])
    return numbers


def _running(
    gaps: NDArray[np.integer[Any]],
    posting: NDArray[np.bool_],
    counts: Sizes,
    sizes: Sizes | None = None,
) -> NDArray[np.int64]:
    """Add up gaps, `sizes` of them a term; give the sums where there is a `posting`."""
    if not len(gaps):
        return np.empty(0, np.int64)
    sizes = counts if sizes is None else sizes
    running = np.cumsum(gaps, dtype=np.int64) + np.cumsum(posting)
    starts = np.cumsum(sizes) - sizes
    before = running[starts] - gaps[starts] - posting[starts]
    numbers: Sizes = running[posting] - np.repeat(before + 1, counts)
    return numbers


def spread(starts: NDArray[np.int64], lengths: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Give the places of ranges one after another: starts[0], starts[0] + 1, ..., starts[1], ..."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total)


class PackedWriter:
    """Appends numbers from 0 to 2^31 - 1 to sections `name`.*, packed in 2, 4, 8 or 12 bits."""

    def __init__(self, writer: ArrayWriter, name: str, bits: int) -> None:
        self._writer = writer
        self._name = name
        self._bits = bits
        self._high_bits = bits % _BYTE
        self._count = 0
        self._waiting = np.empty(0, np.uint8)
        for section, there in (("high", self._high_bits), ("low", bits >= _BYTE)):
            if there:
                writer.append(f"{name}.{section}", np.empty(0, np.uint8))
        writer.append(f"{name}.large_at", np.empty(0, np.uint32))
        writer.append(f"{name}.large", np.empty(0, np.uint32))

    def append(self, numbers: Numbers) -> None:
        """Add numbers to the end."""
        escape = (1 << self._bits) - 1
        large = np.flatnonzero(numbers >= escape)
        self._writer.append(f"{self._name}.large_at", (large + self._count).astype(np.uint32))
        self._writer.append(f"{self._name}.large", numbers[large].astype(np.uint32))
        small = np.minimum(numbers, escape)
        if self._bits >= _BYTE:
            self._writer.append(f"{self._name}.low", (small & 0xFF).astype(np.uint8))
        if self._high_bits:
            self._append_high((small >> (self._bits - self._high_bits)).astype(np.uint8))
        self._count += len(numbers)

    def _append_high(self, high: NDArray[np.uint8]) -> None:
        """Write whole bytes; what does not fill one waits."""
        each = _BYTE // self._high_bits
        high = np.concatenate([self._waiting, high])
        whole = len(high) // each * each
        packed = np.zeros(whole // each, np.uint8)
        for at in range(each):
            packed |= high[at:whole:each] << self._high_bits * at
        self._writer.append(f"{self._name}.high", packed)
        self._waiting = high[whole:]

    def close(self) -> None:
        """Write the numbers that wait for others."""
        if len(self._waiting):
            self._append_high(np.zeros(-len(self._waiting) % (_BYTE // self._high_bits), np.uint8))


class Packed:
    """Numbers that a `PackedWriter` wrote, by slice."""

    def __init__(self, arrays: ArrayFile, name: str, bits: int) -> None:
        self._arrays = arrays
        self._name = name
        self._bits = bits
        self._high_bits = bits % _BYTE
        self._high: NDArray[np.uint8] | None = arrays[f"{name}.high"] if self._high_bits else None
        self._low: NDArray[np.uint8] | None = arrays[f"{name}.low"] if bits >= _BYTE else None

    def _check(self, start: int, stop: int) -> None:
        if self._high is not None:
            each = _BYTE // self._high_bits
            self._check_part("high", self._high, start // each, -(-stop // each))
        if self._low is not None:
            self._check_part("low", self._low, start, stop)

    def _check_part(self, part: str, packed: NDArray[np.uint8], start: int, stop: int) -> None:
        if stop > len(packed):
            raise self._senseless(f"ends before number {stop}")
        self._arrays.check(f"{self._name}.{part}", start, stop)

    @cached_property
    def _large(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Give the places of the exceptions, ascending, and what they are."""
        at, large = (self._arrays.checked(f"{self._name}.{part}") for part in ("large_at", "large"))
        if len(at) != len(large) or (at[1:] <= at[:-1]).any() or (large >> 31).any():
            raise self._senseless("its exceptions contradict each other")
        return at, large

    def _senseless(self, what: str) -> ArrayFileError:
        return ArrayFileError(self._arrays.path, f"section {self._name!r} makes no sense: {what}")

    def highest(self) -> int:
        """Give a number that none exceeds; raises ArrayFileError for damage."""
        return int(self._large[1].max(initial=(1 << self._bits) - 1))

    def slice(self, start: int, stop: int) -> Numbers:
        """Give the numbers [start, stop). Raises ArrayFileError where they are damaged."""
        self._check(start, stop)
        if self._high is None:
            numbers = np.zeros(stop - start, np.int32)
        else:
            numbers = _unpacked(self._high, self._high_bits, start, stop)
        if self._low is not None:
            numbers <<= 8
            numbers |= self._low[start:stop]
        at, large = self._large
        if len(at):
            first, last = np.searchsorted(at, np.array([start, stop], np.uint32))
            numbers[at[first:last] - np.uint32(start)] = large[first:last]
        return numbers


def _unpacked(packed: NDArray[np.uint8], bits: int, start: int, stop: int) -> Numbers:
    """Give numbers of 2 or 4 bits, from `start` on and before `stop`."""
    each = _BYTE // bits
    first = start // each
    content = packed[first : -(-stop // each)]
    if each == _FOUR.shape[1]:
        rows = _FOUR.take(content, axis=0)
    else:
        rows = np.empty((len(content), 2), np.int32)
        rows[:, 0] = content & 15
        rows[:, 1] = content >> 4
    numbers: Numbers = rows.ravel()[start - first * each : stop - first * each]
    return numbers
