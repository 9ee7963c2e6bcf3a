"""Columns of numbers, one per term or article, in the narrowest dtype; widened when read."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from index.models.near_duplicates import BINS, Signatures
from index.storage.array_file import ArrayFile, ArrayFileError
from index.storage.array_writer import ArrayWriter

NO_DATE = np.iinfo(np.int64).min
_NO_SHORT_DATE = np.iinfo(np.int32).min
_MAX_SHORT_DATE = np.iinfo(np.int32).max
_ESCAPE = 255


def write_lengths(writer: ArrayWriter, name: str, parts: Iterable[NDArray[np.int32]]) -> None:
    """Write non-negative lengths as uint8, uint16 or uint32, depending on the longest."""
    lengths = np.concatenate([np.empty(0, np.int32), *parts])
    writer.append(name, lengths.astype(np.min_scalar_type(int(lengths.max(initial=0)))))


def read_lengths(arrays: ArrayFile, name: str) -> NDArray[np.int32]:
    """Return the lengths. Raises ArrayFileError for damage."""
    return arrays.checked(name, np.uint8, np.uint16, np.uint32).astype(np.int32)


def write_dates(writer: ArrayWriter, name: str, parts: Iterable[NDArray[np.int64]]) -> None:
    """Write seconds since 1970 or `NO_DATE`: as int32 if all are before 2038, or as int64."""
    dates = np.concatenate([np.empty(0, np.int64), *parts])
    known = dates[dates != NO_DATE]
    if (np.abs(known) > _MAX_SHORT_DATE).any():
        writer.append(name, dates)
    else:
        writer.append(name, np.where(dates == NO_DATE, _NO_SHORT_DATE, dates).astype(np.int32))


def read_dates(arrays: ArrayFile, name: str) -> NDArray[np.int64]:
    """Return seconds since 1970 or `NO_DATE`. Raises ArrayFileError for damage."""
    dates = arrays.checked(name, np.int32, np.int64)
    wide = dates.astype(np.int64)
    if dates.dtype == np.int32:
        wide[dates == _NO_SHORT_DATE] = NO_DATE
    return wide


def write_numbers(writer: ArrayWriter, name: str, parts: Iterable[NDArray[np.float64]]) -> None:
    """Write numbers, NaN for a missing one, as float32 if that is exact, otherwise as float64."""
    numbers = np.concatenate([np.empty(0, np.float64), *parts])
    with np.errstate(over="ignore"):
        short = numbers.astype(np.float32)
    exact = np.array_equal(short.astype(np.float64), numbers, equal_nan=True)
    writer.append(name, short if exact else numbers)


def read_numbers(arrays: ArrayFile, name: str) -> NDArray[np.float64]:
    """Return numbers, NaN for a missing one. Raises ArrayFileError for damage."""
    return arrays.checked(name, np.float32, np.float64).astype(np.float64)


def write_signatures(writer: ArrayWriter, parts: Iterable[Signatures]) -> None:
    """Write the signatures of near-duplicates, `BINS` bytes for each article."""
    writer.append("signatures", np.concatenate([np.empty((0, BINS), np.uint8), *parts]).ravel())


def read_signatures(arrays: ArrayFile) -> Signatures:
    """Return the signatures, a row for each article. Raises ArrayFileError for damage."""
    return arrays.checked("signatures", np.uint8).reshape(-1, BINS)


class SizesWriter:
    """Writes sizes of one byte each, with sizes above 254 in separate sections.

    Sections: `NAME` (uint8), 255 for a large size; `NAME_large_indices` (uint32, ascending) and
    `NAME_large` (uint32), the indices and values of the large sizes.
    """

    def __init__(self, writer: ArrayWriter, name: str) -> None:
        self._writer = writer
        self._name = name
        self._count = 0
        self._total = 0
        self.append(np.empty(0, np.int64))

    def append(self, sizes: NDArray[np.int64]) -> None:
        """Append sizes. Raises OverflowError if their sum exceeds 32 bits."""
        self._total += int(sizes.sum())
        if self._total >= 1 << 32:
            raise OverflowError(f"{self._name!r} is too large for one segment")
        large = np.flatnonzero(sizes >= _ESCAPE)
        self._writer.append(self._name, np.minimum(sizes, _ESCAPE).astype(np.uint8))
        self._writer.append(f"{self._name}_large_indices", (large + self._count).astype(np.uint32))
        self._writer.append(f"{self._name}_large", sizes[large].astype(np.uint32))
        self._count += len(sizes)


def read_starts(arrays: ArrayFile, name: str) -> NDArray[np.uint32]:
    """Return the cumulative sums of a `SizesWriter`: the start of each, and the end of the last.

    Raises ArrayFileError for damage.
    """
    sizes = arrays.checked(name, np.uint8)
    indices = arrays.checked(f"{name}_large_indices", np.uint32)
    large = arrays.checked(f"{name}_large", np.uint32)
    if len(indices) != len(large) or (indices >= len(sizes)).any():
        raise ArrayFileError(arrays.path, f"the large sizes of {name!r} are inconsistent")
    starts = np.zeros(len(sizes) + 1, np.int64)
    starts[1:] = sizes
    starts[1:][indices] = large
    np.cumsum(starts, out=starts)
    if starts[-1] >= 1 << 32:
        raise ArrayFileError(arrays.path, f"{name!r} has sizes whose sum exceeds 32 bits")
    return starts.astype(np.uint32)
