"""The contract of an engine: two Protocols, an open index and a reader of one commit.

A call is a round trip to wherever the index is, so calls carry batches: a whole search asks an
engine at most six times, whatever is searched for. All that one search needs it asks of one
reader, so that numbers, totals and statistics fit each other even while the index is written to.
docs/explanation/engines.md says how an engine is written and tested.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from index.article import Article
from index.history import History
from index.models import Models
from index.schema import Schema
from index.storage.cache import CacheUse
from search.plan import Match, Matches, Plan


class CursorError(ValueError):
    """A cursor that is not from an answer of this engine."""


class TermCount(NamedTuple):
    """A term of a field and its document frequency."""

    term: str
    document_frequency: int


class TermStatistics(NamedTuple):
    """The document frequency of each term asked for, and the terms of each prefix asked for."""

    document_frequencies: Sequence[int]
    with_prefix: Sequence[Sequence[TermCount]]


@dataclass(frozen=True, slots=True)
class Explained:
    """An article's score, feature by feature, in the order of the plan's features.

    `matches` is False for an article that the plan does not match; its features are scored, too.
    """

    matches: bool
    scores: tuple[float, ...]


class IndexReader(Protocol):
    """One commit of an index: never changes, safe for many threads, cheap to hold on to.

    Every method raises IndexUnavailableError where the index cannot be read, and ValueError for a
    field that does not exist or cannot do what is asked of it.
    """

    @property
    def identity(self) -> str:
        """The name of the commit: equal for the same commit of the same index, else different."""
        ...

    @property
    def is_lost(self) -> bool:
        """Whether nothing may be read from it any more, since its files were cut short."""
        ...

    @property
    def schema(self) -> Schema:
        """The fields of the index."""
        ...

    @property
    def article_count(self) -> int:
        """The number of articles that can be found."""
        ...

    @property
    def history(self) -> History:
        """What became of the records that were written."""
        ...

    @property
    def size_bytes(self) -> int:
        """The size of the commit on disk in bytes, 0 where it is not known."""
        ...

    def caches(self) -> Mapping[str, CacheUse]:
        """Return how each cache of this process was used, by name; none where there is none."""
        ...

    @property
    def models(self) -> Models:
        """The language statistics of the articles: local data, read without a round trip."""
        ...

    def execute(self, plans: Sequence[Plan]) -> list[Matches]:
        """Return the answer to each plan: exact totals, a page, facets. One round trip for all.

        A plan that is to be widened may take one more.

        Scores are `search.ranking`'s formula with the statistics of the articles that can be
        found, within the tolerance given in tests/search/engines/contract/engines.py. Raises
        CursorError.
        """
        ...

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        """Return the article of each id, None where there is none."""
        ...

    def term_statistics(
        self,
        terms: Sequence[tuple[str, str]],
        prefixes: Sequence[tuple[str, str]] = (),
        limit: int = 0,
    ) -> TermStatistics:
        """Return for each (field, term) its document frequency, for each (field, prefix) its terms.

        Of a prefix at most `limit` terms, most frequent first, of equally frequent ones the lower
        first. A query's terms and prefixes are asked for together, in one round trip.
        """
        ...

    def explain(self, plan: Plan, article_id: str) -> Explained | None:
        """Return what each feature of the plan adds to an article's score.

        None where there is no such article.
        """
        ...

    def iterate(self, plan: Plan) -> Iterator[Match]:
        """Yield all matches in the plan's order, from this commit, in bounded memory.

        Honours `offset` and `cursor`; ignores `limit` and `facets`.
        """
        ...

    def records(self, plan: Plan) -> Iterator[Mapping[str, Any]]:
        """Yield the article of each match that `iterate` would yield, in bounded memory.

        Each is its stored fields as JSON values (a date as ISO 8601); empty fields are left out.
        """
        ...

    def values(self, fields: Sequence[str], limit: int) -> list[Mapping[str, int]]:
        """Return for each field of labels its values, most frequent first, at most `limit`."""
        ...


class Engine(Protocol):
    """An open index; one per process, shared by all threads."""

    def reader(self) -> IndexReader:
        """Return the newest commit, opening it where it is new.

        Raises IndexUnavailableError where the index is gone or damaged.
        """
        ...
