"""Search: from a person's words to the articles, in order, and the reasons for it."""

from index.errors import IndexUnavailableError
from search.results.records import Results
from search.searcher import Searcher, open_searcher

__all__ = ["IndexUnavailableError", "Results", "Searcher", "open_searcher"]
