"""A proxy that counts the calls to an engine: each is a round trip if the engine is remote."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index.article import Article
from index.history import History
from index.models import Models
from index.models.titles import TitlesFound
from index.schema import Schema
from index.storage.cache import CacheUse
from search.engines.contract import Engine, Explained, IndexReader, TermStatistics
from search.plan import Match, Matches, Plan


class CountingEngine:
    """An engine that counts the calls to its readers; models are local and are not counted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.calls: Counter[str] = Counter()

    def reader(self) -> "CountingReader":
        return CountingReader(self._engine.reader(), self.calls)


class CountingReader:
    """A proxy of a reader; `CountingEngine` returns a new one each time."""

    def __init__(self, reader: IndexReader, calls: Counter[str]) -> None:
        self._reader = reader
        self._calls = calls

    @property
    def identity(self) -> str:
        return self._reader.identity

    @property
    def is_lost(self) -> bool:
        return self._reader.is_lost

    @property
    def schema(self) -> Schema:
        return self._reader.schema

    @property
    def article_count(self) -> int:
        return self._reader.article_count

    @property
    def history(self) -> History:
        return self._reader.history

    @property
    def size_bytes(self) -> int:
        return self._reader.size_bytes

    def caches(self) -> Mapping[str, CacheUse]:
        return self._reader.caches()

    @property
    def models(self) -> Models:
        return self._reader.models

    def execute(self, plans: Sequence[Plan]) -> list[Matches]:
        self._calls["execute"] += 1
        return self._reader.execute(plans)

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        self._calls["stored"] += 1
        return self._reader.stored(ids)

    def term_statistics(
        self,
        terms: Sequence[tuple[str, str]],
        prefixes: Sequence[tuple[str, str]] = (),
        limit: int = 0,
    ) -> TermStatistics:
        self._calls["term_statistics"] += 1
        return self._reader.term_statistics(terms, prefixes, limit)

    def titles(self, letters: str, size: int) -> TitlesFound:
        self._calls["titles"] += 1
        return self._reader.titles(letters, size)

    def explain(self, plan: Plan, article_id: str) -> Explained | None:
        self._calls["explain"] += 1
        return self._reader.explain(plan, article_id)

    def iterate(self, plan: Plan) -> Iterator[Match]:
        self._calls["iterate"] += 1
        return self._reader.iterate(plan)

    def records(self, plan: Plan) -> Iterator[Mapping[str, Any]]:
        self._calls["records"] += 1
        return self._reader.records(plan)

    def values(self, fields: Sequence[str], limit: int) -> list[Mapping[str, int]]:
        self._calls["values"] += 1
        return self._reader.values(fields, limit)
