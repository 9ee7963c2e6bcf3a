"""Columns of labels: the codes of each article's values, of which it may have any number."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.term_dictionary import TermDictionary
from search.engines.embedded.docsets import Bits, DocIds, DocSet, bits_of

NO_VALUE = 0
"""The code of an article without a value; the codes of values begin at 1."""

MAX_VALUES_BY_BITS = 64
"""Columns with at most this many values are counted by intersecting bitsets, a value at a time.

This applies to docsets in bits: a value takes one AND over all bits. Arbitrary.
"""

MAX_VALUES_SORTED_PER_CALL = 1000
"""Up to this many values are decoded and sorted on each call; for more the order of all is cached.

Arbitrary: decoding 1,000 takes about 0.5 ms.
"""


class Names(Sequence[str]):
    """The values of a column by code, "" for `NO_VALUE`; decoded on access.

    The codes up to the length of the dictionary are its terms, in their order; those of `extra`
    follow.
    """

    def __init__(self, dictionary: TermDictionary | None, extra: Sequence[str]) -> None:
        self._dictionary = dictionary
        self._first_extra = 1 + (0 if dictionary is None else len(dictionary))
        self._extra = extra

    def __len__(self) -> int:
        return self._first_extra + len(self._extra)

    def __getitem__(self, code: int) -> str:  # type: ignore[override]  # no slices
        if code == NO_VALUE:
            return ""
        if self._dictionary is not None and code < self._first_extra:
            return self._dictionary.term(code - 1)
        return self._extra[code - self._first_extra]

    def ranks(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
        """Return numbers that sort in the order of the values of these codes."""
        if not self._extra or self._dictionary is None:
            return codes  # one dictionary, or years: codes ascend with the values
        if len(codes) <= MAX_VALUES_SORTED_PER_CALL:
            distinct = sorted(set(codes.tolist()), key=self.__getitem__)
            ranks = dict(zip(distinct, range(len(distinct)), strict=True))
            return np.array([ranks[code] for code in codes.tolist()], np.int32)
        chosen: NDArray[np.integer[Any]] = self.all_ranks[codes]
        return chosen

    @cached_property
    def ascending(self) -> list[str]:
        """All values, "" first, in ascending order."""
        return sorted(self)

    @cached_property
    def all_ranks(self) -> NDArray[np.int32]:
        """The index of each code's value in `ascending`."""
        ranks = np.arange(len(self), dtype=np.int32)
        if self._extra:
            names = list(self)
            ranks[sorted(range(len(names)), key=names.__getitem__)] = ranks.copy()
        return ranks


@dataclass(frozen=True)
class Column:
    """The codes of the values of each article, and the `names` of codes.

    If no article has several values, `starts` is None and `codes` (int32) has one code for each
    article. Otherwise article `n` has `codes[starts[n] : starts[n + 1]]`.
    """

    codes: NDArray[np.int32]
    starts: NDArray[np.int64] | None
    names: Names

    def counts(self, found: DocSet) -> NDArray[np.int64]:
        """Return for each code how many articles of a set have it."""
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
        # The indices of all codes: a range for each article, from one arange with shifted starts.
        begins = np.cumsum(sizes) - sizes
        indices = np.arange(int(sizes.sum())) + np.repeat(starts - begins, sizes)
        several: NDArray[np.int32] = self.codes.take(indices)
        return several

    @cached_property
    def _bits(self) -> list[Bits]:
        """The articles of each code; used for at most `MAX_VALUES_BY_BITS` codes."""
        codes = range(len(self.names))
        return [bits_of(np.flatnonzero(self.codes == code), len(self.codes)) for code in codes]


def shared_names(dictionaries: Sequence[TermDictionary]) -> tuple[Names, list[NDArray[np.int32]]]:
    """Return the merged values of all segments, and for each segment the codes of its ordinals.

    The largest dictionary keeps its own order and is not decoded: a column may have as many values
    as there are articles, and usually there is one large segment.
    """
    if not dictionaries:
        return Names(None, ()), []
    largest = max(dictionaries, key=len)
    extra: dict[str, int] = {}
    mappings = []
    for dictionary in dictionaries:
        if dictionary is largest:
            mapping = np.arange(1, len(dictionary) + 1, dtype=np.int32)
        else:
            terms = [dictionary.term(ordinal) for ordinal in range(len(dictionary))]
            mapping = (largest.ordinals(terms) + 1).astype(np.int32)
            for i in (mapping == NO_VALUE).nonzero()[0].tolist():
                mapping[i] = extra.setdefault(terms[i], len(largest) + 1 + len(extra))
        mappings.append(mapping)
    return Names(largest, tuple(extra)), mappings


def column_of(doc_ids: DocIds, codes: NDArray[np.int32], names: Names, size: int) -> Column:
    """Return the column of (article, code) pairs."""
    sizes = np.bincount(doc_ids, minlength=size)
    if sizes.max(initial=0) <= 1:
        all_codes = np.full(size, NO_VALUE, np.int32)
        all_codes[doc_ids] = codes
        return Column(all_codes, None, names)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return Column(codes[doc_ids.argsort(kind="stable")], starts, names)


def most_frequent(
    codes: NDArray[np.int64], counts: NDArray[np.int64], names: Names, limit: int
) -> NDArray[np.int64]:
    """Return the codes of the highest counts; of equal counts, those of the lower values."""
    if limit < len(codes):
        lowest = (
            np.partition(counts, len(counts) - limit)[len(counts) - limit] if limit else 1 << 62
        )
        kept = counts >= lowest
        codes, counts = codes[kept], counts[kept]
    return codes[np.lexsort((names.ranks(codes), -counts))][:limit]
