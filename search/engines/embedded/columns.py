"""The values of each article by field: for filters, facets and sorting."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import NO_DATE
from index.embedded.term_dictionary import Lexicon
from index.schema import Kind, Schema
from index.vietnamese.dates import VIETNAM
from search.engines.contract import CursorError
from search.engines.embedded.docsets import Bits, DocIds, DocSet, bits_of, bits_of_mask
from search.engines.embedded.terms import Terms
from search.planning.plan import Bucket, FacetCounts, FacetRequest

NO_VALUE = 0
"""The code of an article without a value; the codes of values begin at 1."""

MAX_VALUES_BY_BITS = 64
"""Columns with at most this many values are counted by intersecting bits, a value at a time.

For sets kept as bits that is faster than unpacking the set: measured for sources and years of
188,687 records, `python -m benchmarks.engines`.
"""

MAX_VALUES_SORTED_ANEW = 1000
"""Up to this many values are decoded to be compared; with more, the order of all is kept.

Arbitrary: decoding 1,000 takes about .5 ms.
"""

_UNITS = {Bucket.YEAR: "Y", Bucket.MONTH: "M", Bucket.DAY: "D"}


class Names(Sequence[str]):
    """The values of a column by code, "" for `NO_VALUE`; decoded when they are asked for.

    The codes up to the length of the lexicon are its terms, in their order; `more` come behind.
    """

    def __init__(self, lexicon: Lexicon | None, more: Sequence[str]) -> None:
        self._lexicon = lexicon
        self._first_more = 1 + (0 if lexicon is None else len(lexicon))
        self._more = more

    def __len__(self) -> int:
        return self._first_more + len(self._more)

    def __getitem__(self, code: int) -> str:  # type: ignore[override]  # no slices
        if code == NO_VALUE:
            return ""
        if self._lexicon is not None and code < self._first_more:
            return self._lexicon.term(code - 1)
        return self._more[code - self._first_more]

    def ranks(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
        """Return numbers that are to each other as the values of these codes are."""
        if not self._more or self._lexicon is None:
            return codes  # one lexicon, or years: codes ascend with the values
        if len(codes) <= MAX_VALUES_SORTED_ANEW:
            distinct = sorted(set(codes.tolist()), key=self.__getitem__)
            ranks = dict(zip(distinct, range(len(distinct)), strict=True))
            return np.array([ranks[code] for code in codes.tolist()], np.int32)
        places: NDArray[np.integer[Any]] = self.places[codes]
        return places

    @cached_property
    def ascending(self) -> list[str]:
        """All values, "" first, in ascending order."""
        return sorted(self)

    @cached_property
    def places(self) -> NDArray[np.int32]:
        """The place of each code's value in `ascending`."""
        places = np.arange(len(self), dtype=np.int32)
        if self._more:
            names = list(self)
            places[sorted(range(len(names)), key=names.__getitem__)] = places.copy()
        return places


@dataclass(frozen=True)
class Column:
    """The codes of the values of each article, and the `names` of codes.

    Where no article has several values, `starts` is None and `codes` (int32) has one code for each
    article. Else the article `n` has `codes[starts[n] : starts[n + 1]]`.
    """

    codes: NDArray[np.int32]
    starts: NDArray[np.int64] | None
    names: Names

    def counts(self, found: DocSet) -> NDArray[np.int64]:
        """Count the articles of a set by code."""
        if self.starts is None and found.doc_ids is None and len(self.names) <= MAX_VALUES_BY_BITS:
            bits = found.as_bits()
            return np.array([int(np.bitwise_count(bits & value).sum()) for value in self._bits])
        return np.bincount(self._codes_of(found.as_doc_ids()), minlength=len(self.names))

    def _codes_of(self, doc_ids: DocIds) -> NDArray[np.int32]:
        if self.starts is None:
            codes: NDArray[np.int32] = self.codes.take(doc_ids)
            return codes
        starts = self.starts.take(doc_ids)
        sizes = self.starts.take(doc_ids + 1) - starts
        # Places count up within each article: one arange, less where each article begins in it.
        begins = np.cumsum(sizes) - sizes
        places = np.arange(int(sizes.sum())) + np.repeat(starts - begins, sizes)
        several: NDArray[np.int32] = self.codes.take(places)
        return several

    @cached_property
    def _bits(self) -> list[Bits]:
        """The articles of each code; at most `MAX_VALUES_BY_BITS` are asked for."""
        codes = range(len(self.names))
        return [bits_of(np.flatnonzero(self.codes == code), len(self.codes)) for code in codes]


