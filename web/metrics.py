"""`/metrics` for Prometheus: requests, latencies by stage, caches, the commit served, the queue."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from index.storage.cache import CacheUse
from search.results.records import Results
from web.searching import Searcher
from web.state.tasks import Tasks

SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable from which prometheus-client takes the folder that processes share."""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
"""Upper bounds of latencies in seconds; from a cached answer to the worst query."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one application."""

    searcher: Searcher
    tasks: Tasks | None
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    stages: Histogram = field(init=False)
    empty: Counter = field(init=False)
    cached: Counter = field(init=False)
    caches: Counter = field(init=False)
    cache_counters: dict[str, "_CacheCounters"] = field(default_factory=dict)
    """Each cache of the searcher as it was last counted."""
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        metrics = {
            "requests": Counter(
                "timtin_requests_total",
                "Requests answered.",
                ("endpoint", "method", "status"),
                registry=self.registry,
            ),
            "seconds": Histogram(
                "timtin_request_seconds",
                "Time from the request to its answer.",
                ("endpoint",),
                buckets=_BUCKETS,
                registry=self.registry,
            ),
            "stages": Histogram(
                "timtin_stage_seconds",
                "Time of a stage: search (the engine and snippets) or answer (all around it).",
                ("stage",),
                buckets=_BUCKETS,
                registry=self.registry,
            ),
            "cached": Counter(
                "timtin_answer_cache_total",
                "Lookups in the cache of answers: hit or miss.",
                ("found",),
                registry=self.registry,
            ),
            "caches": Counter(
                "timtin_search_cache_total",
                "Lookups in a process's caches of a commit, by cache: hit or miss.",
                ("cache", "found"),
                registry=self.registry,
            ),
            "empty": Counter(
                "timtin_empty_searches_total", "Searches without a hit.", registry=self.registry
            ),
        }
        for name, metric in metrics.items():
            object.__setattr__(self, name, metric)

    def searched(self, results: Results) -> None:
        """Count a search and its latency."""
        self.stages.labels("search").observe(results.took_ms / 1000)
        g.searched = results.took_ms / 1000
        if not results.total:
            self.empty.inc()
        self._count_caches()

    def _count_caches(self) -> None:
        """Count the cache lookups since the last call; those of a new commit start at 0."""
        with self.lock:
            for name, use in self.searcher.caches().items():
                last = self.cache_counters.get(name)
                if last is None:
                    hits, misses = (self.caches.labels(name, found) for found in ("hit", "miss"))
                    last = self.cache_counters[name] = _CacheCounters(hits, misses)
                last.add(use)

    def count(self, response: Response) -> Response:
        """Count an answer."""
        endpoint = request.endpoint or "none"
        method = request.method if request.method in {"GET", "HEAD", "POST", "DELETE"} else "other"
        self.requests.labels(endpoint, method, str(response.status_code)).inc()
        if "began" in g:
            took = time.perf_counter() - g.began
            self.seconds.labels(endpoint).observe(took)
            if "searched" in g:
                self.stages.labels("answer").observe(max(0.0, took - g.searched))
        return response

    def page(self) -> Response:
        """Return all metrics in the text format of Prometheus."""
        registry = self.registry
        if os.environ.get(SHARED_FOLDER_VARIABLE):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        gauges = CollectorRegistry()
        gauges.register(_IndexGauges(self.searcher, self.tasks))
        body = generate_latest(registry) + generate_latest(gauges)
        return Response(body, content_type=CONTENT_TYPE_LATEST)

    def install(self, app: Flask) -> None:
        """Count the requests of an application, and serve `/metrics`."""
        app.after_request(self.count)
        routes = Blueprint("metrics", __name__)
        routes.add_url_rule("/metrics", "page", self.page)
        app.register_blueprint(routes)


@dataclass(slots=True)
class _CacheCounters:
    """The counters of a cache of the searcher, and its lookups when they were last counted."""

    hits: Counter
    misses: Counter
    last_hits: int = 0
    last_misses: int = 0

    def add(self, use: CacheUse) -> None:
        """Count the lookups since the last call; lower numbers are those of a new commit."""
        if use.hits < self.last_hits or use.misses < self.last_misses:
            self.last_hits = self.last_misses = 0
        if use.hits > self.last_hits:  # each `inc` writes to a file that processes share
            self.hits.inc(use.hits - self.last_hits)
        if use.misses > self.last_misses:
            self.misses.inc(use.misses - self.last_misses)
        self.last_hits, self.last_misses = use.hits, use.misses


class _IndexGauges(Collector):
    """Gauges that are read at each scrape: the index, its commit and the tasks by status."""

    def __init__(self, searcher: Searcher, tasks: Tasks | None) -> None:
        self._searcher = searcher
        self._tasks = tasks

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; `timtin_index_up` is 0 if the index cannot be read."""
        up = GaugeMetricFamily("timtin_index_up", "Whether the index can be read.")
        try:
            articles, identity = self._searcher.articles, self._searcher.identity
            size = self._searcher.size_bytes
        except Exception:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield GaugeMetricFamily("timtin_articles", "Articles that can be found.", value=articles)
        yield GaugeMetricFamily("timtin_index_bytes", "Bytes of the index on disk.", value=size)
        commit = GaugeMetricFamily("timtin_commit", "The commit served.", labels=["identity"])
        commit.add_metric([identity], 1)
        yield commit
        if self._tasks:
            tasks = GaugeMetricFamily("timtin_tasks", "Tasks by status.", labels=["status"])
            for status, count in self._tasks.counts().items():
                tasks.add_metric([status], count)
            yield tasks
