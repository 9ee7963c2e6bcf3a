"""Per-commit state for understanding queries: language model, idfs, values of fields."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from index.models.language_model import LanguageModel
from index.schema import Kind
from index.storage.cache import CacheUse
from index.vietnamese import Language
from index.vietnamese.dates import VIETNAM
from index.vietnamese.forms import fold
from index.vietnamese.lexicon import Syllables
from index.vietnamese.syllables import terms
from search import ranking
from search.engines.contract import IndexReader, TermCount
from search.interpretation.candidates import (
    MAX_MISSPELLED_SYLLABLES,
    MAX_MISSPELLED_SYLLABLES_OF_A_QUERY,
)
from search.interpretation.interpretation import Interpretation
from search.interpretation.interpreter import MAX_BIGRAMS, MIN_BIGRAMS, interpret
from search.interpretation.splitting import split_joined
from search.plan import FacetRequest, Plan, Range
from search.request import Bucket

MAX_CACHED = 1 << 10
"""Entries of each `EntryCache`: interpretations, splits of joined words, plans; about 5 MB each."""

MAX_IDFS = 1 << 15
"""Terms whose idf is cached: about 5 MB."""

MAX_COLUMN_VALUES = 5_000
"""The most frequent values of a field, which are matched regardless of case and marks.

