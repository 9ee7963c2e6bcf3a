"""The decoded terms of one snapshot: which articles hold a term, and what each adds to the score.

Numbers count through all segments. Deleted articles are left out here, so that nothing further up
meets them: document frequencies, the number of articles and average lengths are those of the
articles that can be found, whatever the history of the index.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.embedded.postings import FIELDS, POSITIONAL, SCORED, Field
from index.embedded.segment import OpenSegment
from index.embedded.term_ranges import slices
from index.storage.cache import Cache
from search.engines.contract import TermFrequency
from search.engines.embedded.docsets import (
    FEW,
    Found,
    Numbers,
    Scores,
    bits_of_mask,
    distinct,
    union,
)
from search.engines.embedded.phrases import phrase_documents
from search.engines.embedded.positions import Located, Positions
from search.engines.embedded.term_postings import Decoded, Frequencies, decoded
from search.ranking import PAIR_SATURATION, SATURATION

PAIRS = "pairs"
"""What pairs are, beside the fields."""

_SATURATION = {**SATURATION, PAIRS: PAIR_SATURATION}

CACHE_BYTES = 384 << 20
"""What decoded terms may take in memory, in one process: a newsroom's frequent ones in full."""

LOCATED_BYTES = 192 << 20
"""What the occurrences of terms may take, for phrases and pairs."""

DECODED_TOGETHER = 1 << 18
"""About so many postings of the terms of a prefix are decoded at a time."""


