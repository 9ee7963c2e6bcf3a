"""Orders the matches of a plan: one page of them, or all."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from search.engines.contract import CursorError
from search.engines.embedded.article_ids import ArticleIds
from search.engines.embedded.columns import Columns
from search.engines.embedded.cursors import read_cursor, write_cursor
from search.engines.embedded.docsets import DocIds, DocSet, Scores
from search.engines.embedded.evaluator import Evaluator
from search.engines.embedded.ordering import top_indices
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.scoring import score
from search.engines.embedded.top_k import Scored, top_k
from search.plan import Match, Plan
from search.request import SortBy

MAX_MATCHES_AT_ONCE = 1000
"""Matches whose ids and scores are computed at a time when all are iterated over; arbitrary."""


_new_match: Callable[[tuple[str, float]], Match] = partial(tuple.__new__, Match)
"""Creates a match without a call of Python: ten take 2 us instead of 10."""


class Page(NamedTuple):
    """Matches in order, and the cursor after them; None on the last page."""

    matches: tuple[Match, ...]
    cursor: str | None


class Ranker:
    """Orders the matches of plans over one commit."""

    def __init__(self, reader: PostingsReader, columns: Columns, ids: ArticleIds) -> None:
        self._reader = reader
        self._columns = columns
        self._ids = ids

    def page(
        self, plan: Plan, found: DocSet, evaluator: Evaluator, scored: Scored | None = None
    ) -> Page:
        """Return the page of a plan; `known` are articles of a superset that were scored before."""
        if not plan.limit:
            return Page((), None)
        if plan.cursor is not None:
            doc_ids, scores = self._after_cursor(plan, plan.cursor, found, evaluator)
            return self._page(
                plan, doc_ids[: plan.limit], scores, evaluator, has_more=len(doc_ids) > plan.limit
            )
        page = slice(plan.offset, plan.offset + plan.limit)
        has_more = page.stop < found.count()
        if plan.sort is None:
            already_scored = scored.top_k(page.stop, found) if scored else None
            parts = evaluator.weighed(plan.features)
            doc_ids, scores = already_scored or top_k(self._reader, found, parts, page.stop)
            return self._page(plan, doc_ids[page], scores[page], evaluator, has_more=has_more)
        doc_ids = self._sorted(plan.sort, found)[page]
        return self._page(plan, doc_ids, None, evaluator, has_more=has_more)

    def doc_ids(
        self, plan: Plan, found: DocSet, evaluator: Evaluator
    ) -> tuple[DocIds, Scores | None]:
        """Return all matches after the plan's offset or cursor, and the scores if it has any."""
        if plan.cursor is not None:
            return self._after_cursor(plan, plan.cursor, found, evaluator)
        doc_ids, scores = self._ordered(plan, found, evaluator)
        return doc_ids[plan.offset :], None if scores is None else scores[plan.offset :]

    def iterate(self, plan: Plan, found: DocSet, evaluator: Evaluator) -> Iterator[Match]:
        """Yield all matches after the plan's offset or cursor; two numbers of each in memory."""
        doc_ids, scores = self.doc_ids(plan, found, evaluator)
        for start in range(0, len(doc_ids), MAX_MATCHES_AT_ONCE):
            part = slice(start, start + MAX_MATCHES_AT_ONCE)
            part_scores = None if scores is None else scores[part]
            yield from self._page(
                plan, doc_ids[part], part_scores, evaluator, has_more=False
            ).matches

    def _page(
        self,
        plan: Plan,
        doc_ids: DocIds,
        scores: Scores | None,
        evaluator: Evaluator,
        *,
        has_more: bool,
    ) -> Page:
        if scores is None:
            scores = self._score(plan, doc_ids, evaluator)
        ids, scored = self._ids.of(doc_ids), scores.tolist()
        # After a cursor there are scores of later pages, too.
        matches = tuple(map(_new_match, zip(ids, scored, strict=False)))
        if not has_more or not matches:
            return Page(matches, None)
        if plan.sort is None:
            return Page(matches, write_cursor(matches[-1].score, ids[-1]))
        value = self._columns.sort_value(plan.sort.field, int(doc_ids[-1]))
        return Page(matches, write_cursor(value, ids[-1]))

    def _score(self, plan: Plan, doc_ids: DocIds, evaluator: Evaluator) -> Scores:
        """Return the scores of articles, which may be in any order."""
        ascending = np.argsort(doc_ids)
        scores = np.empty(len(doc_ids))
        parts = evaluator.weighed(plan.features)
        scores[ascending] = score(self._reader, doc_ids[ascending], parts)
        return scores

    def _sorted(self, sort: SortBy, found: DocSet) -> DocIds:
        order = self._columns.order(sort.field, descending=sort.descending)
        return order[found.contains(order)]

    def _ordered(
        self, plan: Plan, found: DocSet, evaluator: Evaluator
    ) -> tuple[DocIds, Scores | None]:
        if plan.sort:
            return self._sorted(plan.sort, found), None
        doc_ids = found.as_doc_ids()
        scores = score(self._reader, doc_ids, evaluator.weighed(plan.features))
        order = top_indices(scores, len(scores))
        return doc_ids[order], scores[order]

    def _after_cursor(
        self, plan: Plan, cursor: str, found: DocSet, evaluator: Evaluator
    ) -> tuple[DocIds, Scores | None]:
        """Return all matches after a cursor, in order.

        If its article was deleted, those with the same value are returned again: none is skipped.
        """
        value, article_id = read_cursor(cursor)
        doc_id = self._ids.doc_id(article_id)
        doc_ids, scores = self._ordered(plan, found, evaluator)
        if plan.sort is None:
            if not isinstance(value, int | float) or scores is None:
                raise CursorError("this cursor is from a search in another order, not by score")
            after = (scores < value) | ((scores == value) & (doc_ids > doc_id))
            return doc_ids[after], scores[after]
        sort = plan.sort
        order = self._columns.after(sort.field, value, doc_id, descending=sort.descending)
        return doc_ids[order[doc_ids]], None
