"""The models of an embedded index: each segment is a part of them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.segment import OpenSegment
from index.embedded.term_dictionary import TermDictionary
from index.models import Models
from index.models.bigrams import BigramTable, min_count
from index.models.completions import Completions
from index.models.removed import RemovedCounts
from index.models.spellings import Spellings
from index.models.titles import (
    LETTERS,
    READ_FOR_EACH,
    DatedTitle,
    TitlesFound,
    begins_with,
    newest_of,
)
from index.models.trigrams import TrigramLimits, TrigramTable
from index.models.written_forms import written_by_pieces, written_in
from index.vietnamese.syllables import terms

MAX_MEMO_PHRASES = 1 << 14
"""Phrases in each memo, of those that a live article has and of their forms: about 2 MB."""

Found = NDArray[np.int64]


def models_of(segments: Sequence[OpenSegment]) -> "SegmentModels":
    """Return the models of an index's segments, which are read on first use."""
    tokens = [
        int(segment.lengths["text"][segment.live()].sum(dtype=np.int64)) for segment in segments
    ]
    return SegmentModels(
        [SegmentPart(one, own, sum(tokens)) for one, own in zip(segments, tokens, strict=True)]
    )


class SegmentModels(Models):
    """The models of an index in a folder, whose segments also have the beginnings of titles."""

    def __init__(self, parts: Sequence["SegmentPart"]) -> None:
        """Take the parts, one of each segment."""
        super().__init__(parts)
        self._segments = tuple(parts)

    def titles(self, letters: str, size: int) -> TitlesFound:
        """Return the newest titles that begin with unmarked letters, and how many do."""
        return newest_of([part.titles(letters, size) for part in self._segments], size)

    def written(self, phrase: str) -> str:
        """See `Models`: as a build of all articles would write it, its earliest title decides."""
        return written_by_pieces(phrase, self._written_in_example)

    def _written_in_example(self, phrase: str) -> str:
        forms = (part.written_in_example(phrase) for part in self._segments)
        return next((form for form in forms if form is not None), phrase)


