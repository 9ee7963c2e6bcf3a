"""One commit of an embedded index, open: executes plans over all its segments."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from index.article import Article
from index.postings.commits import Commit
from index.postings.packing import Numbers
from index.postings.segment import NO_DATE, OpenSegment
from search.engine import Vocabulary
from search.interpretation.model import IndexLanguage, SegmentLanguage
from search.matching.columns import Columns
from search.matching.nodes import Matcher
from search.matching.ordering import best
from search.matching.rescoring import Rescorer
from search.matching.terms import Scores, Terms
from search.plan import Match, Matches, Plan, Sort, TermScore
from search.ranking import RESCORE_WINDOW, idf


class EmbeddedSnapshot:
    """See `search.engine.Snapshot`; numbers count the documents of all segments in order."""

    def __init__(self, commit: Commit, segments: Sequence[OpenSegment]) -> None:
        self.generation = commit.generation
        self._segments = segments
        self._terms = Terms(segments)
        self._columns = Columns(self._terms)
        self._matcher = Matcher(self._terms, self._columns)
        self._rescorer = Rescorer(self._terms)

    @property
    def articles(self) -> int:
        """See `search.engine.Snapshot`."""
        return self._terms.articles

    @cached_property
    def language(self) -> IndexLanguage:
        """See `search.engine.Snapshot`."""
        return IndexLanguage(
            [
                SegmentLanguage(
                    lexicon=segment.fields["text"].lexicon,
                    frequencies=segment.fields["text"].occurrences(),
                    pairs=segment.pairs,
                    spellings=segment.spellings,
                    tokens=int(segment.lengths["text"].sum(dtype=np.int64)),
                )
                for segment in self._segments
            ]
        )

    def execute(self, plan: Plan) -> Matches:
        """See `search.engine.Snapshot`."""
        mask = self._matcher.mask(plan.match)
        numbers = np.flatnonzero(mask).astype(np.int32)
        scores = self._scores(plan.scores)[numbers]
        if plan.sort is Sort.RELEVANCE:
            page = self._by_relevance(plan, numbers, scores)
        else:
            page = self._by_date(plan, numbers, scores)
        facets = {name: self._columns.counts(name, mask) for name in plan.facets}
        return Matches(len(numbers), page, facets)

    def _scores(self, parts: Sequence[TermScore]) -> Scores:
        scores = np.zeros(self._terms.size)
        for part in parts:
            term = self._terms.decoded(part.field, part.text)
            if term.documents:
                weight = part.weight * idf(self.articles, term.documents)
                scores[term.numbers] += weight * term.saturated
        return scores

    def _by_relevance(self, plan: Plan, numbers: Numbers, scores: Scores) -> tuple[Match, ...]:
        stop = plan.offset + plan.limit
        places = best(numbers, scores, max(stop, RESCORE_WINDOW if plan.rescores else 0))
        numbers, scores = numbers[places], scores[places]
        if plan.rescores:
            window = np.sort(numbers[:RESCORE_WINDOW])
            order = np.argsort(numbers[:RESCORE_WINDOW])
            added = np.empty(len(window))
            added[order] = self._rescorer.scores(plan.rescores, window)
            scores[:RESCORE_WINDOW] += added
            order = np.lexsort((numbers[:RESCORE_WINDOW], -scores[:RESCORE_WINDOW]))
            numbers[:RESCORE_WINDOW] = numbers[order]
            scores[:RESCORE_WINDOW] = scores[order]
        return _page(numbers[plan.offset : stop], scores[plan.offset : stop])

    def _by_date(self, plan: Plan, numbers: Numbers, scores: Scores) -> tuple[Match, ...]:
        dates = self._columns.published[numbers]
        if plan.sort is Sort.NEWEST:
            order = np.argsort(-dates, kind="stable")  # NO_DATE stays the least, also negated
            first = np.count_nonzero(dates == NO_DATE)
            order = np.concatenate([order[first:], order[:first]])
        else:
            order = np.argsort(dates, kind="stable")
            first = np.count_nonzero(dates == NO_DATE)
            order = np.concatenate([order[first:], order[:first]])
        order = order[plan.offset : plan.offset + plan.limit]
        return _page(numbers[order], scores[order])

    def article(self, number: int) -> Article:
        """See `search.engine.Snapshot`."""
        if not 0 <= number < self._terms.size or not self._terms.live[number]:
            raise KeyError(number)
        at = bisect_right(self._terms.bases, number) - 1
        return self._segments[at].stored.article(number - self._terms.bases[at])

    def number_of(self, article_id: str) -> int | None:
        """See `search.engine.Snapshot`."""
        numbers = self._terms.decoded("id", article_id).numbers
        return int(numbers[-1]) if len(numbers) else None

    def document_frequency(self, field: str, term: str) -> int:
        """See `search.engine.Snapshot`."""
        return self._terms.decoded(field, term).documents

    def terms_with_prefix(self, field: str, prefix: str) -> list[str]:
        """See `search.engine.Snapshot`."""
        return self._terms.with_prefix(field, prefix)

    def vocabulary(self) -> Vocabulary:
        """See `search.engine.Snapshot`."""
        return self._vocabulary

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        terms = self._terms.with_prefix("text", "")
        place = {term: at for at, term in enumerate(terms)}
        documents, occurrences = np.zeros((2, len(terms)), np.int64)
        for segment in self._segments:
            field = segment.fields["text"]
            at = [place[field.lexicon.term(o)] for o in range(len(field.lexicon))]
            documents[at] += field.counts()
            occurrences[at] += field.occurrences()
        return Vocabulary(terms, documents, occurrences)

    def values(self, column: str) -> Mapping[str, int]:
        """See `search.engine.Snapshot`."""
        return self._columns.counts(column, self._terms.live)


def _page(numbers: Numbers, scores: Scores) -> tuple[Match, ...]:
    return tuple(map(Match, numbers.tolist(), scores.tolist()))
