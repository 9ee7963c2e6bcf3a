"""Latency by query shape, with all engines interleaved in one process.

Each engine first runs other queries of the same shapes (warm-up). Then each query runs on all
engines in turn, for several rounds; its time is the minimum, which excludes the effect
of other load. `first` is the first round: the query is new to the engine, but its terms may not be.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.contest import SHAPES, Contestant, Found, Kind, Query

ROUNDS = 3
SLOW = {"peer_whoosh"}
"""Engines that run in the first round only: two more would take a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds for one shape: median, 95th percentile, median of the first round."""

    p50: float
    p95: float
    first: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of an engine's results with ours, over `queries` queries.

    `totals`: share with the same total. `top`: mean overlap of the first ten. `score`: largest
    difference of their scores if the engine uses our formula, else NaN.
    """

    queries: int
    totals: float
    top: float
    score: float


def measure(
    contestants: Mapping[str, Contestant], queries: Sequence[Query], warm: Sequence[Query]
) -> dict[str, dict[str, Latency]]:
    """Return the latencies by shape and engine."""
    calls = {name: _prepared(one, queries) for name, one in contestants.items()}
    for one in contestants.values():
        for call in _prepared(one, warm):
            call()
    times = np.full((ROUNDS, len(queries), len(calls)), np.inf)
    names = list(calls)
    for round_, at in product(range(ROUNDS), range(len(queries))):
        for column, name in enumerate(names):
            if round_ == 0 or name not in SLOW:
                times[round_, at, column] = _milliseconds(calls[name][at])
    shapes = np.array([query.shape.name for query in queries])
    return {
        shape.name: {
            name: _latency(times[:, shapes == shape.name, at]) for at, name in enumerate(names)
        }
        for shape in SHAPES
    }


def compare(ours: Contestant, peer: Contestant, queries: Sequence[Query]) -> Agreement:
    """Compare the results of an engine with ours."""
    pairs = [(query, ours.found(query), peer.found(query)) for query in queries]
    return Agreement(
        queries=len(pairs),
        totals=float(np.mean([a.total == b.total for _, a, b in pairs])),
        top=float(np.mean([_shared(a, b) for _, a, b in pairs if a.ids])),
        score=max(_difference(a, b) for q, a, b in pairs if q.shape.kind is not Kind.PREFIX),
    )


def _prepared(one: Contestant, queries: Sequence[Query]) -> list[Callable[[], object]]:
    return [one.prepare(query) for query in queries]


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - began) / 1e6


def _latency(times: NDArray[np.float64]) -> Latency:
    """Return the summary of times, an array of shape (rounds, queries)."""
    minimum = times.min(axis=0)
    return Latency(
        float(np.median(minimum)), float(np.percentile(minimum, 95)), float(np.median(times[0]))
    )


def _shared(ours: Found, peer: Found) -> float:
    return len(set(ours.ids) & set(peer.ids)) / len(ours.ids)


def _difference(ours: Found, peer: Found) -> float:
    return max((abs(a - b) for a, b in zip(ours.scores, peer.scores, strict=False)), default=0.0)
