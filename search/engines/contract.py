"""What must an engine do? Two Protocols: a long-lived engine, and one commit of its index.

Everything a search needs it asks of one snapshot, so that numbers, totals and statistics fit each
other even while the index is being written to.
"""

from collections.abc import Mapping
from typing import Protocol

from index.article import Article
from index.models.language_model import LanguageModel
from search.planning.plan import Matches, Plan


class Snapshot(Protocol):
    """One commit of an index: never changes, safe for many threads, cheap to hold on to.

    Whatever is asked for raises IndexUnavailableError where the files read for it are damaged.
    """

    @property
    def generation(self) -> int:
        """The number of the commit; a later one is greater."""
        ...

    @property
    def articles(self) -> int:
        """How many articles can be found."""
        ...

    @property
    def language(self) -> LanguageModel:
        """The counts of syllables and pairs that the decoder works with."""
        ...

    def execute(self, plan: Plan) -> Matches:
        """Find the articles that match, in order; exact totals and facet counts.

        Scores are `search.ranking`'s formula, with the statistics of the articles that can be
        found. Facet values are not empty; "year" is the year in Vietnam (UTC+7), articles without
        a date have none. Raises ValueError for a field, column or facet that does not exist.
        """
        ...

    def article(self, number: int) -> Article:
        """Give the stored article of a number that `execute` or `number_of` gave.

        Raises KeyError for any other number.
        """
        ...

    def number_of(self, article_id: str) -> int | None:
        """Give the number of the article with this id, None where there is none."""
        ...

    def document_frequency(self, field: str, term: str) -> int:
        """Say how many of the articles hold the term in a field; 0 for an unknown term."""
        ...

    def terms_with_prefix(self, field: str, prefix: str) -> list[str]:
        """Give all terms of a field that begin with `prefix`, ascending."""
        ...

    def phrases(self, typed: str, size: int) -> list[tuple[str, int]]:
        """Give frequent phrases that begin with `typed`, best first, with about how many titles.

        `typed` is canonical and lower case; marks that it lacks are added.
        """
        ...

    def values(self, column: str) -> Mapping[str, int]:
        """Give the values of "source", "section" or "year" and how many articles have each."""
        ...


class Engine(Protocol):
    """An index that is open; one a process, shared by all threads."""

    def snapshot(self) -> Snapshot:
        """Give the newest commit, opening it where it is new.

        Raises IndexUnavailableError where the index is gone or damaged.
        """
        ...
