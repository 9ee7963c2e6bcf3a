"""One commit of an embedded index, open: executes plans over all its segments."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from index.article import Article
from index.completions import best_phrases
from index.postings.commits import Commit
from index.postings.fields import POSITIONAL
from index.postings.segment import OpenSegment
from search.interpretation.model import IndexLanguage, SegmentLanguage
from search.matching.columns import Columns
from search.matching.nodes import Matcher
from search.matching.positions import Positions
from search.matching.rescoring import Rescorer
from search.matching.scoring import Scorer
from search.matching.sets import Found, Numbers
from search.matching.terms import Scores, Terms
from search.plan import Match, Matches, Node, Or, Plan, Sort, Term
from search.ranking import RESCORE_WINDOW


class EmbeddedSnapshot:
    """See `search.engine.Snapshot`; numbers count the documents of all segments in order."""

    def __init__(self, commit: Commit, segments: Sequence[OpenSegment]) -> None:
        self.generation = commit.generation
        self._segments = segments
        self._terms = Terms(segments)
        self._columns = Columns(self._terms)
        positions = {
            field: [Positions(segment.fields[field]) for segment in segments]
            for field in POSITIONAL
        }
        self._matcher = Matcher(self._terms, self._columns, positions)
        self._scorer = Scorer(self._terms)
        self._rescorer = Rescorer(self._terms, positions["text"])

    @property
    def articles(self) -> int:
        """See `search.engine.Snapshot`."""
        return self._terms.articles

    @property
    def language(self) -> IndexLanguage:
        """See `search.engine.Snapshot`."""
        return self._language

    @cached_property
    def _language(self) -> IndexLanguage:
        return IndexLanguage(
            [
                SegmentLanguage(
                    lexicon=segment.fields["text"].lexicon,
                    frequencies=segment.fields["text"].occurrences(),
                    pairs=segment.pairs,
                    triples=segment.triples,
                    spellings=segment.spellings,
                    tokens=int(segment.lengths["text"].sum(dtype=np.int64)),
                )
                for segment in self._segments
            ]
        )

    def execute(self, plan: Plan) -> Matches:
        """See `search.engine.Snapshot`."""
        found = self._matcher.found(plan.match)
        if plan.sort is Sort.RELEVANCE:
            page = self._by_relevance(plan, found)
        else:
            page = self._by_date(plan, found)
        facets = {name: self._columns.counts(name, found) for name in plan.facets}
        return Matches(found.count(), page, facets)

    def _by_relevance(self, plan: Plan, found: Found) -> tuple[Match, ...]:
        stop = plan.offset + plan.limit
        count = max(stop, RESCORE_WINDOW if plan.rescores else 0)
        parts = self._scorer.parts(plan.scores, _surely_matching(plan.match))
        numbers, scores = self._scorer.best(found, parts, count)
        if plan.rescores:
            inside = slice(0, RESCORE_WINDOW)
            best = self._rescorer.best(plan.rescores, numbers[inside], scores[inside], stop)
            numbers = np.concatenate([best[0], numbers[RESCORE_WINDOW:]])
            scores = np.concatenate([best[1], scores[RESCORE_WINDOW:]])
        return _page(numbers[plan.offset : stop], scores[plan.offset : stop])

    def _by_date(self, plan: Plan, found: Found) -> tuple[Match, ...]:
        newest = plan.sort is Sort.NEWEST
        order = self._columns.newest_first if newest else self._columns.oldest_first
        page = order[found.contains(order)][plan.offset : plan.offset + plan.limit]
        parts = self._scorer.parts(plan.scores, frozenset())
        return _page(page, self._scorer.scores(page, parts))

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
        return self._terms.document_frequency(field, term)

    def terms_with_prefix(self, field: str, prefix: str) -> list[str]:
        """See `search.engine.Snapshot`."""
        return self._terms.with_prefix(field, prefix)

    def phrases(self, typed: str, size: int) -> list[tuple[str, int]]:
        """See `search.engine.Snapshot`."""
        return best_phrases([segment.completions for segment in self._segments], typed, size)

    def values(self, column: str) -> Mapping[str, int]:
        """See `search.engine.Snapshot`."""
        return self._columns.counts(column, self._terms.everything)


def _surely_matching(node: Node) -> frozenset[tuple[str, str]]:
    """Give terms, as (field, text), whose articles all match."""
    children = node.children if isinstance(node, Or) else (node,)
    return frozenset((child.field, child.text) for child in children if isinstance(child, Term))


def _page(numbers: Numbers, scores: Scores) -> tuple[Match, ...]:
    return tuple(map(Match, numbers.tolist(), scores.tolist()))
