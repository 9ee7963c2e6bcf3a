"""A person's words in; which articles, in which order, and why?"""

from index.errors import IndexUnavailableError
from search.results.records import Results
from search.searcher import Searcher, open_searcher

__all__ = ["IndexUnavailableError", "Results", "Searcher", "open_searcher"]
