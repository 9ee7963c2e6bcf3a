"""The terms of one commit: which articles contain a term, and what it adds to their scores.

Doc ids are numbered through all segments. Deleted articles are left out here, so that callers never
see them: document frequencies, the number of articles and average lengths count live articles only,
whatever the history of the index.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.layout import FieldLayout, Layout
from index.embedded.postings import PostingsField
from index.embedded.segment import OpenSegment
from index.embedded.term_ranges import live_document_frequencies, term_ranges
from index.storage.cache import Cache, CacheUse, FrequencyCache
from search.engines.contract import TermCount
from search.engines.embedded.budget import WorkBudget
from search.engines.embedded.docsets import (
    DocSet,
    Scores,
    bits_of_mask,
    first_of_each,
    union,
)
from search.engines.embedded.limits import DEFAULT_LIMITS, Limits
from search.engines.embedded.phrases import phrase_doc_ids
from search.engines.embedded.positions import OccurrenceCache, Positions
from search.engines.embedded.term_postings import Bounds, Dense, TermPostings, term_postings
from search.ranking import (
    BIGRAMS,
    KEYWORD_SIMILARITY,
    OWN_TEXT_SIMILARITY,
    SIMILARITIES,
    Similarity,
)

MAX_POSTINGS_DECODED = 1 << 18
"""Postings that are decoded at a time for a prefix: 3 MB with the int64 copy. Arbitrary."""

Ints = NDArray[np.integer[Any]]
_NOTHING = np.empty(0, np.int32)


class PostingsReader:
    """The postings, lengths and deletions of all segments, as one index; thread-safe."""

    def __init__(
        self,
        segments: Sequence[OpenSegment],
        layout: Layout,
        limits: Limits = DEFAULT_LIMITS,
        old: "PostingsReader | None" = None,
    ) -> None:
        """Read the segments, reusing the caches of `old`, the reader of the previous commit."""
        self.segments = segments
        self.layout = layout
        self.limits = limits
        sizes = [segment.documents for segment in segments]
        self.bases = [sum(sizes[:i]) for i in range(len(sizes))]
        self.size = sum(sizes)
        """One more than the highest doc id; deleted articles are included."""
        self.articles = self.size - sum(len(segment.deleted) for segment in segments)
        self.has_deleted = self.articles < self.size
        dense_bytes = max(limits.dense_bytes, limits.min_dense_terms * self.size // 2)
        self._dense: Cache[tuple[str, ...], TermPostings] = FrequencyCache(dense_bytes)
        self._sparse: Cache[tuple[str, ...], TermPostings] = FrequencyCache(limits.sparse_bytes)
        self._bigrams: Cache[tuple[str, ...], TermPostings] = FrequencyCache(limits.bigram_bytes)
        self._known_dense: set[tuple[str, ...]] = set()
        self._prefixes: Cache[tuple[str, str], DocSet] = Cache(limits.prefix_bytes)
        self._norms: dict[str, Scores] = {}
        self._float32_norms: dict[str, Bounds] = {}
        self._occurrences: OccurrenceCache = (
            old._occurrences if old else FrequencyCache(limits.positions_bytes)
        )
        self._phrases: OccurrenceCache = (
            old._phrases if old else FrequencyCache(limits.phrase_bytes)
        )
        segment_ids = {segment.segment.id for segment in segments}
        for cache in (self._occurrences, self._phrases):
            cache.drop(lambda key: key[0] not in segment_ids)
        self.positions = {
            field: [
                Positions(
                    (self._occurrences, self._phrases),
                    segment.segment.id,
                    segment.fields[field],
                    segment.documents,
                )
                for segment in segments
            ]
            for field, field_layout in layout.fields.items()
            if field_layout.positional
        }
        """The positions of the fields that keep them, one for each segment."""

    def caches(self) -> dict[str, CacheUse]:
        """Return the hits and misses of each cache, by the kind of its entries."""
        return {
            "frequent terms": self._dense.use,
            "rare terms": self._sparse.use,
            "bigrams": self._bigrams.use,
            "positions": self._occurrences.use,
            "positions of phrases": self._phrases.use,
            "prefixes": self._prefixes.use,
        }

    @cached_property
    def live(self) -> NDArray[np.bool_]:
        """For each doc id whether the article is not deleted."""
        return np.concatenate([np.ones(0, np.bool_), *(part.live() for part in self.segments)])

    @cached_property
    def everything(self) -> DocSet:
        """The set of all articles."""
        return DocSet(self.size, bits=bits_of_mask(self.live), total=self.articles)

    @cached_property
    def average_length(self) -> dict[str, float]:
        """The mean number of tokens of an article by scored field; an empty one counts as 1.

        This matches OpenSearch indexes, where an empty field has a filler token.
        """
        return {field: self._average_length(field) for field in self.layout.scored}

    def _average_length(self, field: str) -> float:
        total = 0
        for segment in self.segments:
            lengths = np.maximum(segment.lengths[field], 1)
            total += int(lengths.sum(dtype=np.int64))
            total -= int(lengths[segment.deleted].sum(dtype=np.int64))
        return total / self.articles if self.articles else 1.0

    def norms(self, key: str) -> Scores:
        """Return the norms of all articles by the similarity of a field or of `BIGRAMS`."""
        norms = self._norms.get(key)
        if norms is None:
            field = "text" if key == BIGRAMS else key
            if not self._layout(field).scored:
                # Labels have no norms; a broadcast takes no memory.
                return np.broadcast_to(0.0, self.size)
            parts = [segment.lengths[field] for segment in self.segments]
            lengths = np.concatenate([np.empty(0, np.int32), *parts])
            norms = self._norms[key] = _norms(
                self._similarity(key), lengths, self.average_length[field]
            )
        return norms

    def float32_norms(self, key: str) -> Bounds:
        """Return `norms` in float32, for the bounds of articles."""
        norms = self._float32_norms.get(key)
        if norms is None:
            norms = self._float32_norms[key] = self.norms(key).astype(np.float32)
        return norms

    def new_budget(self) -> WorkBudget:
        """Return the budget of a call."""
        limits = self.limits
        return WorkBudget(max(limits.min_postings, limits.postings_per_article * self.size))

    def postings(self, field: str, term: str, budget: WorkBudget | None = None) -> TermPostings:
        """Return the postings of a term, cached or decoded; decoding spends budget.

        Raises ValueError for an unknown field.
        """
        found = self._cached((field, term))
        if found is None:
            found = self._live_postings(field, *self.decode(field, term))
            if budget:
                budget.spend(found.articles)
            if (
                found.articles
            ):  # an absent term is looked up as fast in the dictionary as in a cache
                self._cache((field, term), found)
        return found

    def bigram(self, first: str, second: str, budget: WorkBudget | None = None) -> TermPostings:
        """Return the postings of two adjacent syllables, as if they were one term of "text"."""
        found = self._cached((BIGRAMS, first, second))
        if found is None:
            found = self._decode_bigram(first, second, budget)
            self._cache((BIGRAMS, first, second), found)
        return found

    def _cached(self, key: tuple[str, ...]) -> TermPostings | None:
        return self._cache_of(key).find(key)

    def _cache(self, key: tuple[str, ...], postings: TermPostings) -> None:
        if isinstance(postings, Dense):
            self._known_dense.add(key)
        self._cache_of(key).keep(key, postings)

    def _cache_of(self, key: tuple[str, ...]) -> Cache[tuple[str, ...], TermPostings]:
        """Return the cache for a key.

        In a single cache a few dense terms would evict all others, and rare terms would evict
        bigrams, which are small and take the longest to compute.
        """
        if key in self._known_dense:
            return self._dense
        return self._bigrams if key[0] == BIGRAMS else self._sparse

    def document_frequency(self, field: str, term: str) -> int:
        """Return how many articles contain a term; decodes it only if some articles are deleted."""
        if self.has_deleted:
            return self.postings(field, term).articles
        total = 0
        for segment in self.segments:
            postings = self._field(segment, field)
            ordinal = postings.dictionary.ordinal(term)
            if ordinal >= 0:
                total += postings.document_frequency(ordinal)
        return total

    def _decode_bigram(self, first: str, second: str, budget: WorkBudget | None) -> TermPostings:
        parts = [np.empty(0, np.int64)]
        for base, positions in zip(self.bases, self.positions["text"], strict=True):
            parts.append(phrase_doc_ids(positions, ((first,), (second,)), 0, budget) + base)
        doc_ids = np.concatenate(parts)
        firsts = np.flatnonzero(first_of_each(doc_ids))
        frequencies = np.diff(firsts, append=len(doc_ids))
        return self._live_postings(BIGRAMS, doc_ids[firsts], frequencies)

    def _live_postings(self, key: str, doc_ids: Ints, frequencies: Ints) -> TermPostings:
        if self.has_deleted:
            live = self.live[doc_ids]
            doc_ids, frequencies = doc_ids[live], frequencies[live]
        norms, similarity = self.norms(key), self._similarity(key)
        return term_postings(doc_ids, frequencies, norms, similarity, self.limits)

    def decode(self, field: str, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the articles that contain a term, deleted ones too, and its frequencies there."""
        parts, counts = [], []
        for base, segment in zip(self.bases, self.segments, strict=True):
            postings = self._field(segment, field)
            ordinal = postings.dictionary.ordinal(term)
            if ordinal >= 0:
                doc_ids, frequencies = postings.postings(ordinal)
                parts.append(doc_ids + np.int32(base) if base else doc_ids)
                counts.append(frequencies)
        if not parts:
            return _NOTHING, _NOTHING
        if len(parts) == 1:
            return parts[0], counts[0]
        return np.concatenate(parts), np.concatenate(counts)

    def with_prefix(self, field: str, prefix: str, budget: WorkBudget | None = None) -> DocSet:
        """Return the articles that contain a term that begins with `prefix`."""
        cached = self._prefixes.get(
            (field, prefix), lambda key: self._decode_prefix(*key, budget=budget)
        )
        # A new object: a set caches its other representation, and the cached one must not grow.
        return DocSet(cached.size, bits=cached.as_bits(), total=cached.count())

    def _decode_prefix(self, field: str, prefix: str, budget: WorkBudget | None) -> DocSet:
        """Decode rare terms, often thousands, together; frequent ones are usually cached."""
        mask = np.zeros(self.size, np.bool_)
        frequent: set[str] = set()
        one_in = self.limits.dense_one_in
        for base, segment in zip(self.bases, self.segments, strict=True):
            postings = self._field(segment, field)
            ordinals = postings.dictionary.with_prefix(prefix)
            counts = postings.span_document_frequencies(ordinals.start, ordinals.stop)
            if budget:
                budget.spend(int(counts.sum()))
            dense = (np.flatnonzero(counts * one_in >= self.size) + ordinals.start).tolist()
            frequent.update(map(postings.dictionary.term, dense))
            for first, last in pairwise([ordinals.start - 1, *dense, ordinals.stop]):
                for start, stop in term_ranges(postings, first + 1, last, MAX_POSTINGS_DECODED):
                    mask[postings.span_doc_ids(start, stop) + np.int64(base)] = True
        if self.has_deleted:
            mask &= self.live
        rare = DocSet(self.size, bits=bits_of_mask(mask))
        docsets = [rare, *(self.postings(field, term).docset for term in frequent)]
        bits = union(docsets, self.size).as_bits()
        return DocSet(self.size, bits=bits, total=int(np.bitwise_count(bits).sum()))

    def most_frequent(self, field: str, prefix: str, limit: int) -> list[TermCount]:
        """Return the terms that begin with `prefix` and how many articles contain each.

        Most frequent first, ties in ascending order, at most `limit`.
        """
        parts = []
        for segment in self.segments:
            postings = self._field(segment, field)
            ordinals = postings.dictionary.with_prefix(prefix)
            parts.append(
                (postings.dictionary, ordinals.start, self._counts(segment, field, ordinals))
            )
        # Lower bound on the limit-th total: the largest limit-th count of any single segment. By
        # the pigeonhole principle a term whose total reaches it has at least total_bound / segments
        # in some segment.
        total_bound = max((_highest(counts, limit) for _, _, counts in parts), default=0)
        segment_bound = max(-(-total_bound // max(len(parts), 1)), 1)
        counted: Counter[str] = Counter()
        for dictionary, first, counts in parts:
            for i in (counts >= segment_bound).nonzero()[0].tolist():
                counted[dictionary.term(first + i)] += int(counts[i])
        if len(parts) > 1:  # add the counts of the segments in which a term is rare
            for term in counted:
                counted[term] = self.document_frequency(field, term)
        best = heapq.nsmallest(limit, counted.items(), key=lambda item: (-item[1], item[0]))
        return [TermCount(*item) for item in best]

    def _counts(self, segment: OpenSegment, field: str, ordinals: range) -> NDArray[np.int64]:
        """Count the articles, deleted ones left out, that contain each term of a range."""
        postings = self._field(segment, field)
        counts = postings.span_document_frequencies(ordinals.start, ordinals.stop)
        if not len(segment.deleted) or not ordinals:
            return counts
        return live_document_frequencies(postings, ordinals, segment.live(), MAX_POSTINGS_DECODED)

    def _field(self, segment: OpenSegment, name: str) -> PostingsField:
        return segment.fields[self._layout(name).name]

    def _layout(self, field: str) -> FieldLayout:
        layout = self.layout.fields.get(field)
        if layout is None:
            known = ", ".join(self.layout.fields)
            raise ValueError(f"there is no field {field!r}; there are {known}")
        return layout

    def _similarity(self, key: str) -> Similarity:
        if key in SIMILARITIES:
            return SIMILARITIES[key]
        return OWN_TEXT_SIMILARITY if self._layout(key).scored else KEYWORD_SIMILARITY


def _norms(similarity: Similarity, lengths: NDArray[Any], average_length: float) -> Scores:
    """Return the norm of each length, by a table of lengths if that is shorter (0.5 ms, not 3)."""
    highest = int(lengths.max(initial=0))
    if highest >= len(lengths):
        return similarity.norms(lengths, average_length)
    return similarity.norms(np.arange(highest + 1), average_length).take(lengths)


def _highest(counts: NDArray[np.int64], rank: int) -> int:
    """Return the count at a rank, the highest at 1; 0 if there are fewer."""
    if not 0 < rank <= len(counts):
        return 0
    return int(np.partition(counts, len(counts) - rank)[len(counts) - rank])
