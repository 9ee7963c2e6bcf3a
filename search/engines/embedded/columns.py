"""What each article has one of: source, section, date. For filters, facets and sorting by date."""

from datetime import datetime
from functools import cached_property
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import NO_DATE
from index.vietnamese.dates import VIETNAM
from search.engines.embedded.docsets import Bits, Found, Numbers, bits_of
from search.engines.embedded.terms import Terms

NO_VALUE = 0

FEW_VALUES = 64
"""Columns with so many values are counted by bits, a value at a time."""


class Column(NamedTuple):
    """A value for each number: `codes` (int32) are places in `values`, `NO_VALUE` for none."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]


class Columns:
    """The columns of one snapshot; each is read when it is first asked for."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._bits: dict[str, list[Bits]] = {}

    @cached_property
    def published(self) -> NDArray[np.int64]:
        """Give for each number the time of publication, seconds since 1970 UTC or `NO_DATE`."""
        parts = [segment.published for segment in self._terms.segments]
        return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int64), *parts])

    @cached_property
    def newest_first(self) -> Numbers:
        """Give all numbers by date, newest first, undated last, then by number."""
        return self._by_date(-1)

    @cached_property
    def oldest_first(self) -> Numbers:
        """Give all numbers by date, oldest first, undated last, then by number."""
        return self._by_date(1)

    def _by_date(self, sign: int) -> Numbers:
        dated = self.published != NO_DATE
        numbers = np.flatnonzero(dated)
        order = np.argsort(sign * self.published[numbers], kind="stable")
        return np.concatenate([numbers[order], np.flatnonzero(~dated)])

    @cached_property
    def source(self) -> Column:
        """Give the source of each article."""
        return self._keywords("source")

    @cached_property
    def section(self) -> Column:
        """Give the section of each article."""
        return self._keywords("section")

    @cached_property
    def year(self) -> Column:
        """Give the year of publication in Vietnam."""
        dated = self.published != NO_DATE
        ahead = int(VIETNAM.utcoffset(None).total_seconds())
        seconds = np.where(dated, self.published, 0) + ahead
        years = seconds.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
        known, codes = np.unique(years[dated], return_inverse=True)
        every = np.full(len(dated), NO_VALUE, np.int32)
        every[dated] = codes + 1
        return Column(every, ("", *map(str, known.tolist())))

    def column(self, name: str) -> Column:
        """Give a column that can be counted. Raises ValueError for any other name."""
        if name not in ("source", "section", "year"):
            raise ValueError(f"there is no facet {name!r}; there are source, section, year")
        column: Column = getattr(self, name)
        return column

    def _keywords(self, name: str) -> Column:
        codes = np.full(self._terms.size, NO_VALUE, np.int32)
        values = [""]
        for value in self._terms.with_prefix(name, ""):
            codes[self._terms.decoded(name, value).numbers] = len(values)
            values.append(value)
        return Column(codes, tuple(values))

    def counts(self, name: str, found: Found) -> dict[str, int]:
        """Count the values among some articles, most frequent first; no value is no value."""
        column = self.column(name)
        if found.numbers is None and len(column.values) <= FEW_VALUES:
            bits = found.as_bits()
            counts = [int(np.bitwise_count(bits & value).sum()) for value in self._value_bits(name)]
        else:
            codes = column.codes[found.as_numbers()]
            counts = np.bincount(codes, minlength=len(column.values)).tolist()
        known = [
            (-count, value) for count, value in zip(counts, column.values, strict=True) if count
        ]
        return {value: -count for count, value in sorted(known) if value}

    def _value_bits(self, name: str) -> list[Bits]:
        """Give the articles of each value of a column."""
        bits = self._bits.get(name)
        if bits is None:
            codes, values = self.column(name)
            of = [np.flatnonzero(codes == code) for code in range(len(values))]
            bits = self._bits[name] = [bits_of(numbers, self._terms.size) for numbers in of]
        return bits

    def published_in(self, since: datetime | None, until: datetime | None) -> NDArray[np.bool_]:
        """Give a mask of the articles with a date in [since, until), deleted ones included.

        Dates are kept in whole seconds. Raises ValueError for a time without an offset.
        """
        mask: NDArray[np.bool_] = self.published != NO_DATE
        if since is not None:
            mask &= self.published >= _first_second(since)
        if until is not None:
            mask &= self.published < _first_second(until)
        return mask


def _first_second(time: datetime) -> int:
    if time.tzinfo is None:
        raise ValueError(f"{time} has no offset from UTC")
    return ceil(time.timestamp())
