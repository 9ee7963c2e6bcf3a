"""Collapsing of near-duplicates in a window of hits: one of each group is shown.

The cluster does not store groups. The first hits are fetched as rows, with signatures and dates
from doc values but without their articles, and grouped here; then the articles of the page are
fetched. For groups inside the window the result is that of the embedded engine; a member after it
is shown again on its own page.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np

from index.models.near_duplicates import BINS, groups
from index.opensearch.documents import signatures_of
from index.opensearch.mapping import SEQUENCE, SIGNATURE
from search import plan
from search.engines.opensearch.cursors import read_count, read_cursor
from search.engines.opensearch.queries import Json

WINDOWS = (500, 10_000)
"""Hits of a window: of pages up to the 250th hit, and of deeper ones. Of 153,825
headlines 500 rows take a node 3 ms and the client 4 ms of CPU, 10,000 rows 35 and 50; 40 articles
took the node 16 (a script, `benchmarks.cluster_growth` builds the index)."""

ROWS: Json = {
    "_source": False,
    "stored_fields": "_none_",  # with them the cluster would unpack the articles, too
    "docvalue_fields": [SIGNATURE, {"field": "published", "format": "epoch_second"}],
}
"""What is returned of a window's hits, besides their sort values."""


def window(query_plan: plan.Plan, more_than: int = 0) -> int:
    """Return the size of a plan's window, counted from the first hit; 0 for no collapsing.

    `more_than` is the size of a window with too few groups for the page.
    """
    if not query_plan.collapse:
        return 0
    before = query_plan.offset if query_plan.cursor is None else read_count(query_plan.cursor)
    needed = 2 * (before + query_plan.limit)
    return next((size for size in WINDOWS if size >= needed and size > more_than), 0)


@dataclass(frozen=True, slots=True)
class CollapsedPage:
    """A page with one hit of each group.

    `similar`: the number of other members of each hit's group. `left_out`: the hits of the window
    that are hidden behind a leader. `passed`: the number of hits before the next page, `last`: the
    last of them. `is_last`: no page follows. `is_short`: the window may have had too few groups.
    """

    page: Sequence[Json]
    similar: tuple[int, ...]
    left_out: int
    passed: int
    last: Json
    is_last: bool
    is_short: bool


def collapse(query_plan: plan.Plan, hits: Sequence[Json], total: int) -> CollapsedPage:
    """Return the collapsed page of a plan, given the hits of its window and how many match."""
    signatures, ranks = _columns(hits)
    group_of = groups(signatures).tolist()
    leaders = _leaders(group_of, ranks)
    if len(hits) > WINDOWS[0]:
        # Earlier pages may have shown another leader of a group, found in the smaller window.
        first = _leaders(groups(signatures[: WINDOWS[0]]).tolist(), ranks)[: WINDOWS[0] // 2]
        first_groups = {group_of[i] for i in first}
        leaders = first + [i for i in leaders if i > first[-1] and group_of[i] not in first_groups]
    start = (
        query_plan.offset
        if query_plan.cursor is None
        else _leaders_before(query_plan.cursor, hits, leaders)
    )
    stop = start + query_plan.limit
    shown = leaders[start:stop]
    passed = leaders[stop] if stop < len(leaders) else len(hits)
    sizes = Counter(group_of)
    has_all = len(hits) >= total
    return CollapsedPage(
        page=[hits[i] for i in shown],
        similar=tuple(sizes[group_of[i]] - 1 for i in shown),
        left_out=len(hits) - len(leaders),
        passed=passed,
        last=hits[passed - 1] if passed else {},
        is_last=stop >= len(leaders) and has_all,
        is_short=len(shown) < query_plan.limit and not has_all,
    )


def _leaders(group_of: Sequence[int], ranks: Sequence[tuple[float, int]]) -> list[int]:
    """Return the index of each group's leader, the hit of the lowest rank, ascending."""
    best: dict[int, int] = {}
    for i, group in enumerate(group_of):
        leader = best.setdefault(group, i)
        if ranks[i] < ranks[leader]:
            best[group] = i
    return sorted(best.values())


def _columns(
    hits: Sequence[Json],
) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], list[tuple[float, int]]]:
    """Return the signatures of hits, and their ranks as leaders of a group, the lowest first.

    The oldest article leads; of equally old or undated ones, the longest.
    """
    signed = [i for i, hit in enumerate(hits) if SIGNATURE in hit.get("fields", ())]
    signatures, lengths = np.zeros((len(hits), BINS), np.uint8), np.zeros(len(hits), np.int64)
    signatures[signed], lengths[signed] = signatures_of(
        [hits[i]["fields"][SIGNATURE][0] for i in signed]
    )
    dates = [
        float(hit["fields"]["published"][0]) if "published" in hit.get("fields", ()) else math.inf
        for hit in hits
    ]
    return signatures, list(zip(dates, (-lengths).tolist(), strict=True))


def _leaders_before(cursor: str, hits: Sequence[Json], leaders: Sequence[int]) -> int:
    """Return the number of leaders up to the hit that a cursor names.

    If that was deleted meanwhile, up to the number of hits that were before it.
    """
    sequence = read_cursor(cursor, len(hits[0]["sort"]))[-1] if hits else None
    matching = (i for i, hit in enumerate(hits) if hit["sort"][-1] == sequence)
    end = next(matching, read_count(cursor) - 1) + 1
    return sum(1 for _ in takewhile(lambda leader: leader < end, leaders))


def collapsed_page(
    query_plan: plan.Plan, search: Json, answer: Json, run: Callable[[Sequence[Json]], list[Json]]
) -> CollapsedPage | None:
    """Return the collapsed page of a plan, given the search of its window and the response.

    None if the largest window has too few groups, since most of its hits are copies.
    """
    hits, size = answer["hits"], search["size"]
    collapsed = collapse(query_plan, hits["hits"], hits["total"]["value"])
    while collapsed.is_short:
        size = window(query_plan, more_than=size)
        if not size:
            return None
        wider = {name: value for name, value in search.items() if name != "aggs"}
        [response] = run([{**wider, "size": size}])
        collapsed = collapse(
            query_plan, response["hits"]["hits"], response["hits"]["total"]["value"]
        )
    return _with_articles(collapsed, run) if collapsed.page else collapsed


def _with_articles(
    collapsed: CollapsedPage, run: Callable[[Sequence[Json]], list[Json]]
) -> CollapsedPage:
    """Return a page with the articles of its rows, dropping those that were deleted meanwhile."""
    sequences = [row["sort"][-1] for row in collapsed.page]
    query = {"bool": {"filter": [{"terms": {SEQUENCE: sequences}}]}}
    [answer] = run([{"query": query, "size": len(sequences)}])
    sources = {hit["_source"][SEQUENCE]: hit["_source"] for hit in answer["hits"]["hits"]}
    present = [
        ({**row, "_source": sources[sequence]}, similar)
        for row, similar, sequence in zip(collapsed.page, collapsed.similar, sequences, strict=True)
        if sequence in sources
    ]
    return replace(
        collapsed,
        page=[row for row, _ in present],
        similar=tuple(similar for _, similar in present),
    )
