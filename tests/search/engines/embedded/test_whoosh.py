"""Whoosh's matchers over our index and over Whoosh's own agree with the engine."""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields, query, scoring
from whoosh.analysis import Token, Tokenizer
from whoosh.filedb.filestore import RamStorage
from whoosh.searching import Searcher

from index import open_whoosh
from index.embedded import writer
from search import plan
from search.engines.embedded.engine import open_engine
from search.ranking import SIMILARITIES, idf
from tests.index.embedded.segments import IN_SEGMENTS
from tests.search.engines.contract.corpora import (
    SCHEMA,
    SCORED,
    TERMS,
    Document,
    batch,
    corpora,
    weights,
)

TOLERANCE = 1e-9


class Replay(Tokenizer):
    """A tokenizer that returns given tokens."""

    def __call__(self, value: Any, **_: Any) -> Iterator[Token]:
        token = Token()
        for token.text, token.pos in json.loads(value):
            token.boost, token.stopped = 1.0, False
            yield token


class Formula(scoring.WeightingModel):
    """The formula of `search.ranking`, with exact lengths, over the articles that can be found."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = {document.article.id: document for document in documents}

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> "Scorer":
        return Scorer(self, searcher, fieldname, text.decode())


class Scorer(scoring.BaseScorer):
    def __init__(self, model: Formula, searcher: Any, field: str, text: str) -> None:
        every = [[t for t, _ in d.tokens.get(field, ())] for d in model.documents.values()]
        self.idf = idf(len(every), sum(text in terms for terms in every))
        self.average = sum(max(len(terms), 1) for terms in every) / max(len(every), 1)
        self.model, self.searcher, self.field = model, searcher, field

    def max_quality(self) -> float:
        return 1e9  # so that nothing is skipped

    def score(self, matcher: Any) -> float:
        name = self.searcher.stored_fields(matcher.id())["id"]
        length = len(self.model.documents[name].tokens[self.field])
        return self.idf * SIMILARITIES[self.field].score(matcher.weight(), length, self.average)


def stock(documents: Sequence[Document]) -> Any:
    schema = fields.Schema(
        id=fields.ID(stored=True),
        **{name: fields.TEXT(analyzer=Replay(), phrase=name != "words") for name in SCORED},
    )
    index = RamStorage().create_index(schema)
    with index.writer() as out:
        for document in documents:
            values = {name: json.dumps(document.tokens[name]) for name in SCORED}
            out.add_document(id=document.article.id, **values)
    return index


terms = st.sampled_from(TERMS)
leaves = st.one_of(
    st.builds(lambda f, t: (plan.Term(f, t), query.Term(f, t)), st.sampled_from(SCORED), terms),
    st.builds(
        lambda f, ts: (
            plan.Phrase(f, tuple((t,) for t in ts)),
            query.Phrase(f, ts),
        ),
        st.sampled_from(("text", "title")),
        st.lists(terms, min_size=2, max_size=3),
    ),
    st.builds(
        lambda f, t: (plan.Prefix(f, t), query.Prefix(f, t)),
        st.sampled_from(SCORED),
        st.sampled_from(["b", "h", "ho"]),
    ),
    st.just((plan.Everything(), query.Every())),
)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(
            lambda pairs: (plan.And(tuple(a for a, _ in pairs)), query.And([b for _, b in pairs]))
        ),
        several.map(
            lambda pairs: (plan.Or(tuple(a for a, _ in pairs)), query.Or([b for _, b in pairs]))
        ),
        inner.map(
            lambda pair: (
                plan.Not(pair[0]),
                query.And([query.Every(), query.Not(pair[1])]),
            )
        ),
    )


nodes = st.recursive(leaves, combined, max_leaves=5)
scores = st.lists(
    st.builds(plan.TermScore, st.sampled_from(SCORED), terms, weights), max_size=8
).map(tuple)


@given(
    first=corpora,
    then=corpora,
    deleted=st.lists(st.integers(0, 30).map(str), max_size=5),
    queries=st.lists(st.tuples(nodes, scores), min_size=1, max_size=4),
)
@settings(max_examples=25, deadline=None)
def test_our_engine_our_matchers_and_stock_whoosh_agree(
    first: list[Document], then: list[Document], deleted: list[str], queries: list[Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        directory = Path(folder)
        writer.build([batch(first)], directory, SCHEMA)
        writer.update([batch(then)], directory, SCHEMA, limits=IN_SEGMENTS)
        writer.delete(directory, deleted, limits=IN_SEGMENTS)
        live = {document.article.id: document for document in first}
        for document in then:
            live.pop(document.article.id, None)
            live[document.article.id] = document
        for name in deleted:
            live.pop(name, None)
        formula = Formula(list(live.values()))
        engine = open_engine(directory).reader()
        with (
            open_whoosh(directory).searcher(weighting=formula) as ours,
            stock(list(formula.documents.values())).searcher(weighting=formula) as stocks,
        ):
            for (node, wanted), parts in queries:
                [answer] = engine.execute([plan.Plan(node, parts, limit=100)])
                found = [tuple(match) for match in answer.page]
                assert found == approximately(search(ours, wanted, parts))
                assert found == approximately(search(stocks, wanted, parts))


def search(
    searcher: Searcher, match: query.Query, parts: Sequence[plan.TermScore]
) -> list[tuple[str, float]]:
    """Return scored matches, without `AndMaybe`: it loses scores when it skips."""
    scored = query.Or([query.Term(part.field, part.text, boost=part.weight) for part in parts])
    added = {hit["id"]: hit.score for hit in searcher.search(scored, limit=None)}
    found = {hit.docnum: hit["id"] for hit in searcher.search(match, limit=None)}
    hits = [(name, added.get(name, 0.0)) for _, name in sorted(found.items())]
    return sorted(hits, key=lambda hit: -hit[1])


class approximately:  # noqa: N801 - reads as a word
    """Equal to results with the same articles and scores; ties may be in any order."""

    def __init__(self, expected: list[tuple[str, float]]) -> None:
        self.expected = expected

    def __eq__(self, found: object) -> bool:
        assert isinstance(found, list)
        scores = [score for _, score in self.expected]
        return (
            dict(found) == pytest.approx(dict(self.expected), abs=TOLERANCE)
            and len(found) == len(self.expected)
            and [score for _, score in found] == pytest.approx(scores, abs=TOLERANCE)
        )

    def __repr__(self) -> str:
        return repr(self.expected)
