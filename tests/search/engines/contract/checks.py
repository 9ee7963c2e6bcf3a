"""Comparison of an engine's results with the oracle's."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from index.article import Article
from index.article_json import article_to_record
from search import plan
from search.engines.contract import IndexReader
from tests.search.engines.contract.corpora import LABELS, TERMS, TOKEN_FIELDS, Document
from tests.search.engines.contract.oracle import Oracle, matches

Scored = list[tuple[float, Document]]


def check(
    reader: IndexReader, oracle: Oracle, plans: Sequence[plan.Plan], tolerance: float
) -> None:
    """Check the results of all plans, executed in one call."""
    for query_plan, answer in zip(plans, reader.execute(plans), strict=True):
        expected = oracle.scored(query_plan)
        assert answer.total == len(expected)
        assert list(answer.facets) == [
            oracle.facet(query_plan, facet) for facet in query_plan.facets
        ]
        assert [list(facet.counts) for facet in answer.facets] == [
            list(oracle.facet(query_plan, facet).counts) for facet in query_plan.facets
        ]
        stop = query_plan.offset + query_plan.limit
        check_page(
            answer.page, expected, slice(query_plan.offset, stop), query_plan, oracle, tolerance
        )
        assert (answer.cursor is None) == (not answer.page or stop >= len(expected))
        check_explained(reader, oracle, query_plan, tolerance)
        check_walk(reader, expected, query_plan, oracle, tolerance)


def check_page(
    page: Sequence[plan.Match],
    expected: Scored,
    part: slice,
    query_plan: plan.Plan,
    oracle: Oracle,
    tolerance: float,
) -> None:
    """Check a page of matches: the right scores, and the right articles except for ties."""
    expected_page = expected[part]
    assert len(page) == len(expected_page)
    scores = {document.article.id: score for score, document in expected}
    documents = {document.article.id: document for _, document in expected}
    for match, (score, document) in zip(page, expected_page, strict=True):
        bounds = [oracle.bounds(documents[match.id], one) for one in query_plan.features]
        low, high = (sum(ends) for ends in zip(*bounds, strict=True)) if bounds else (0.0, 0.0)
        assert is_within(match.score, low, high, tolerance)
        if query_plan.sort is None and oracle.deleted:
            continue  # only the order by score is checked
        if query_plan.sort is None:
            assert match.score == pytest.approx(score, rel=tolerance, abs=tolerance)
        else:
            assert match.id == document.article.id
    positions = {document.article.id: at for at, (_, document) in enumerate(expected)}
    for earlier, later in pairwise(page):
        assert query_plan.sort is not None or earlier.score >= later.score
        if query_plan.sort is None and earlier.score == later.score:
            assert (
                positions[earlier.id] < positions[later.id]
                or scores[earlier.id] != scores[later.id]
            )


def is_within(score: float, low: float, high: float, tolerance: float) -> bool:
    """Return whether a score is between two others, or as close as `pytest.approx` allows."""
    return low - tolerance * max(1.0, abs(low)) <= score <= high + tolerance * max(1.0, abs(high))


def check_explained(
    reader: IndexReader, oracle: Oracle, query_plan: plan.Plan, tolerance: float
) -> None:
    """Check the parts of the score of the first articles."""
    for document in oracle.documents[:2]:
        explained = reader.explain(query_plan, document.article.id)
        assert explained is not None
        assert explained.matches == matches(document, query_plan.match)
        for score, feature in zip(explained.scores, query_plan.features, strict=True):
            assert is_within(score, *oracle.bounds(document, feature), tolerance)
    assert reader.explain(query_plan, "no such article") is None


def check_walk(
    reader: IndexReader, expected: Scored, query_plan: plan.Plan, oracle: Oracle, tolerance: float
) -> None:
    """Check that all matches come once and in order, from `iterate` and by cursors."""
    everything = replace(query_plan, offset=0, limit=3, facets=())
    every = list(reader.iterate(everything))
    check_page(every, expected, slice(None), query_plan, oracle, tolerance)
    assert list(reader.iterate(replace(everything, offset=2))) == every[2:]
    records = list(reader.records(replace(everything, offset=1)))
    stored = reader.stored([match.id for match in every[1:]])
    assert records == [article_to_record(article) for article in stored if article]
    walked: list[plan.Match] = []
    cursor = None
    for _ in range(len(expected) + 1):
        [answer] = reader.execute([replace(everything, cursor=cursor)])
        assert answer.total == len(expected)
        walked += answer.page
        cursor = answer.cursor
        if cursor is None:
            break
    assert walked == every


def check_terms(reader: IndexReader, oracle: Oracle, listed: Sequence[str]) -> None:
    """Check the statistics of terms, prefixes and labels."""
    terms = [(field, term) for field in TOKEN_FIELDS for term in (*TERMS, "không có")]
    frequencies = [oracle.frequency(*term) for term in terms]
    assert reader.term_statistics(terms).document_frequencies == frequencies
    for limit in (1, 3, 100):
        prefixes = [(field, prefix) for field in listed for prefix in ("", "h", "hò", "z")]
        found = reader.term_statistics(terms[::5], prefixes, limit)
        expected_terms = [oracle.terms_with_prefix(*prefix, limit) for prefix in prefixes]
        assert [list(map(tuple, terms)) for terms in found.with_prefix] == expected_terms
        assert found.document_frequencies == frequencies[::5]
        everything = plan.Plan(plan.Everything())
        facets = [plan.FacetRequest(field, limit=limit) for field in LABELS]
        counts = [oracle.facet(everything, facet).counts for facet in facets]
        assert reader.values(LABELS, limit) == counts


def check_stored(reader: IndexReader, there: Sequence[Document]) -> None:
    """Check that articles are returned as indexed, in the requested order."""
    known: dict[str, Article] = {document.article.id: document.article for document in there}
    ids = [*map(str, range(30, -1, -1)), "no such article", ""]
    assert reader.stored(ids) == [known.get(name) for name in ids]
    assert reader.article_count == len(known)
