"""The values of each article by field: for filters, facets and sorting."""

from bisect import bisect_left
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import NO_DATE
from index.schema import Kind, Schema
from search.engines.contract import CursorError
from search.engines.embedded.docsets import DocIds, DocSet, bits_of_mask
from search.engines.embedded.label_columns import (
    NO_VALUE,
    Column,
    Names,
    column_of,
    most_frequent,
    shared_names,
)
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.periods import periods
from search.plan import FacetCounts, FacetRequest
from search.request import Bucket


class Columns:
    """The columns of one commit; each is read on first use."""

    def __init__(self, reader: PostingsReader, schema: Schema) -> None:
        self._reader = reader
        self._schema = schema
        # No lock: if two threads build the same column, either result may be kept.
        self._columns: dict[tuple[str, Bucket | None], Column] = {}
        self._numeric: dict[str, NDArray[Any]] = {}
        self._orders: dict[tuple[str, bool], DocIds] = {}

    def facet(self, request: FacetRequest, found: DocSet) -> FacetCounts:
        """Return how many articles of a set have each value; articles without one are not counted.

        Raises ValueError for a field without such a facet.
        """
        column = self.column(request.field, request.bucket)
        counts = column.counts(found)
        counts[NO_VALUE] = 0
        codes = counts.nonzero()[0]
        if request.bucket is None:
            kept = most_frequent(codes, counts[codes], column.names, request.limit)
        else:
            kept = codes[::-1][: request.limit]
        by_value = {column.names[code]: int(counts[code]) for code in kept.tolist()}
        return FacetCounts(by_value, len(codes) - len(by_value))

    def column(self, name: str, bucket: Bucket | None = None) -> Column:
        """Return the values of a field. Raises ValueError for a field without such a column."""
        column = self._columns.get((name, bucket))
        if column is None:
            self._check(name, bucket)
            new = self._labels(name) if bucket is None else self._periods(name, bucket)
            column = self._columns[name, bucket] = new
        return column

    def _check(self, name: str, bucket: Bucket | None) -> None:
        layout = self._reader.layout
        dates = [name for name, kind in layout.columns.items() if kind is Kind.DATE]
        known = list(layout.labels) if bucket is None else dates
        if name not in known:
            raise ValueError(
                f"there is no facet {name!r} by {bucket or 'value'}; there are {', '.join(known)}"
            )

    def _labels(self, name: str) -> Column:
        """Read a column of labels from the postings of its field."""
        segments = self._reader.segments
        names, mappings = shared_names([segment.labels[name].dictionary for segment in segments])
        doc_ids, codes = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for base, segment, mapping in zip(self._reader.bases, segments, mappings, strict=True):
            field = segment.labels[name]
            doc_ids.append(field.span_doc_ids(0, len(field.dictionary)) + np.int64(base))
            codes.append(np.repeat(mapping, field.document_frequencies()))
        return column_of(np.concatenate(doc_ids), np.concatenate(codes), names, self._reader.size)

    def _periods(self, name: str, bucket: Bucket) -> Column:
        """Build a column of the years, months or days of a date in Vietnam's time, ascending."""
        seconds = self.numeric(name)
        dated = seconds != NO_DATE
        distinct, codes = np.unique(periods(seconds[dated], bucket), return_inverse=True)
        all_codes = np.full(len(seconds), NO_VALUE, np.int32)
        all_codes[dated] = codes + 1
        return Column(all_codes, None, Names(None, np.datetime_as_string(distinct).tolist()))

    def numeric(self, name: str) -> NDArray[Any]:
        """Return a date of each article in seconds since 1970 UTC (int64), or a number (float64).

        `NO_DATE` and NaN stand for a missing value. Raises ValueError for any other field.
        """
        column = self._numeric.get(name)
        if column is None:
            kind = self._kind(name)
            nothing = np.empty(0, np.int64 if kind is Kind.DATE else np.float64)
            parts = [segment.columns[name] for segment in self._reader.segments]
            column = self._numeric[name] = np.concatenate([nothing, *parts])
        return column

    def _kind(self, name: str) -> Kind:
        """Return whether a field has dates or numbers."""
        kind = self._reader.layout.columns.get(name)
        if kind is None:
            known = ", ".join(self._reader.layout.columns)
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
        return DocSet(self._reader.size, bits=bits_of_mask(mask))

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

    def after(
        self, name: str, value: float | str | None, doc_id: int, *, descending: bool
    ) -> NDArray[np.bool_]:
        """Return for every doc id whether it comes after this value and doc id in an order."""
        keys, present = self._keys(name)
        doc_ids = np.arange(self._reader.size)
        after: NDArray[np.bool_]
        if value is None:
            after = ~present & (doc_ids > doc_id)
            return after
        key = self._key(name, value)
        beyond = keys < key if descending else keys > key
        after = beyond | ((keys == key) & (doc_ids > doc_id))
        return after | ~present

    def _key(self, name: str, value: float | str) -> float:
        """Return the key of a cursor's value; between two keys for one that no article has."""
        if name in self._reader.layout.columns:
            if isinstance(value, str):
                raise CursorError(f"this cursor is not from a search sorted by {name!r}")
            return value
        ascending = self.column(name).names.ascending
        i = bisect_left(ascending, str(value))
        return i if ascending[i : i + 1] == [value] else i - 0.5

    def _keys(self, name: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return for each article a number that sorts as its value does, and whether it has one."""
        if name not in self._schema or not self._schema[name].sortable:
            known = ", ".join(field.name for field in self._schema.sortable)
            raise ValueError(f"articles cannot be sorted by {name!r}; there are {known}")
        if name in self._reader.layout.columns:
            values = self.numeric(name)
            return values, _present(values)
        column = self.column(name)
        return column.names.all_ranks[column.codes].astype(np.int64), column.codes != NO_VALUE

    def sort_value(self, name: str, doc_id: int) -> str | float | None:
        """Return the value that an article is sorted by, for a cursor."""
        if name in self._reader.layout.columns:
            value = self.numeric(name)[doc_id : doc_id + 1]
            number: float = value[0].item()
            return number if _present(value)[0] else None
        column = self.column(name)
        return column.names[int(column.codes[doc_id])] or None


def _present(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each date or number whether it is present."""
    present: NDArray[np.bool_] = values != NO_DATE if values.dtype == np.int64 else values == values
    return present


def _moment(time: datetime | float) -> int:
    """Return a moment in seconds since 1970, rounded up."""
    if not isinstance(time, datetime):
        raise ValueError(f"a date is compared with a moment, not with {time!r}")
    if time.tzinfo is None:
        raise ValueError(f"{time} has no offset from UTC")
    return ceil(time.timestamp())


def _number(value: datetime | float) -> float:
    if isinstance(value, datetime):
        raise ValueError(f"a number is compared with a number, not with {value}")
    return value
