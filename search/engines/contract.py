"""The contract of an engine: two Protocols, an open index and a reader of one commit.

A call may be a round trip over the network, so calls carry batches: a whole search makes at most
six, whatever the query. A search uses one reader throughout, so that totals and statistics are
consistent while the index is being written.
docs/explanation/engines.md says how an engine is written and tested.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from index.article import Article
from index.history import History
from index.models import Models
from index.models.titles import TitlesFound
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
    """The document frequency of each requested term, and the terms of each requested prefix."""

    document_frequencies: Sequence[int]
    with_prefix: Sequence[Sequence[TermCount]]


@dataclass(frozen=True, slots=True)
class Explained:
    """An article's score, feature by feature, in the order of the plan's features.

    `matches` is False for an article that the plan does not match; its features still have scores.
    """

    matches: bool
    scores: tuple[float, ...]


class IndexReader(Protocol):
    """One commit of an index: immutable, safe for many threads, cheap to keep.

    Every method raises IndexUnavailableError if the index cannot be read, and ValueError for a
    field that does not exist or does not have the required role, such as sortable.
    """

    @property
    def identity(self) -> str:
        """The name of the commit; no other commit of any index has it."""
        ...

    @property
    def is_lost(self) -> bool:
        """Whether its files were truncated, so that nothing can be read from it any more."""
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
        """The counts of each write: how many records were indexed, replaced or skipped."""
        ...

    @property
    def size_bytes(self) -> int:
        """The size of the commit on disk in bytes, 0 if it is not known."""
        ...

    def caches(self) -> Mapping[str, CacheUse]:
        """Return how each cache of this process was used, by name."""
        ...

    @property
    def models(self) -> Models:
        """The language statistics of the articles: local data, read without a round trip."""
        ...

    def execute(self, plans: Sequence[Plan]) -> list[Matches]:
        """Return the answer to each plan: exact totals, a page, facets. One round trip for all.

        Widening a match (`search.plan.Widening`) may take one more. Scores follow `search.ranking`,
        with the statistics of articles that are not deleted, within the tolerance given in
        tests/search/engines/contract/engines.py. Raises CursorError.
        """
        ...

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        """Return the article of each id, None if there is none."""
        ...

    def term_statistics(
        self,
        terms: Sequence[tuple[str, str]],
        prefixes: Sequence[tuple[str, str]] = (),
        limit: int = 0,
    ) -> TermStatistics:
        """Return the document frequency of each (field, term), the terms of each (field, prefix).

        At most `limit` terms per prefix, most frequent first, ties in ascending order. One round
        trip for all terms and prefixes of a query.
        """
        ...

    def titles(self, letters: str, size: int) -> TitlesFound:
        """Return the newest titles that begin with these letters, and about how many do.

        `letters` are folded syllables, separated by one space. Among equally new titles the one
        indexed first comes first; those without a date come last.
        """
        ...

    def explain(self, plan: Plan, article_id: str) -> Explained | None:
        """Return what each feature of the plan adds to an article's score.

        None if there is no such article.
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
        """Return the newest commit; open it if it is not open yet.

        Raises IndexUnavailableError if the index is missing or damaged.
        """
        ...
