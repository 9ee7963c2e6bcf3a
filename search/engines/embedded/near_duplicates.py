"""Near-duplicates among the matches of a plan: one of each group is shown, the rest are counted."""

from collections.abc import Sequence
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index.embedded.columns import NO_DATE
from index.embedded.layout import WHOLE_TEXT
from index.models.near_duplicates import BINS, groups
from search.engines.embedded.columns import Columns
from search.engines.embedded.docsets import DocIds, DocSet
from search.engines.embedded.postings_reader import PostingsReader


class NearDuplicates:
    """The groups of a commit's articles, found on first use."""

    def __init__(self, reader: PostingsReader, columns: Columns) -> None:
        self._reader = reader
        self._columns = columns
        self._lock = Lock()
        self._cached_groups: NDArray[np.int32] | None = None

    def leaders(self, found: DocSet) -> DocSet:
        """Return one match of each group, its leader, and all matches without a group.

        The leader is the oldest article, likely the original; of equally old ones, the longest.
        """
        doc_ids = found.as_doc_ids()
        grouped = self._sizes[self._groups[doc_ids]] > 1
        members = doc_ids[grouped]
        if not len(members):
            return found
        by_rank = members[np.argsort(self._ranks[members], kind="stable")]
        _, first = np.unique(self._groups[by_rank], return_index=True)
        kept = np.sort(np.concatenate([doc_ids[~grouped], by_rank[first]]))
        return DocSet(found.size, doc_ids=kept)

    def similar(self, doc_ids: Sequence[int], found: DocSet) -> tuple[int, ...]:
        """Return for each article how many other matches are in its group."""
        return tuple(self._similar(doc_id, found) for doc_id in doc_ids)

    def _similar(self, doc_id: int, found: DocSet) -> int:
        group = int(self._groups[doc_id])
        if self._sizes[group] < 2:
            return 0
        members: DocIds = np.flatnonzero(self._groups == group)
        return int(found.contains(members).sum()) - 1

    @property
    def _groups(self) -> NDArray[np.int32]:
        # After a commit all threads of a server need the groups at once, and finding them takes
        # 0.13 s: with the lock only one thread does.
        with self._lock:
            if self._cached_groups is None:
                self._cached_groups = self._compute_groups()
            return self._cached_groups

    def _compute_groups(self) -> NDArray[np.int32]:
        nothing = np.empty((0, BINS), np.uint8)
        # A deleted document is in no group.
        live = (
            np.where(segment.live()[:, None], segment.signatures, np.uint8(0))
            for segment in self._reader.segments
        )
        return groups(np.concatenate([nothing, *live]))

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.bincount(self._groups, minlength=self._reader.size)

    @cached_property
    def _ranks(self) -> NDArray[np.int64]:
        """The rank of each article as a leader: the lowest rank of a group leads it."""
        dates = self._columns.numeric("published").copy()
        dates[dates == NO_DATE] = np.iinfo(np.int64).max
        nothing = np.empty(0, np.int32)
        lengths = [segment.lengths[WHOLE_TEXT] for segment in self._reader.segments]
        ranks = np.empty(self._reader.size, np.int64)
        ranks[np.lexsort((-np.concatenate([nothing, *lengths]), dates))] = np.arange(len(ranks))
        return ranks
