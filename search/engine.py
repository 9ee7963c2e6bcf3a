"""What must an engine do? Everything that differs between the embedded index and a cluster.

An engine hands out snapshots: one commit each, immutable, for any number of threads. A request
takes one snapshot and asks nothing else, so that a commit in its midst changes nothing for it.
"""

from typing import Protocol

from index.article import Article
from search.interpretation.model import LanguageModel
from search.plan import Matches, Plan


class IndexUnavailable(Exception):
    """There is no index that can be read; the message says where, why and what to do."""


class Snapshot(Protocol):
    """The articles of one commit. Article numbers are the snapshot's own."""

    @property
    def generation(self) -> int:
        """The commit's number, higher for a later one."""
        ...

    @property
    def articles(self) -> int:
        """How many articles there are."""
        ...

    @property
    def language(self) -> LanguageModel:
        """What the articles tell of the language."""
        ...

    def execute(self, plan: Plan) -> Matches:
        """Find the articles that match a plan, in its order."""
        ...

    def article(self, number: int) -> Article:
        """Give an article as it was stored."""
        ...

    def number_of(self, id: str) -> int | None:
        """Give the number of the article with this id; None where there is none."""
        ...

    def document_frequency(self, field: str, term: str) -> int:
        """Say in how many articles a field holds a term."""
        ...

    def beginning_with(self, field: str, prefix: str, limit: int) -> list[str]:
        """Give the terms of a field that start with a prefix, those in most articles first."""
        ...


class Engine(Protocol):
    """A place where articles are searched."""

    def snapshot(self) -> Snapshot:
        """Give the newest commit; cheap, and asked at each request.

        Raises IndexUnavailable where there is none that can be read.
        """
        ...