class SegmentPart:
    """See `index.models.part.ModelPart`; subtracts the counts of deleted documents.

    Which terms and phrases a live article has is read from the postings. `tokens` and `all_tokens`
    are those of the live documents of the segment and of all segments.
    """

    def __init__(self, segment: OpenSegment, tokens: int, all_tokens: int) -> None:
        self.tokens = tokens
        self._all_tokens = all_tokens
        self._segment = segment
        self._text = segment.fields["text"]
        self._deleted = len(segment.deleted)
        self._live = segment.live()
        self._phrases: dict[str, bool] = {}
        self._forms: dict[str, str | None] = {}

    @cached_property
    def _removed(self) -> RemovedCounts:
        return self._segment.removed_counts()

    @property
    def vocabulary(self) -> TermDictionary:
        """See `ModelPart`."""
        return self._text.dictionary

    @property
    def frequencies(self) -> NDArray[np.integer[Any]]:
        """See `ModelPart`."""
        return self._frequencies

    # Behind a property, like the tables below: Pyright does not accept a cached_property for a
    # property of a protocol.
    @cached_property
    def _frequencies(self) -> NDArray[np.integer[Any]]:
        frequencies = self._text.collection_frequencies()
        removed = self._removed.terms
        if not len(removed.rows):
            return frequencies
        left = frequencies.astype(np.int64)
        left[removed.rows] = np.maximum(left[removed.rows] - removed.counts, 0)
        return left

    @property
    def bigrams(self) -> BigramTable:
        """See `ModelPart`."""
        return self._bigrams

    @cached_property
    def _bigrams(self) -> BigramTable:
        table, removed = self._segment.bigrams, self._removed.bigrams
        if not len(removed.rows):
            return table
        # A bigram that is rare in this segment may be frequent in all of them together.
        least = min_count(self.tokens) if self.tokens == self._all_tokens else 1
        return table.without(removed.rows, removed.counts, least)

    @property
    def trigrams(self) -> TrigramTable:
        """See `ModelPart`."""
        return self._trigrams

    @cached_property
    def _trigrams(self) -> TrigramTable:
        table, removed = self._segment.trigrams, self._removed.trigrams
        if not len(removed.rows):
            return table
        limits = TrigramLimits.of(self._all_tokens)
        chosen = self._segment.trigrams_chosen()
        if chosen is not None and self._all_tokens == self.tokens:
            # The gains were computed over another table.
            limits = TrigramLimits(limits.occurrences, 0.0)
            return table.without(removed.rows, removed.counts, limits, chosen)
        counted = int(self._segment.lengths["text"].sum(dtype=np.int64))
        if self._all_tokens > self.tokens:
            # Other segments may have the trigrams that this one has lost.
            left = self.tokens / min(counted, self._all_tokens)
            limits = TrigramLimits(1, limits.gain * left)
        return table.without(removed.rows, removed.counts, limits)

    @property
    def spellings(self) -> Spellings:
        """See `ModelPart`."""
        return self._segment.spellings

    @property
    def completions(self) -> Completions:
        """See `ModelPart`."""
        return self._completions

    @cached_property
    def _completions(self) -> Completions:
        table, removed = self._segment.completions, self._removed.phrase_weights
        if not len(removed.rows):
            return table
        return table.without(*removed)

    def contains_term(self, ordinal: int) -> bool:
        """See `ModelPart`."""
        # In more articles than were deleted: at least one of them is live.
        return self._text.document_frequency(ordinal) > self._deleted or self._is_live(
            self._text.doc_ids(ordinal)
        )

    def contains_phrase(self, phrase: str) -> bool:
        """See `ModelPart`."""
        if not self._deleted:
            return True
        known = self._phrases.get(phrase)
        if known is None:
            syllables = terms(phrase)
            known = self._has_word("_".join(syllables)) or self._has_run(syllables)
            if len(self._phrases) >= MAX_MEMO_PHRASES:
                self._phrases.clear()
            self._phrases[phrase] = known
        return known

    def written(self, phrase: str) -> str:
        """See `ModelPart`."""
        return written_by_pieces(phrase, lambda part: self.written_in_example(part) or part)

    def written_in_example(self, phrase: str) -> str | None:
        """Return a phrase as its example writes it, None if the segment has none.

        It is memoised, since each keystroke needs it.
        """
        if phrase in self._forms:
            return self._forms[phrase]
        document = self._example(phrase)
        form = None
        if document is not None:
            form = written_in(self._segment.stored.article(document).title, phrase)
        if len(self._forms) >= MAX_MEMO_PHRASES:
            self._forms.clear()
        self._forms[phrase] = form
        return form

    def _example(self, phrase: str) -> int | None:
        """Return the document that `mine_phrases` would choose as the example of a phrase."""
        document = self._segment.completions.example(phrase)
        if document is None or self._live[document]:
            return document
        syllables = terms(phrase)
        found = self._ends_of_run(syllables)
        within = found[(found & 0xFFFFFFFF) >= len(syllables)]
        best = within if len(within) else found
        return int(best[0] >> 32) if len(best) else None

    def titles(self, letters: str, size: int) -> TitlesFound:
        """Return the newest titles that begin with unmarked letters, and how many do.

        Of equally new ones that indexed first comes first.
        """
        documents = self._segment.title_beginnings.beginning_with(letters)
        dates = self._segment.published[documents]
        # Sorts descending, undated last. `-` would overflow: -NO_DATE is NO_DATE.
        newest = documents[np.lexsort((documents, ~dates))[: READ_FOR_EACH * size]]
        found: list[DatedTitle] = []
        for document in newest.tolist():
            if len(found) == size:
                break
            if not self._live[document]:
                continue
            title = self._segment.stored.article(document).title
            if len(letters) < LETTERS or begins_with(title, letters):
                found.append(DatedTitle(int(self._segment.published[document]), title))
        return TitlesFound(int(self._live[documents].sum()), tuple(found))

    def _has_word(self, word: str) -> bool:
        field = self._segment.fields["words"]
        ordinal = field.dictionary.ordinal(word)
        return ordinal >= 0 and self._is_live(field.doc_ids(ordinal))

    def _has_run(self, syllables: Sequence[str]) -> bool:
        """Return whether a live title has these adjacent syllables."""
        return len(self._ends_of_run(syllables)) > 0

    def _ends_of_run(self, syllables: Sequence[str]) -> Found:
        """Return the ends of these adjacent syllables in live titles; see `_title_positions`."""
        ends: Found | None = None
        for syllable in syllables:
            positions = self._title_positions(syllable)
            ends = (
                positions
                if ends is None
                else np.intersect1d(ends + 1, positions, assume_unique=True)
            )
            if not len(ends):
                break
        return np.empty(0, np.int64) if ends is None else ends

    def _title_positions(self, syllable: str) -> Found:
        """Return a syllable's positions in live titles: document << 32 | position, ascending."""
        field = self._segment.fields["title"]
        ordinal = field.dictionary.ordinal(syllable)
        if ordinal < 0:
            return np.empty(0, np.int64)
        postings = field.span(ordinal, ordinal + 1)
        assert postings.positions is not None  # noqa: S101 - titles have positions
        live = self._live[postings.doc_ids]
        documents = np.repeat(postings.doc_ids.astype(np.int64), postings.frequencies)
        kept = np.repeat(live, postings.frequencies)
        return documents[kept] << 32 | postings.positions[kept]

    def _is_live(self, documents: NDArray[np.integer]) -> bool:
        return bool(self._live[documents].any())
