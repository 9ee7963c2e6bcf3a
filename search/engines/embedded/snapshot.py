"""One commit of an embedded index, open: executes plans over all its segments."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from index.article import Article
from index.embedded.commits import Commit
from index.embedded.model_parts import models_of
from index.embedded.segment import OpenSegment
from index.models import Models
from index.models.language_model import CountedLanguage
from search.engines.embedded.columns import Columns
from search.engines.embedded.docsets import Found
from search.engines.embedded.evaluator import Matcher
from search.engines.embedded.scoring import best_of, score, weigh
from search.engines.embedded.terms import Terms
from search.planning.plan import Match, Matches, Plan, Sort


class EmbeddedSnapshot:
    """See `contract.Snapshot`; numbers count the documents of all segments in order."""

    def __init__(self, commit: Commit, segments: Sequence[OpenSegment]) -> None:
        self.generation = commit.generation
        self._segments = segments
        self._terms = Terms(segments)
        self._columns = Columns(self._terms)
        self._matcher = Matcher(self._terms, self._columns)

    @property
    def articles(self) -> int:
        """See `search.engines.contract.Snapshot`."""
        return self._terms.articles

    @property
    def language(self) -> CountedLanguage:
        """See `search.engines.contract.Snapshot`."""
        return self._models.language

    @cached_property
    def _models(self) -> Models:
        return models_of(self._segments)

    def execute(self, plan: Plan) -> Matches:
        """See `search.engines.contract.Snapshot`."""
        found = self._matcher.found(plan.match)
        facets = {name: self._columns.counts(name, found) for name in plan.facets}
        return Matches(found.count(), self._page(plan, found), facets)

    def _page(self, plan: Plan, found: Found) -> tuple[Match, ...]:
        if not plan.limit:
            return ()
        parts = weigh(self._terms, plan.scores, plan.pairs)
        page = slice(plan.offset, plan.offset + plan.limit)
        if plan.sort is Sort.RELEVANCE:
            numbers, scores = best_of(self._terms, found, parts, page.stop)
            numbers, scores = numbers[page], scores[page]
        else:
            newest = plan.sort is Sort.NEWEST
            order = self._columns.newest_first if newest else self._columns.oldest_first
            numbers = order[found.contains(order)][page]
            ascending = np.argsort(numbers)
            scores = np.empty(len(numbers))
            scores[ascending] = score(self._terms, numbers[ascending], parts)
        return tuple(map(Match, numbers.tolist(), scores.tolist()))

    def article(self, number: int) -> Article:
        """See `search.engines.contract.Snapshot`."""
        if not 0 <= number < self._terms.size or not self._terms.live[number]:
            raise KeyError(number)
        at = bisect_right(self._terms.bases, number) - 1
        return self._segments[at].stored.article(number - self._terms.bases[at])

    def number_of(self, article_id: str) -> int | None:
        """See `search.engines.contract.Snapshot`."""
        numbers = self._terms.decoded("id", article_id).numbers
        return int(numbers[-1]) if len(numbers) else None

    def document_frequency(self, field: str, term: str) -> int:
        """See `search.engines.contract.Snapshot`."""
        return self._terms.document_frequency(field, term)

    def terms_with_prefix(self, field: str, prefix: str) -> list[str]:
        """See `search.engines.contract.Snapshot`."""
        return self._terms.with_prefix(field, prefix)

    def phrases(self, typed: str, size: int) -> list[tuple[str, int]]:
        """See `search.engines.contract.Snapshot`."""
        return self._models.phrases(typed, size)

    def values(self, column: str) -> Mapping[str, int]:
        """See `search.engines.contract.Snapshot`."""
        return self._columns.counts(column, self._terms.everything)