class Terms:
    """The fields of all segments as one."""

    def __init__(self, segments: Sequence[OpenSegment]) -> None:
        self.segments = segments
        sizes = [segment.documents for segment in segments]
        self.bases = [sum(sizes[:at]) for at in range(len(sizes))]
        self.size = sum(sizes)
        """One above the greatest number, deleted articles included."""
        self.articles = self.size - sum(len(segment.deleted) for segment in segments)
        self.has_deleted = self.articles < self.size
        self._cache: Cache[tuple[str, ...], Decoded] = Cache(CACHE_BYTES)
        self._norms: dict[str, Scores] = {}
        located: Located = Cache(LOCATED_BYTES)
        self.positions = {
            field: [
                Positions(located, number, segment.fields[field], segment.documents)
                for number, segment in enumerate(segments)
            ]
            for field in POSITIONAL
        }
        """The positions of the fields that keep them, a segment each."""

    @cached_property
    def live(self) -> NDArray[np.bool_]:
        """Say for each number whether the article is not deleted."""
        return np.concatenate([np.ones(0, np.bool_), *(part.live() for part in self.segments)])

    @cached_property
    def everything(self) -> Found:
        """Give the set of all articles."""
        return Found(self.size, bits=bits_of_mask(self.live), total=self.articles)

    @cached_property
    def average_length(self) -> dict[str, float]:
        """Give the mean number of tokens of an article by scored field, 1 if all are empty."""
        return {field: self._average_length(field) for field in SCORED}

    def _average_length(self, field: str) -> float:
        total = 0
        for segment in self.segments:
            lengths = segment.lengths[field]
            total += int(lengths.sum(dtype=np.int64))
            total -= int(lengths[segment.deleted].sum(dtype=np.int64))
        return total / self.articles if total else 1.0

    def norms(self, kind: str) -> Scores | None:
        """Give for each number `k1 (1 - b + b |d| / average length)`; computed once and kept.

        `kind` is a field or `PAIRS`; there are no norms of keywords.
        """
        norms, saturation = self._norms.get(kind), _SATURATION.get(kind)
        if norms is None and saturation:
            field, k1, b = "text" if kind == PAIRS else kind, saturation.k1, saturation.b
            norms = np.empty(self.size)
            for base, segment in zip(self.bases, self.segments, strict=True):
                part = norms[base : base + segment.documents]
                np.multiply(segment.lengths[field], b, out=part)
            norms /= self.average_length[field]
            norms += 1 - b
            norms *= k1
            self._norms[kind] = norms
        return norms

    def decoded(self, field: str, term: str) -> Decoded:
        """Give a term of a field, from the cache where it is at hand.

        Raises ValueError for an unknown field.
        """
        return self._cache.get((field, term), self._decode_term)

    def pair(self, first: str, second: str) -> Decoded:
        """Give two syllables side by side as if they were one term of "text"."""
        return self._cache.get((PAIRS, first, second), self._decode_pair)

    def document_frequency(self, field: str, term: str) -> int:
        """Count the articles that hold a term; where none is deleted, without decoding it."""
        if self.has_deleted or field not in FIELDS:
            return self.decoded(field, term).documents
        fields = [segment.fields[field] for segment in self.segments]
        ordinals = [(one, one.lexicon.ordinal(term)) for one in fields]
        return sum(one.count(ordinal) for one, ordinal in ordinals if ordinal >= 0)

    def _decode_term(self, key: tuple[str, ...]) -> Decoded:
        field, term = key
        return self._decoded(field, *self.postings(field, term))

    def _decode_pair(self, key: tuple[str, ...]) -> Decoded:
        _, first, second = key
        return self._decoded(PAIRS, *self._pair(first, second))

    def _decoded(self, kind: str, numbers: Numbers, frequencies: Frequencies) -> Decoded:
        if self.has_deleted:
            live = self.live[numbers]
            numbers, frequencies = numbers[live], frequencies[live]
        saturation = _SATURATION.get(kind)
        k1 = saturation.k1 if saturation else None
        return decoded(self.size, numbers, frequencies, self.norms(kind), k1)

    def _pair(self, first: str, second: str) -> tuple[Numbers, Frequencies]:
        parts = [np.empty(0, np.int64)]
        for base, positions in zip(self.bases, self.positions["text"], strict=True):
            parts.append(phrase_documents(positions, ((first,), (second,)), slop=0) + base)
        documents = np.concatenate(parts)
        firsts = np.flatnonzero(distinct(documents))
        return documents[firsts], np.diff(firsts, append=len(documents))

    def postings(self, field: str, term: str) -> tuple[Numbers, Frequencies]:
        """Return the articles that hold a term, deleted ones too, and its frequencies there."""
        parts, counts = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for base, segment in zip(self.bases, self.segments, strict=True):
            postings = self._field(segment, field)
            ordinal = postings.lexicon.ordinal(term)
            if ordinal >= 0:
                parts.append(postings.documents(ordinal) + np.int64(base))
                counts.append(postings.frequencies(ordinal))
        return np.concatenate(parts), np.concatenate(counts)

    def found_with_prefix(self, field: str, prefix: str) -> Found:
        """Give the articles that hold a term that begins with `prefix`.

        Frequent terms are taken from the cache; the others, often thousands, are decoded together.
        """
        marks = np.zeros(self.size, np.bool_)
        frequent: set[str] = set()
        for base, segment in zip(self.bases, self.segments, strict=True):
            postings = self._field(segment, field)
            ordinals = postings.lexicon.with_prefix(prefix)
            counts = postings.counts_of(ordinals.start, ordinals.stop)
            many = (np.flatnonzero(counts * FEW >= self.size) + ordinals.start).tolist()
            frequent.update(map(postings.lexicon.term, many))
            for first, last in pairwise([ordinals.start - 1, *many, ordinals.stop]):
                for start, stop in slices(postings, first + 1, last, DECODED_TOGETHER):
                    marks[postings.documents_of(start, stop) + np.int64(base)] = True
        if self.has_deleted:
            marks &= self.live
        rare = Found(self.size, bits=bits_of_mask(marks))
        return union([rare, *(self.decoded(field, term).found for term in frequent)], self.size)

    def most_frequent(self, field: str, prefix: str, limit: int) -> list[TermFrequency]:
        """Return the terms that begin with `prefix` and how many articles hold each.

        Most frequent first, of equal ones the lower first, at most `limit`.
        """
        parts = []
        for segment in self.segments:
            postings = self._field(segment, field)
            ordinals = postings.lexicon.with_prefix(prefix)
            parts.append((postings.lexicon, ordinals.start, self._counts(segment, field, ordinals)))
        # A term among the most frequent has, in some segment, at least its share of what the last
        # of them has, and that is at least what the last has in any one segment.
        least = max((_highest(counts, limit) for _, _, counts in parts), default=0)
        share = max(-(-least // max(len(parts), 1)), 1)
        counted: Counter[str] = Counter()
        for lexicon, first, counts in parts:
            for at in (counts >= share).nonzero()[0].tolist():
                counted[lexicon.term(first + at)] += int(counts[at])
        if len(parts) > 1:  # what a term has in the segments where it is rare
            for term in counted:
                counted[term] = self.document_frequency(field, term)
        best = heapq.nsmallest(limit, counted.items(), key=lambda item: (-item[1], item[0]))
        return [TermFrequency(*item) for item in best]

    def _counts(self, segment: OpenSegment, field: str, ordinals: range) -> NDArray[np.int64]:
        """Count the articles, deleted ones left out, that hold each term of a range."""
        postings = segment.fields[field]
        counts = postings.counts_of(ordinals.start, ordinals.stop)
        if not len(segment.deleted) or not ordinals:
            return counts
        live = segment.live()
        parts = [np.empty(0, np.int64)]
        for start, stop in slices(postings, ordinals.start, ordinals.stop, DECODED_TOGETHER):
            there = live[postings.documents_of(start, stop)]
            sizes = postings.counts_of(start, stop)
            parts.append(np.add.reduceat(there, np.cumsum(sizes) - sizes, dtype=np.int64))
        return np.concatenate(parts)

    def _field(self, segment: OpenSegment, name: str) -> Field:
        field = segment.fields.get(name)
        if field is None:
            raise ValueError(f"there is no field {name!r}; there are {', '.join(FIELDS)}")
        return field


def _highest(counts: NDArray[np.int64], rank: int) -> int:
    """Return the count at a rank, the highest at 1; 0 where there are fewer."""
    if not 0 < rank <= len(counts):
        return 0
    return int(np.partition(counts, len(counts) - rank)[len(counts) - rank])