class Columns:
    """The columns of one snapshot; each is read when it is first asked for."""

    def __init__(self, terms: Terms, schema: Schema) -> None:
        self._terms = terms
        self._schema = schema
        # Written without a lock: two threads may make the same column, and either one is kept.
        self._columns: dict[tuple[str, Bucket], Column] = {}
        self._numeric: dict[str, NDArray[Any]] = {}
        self._orders: dict[tuple[str, bool], DocIds] = {}

    def facet(self, request: FacetRequest, found: DocSet) -> FacetCounts:
        """Count the values of a field among some articles; no value is no value.

        Raises ValueError for a field that is not counted so.
        """
        column = self.column(request.field, request.bucket)
        counts = column.counts(found)
        counts[NO_VALUE] = 0
        codes = counts.nonzero()[0]
        if request.bucket is Bucket.VALUE:
            kept = _most_frequent(codes, counts[codes], column.names, request.limit)
        else:
            kept = codes[::-1][: request.limit]
        named = {column.names[code]: int(counts[code]) for code in kept.tolist()}
        return FacetCounts(named, len(codes) - len(named))

    def column(self, name: str, bucket: Bucket = Bucket.VALUE) -> Column:
        """Return the values of a field. Raises ValueError where it has none of the kind."""
        column = self._columns.get((name, bucket))
        if column is None:
            self._check(name, bucket)
            made = self._labels(name) if bucket is Bucket.VALUE else self._periods(name, bucket)
            column = self._columns[name, bucket] = made
        return column

    def _check(self, name: str, bucket: Bucket) -> None:
        layout = self._terms.layout
        dates = [name for name, kind in layout.columns.items() if kind is Kind.DATE]
        known = list(layout.labels) if bucket is Bucket.VALUE else dates
        if name not in known:
            raise ValueError(
                f"there is no facet {name!r} by {bucket}; there are {', '.join(known)}"
            )

    def _labels(self, name: str) -> Column:
        """Read a column of labels from the postings of its field."""
        segments = self._terms.segments
        names, mappings = _shared_names([segment.labels[name].lexicon for segment in segments])
        doc_ids, codes = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for base, segment, mapping in zip(self._terms.bases, segments, mappings, strict=True):
            field = segment.labels[name]
            doc_ids.append(field.documents_of(0, len(field.lexicon)) + np.int64(base))
            codes.append(np.repeat(mapping, field.counts()))
        return _column(np.concatenate(doc_ids), np.concatenate(codes), names, self._terms.size)

    def _periods(self, name: str, bucket: Bucket) -> Column:
        """Build a column of the years, months or days of a date in Vietnam, ascending."""
        seconds = self.numeric(name)
        dated = seconds != NO_DATE
        ahead = int(VIETNAM.utcoffset(None).total_seconds())
        local = (seconds[dated] + ahead).astype("datetime64[s]")
        known, codes = np.unique(local.astype(f"datetime64[{_UNITS[bucket]}]"), return_inverse=True)
        every = np.full(len(seconds), NO_VALUE, np.int32)
        every[dated] = codes + 1
        return Column(every, None, Names(None, np.datetime_as_string(known).tolist()))

    def numeric(self, name: str) -> NDArray[Any]:
        """Return a date of each article in seconds since 1970 UTC (int64), or a number (float64).

        `NO_DATE` and NaN stand for none. Raises ValueError for a field that is neither.
        """
        column = self._numeric.get(name)
        if column is None:
            kind = self._kind(name)
            nothing = np.empty(0, np.int64 if kind is Kind.DATE else np.float64)
            parts = [segment.columns[name] for segment in self._terms.segments]
            column = self._numeric[name] = np.concatenate([nothing, *parts])
        return column

    def _kind(self, name: str) -> Kind:
        """Return whether a field is of dates or of numbers."""
        kind = self._terms.layout.columns.get(name)
        if kind is None:
            known = ", ".join(self._terms.layout.columns)
            raise ValueError(f"there is no date or number {name!r}; there are {known}")
        return kind

    def within(
        self, name: str, minimum: datetime | float | None, maximum: datetime | float | None
    ) -> DocSet:
        """Return the articles with a value in [minimum, maximum), deleted ones included.

        Dates are kept in whole seconds. Raises ValueError for a time without an offset, or for a
        bound of another kind.
        """
        values, bound = self.numeric(name), _moment if self._kind(name) is Kind.DATE else _number
        mask: NDArray[np.bool_] = _present(values)
        if minimum is not None:
            mask &= values >= bound(minimum)
        if maximum is not None:
            mask &= values < bound(maximum)
        return DocSet(self._terms.size, bits=bits_of_mask(mask))

    def order(self, name: str, *, descending: bool) -> DocIds:
        """Return all doc ids by a field's values, those without one last, then by doc id.

        Raises ValueError for a field that hits cannot be sorted by.
        """
        order = self._orders.get((name, descending))
        if order is None:
            keys, present = self._keys(name)
            doc_ids = present.nonzero()[0]
            keys = -keys[doc_ids] if descending else keys[doc_ids]
            order = doc_ids[keys.argsort(kind="stable")]
            order = np.concatenate([order, (~present).nonzero()[0]])
            self._orders[name, descending] = order
        return order

    def behind(
        self, name: str, value: float | str | None, doc_id: int, *, descending: bool
    ) -> NDArray[np.bool_]:
        """Return for every doc id whether it comes behind this value and doc id in an order."""
        keys, present = self._keys(name)
        doc_ids = np.arange(self._terms.size)
        if value is None:
            behind: NDArray[np.bool_] = ~present & (doc_ids > doc_id)
            return behind
        key = self._key(name, value)
        beyond = keys < key if descending else keys > key
        after: NDArray[np.bool_] = beyond | ((keys == key) & (doc_ids > doc_id))
        return after | ~present

    def _key(self, name: str, value: float | str) -> float:
        """Return the key of a cursor's value; between two keys for one that no article has."""
        if name in self._terms.layout.columns:
            if isinstance(value, str):
                raise CursorError(f"this cursor is none of an order by {name!r}")
            return value
        ascending = self.column(name).names.ascending
        at = bisect_left(ascending, str(value))
        return at if ascending[at : at + 1] == [value] else at - 0.5

    def _keys(self, name: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return a number for each article that is as its value is, and whether it has one."""
        if name not in self._schema or not self._schema[name].sortable:
            known = ", ".join(field.name for field in self._schema.sortable)
            raise ValueError(f"articles cannot be sorted by {name!r}; there are {known}")
        if name in self._terms.layout.columns:
            values = self.numeric(name)
            return values, _present(values)
        column = self.column(name)
        return column.names.places[column.codes].astype(np.int64), column.codes != NO_VALUE

    def sort_value(self, name: str, doc_id: int) -> str | float | None:
        """Return the value that an article is sorted by, for a cursor."""
        if name in self._terms.layout.columns:
            value = self.numeric(name)[doc_id : doc_id + 1]
            number: float = value[0].item()
            return number if _present(value)[0] else None
        column = self.column(name)
        return column.names[int(column.codes[doc_id])] or None


def _present(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each date or number whether it is one."""
    present: NDArray[np.bool_] = values != NO_DATE if values.dtype == np.int64 else values == values
    return present


def _shared_names(lexicons: Sequence[Lexicon]) -> tuple[Names, list[NDArray[np.int32]]]:
    """Return the values of all segments as one, and for each segment its ordinals' codes.

    The largest lexicon keeps its own order and is not decoded: a column may have as many values as
    there are articles, and mostly there is one large segment.
    """
    if not lexicons:
        return Names(None, ()), []
    largest = max(lexicons, key=len)
    more: dict[str, int] = {}
    mappings = []
    for lexicon in lexicons:
        if lexicon is largest:
            mapping = np.arange(1, len(lexicon) + 1, dtype=np.int32)
        else:
            terms = [lexicon.term(ordinal) for ordinal in range(len(lexicon))]
            mapping = (largest.ordinals(terms) + 1).astype(np.int32)
            for at in (mapping == NO_VALUE).nonzero()[0].tolist():
                mapping[at] = more.setdefault(terms[at], len(largest) + 1 + len(more))
        mappings.append(mapping)
    return Names(largest, tuple(more)), mappings


def _column(doc_ids: DocIds, codes: NDArray[np.int32], names: Names, size: int) -> Column:
    """Arrange (article, code) pairs by article."""
    sizes = np.bincount(doc_ids, minlength=size)
    if sizes.max(initial=0) <= 1:
        every = np.full(size, NO_VALUE, np.int32)
        every[doc_ids] = codes
        return Column(every, None, names)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return Column(codes[doc_ids.argsort(kind="stable")], starts, names)


def _most_frequent(
    codes: NDArray[np.int64], counts: NDArray[np.int64], names: Names, limit: int
) -> NDArray[np.int64]:
    """Return the codes of the highest counts, of equal ones those of the lower values."""
    if limit < len(codes):
        least = np.partition(counts, len(counts) - limit)[len(counts) - limit] if limit else 1 << 62
        kept = counts >= least
        codes, counts = codes[kept], counts[kept]
    return codes[np.lexsort((names.ranks(codes), -counts))][:limit]


def _moment(time: datetime | float) -> int:
    """Return the first whole second that is not before a moment."""
    if not isinstance(time, datetime):
        raise ValueError(f"a date is compared with a moment, not with {time!r}")
    if time.tzinfo is None:
        raise ValueError(f"{time} has no offset from UTC")
    return ceil(time.timestamp())


def _number(value: datetime | float) -> float:
    if isinstance(value, datetime):
        raise ValueError(f"a number is compared with a number, not with {value}")
    return value