Folding them takes 0.1 s, once per commit and only if a query names the field. Other values must be
written exactly.
"""

MAX_DAYS = 1_200
"""The newest days of publication, among which "now" is chosen. Arbitrary: few dates are wrong."""

NEWEST_SHARE = 0.001
"""Share of the dated articles that may be newer than "now", so that a wrong date in the future does
not make all others old. Arbitrary."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class EntryCache(Generic[Key, Value]):
    """A cache that is cleared when it has `MAX_CACHED` entries; safe for many threads.

    Bounded by entries rather than bytes (as `index.storage.cache` is), since the size of an
    interpretation, many small objects with shared strings, is not known.
    """

    def __init__(self) -> None:
        self._hits = self._misses = 0
        self._values: dict[Key, Value] = {}

    @property
    def use(self) -> CacheUse:
        """The use of the cache, without bytes; concurrent lookups may be miscounted."""
        return CacheUse(self._hits, self._misses, 0, 0)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made by `make` if it is not cached."""
        value = self._values.get(key)
        if value is not None:
            self._hits += 1
            return value
        self._misses += 1
        if len(self._values) >= MAX_CACHED:
            self._values.clear()
        value = self._values[key] = make()
        return value


class Effort(NamedTuple):
    """What may be looked up for one of the runs of a query; see `interpret`."""

    max_misspelled: int
    max_bigrams: int


def effort_for(runs: int) -> Effort:
    """Return the effort for each of `runs` runs; rounded, so that similar numbers share a cache.

    >>> effort_for(12) == effort_for(14), effort_for(1) == effort_for(2)
    (True, False)
    """
    max_misspelled = MAX_MISSPELLED_SYLLABLES_OF_A_QUERY // runs
    max_bigrams = 1 << (MAX_BIGRAMS // runs).bit_length() - 1
    return Effort(
        min(MAX_MISSPELLED_SYLLABLES, max(1, max_misspelled)), max(MIN_BIGRAMS, max_bigrams)
    )


class ColumnValues(NamedTuple):
    """Values of a field by their folded syllables; `complete` if these are all values."""

    by_key: Mapping[str, tuple[str, ...]]
    complete: bool


@dataclass(frozen=True)
class Context:
    """The state of one commit for understanding queries.

    The dictionaries are caches: the values of fields that queries name, the idf of recent terms,
    the terms of the last prefixes.
    """

    reader: IndexReader
    language: Language
    values: dict[str, ColumnValues] = field(default_factory=dict)
    idfs: dict[str, float] = field(default_factory=dict)
    prefixes: dict[tuple[str, str], Sequence[TermCount]] = field(default_factory=dict)
    interpretations: EntryCache[
        tuple[Syllables, Effort, Syllables, frozenset[int]], Interpretation
    ] = field(default_factory=EntryCache)
    splits: EntryCache[str, tuple[str, ...]] = field(default_factory=EntryCache)
    plans: EntryCache[tuple[Hashable, ...], Any] = field(default_factory=EntryCache)
    """Queries as `search.finding` planned them (typed Any, since it imports this module): another
    page, order or filter of the same query does not plan it again."""
    corrections: EntryCache[str, tuple[str, ...]] = field(default_factory=EntryCache)
    runs: EntryCache[tuple[Hashable, ...], Any] = field(default_factory=EntryCache)
    """Runs as `search.planning.leaves` interpreted them, which imports this module."""

    @property
    def model(self) -> LanguageModel:
        """The language model of the articles."""
        return self.reader.models.language

    def fetch_statistics(
        self, terms: Iterable[str], prefixes: Iterable[tuple[str, str]], limit: int
    ) -> Mapping[tuple[str, str], Sequence[TermCount]]:
        """Fetch the document frequencies of terms, for `idf`, and return the terms of prefixes.

        At most the `limit` most frequent terms of each (field, prefix); one round trip for all that
        is not cached. The prefixes of the last call are cached, since a query is planned again if
        its phrase finds nothing.
        """
        if len(self.idfs) > MAX_IDFS:
            self.idfs.clear()
        missing = [term for term in dict.fromkeys(terms) if term not in self.idfs]
        distinct = list(dict.fromkeys(prefixes))
        cached = self.prefixes.copy()  # another thread may clear it
        new = [] if cached.keys() >= set(distinct) else distinct
        if not missing and not new:
            return {prefix: cached[prefix] for prefix in distinct}
        in_text = [("text", term) for term in missing]
        frequencies, with_prefix = self.reader.term_statistics(in_text, new, limit)
        articles = self.reader.article_count
        for term, frequency in zip(missing, frequencies, strict=True):
            self.idfs[term] = ranking.idf(articles, frequency)
        if new:
            cached = dict(zip(new, with_prefix, strict=True))
            self.prefixes.clear()
            self.prefixes.update(cached)
        return {prefix: cached[prefix] for prefix in distinct}

    def idf(self, term: str) -> float:
        """Return the idf of a term in "text"; call `fetch_statistics` first for many terms."""
        value = self.idfs.get(term)
        if value is None:  # not fetched, or another thread has cleared the cache
            [frequency] = self.reader.term_statistics([("text", term)]).document_frequencies
            value = self.idfs[term] = ranking.idf(self.reader.article_count, frequency)
        return value

    def interpret(
        self,
        typed: Sequence[str],
        runs: int = 1,
        chat_meanings: Syllables = (),
        acronyms: frozenset[int] = frozenset(),
    ) -> Interpretation:
        """Interpret one of the `runs` runs of a query; cached, since a request needs it again.

        For `chat_meanings` and `acronyms` see `interpreter.interpret`.
        """
        run, effort = tuple(typed), effort_for(runs)
        return self.interpretations.get(
            (run, effort, chat_meanings, acronyms),
            lambda: interpret(run, self.model, self.language, *effort, chat_meanings, acronyms),
        )

    def split_joined(self, token: str) -> tuple[str, ...]:
        """Return the syllables that a token consists of; the token itself if it is one word."""
        return self.splits.get(token, lambda: split_joined(token, self.model))

    @property
    def max_idf(self) -> float:
        """The idf of a term that no article contains."""
        return ranking.idf(self.reader.article_count, 0)

    def values_of(self, column: str, text: str) -> tuple[str, ...]:
        """Return the values of a field that equal a text except for case, marks and punctuation."""
        values = self.values.get(column)
        if values is None:
            values = self.values[column] = self._by_key(column)
        found = values.by_key.get(_key(text), ())
        if not found and not values.complete:
            return (text,)  # it may be one of the values beyond `MAX_COLUMN_VALUES`
        return found

    def _by_key(self, column: str) -> ColumnValues:
        [counts] = self.reader.values([column], MAX_COLUMN_VALUES)
        grouped: dict[str, tuple[str, ...]] = {}
        for value in counts:
            grouped[_key(value)] = (*grouped.get(_key(value), ()), value)
        return ColumnValues(grouped, complete=len(counts) < MAX_COLUMN_VALUES)

    @cached_property
    def newest_moment(self) -> datetime | None:
        """The end of the day of the newest articles; None if no article has a date.

        One round trip, once per commit.
        """
        schema = self.reader.schema
        if "published" not in schema or schema["published"].kind is not Kind.DATE:
            return None
        days = FacetRequest("published", Bucket.DAY, limit=MAX_DAYS)
        [dated] = self.reader.execute([Plan(Range("published"), limit=0, facets=(days,))])
        seen = 0
        for day, count in dated.facets[0].counts.items():
            seen += count
            if seen > NEWEST_SHARE * dated.total:
                return datetime.fromisoformat(day).replace(tzinfo=VIETNAM) + timedelta(days=1)
        return None

    def marked_forms(self, syllable: str) -> list[str]:
        """Return the marked forms of a syllable without marks; none for one that has some."""
        if not syllable.isascii():
            return []
        [forms] = self.model.spelled([syllable])
        return [form for form in forms if form != syllable]


def _key(text: str) -> str:
    return " ".join(terms(fold(text)))
