"""The query log: what was searched for, found and opened, without client addresses."""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from web.state.pseudonyms import Pseudonyms

FOLDER = "queries"
MAX_DAYS = 30
"""Days that are kept. Arbitrary; queries are personal, so not for long."""

MAX_DAY_BYTES = 64 * 2**20
"""Bytes of one day. Arbitrary, about 500,000 searches; later ones of the day are not logged."""

MAX_LOGGED_CHARACTERS = 200
"""Characters of a query that are logged; arbitrary."""

MAX_REPORTED = 50
"""Queries in each list of the report; arbitrary."""

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.jsonl")


class Logged(NamedTuple):
    """The log entry of a search; `face` is the interface used, "api" or "page"."""

    query: str
    total: int
    took_ms: float
    face: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A query with its number of searches and clicks, and the total of its last search."""

    query: str
    searches: int
    total: int
    clicks: int


@dataclass(frozen=True, slots=True)
class QueryReport:
    """The searches of some days, each list most frequent first."""

    searches: int
    most: tuple[Counted, ...]
    without_hits: tuple[Counted, ...]
    without_clicks: tuple[Counted, ...]


class QueryLog:
    """One file per day, one entry per line, appended atomically, so that processes can share it."""

    def __init__(self, state: Path | None, *, with_pseudonyms: bool = False) -> None:
        """Log into the state folder; None logs nothing.

        With pseudonyms, clients can be distinguished within a day; see `web.state.pseudonyms`.
        """
        self._folder = state / FOLDER if state else None
        self._pseudonyms: Pseudonyms | None = None
        if self._folder:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._forget()
            self._pseudonyms = Pseudonyms(self._folder) if with_pseudonyms else None

    def search(self, logged: Logged, address: str = "") -> None:
        """Log a search; of the client's address at most a pseudonym."""
        if self._folder and logged.query.strip():
            entry = {"total": logged.total, "ms": round(logged.took_ms, 1), "face": logged.face}
            who = self._pseudonyms.of(address) if self._pseudonyms else ""
            client = {"who": who} if who else {}
            self._write({"q": _query(logged.query), **entry, **client})

    def click(self, query: str, article: str) -> None:
        """Log that an article was opened from the results of a search."""
        if self._folder and query.strip():
            self._write({"q": _query(query), "opened": article[:MAX_LOGGED_CHARACTERS]})

    def report(self, days: int = 7) -> QueryReport:
        """Return the report of the last days."""
        since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        searches: Counter[str] = Counter()
        clicks: Counter[str] = Counter()
        totals: dict[str, int] = {}
        for entry in self.entries():
            query, moment, total = entry.get("q"), entry.get("at"), entry.get("total")
            if not isinstance(query, str) or not isinstance(moment, str) or moment < since:
                continue
            if "opened" in entry:
                clicks[query] += 1
            elif isinstance(total, int):
                searches[query] += 1
                totals[query] = total
        counted = [
            Counted(query, count, totals[query], clicks[query])
            for query, count in searches.most_common()
        ]
        return QueryReport(
            searches.total(),
            tuple(counted[:MAX_REPORTED]),
            tuple([item for item in counted if not item.total][:MAX_REPORTED]),
            tuple([item for item in counted if item.total and not item.clicks][:MAX_REPORTED]),
        )

    def _write(self, entry: dict[str, object]) -> None:
        """Append one line; a log that cannot be written must not fail a search."""
        assert self._folder  # noqa: S101 - checked by the callers
        now = datetime.now(UTC)
        line = json.dumps({"at": now.isoformat(timespec="seconds"), **entry}, ensure_ascii=False)
        path = self._folder / f"{now:%Y-%m-%d}.jsonl"
        with suppress(OSError):
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if os.fstat(handle).st_size < MAX_DAY_BYTES:
                    os.write(handle, line.encode("utf-8", "replace") + b"\n")
            finally:
                os.close(handle)

    def entries(self) -> Iterator[dict[str, object]]:
        """Yield all entries, oldest first."""
        files = sorted(self._folder.glob("*.jsonl")) if self._folder else []
        for path in files:
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    with suppress(ValueError):
                        entry = json.loads(line)
                        if isinstance(entry, dict):
                            yield entry

    def _forget(self) -> None:
        """Delete days older than `MAX_DAYS`."""
        assert self._folder  # noqa: S101 - checked by the caller
        oldest = time.strftime("%Y-%m-%d", time.gmtime(time.time() - MAX_DAYS * 86_400))
        for path in self._folder.glob("*.jsonl"):
            day = _DAY.fullmatch(path.name)
            if day and day[1] < oldest:
                path.unlink(missing_ok=True)


def _query(typed: str) -> str:
    return " ".join(typed.split())[:MAX_LOGGED_CHARACTERS]
