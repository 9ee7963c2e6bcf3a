"""Small random corpora and plans; the tokens of articles are given, not analysed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
from hypothesis import strategies as st

from index.analysis import AnalysedBatch, FieldTokens
from index.article import Article
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from index.values import PART_GAP
from search import plan
from search.request import Bucket, SortBy

TERMS = ("bạc", "bán", "cá", "chợ", "hoa", "hòa", "lúa", "đường")
SCHEMA = DEFAULT_SCHEMA.with_fields(
    *map(
        parse_field,
        (
            "tags:keywords:facet",
            "price:number:filter:sortable",
            "edited:date:facet:sortable",
            "note:text",
        ),
    )
)
"""The built-in fields, and one own field of each kind."""

SCORED = ("text", "title", "author", "words")
POSITIONAL = ("text", "title", "author", "note")
TOKEN_FIELDS = (*SCORED, "note")
LABELS = ("source", "section", "author", "tags")
DATES = ("published", "edited")
SOURCES = ("", "Báo Sông", "Tin Biển")
SECTIONS = ("", "kinh-te", "the-thao")
TAGS = ("lúa", "gạo nếp", "Sông")
ZONES = (UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-5)))


@dataclass(frozen=True)
class Document:
    """An article as tokens: for each field, the terms with their positions, ascending."""

    article: Article
    tokens: dict[str, tuple[tuple[str, int], ...]]


def batch(documents: Sequence[Document]) -> AnalysedBatch:
    vocabulary: dict[str, int] = {}
    fields = {}
    for name in TOKEN_FIELDS:
        rows = [
            (vocabulary.setdefault(term, len(vocabulary)), at, position)
            for at, document in enumerate(documents)
            for term, position in document.tokens[name]
        ]
        columns = np.array(rows, np.int32).reshape(-1, 3).T
        fields[name] = FieldTokens(*(np.ascontiguousarray(column) for column in columns))
    articles = tuple(document.article for document in documents)
    return AnalysedBatch(articles, tuple(vocabulary), fields)


def positions(terms: Sequence[str], gaps: Sequence[int]) -> tuple[tuple[str, int], ...]:
    return tuple(zip(terms, np.cumsum([0, *gaps])[: len(terms)].tolist(), strict=True))


terms = st.sampled_from(TERMS)
moments = st.builds(
    datetime.fromtimestamp,
    st.integers(1_400_000_000, 1_700_000_000) | st.sampled_from([1_483_203_599, 1_483_203_600]),
    st.sampled_from(ZONES),
)
ANY_GAPS = (1, 1, 1, 1, 2, 17)
PART_GAPS = (1, 1, 1, 1, 1, PART_GAP + 1)
"""Distances of tokens as analysis makes them: adjacent, or in different parts of a field."""
prices = st.sampled_from([-1.5, 0.0, 2.0, 1e300])
values = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(TAGS), max_size=3, unique=True),
        "price": prices,
        "edited": moments.map(datetime.isoformat),
    },
)


def tokens(gaps: Sequence[int]) -> st.SearchStrategy[tuple[tuple[str, int], ...]]:
    return st.lists(terms, max_size=12).flatmap(
        lambda found: st.lists(st.sampled_from(gaps), min_size=len(found), max_size=len(found)).map(
            lambda chosen: positions(found, chosen)
        )
    )


def documents(
    ids: st.SearchStrategy[str], gaps: Sequence[int] = ANY_GAPS
) -> st.SearchStrategy[Document]:
    article = st.builds(
        Article,
        id=ids,
        title=st.text(max_size=5),
        body=st.text(max_size=20),
        source=st.sampled_from(SOURCES),
        section=st.sampled_from(SECTIONS),
        author=st.sampled_from(["", "An", "Bình; An", "Chi,An"]),
        published=st.none() | moments,
        values=values,
    )
    return st.builds(
        Document, article, st.fixed_dictionaries(dict.fromkeys(TOKEN_FIELDS, tokens(gaps)))
    )


def corpora_of(gaps: Sequence[int]) -> st.SearchStrategy[list[Document]]:
    return st.lists(documents(st.integers(0, 30).map(str), gaps), max_size=14)


corpora = corpora_of(ANY_GAPS)

leaves = st.one_of(
    st.builds(plan.Term, st.sampled_from(TOKEN_FIELDS), terms | st.just("không có")),
    st.builds(
        plan.Phrase,
        st.sampled_from(POSITIONAL),
        st.lists(st.lists(terms, max_size=3).map(tuple), max_size=3).map(tuple),
        st.integers(0, 3),
    ),
    st.builds(
        plan.Prefix, st.sampled_from(TOKEN_FIELDS), st.sampled_from(["", "b", "h", "ho", "z"])
    ),
    st.builds(plan.Keyword, st.just("source"), st.lists(st.sampled_from(SOURCES)).map(tuple)),
    st.builds(plan.Keyword, st.just("section"), st.lists(st.sampled_from(SECTIONS)).map(tuple)),
    st.builds(plan.Keyword, st.just("id"), st.lists(st.integers(0, 30).map(str)).map(tuple)),
    st.builds(plan.Keyword, st.just("tags"), st.lists(st.sampled_from(TAGS)).map(tuple)),
    st.builds(plan.Keyword, st.just("author"), st.lists(st.sampled_from(["An", "x"])).map(tuple)),
    st.builds(plan.Range, st.sampled_from(DATES), st.none() | moments, st.none() | moments),
    st.builds(plan.Range, st.just("price"), st.none() | prices, st.none() | prices),
    st.just(plan.Everything()),
)
weights = st.sampled_from([0.3, 0.5, 1.0, 2.5])


def _at_least(weighted: list[tuple[plan.Node, float]], share: float) -> plan.AtLeast:
    children, parts = zip(*weighted, strict=True)
    return plan.AtLeast(children, parts, share * sum(parts))


nodes: st.SearchStrategy[plan.Node] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(plan.And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(plan.Or, st.lists(inner, max_size=3).map(tuple)),
        st.builds(plan.Not, inner),
        st.builds(
            _at_least,
            st.lists(st.tuples(inner, weights), min_size=1, max_size=4),
            st.floats(0.1, 1.2),
        ),
    ),
    max_leaves=6,
)
scores = st.lists(
    st.builds(plan.TermScore, st.sampled_from(TOKEN_FIELDS), terms, weights), max_size=8
).map(tuple)
bigrams = st.lists(st.builds(plan.BigramScore, terms, terms, weights), max_size=4).map(tuple)
buckets = st.sampled_from([Bucket.YEAR, Bucket.MONTH, Bucket.DAY])
fresh = st.lists(
    st.builds(
        plan.Freshness,
        st.sampled_from(DATES),
        moments,
        st.sampled_from([2.0, 30.0, 400.0]),
        weights,
    ),
    max_size=2,
).map(tuple)
facets = st.builds(
    lambda field, bucket, **others: plan.FacetRequest(
        field, bucket if field in DATES else None, **others
    ),
    st.sampled_from([*LABELS, *DATES]),
    buckets,
    limit=st.sampled_from([0, 1, 2, 100]),
    match=st.none() | nodes,
)
sorts = st.none() | st.builds(
    SortBy,
    st.sampled_from(["published", "source", "section", "price", "edited"]),
    st.booleans(),
)
plain = scores.map(
    lambda parts: (plan.Or(tuple(plan.Term(part.field, part.text) for part in parts)), parts)
)


def _plan(
    match_and_scores: tuple[plan.Node, tuple[plan.TermScore, ...]],
    pairs: tuple[plan.BigramScore, ...],
    near: tuple[plan.Freshness, ...],
    **others: Any,
) -> plan.Plan:
    match, parts = match_and_scores
    return plan.Plan(match=match, features=(*parts, *pairs, *near), **others)


plans = st.builds(
    _plan,
    st.tuples(nodes, scores) | plain,
    pairs=bigrams,
    near=fresh,
    sort=sorts,
    offset=st.integers(0, 20),
    limit=st.integers(0, 10),
    facets=st.lists(facets, max_size=3).map(tuple),
)
