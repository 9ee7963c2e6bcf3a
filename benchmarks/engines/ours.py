"""Our embedded engine, with an index built by `index.embedded.writer.build`."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.engines.contest import Found, Kind, Query
from benchmarks.engines.corpora import ReadyTokens
from index.embedded.writer import build
from search import plan
from search.engines.embedded.engine import open_engine


def build_index(tokens: ReadyTokens, directory: Path) -> None:
    """Build an index from tokens."""
    build(tokens, directory)


class Ours:
    """One commit of an index."""

    def __init__(self, directory: Path) -> None:
        self._reader = open_engine(directory).reader()

    def prepare(self, query: Query) -> Callable[[], object]:
        """Return a function that finds the best 10 and counts all matches."""
        request, execute = _plan(query), self._reader.execute
        return lambda: execute([request])

    def found(self, query: Query) -> Found:
        """Return the full results of a query."""
        [matches] = self._reader.execute([_plan(query)])
        ids = tuple(match.id for match in matches.page)
        return Found(matches.total, ids, tuple(match.score for match in matches.page))


def _plan(query: Query) -> plan.Plan:
    scores = tuple(plan.TermScore("text", term, 1.0) for term in query.terms)
    terms = tuple(plan.Term("text", term) for term in query.terms)
    match: plan.Node
    match query.shape.kind:
        case Kind.OR:
            match = plan.Or(terms)
        case Kind.AND:
            match = plan.And(terms)
        case Kind.PHRASE:
            match = plan.Phrase("text", tuple((term,) for term in query.terms))
        case Kind.PREFIX:
            match, scores = plan.Prefix("text", query.terms[0]), ()
    if query.source:
        match = plan.And((match, plan.Keyword("source", (query.source,))))
    return plan.Plan(match, scores)
