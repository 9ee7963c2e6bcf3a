"""Where do terms stand? Phrases, and pairs of neighbours, by sorted integer keys.

A key is `label << 32 | position`, the label a document or its place in a list. So the token after
one has the key plus 1, and keys of different documents are farther apart than any slop reaches.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.postings.fields import Field
from index.postings.merging import spread
from search.matching.cache import Cache
from search.matching.sets import Numbers

Keys = NDArray[np.int64]

CACHE_BYTES = 32 << 20


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
        self._cache: Cache[str, Located] = Cache(CACHE_BYTES)

    def located(self, term: str) -> Located:
        """Give the documents of a term; none for an unknown one."""
        return self._cache.get(term, self._locate)

    def _locate(self, term: str) -> Located:
        ordinal = self._field.lexicon.ordinal(term)
        if ordinal < 0:
            return Located(np.empty(0, np.int32), np.zeros(1, np.int64))
        frequencies = self._field.frequencies(ordinal)
        starts = np.empty(len(frequencies) + 1, np.int64)
        starts[0] = first = int(self._field.position_start[ordinal])
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
        places = [list(dict.fromkeys(terms)) for terms in phrase]
        holding = [self._holding(terms) for terms in places]
        if not holding:
            return np.empty(0, np.int64)
        holding.sort(key=len)
        among = holding[0]
        for documents in holding[1:]:
            among = among[_is_in(documents, among)]
        if len(places) == 1 or not len(among):
            return among
        starts, *others = (self._place_keys(terms, among) for terms in places)
        ends = starts
        for keys in others:
            # The next token after the earliest end so far: it leaves the most room.
            following = np.searchsorted(keys, ends, side="right")
            there = following < len(keys)
            starts, ends = starts[there], keys[following[there]]
        fitting: Numbers = starts[ends - starts < len(places) + slop] >> 32
        return fitting[np.append(fitting[1:] != fitting[:-1], True)[: len(fitting)]]

    def _holding(self, terms: Sequence[str]) -> Numbers:
        every = [self.located(term).documents for term in terms]
        found = every[0] if len(every) == 1 else np.unique(np.concatenate([[], *every]))
        return found.astype(np.int64)

    def _place_keys(self, terms: Sequence[str], among: Numbers) -> Keys:
        requests = []
        for term in terms:
            documents = among
            if len(terms) > 1:
                documents = among[_is_in(self.located(term).documents, among)]
            requests.append(Request(term, documents, documents))
        keys = self.keys(requests)
        return keys[0] if len(keys) == 1 else np.sort(np.concatenate(keys))


def _is_in(documents: NDArray[np.integer[Any]], wanted: Numbers) -> NDArray[np.bool_]:
    """Say which of the wanted documents are there; both ascend."""
    if not len(documents):
        return np.zeros(len(wanted), np.bool_)
    at = np.searchsorted(documents, wanted.astype(documents.dtype, copy=False))
    at[at == len(documents)] = 0
    found: NDArray[np.bool_] = documents[at] == wanted
    return found
