"""Search: a query goes in; ranked articles, and an explanation of each score, come out."""

from index.errors import IndexUnavailableError
from search.results.records import Results
from search.searcher import Searcher, open_searcher

__all__ = ["IndexUnavailableError", "Results", "Searcher", "open_searcher"]
