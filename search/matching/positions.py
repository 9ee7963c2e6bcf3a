"""Where do terms stand? Phrases, and pairs of neighbours, by sorted integer keys.

A key is `label << 32 | position`, the label a document or its place in a list. So the token after
one has the key plus 1, and keys of different documents are farther apart than any slop reaches.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.postings.cache import Cache
from index.postings.fields import Field
from index.postings.packing import spread
from search.matching.sets import Numbers

Keys = NDArray[np.int64]

CACHE_BYTES = 32 << 20
"""What the terms of one field of a segment may take in memory, located ones and whole ones."""


class Located(NamedTuple):
    """A term in a segment: its documents, and the place where each one's positions start.

    `starts` has one more item than `documents`; documents deleted from the segment are here, too.
    """

    documents: NDArray[np.int32]
    starts: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        return self.documents.nbytes + self.starts.nbytes + 300


class Request(NamedTuple):
    """The positions of a term in some of its documents, ascending, are wanted with these labels."""

    term: str
    documents: NDArray[np.integer[Any]]
    labels: Numbers


class Positions:
    """The positions of one field of one segment."""

    def __init__(self, field: Field) -> None:
        """Raise ValueError for a field that keeps no positions."""
        if not field.has_positions:
            raise ValueError(f"field {field.name!r} knows no phrases")
        self._field = field
        self._located: Cache[str, Located] = Cache(CACHE_BYTES)
        self._whole: Cache[str, Keys] = Cache(CACHE_BYTES)

    def located(self, term: str) -> Located:
        """Give the documents of a term; none for an unknown one."""
        return self._located.get(term, self._locate)

    def _locate(self, term: str) -> Located:
        ordinal = self._field.lexicon.ordinal(term)
        if ordinal < 0:
            return Located(np.empty(0, np.int32), np.zeros(1, np.int64))
        frequencies = self._field.frequencies(ordinal)
        starts = np.empty(len(frequencies) + 1, np.int64)
        starts[0] = first = self._field.first_position(ordinal)
        np.cumsum(frequencies, out=starts[1:])
        starts[1:] += first
        return Located(self._field.documents(ordinal), starts)

    def keys(self, requests: Sequence[Request]) -> list[Keys]:
        """Give the keys of each request, ascending: one look at the positions for all of them."""
        firsts, lengths = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for term, documents, _ in requests:
            located = self.located(term)
            at = np.searchsorted(located.documents, documents.astype(np.int32, copy=False))
            first = located.starts[at]
            firsts.append(first)
            lengths.append(located.starts[at + 1] - first)
        counts = np.concatenate(lengths)
        positions = self._field.positions_in(spread(np.concatenate(firsts), counts))
        labels = np.concatenate([np.empty(0, np.int64), *(r.labels for r in requests)])
        keys = np.repeat(labels << 32, counts)
        keys |= positions
        ends = np.cumsum([0, *(int(length.sum()) for length in lengths[1:])]).tolist()
        return [keys[start:end] for start, end in pairwise(ends)]

    def phrase(self, phrase: Sequence[Sequence[str]], slop: int) -> Numbers:
        """Give the documents with a phrase, ascending; some may be deleted.

        Each place lists the terms that may stand there. The places follow each other in this
        order, stretched by `slop` positions at most in all.
        """
        places = [self._any_of(terms) for terms in phrase]
        if not places or not all(map(len, places)):
            return np.empty(0, np.int64)
        starts = _stretched(places, slop) if slop else _adjacent(places)
        documents = starts >> 32
        first: Numbers = documents[np.diff(documents, prepend=-1) != 0]
        return first

    def _any_of(self, terms: Sequence[str]) -> Keys:
        every = [self._whole.get(term, self._all_keys) for term in dict.fromkeys(terms)]
        if len(every) == 1:
            return every[0]
        return np.sort(np.concatenate([np.empty(0, np.int64), *every]))

    def _all_keys(self, term: str) -> Keys:
        ordinal = self._field.lexicon.ordinal(term)
        if ordinal < 0:
            return np.empty(0, np.int64)
        labels = self._field.documents(ordinal).astype(np.int64) << 32
        keys = np.repeat(labels, self._field.frequencies(ordinal))
        keys |= self._field.positions(ordinal)
        return keys


def _adjacent(places: Sequence[Keys]) -> Keys:
    """Give the keys of the first place that the other places follow directly, ascending."""
    order = sorted(range(len(places)), key=lambda at: len(places[at]))
    starts = places[order[0]] - order[0]
    for at in order[1:]:
        keys = places[at]
        found = np.searchsorted(keys, starts + at)
        found[found == len(keys)] = 0
        starts = starts[keys[found] == starts + at]
    return starts


def _stretched(places: Sequence[Keys], slop: int) -> Keys:
    """Give the keys of the first place that the others follow with `slop` positions between."""
    starts = ends = places[0]
    for keys in places[1:]:
        # The next token after the earliest end so far: it leaves the most room.
        following = np.searchsorted(keys, ends, side="right")
        there = following < len(keys)
        starts, ends = starts[there], keys[following[there]]
    return starts[ends - starts < len(places) + slop]
