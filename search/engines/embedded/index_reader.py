"""The reader of one commit of an embedded index: executes plans over all segments."""

import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from index.article import Article
from index.embedded.commit import Commit
from index.embedded.layout import Layout
from index.embedded.model_parts import SegmentModels, models_of
from index.embedded.segment import OpenSegment
from index.models.titles import TitlesFound
from index.storage.cache import CacheUse
from search.engines.contract import Explained, TermStatistics
from search.engines.embedded.article_ids import ArticleIds
from search.engines.embedded.budget import WorkBudget
from search.engines.embedded.call_postings import CallPostings
from search.engines.embedded.columns import Columns
from search.engines.embedded.docsets import DocSet
from search.engines.embedded.evaluator import Evaluator
from search.engines.embedded.limits import DEFAULT_LIMITS, Limits
from search.engines.embedded.near_duplicates import NearDuplicates
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.ranker import Ranker
from search.engines.embedded.scoring import explain
from search.engines.embedded.top_k import Scored
from search.engines.embedded.widened import widen
from search.plan import FacetRequest, Match, Matches, Plan
from search.relaxation import widened_plan

MAX_RECORDS_AT_ONCE = 2000
"""Articles of an export that are read together, 10 MB as objects, so that a stored block is
decompressed once for all of its articles."""


