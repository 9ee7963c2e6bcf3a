"""Collapsing of near-duplicates in a window of hits: one of each group is shown.

The cluster knows no groups. A window of more hits than the page holds is fetched with their stored
signatures and grouped here. For groups inside the window the result is that of the embedded engine;
a member after it is shown again on its own page.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from index.models.near_duplicates import BINS, groups
from search import plan
from search.engines.opensearch.queries import Json

MAX_WINDOW_HITS = 500
"""Hits of the largest window, some 2 MB; deeper pages are not collapsed."""

_EXTRA_HITS = 20
"""Hits of a window beyond twice those up to the end of the page; arbitrary."""


def window(asked: plan.Plan) -> int:
    """Return the size of a plan's window, from the first hit or the cursor on; 0 for none."""
    size = 2 * (asked.offset + asked.limit) + _EXTRA_HITS
    return size if asked.collapse and asked.limit and size <= MAX_WINDOW_HITS else 0


@dataclass(frozen=True, slots=True)
class CollapsedPage:
    """A page with one hit of each group.

    `similar`: the number of other members of each hit's group. `left_out`: the hits of the window
    that are hidden behind a leader. `passed`: the hits before the next page.
    """

    page: Sequence[Json]
    similar: tuple[int, ...]
    left_out: int
    passed: Sequence[Json]


def collapse(asked: plan.Plan, hits: Sequence[Json]) -> CollapsedPage:
    """Return the collapsed page of a plan, given the hits of its window."""
    found = groups(_signatures(hits)).tolist()
    members: dict[int, list[int]] = {}
    for at, group in enumerate(found):
        members.setdefault(group, []).append(at)
    leaders = sorted(
        min(group, key=lambda at: _rank(hits[at]["_source"]["article"]))
        for group in members.values()
    )
    stop = asked.offset + asked.limit
    shown = leaders[asked.offset : stop]
    passed = hits[: leaders[stop]] if stop < len(leaders) else hits
    return CollapsedPage(
        page=[hits[at] for at in shown],
        similar=tuple(len(members[found[at]]) - 1 for at in shown),
        left_out=len(hits) - len(leaders),
        passed=passed,
    )


def _signatures(hits: Sequence[Json]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    rows = np.zeros((len(hits), BINS), np.uint8)
    for row, hit in zip(rows, hits, strict=True):
        if text := hit["_source"].get("signature"):
            row[:] = np.frombuffer(base64.b64decode(text), np.uint8)
    return rows


def _rank(article: Mapping[str, Any]) -> tuple[float, int]:
    """Return the sort key of a group's leader: the oldest article, of undated ones the longest."""
    moment = article.get("published")
    text = sum(len(article.get(name, "")) for name in ("title", "summary", "body"))
    return (datetime.fromisoformat(moment).timestamp() if moment else float("inf"), -text)
