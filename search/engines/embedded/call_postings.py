"""The postings that one call to the engine reads within its budget, each looked up once."""

from search.engines.embedded.budget import WorkBudget
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.term_postings import TermPostings


class CallPostings:
    """The terms and bigrams of one commit that a call reads; used by one thread.

    A term that is both matched and scored is looked up once: the caches of a commit, which all
    threads share, take 2 us for each lookup.
    """

    def __init__(self, reader: PostingsReader, budget: WorkBudget) -> None:
        self.reader = reader
        self.budget = budget
        self._terms: dict[tuple[str, str], TermPostings] = {}
        self._bigrams: dict[tuple[str, str], TermPostings] = {}

    def term(self, field: str, text: str) -> TermPostings:
        """Return the postings of a term. Raises ValueError for an unknown field."""
        found = self._terms.get((field, text))
        if found is None:
            found = self._terms[field, text] = self.reader.postings(field, text, self.budget)
        return found

    def bigram(self, first: str, second: str) -> TermPostings:
        """Return the postings of two adjacent syllables, as if they were one term of "text"."""
        found = self._bigrams.get((first, second))
        if found is None:
            found = self._bigrams[first, second] = self.reader.bigram(first, second, self.budget)
        return found
