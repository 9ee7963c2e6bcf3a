"""Per-commit state for understanding queries: language model, idfs, values of fields."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from index.models.language_model import LanguageModel
from index.schema import Kind
from index.vietnamese import Language
from index.vietnamese.dates import VIETNAM
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from search import ranking
from search.engines.contract import Snapshot, TermCount
from search.interpretation.candidates import MAX_SLIPS, MAX_SLIPS_OF_A_QUERY
from search.interpretation.interpretation import Interpretation
from search.interpretation.interpreter import interpret
from search.interpretation.splitting import split_joined
from search.plan import Everything, FacetRequest, Plan
from search.request import Bucket

MAX_CACHED = 1 << 10
"""Interpretations that are kept, and splits of joined words: some 5 MB."""

MAX_IDFS = 1 << 15
"""Terms whose idf is kept: some 5 MB."""

MAX_COLUMN_VALUES = 5_000
"""Values of a field that are known whatever their case and marks, the most frequent ones.

Folding them takes .1 s, once a commit and only when a query names the field; the values of a
field that has more are found as they are written.
"""

MAX_PERIODS = 1_200
"""Months and days of publication that are known, the newest: a hundred years, and three."""

NEWEST_SHARE = 0.001
"""Share of the dated articles that may be newer than "now": a wrong date in the future must not
make everything else old."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Cache(Generic[Key, Value]):
    """Answers by key, forgotten all at once where there are `MAX_CACHED`; for many threads.

    `hits` and `misses` count what was asked for; threads may lose a count.
    """

    def __init__(self) -> None:
        self.hits = self.misses = 0
        self._kept: dict[Key, Value] = {}

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made where it is not known."""
        value = self._kept.get(key)
        if value is not None:
            self.hits += 1
            return value
        self.misses += 1
        if len(self._kept) >= MAX_CACHED:
            self._kept.clear()
        value = self._kept[key] = make()
        return value


@dataclass(frozen=True, slots=True)
class Context:
    """A snapshot as the understanding of queries sees it; made once a commit.

    The dictionaries are caches: for each field asked for its values by their syllables without
    marks and case, the idf of the terms looked up lately, the terms of the last prefixes, the
    numbers of articles by month and day.
    """

    snapshot: Snapshot
    language: Language
    values: dict[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    idfs: dict[str, float] = field(default_factory=dict)
    prefixes: dict[tuple[str, str], Sequence[TermCount]] = field(default_factory=dict)
    periods: dict[Bucket, Mapping[str, int]] = field(default_factory=dict)
    interpretations: Cache[tuple[tuple[str, ...], int], Interpretation] = field(
        default_factory=Cache
    )
    splits: Cache[str, tuple[str, ...]] = field(default_factory=Cache)

    @property
    def model(self) -> LanguageModel:
        """What the articles tell of the language."""
        return self.snapshot.models.language

    def fetch_statistics(
        self, terms: Iterable[str], prefixes: Iterable[tuple[str, str]], limit: int
    ) -> Mapping[tuple[str, str], Sequence[TermCount]]:
        """Fetch the document frequencies of terms, for `idf`, and return the terms of prefixes.

        Of each (field, prefix) at most `limit` terms, the most frequent ones; one round trip for
        all that is not cached. Prefixes of the last request are kept: a query is read again where
        its phrase finds nothing.
        """
        if len(self.idfs) > MAX_IDFS:
            self.idfs.clear()
        missing = [term for term in dict.fromkeys(terms) if term not in self.idfs]
        wanted = list(dict.fromkeys(prefixes))
        kept = self.prefixes.copy()  # another thread may empty it meanwhile
        new = [] if kept.keys() >= set(wanted) else wanted
        if not missing and not new:
            return {prefix: kept[prefix] for prefix in wanted}
        asked = [("text", term) for term in missing]
        frequencies, with_prefix = self.snapshot.term_statistics(asked, new, limit)
        articles = self.snapshot.article_count
        for term, frequency in zip(missing, frequencies, strict=True):
            self.idfs[term] = ranking.idf(articles, frequency)
        if new:
            kept = dict(zip(new, with_prefix, strict=True))
            self.prefixes.clear()
            self.prefixes.update(kept)
        return {prefix: kept[prefix] for prefix in wanted}

    def idf(self, term: str) -> float:
        """Return the idf of a term in the articles' text; best after `fetch_statistics` of many."""
        value = self.idfs.get(term)
        if value is None:  # or another thread made room just now
            [frequency] = self.snapshot.term_statistics([("text", term)]).document_frequencies
            value = self.idfs[term] = ranking.idf(self.snapshot.article_count, frequency)
        return value

    def interpret(self, typed: Sequence[str], runs: int = 1) -> Interpretation:
        """Interpret one of the runs of a query; one request asks for the same run several times."""
        run = tuple(typed)
        slips = min(MAX_SLIPS, max(1, MAX_SLIPS_OF_A_QUERY // runs))
        return self.interpretations.get(
            (run, slips), lambda: interpret(run, self.model, self.language, slips)
        )

    def split_joined(self, token: str) -> tuple[str, ...]:
        """Return the syllables that a token is made of; itself where it is one word."""
        return self.splits.get(token, lambda: split_joined(token, self.model))

    @property
    def max_idf(self) -> float:
        """The idf of a term that no article holds."""
        return ranking.idf(self.snapshot.article_count, 0)

    def values_of(self, column: str, text: str) -> tuple[str, ...]:
        """Return the values that are written so, whatever their case, marks and signs."""
        values = self.values.get(column)
        if values is None:
            values = self.values[column] = self._by_key(column)
        found = values.get(_key(text), ())
        if not found and sum(map(len, values.values())) >= MAX_COLUMN_VALUES:
            return (text,)  # it may be one of those that are not known here
        return found

    def _by_key(self, column: str) -> Mapping[str, tuple[str, ...]]:
        [counts] = self.snapshot.values([column], MAX_COLUMN_VALUES)
        grouped: dict[str, tuple[str, ...]] = {}
        for value in counts:
            grouped[_key(value)] = (*grouped.get(_key(value), ()), value)
        return grouped

    def published(self, bucket: Bucket) -> Mapping[str, int]:
        """Return the number of articles of each of the newest periods, newest first.

        Asked for once a commit, in one round trip.
        """
        if not self.periods:
            wanted = (Bucket.MONTH, Bucket.DAY)
            facets = tuple(FacetRequest("published", one, limit=MAX_PERIODS) for one in wanted)
            [answer] = self.snapshot.execute([Plan(Everything(), limit=0, facets=facets)])
            self.periods.update(
                (one, found.counts) for one, found in zip(wanted, answer.facets, strict=True)
            )
        return self.periods[bucket]

    @property
    def has_dates(self) -> bool:
        """Whether articles have a date of publication that can be counted by."""
        schema = self.snapshot.schema
        return "published" in schema and schema["published"].kind is Kind.DATE

    def newest_moment(self) -> datetime | None:
        """Return the end of the day of the newest articles; None where no article has a date."""
        if not self.has_dates:
            return None
        allowed = NEWEST_SHARE * sum(self.published(Bucket.MONTH).values())
        seen = 0
        for day, count in self.published(Bucket.DAY).items():
            seen += count
            if seen > allowed:
                return datetime.fromisoformat(day).replace(tzinfo=VIETNAM) + timedelta(days=1)
        return None

    def marked_forms(self, syllable: str) -> list[str]:
        """Return the forms with diacritics that a syllable may stand for; none if it has some."""
        if not syllable.isascii():
            return []
        [forms] = self.model.spelled([syllable])
        return [form for form in forms if form != syllable]


def _key(text: str) -> str:
    return " ".join(terms(fold(text)))