class EmbeddedReader:
    """See `contract.IndexReader`. Doc ids number the documents of all segments in order."""

    def __init__(
        self,
        commit: Commit,
        segments: Sequence[OpenSegment],
        limits: Limits = DEFAULT_LIMITS,
        old: "EmbeddedReader | None" = None,
    ) -> None:
        """Open a commit, reusing the caches of `old`, the reader of the previous commit."""
        self.generation = commit.generation
        self.identity = commit.identity
        self.is_lost = False
        self.schema = commit.schema
        self.history = commit.history
        self.segments = segments
        before: PostingsReader | None = old._postings if old else None
        self._postings: PostingsReader = PostingsReader(
            segments, Layout.of(commit.schema), limits, before
        )
        self._columns = Columns(self._postings, self.schema)
        self._ids = ArticleIds(self._postings)
        self._duplicates = NearDuplicates(self._postings, self._columns)
        self._ranker = Ranker(self._postings, self._columns, self._ids)

    @property
    def article_count(self) -> int:
        """See `search.engines.contract.IndexReader`."""
        return self._postings.articles

    @property
    def size_bytes(self) -> int:
        """See `search.engines.contract.IndexReader`."""
        files = (file for part in self.segments for file in part.segment.fingerprints)
        return sum(file.size for file in files)

    @cached_property
    def models(self) -> SegmentModels:
        """See `search.engines.contract.IndexReader`; read on first use."""
        return models_of(self.segments)

    def caches(self) -> dict[str, CacheUse]:
        """Return the hits and misses of each cache since the commit was opened, by name."""
        return self._postings.caches()

    def execute(self, plans: Sequence[Plan]) -> list[Matches]:
        """See `search.engines.contract.IndexReader`."""
        budget = self._postings.new_budget()
        evaluator = Evaluator(self._postings, self._columns, self._ids, budget)
        return [self._execute(plan, evaluator) for plan in plans]

    def _execute(self, plan: Plan, evaluator: Evaluator) -> Matches:
        if plan.min_full:
            full_total = evaluator.evaluate(plan.match).count()
            if full_total < plan.min_full:
                return Matches(full_total, (), complete=not evaluator.budget.exhausted)
        if plan.widening:
            widened = widen(plan, evaluator, self._postings)
            factor, added = widened.factor, tuple(self._ids.of(widened.added))
            plan = widened_plan(plan, factor, added)
            matches = self._matches(plan, evaluator, widened.docset, widened.best)
            return replace(matches, factor=factor, added=added, full_total=widened.full_total)
        return self._matches(plan, evaluator, evaluator.evaluate(plan.match))

    def _matches(
        self, plan: Plan, evaluator: Evaluator, found: DocSet, best: Scored | None = None
    ) -> Matches:
        facets = tuple(
            self._columns.facet(
                facet, found if facet.match is None else evaluator.evaluate(facet.match)
            )
            for facet in plan.facets
        )
        shown = self._duplicates.leaders(found) if plan.collapse else found
        page = self._ranker.page(plan, shown, evaluator, best)
        complete = not evaluator.budget.exhausted
        matches = Matches(found.count(), page.matches, facets, page.cursor, complete)
        if not plan.collapse:
            return matches
        doc_ids = [self._ids.doc_id(match.id) for match in page.matches]
        similar = self._duplicates.similar(doc_ids, found)
        return replace(matches, groups=shown.count(), similar=similar)

    def iterate(self, plan: Plan) -> Iterator[Match]:
        """See `search.engines.contract.IndexReader`."""
        budget = WorkBudget(sys.maxsize)  # all articles are read anyway
        evaluator = Evaluator(self._postings, self._columns, self._ids, budget)
        return self._ranker.iterate(plan, evaluator.evaluate(plan.match), evaluator)

    def records(self, plan: Plan) -> Iterator[Mapping[str, Any]]:
        """See `search.engines.contract.IndexReader`."""
        evaluator = Evaluator(self._postings, self._columns, self._ids, WorkBudget(sys.maxsize))
        doc_ids, _ = self._ranker.doc_ids(plan, evaluator.evaluate(plan.match), evaluator)
        bases = np.array(self._postings.bases, np.int64)
        for start in range(0, len(doc_ids), MAX_RECORDS_AT_ONCE):
            part = doc_ids[start : start + MAX_RECORDS_AT_ONCE]
            segments = np.searchsorted(bases, part, side="right") - 1
            records: list[Iterator[Mapping[str, Any]]] = [iter(())] * len(bases)
            for i in np.unique(segments).tolist():
                documents = (part[segments == i] - bases[i]).tolist()
                records[i] = iter(self.segments[i].stored.records(documents))
            for i in segments.tolist():
                yield next(records[i])

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        """See `search.engines.contract.IndexReader`."""
        return [self._article(self._ids.doc_id(article_id)) for article_id in ids]

    def _article(self, doc_id: int) -> Article | None:
        if doc_id < 0:
            return None
        i = bisect_right(self._postings.bases, doc_id) - 1
        return self.segments[i].stored.article(doc_id - self._postings.bases[i])

    def term_statistics(
        self,
        terms: Sequence[tuple[str, str]],
        prefixes: Sequence[tuple[str, str]] = (),
        limit: int = 0,
    ) -> TermStatistics:
        """See `search.engines.contract.IndexReader`."""
        return TermStatistics(
            [self._postings.document_frequency(field, term) for field, term in terms],
            [self._postings.most_frequent(field, prefix, limit) for field, prefix in prefixes],
        )

    def titles(self, letters: str, size: int) -> TitlesFound:
        """See `search.engines.contract.IndexReader`."""
        return self.models.titles(letters, size)

    def explain(self, plan: Plan, article_id: str) -> Explained | None:
        """See `search.engines.contract.IndexReader`."""
        doc_id = self._ids.doc_id(article_id)
        if doc_id < 0:
            return None
        budget = self._postings.new_budget()
        found = Evaluator(self._postings, self._columns, self._ids, budget).evaluate(plan.match)
        matches = bool(found.contains(np.array([doc_id]))[0])
        postings = CallPostings(self._postings, budget)
        scores = explain(postings, plan.features, doc_id, self._columns.numeric)
        return Explained(matches, scores)

    def values(self, fields: Sequence[str], limit: int) -> list[Mapping[str, int]]:
        """See `search.engines.contract.IndexReader`."""
        everything = self._postings.everything
        requests = [FacetRequest(field, limit=limit) for field in fields]
        return [self._columns.facet(request, everything).counts for request in requests]
