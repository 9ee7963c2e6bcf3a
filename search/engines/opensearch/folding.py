"""Near-duplicates among the hits around a page: one of each group is shown.

The cluster knows no groups. More hits than the page holds are asked for, with the signatures that
their articles were indexed with, and grouped here. Of groups within these hits the answer is that
of the embedded engine; a member further down is shown again when it is reached.
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

MAX_FOLDED = 500
"""Hits that are asked for at most, some 2 MB; pages that lie deeper are shown as they are."""

_MORE = 20
"""Hits asked for beside twice those up to the end of the page; arbitrary."""


def window(asked: plan.Plan) -> int:
    """Return how many hits are looked at, from the first or the cursor on; 0 for none."""
    size = 2 * (asked.offset + asked.limit) + _MORE
    return size if asked.collapse and asked.limit and size <= MAX_FOLDED else 0


@dataclass(frozen=True, slots=True)
class Folded:
    """The hits of a page, how many others each stands for, and how many are not shown at all.

    `passed` are the hits that lie before the next page.
    """

    page: Sequence[Json]
    similar: tuple[int, ...]
    left_out: int
    passed: Sequence[Json]


def fold(asked: plan.Plan, hits: Sequence[Json]) -> Folded:
    """Return the page of a plan from the hits of its window."""
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
    return Folded(
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
    """Return what the first of a group is lowest by: the oldest, or else the fullest."""
    moment = article.get("published")
    text = sum(len(article.get(name, "")) for name in ("title", "summary", "body"))
    return (datetime.fromisoformat(moment).timestamp() if moment else float("inf"), -text)
