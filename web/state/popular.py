"""Popular queries of the last days, offered as completions if the server is configured to.

A query is offered if it finds something and at least `MIN_CLIENTS` clients sent it on one day, so
that nobody sees what a single person searches for, however often.
"""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Lock, Thread
from typing import Any

from index.models.typed_marks import may_become
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from web.state.query_log import QueryLog

MIN_CLIENTS = 5
"""Clients that must have sent a query on one day. Arbitrary, a usual k of k-anonymity."""

DAYS = 14
"""Days of the log that are counted; arbitrary."""

HALF_LIFE_DAYS = 3.0
"""Age in days at which a search counts half; arbitrary."""

MAX_QUERIES = 10_000
"""Queries that are kept in memory, about 2 MB."""

MAX_QUERY_CHARACTERS = 100
"""Characters of a query that is offered. Arbitrary; longer ones are pasted texts."""

REFRESH_SECONDS = 600.0
"""Maximum age of the counts: reading a log of 500,000 searches takes about 3 s in a thread."""

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _QueryCounts:
    """Counts of one query: clients by day, clicks by day, spellings, the last total."""

    clients: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    clicks: Counter[date] = field(default_factory=Counter)
    spellings: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def score(self, today: date) -> float:
        """Return the number of clients and clicks, each day's weighted by its age."""
        days = self.clients.keys() | self.clicks.keys()
        counts = ((len(self.clients.get(day, ())) + self.clicks[day], day) for day in days)
        ages = ((count, (today - day).days / HALF_LIFE_DAYS) for count, day in counts)
        return sum(float(count * 0.5**age) for count, age in ages)


def popular_queries(
    entries: Iterable[Mapping[str, Any]], today: datetime, min_clients: int = MIN_CLIENTS
) -> list[str]:
    """Return the queries of `min_clients` or more, best first, in their most frequent spelling."""
    oldest = today.date() - timedelta(days=DAYS)
    counts: dict[str, _QueryCounts] = defaultdict(_QueryCounts)
    for entry in entries:
        query, day = str(entry.get("q", "")), _day(str(entry.get("at", "")))
        if day is None or day < oldest or len(query) > MAX_QUERY_CHARACTERS:
            continue
        key = " ".join(terms(query))
        if not key or not _is_plain(query):
            continue
        if "opened" in entry:
            counts[key].clicks[day] += 1
        elif isinstance(entry.get("total"), int):
            counts[key].total = entry["total"]
            counts[key].spellings[query] += 1
            if who := str(entry.get("who", "")):
                counts[key].clients[day].add(who)
    shown = [
        c
        for c in counts.values()
        if c.total and any(len(day) >= min_clients for day in c.clients.values())
    ]
    shown.sort(key=lambda c: -c.score(today.date()))
    return [c.spellings.most_common(1)[0][0] for c in shown[:MAX_QUERIES]]


def _is_plain(query: str) -> bool:
    """Return whether a query is plain words: no operator, quotation mark or field."""
    return not any(sign in query for sign in '"“”:*()+') and not query.startswith("-")


def _day(moment: str) -> date | None:
    """Return the day of an entry; None if its line is damaged."""
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        return None


class PopularQueries:
    """The popular queries of a log, refreshed by a background thread."""

    def __init__(self, log: QueryLog, min_clients: int = MIN_CLIENTS) -> None:
        self._log = log
        self._min_clients = min_clients
        self._queries: list[tuple[str, str, str]] = []
        self._read_at = -REFRESH_SECONDS
        self._lock = Lock()

    def beginning(self, typed: str, limit: int) -> list[str]:
        """Return popular queries that begin with what was typed; marks may be missing."""
        if time.monotonic() - self._read_at > REFRESH_SECONDS:
            Thread(target=self.read, daemon=True).start()
        prefix = " ".join(terms(typed))
        if not prefix:
            return []
        letters = fold(prefix)
        found = (
            query
            for folded, key, query in self._queries
            if folded.startswith(letters) and key != prefix and may_become(prefix, key)
        )
        return [query for query, _ in zip(found, range(limit), strict=False)]

    def read(self) -> None:
        """Read the log, unless another thread is reading it."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._read_at = time.monotonic()
            best = popular_queries(self._log.entries(), datetime.now(UTC), self._min_clients)
            keys = [" ".join(terms(query)) for query in best]
            self._queries = [(fold(key), key, query) for key, query in zip(keys, best, strict=True)]
        except OSError as error:
            _LOG.warning("the query log cannot be read: %s", error)
        finally:
            self._lock.release()
