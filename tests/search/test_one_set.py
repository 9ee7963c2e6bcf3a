"""A search has one set of matches, for totals, facets, pages, sort orders, exports and cursors."""

import pytest

from search import Searcher
from search.request import FilterBy, SearchRequest, SortBy
from tests.search.demo_collection import index_demo, read_cases

QUERIES = [case.query for case in read_cases()][::4]
ORDERS = (None, SortBy("published", descending=True), SortBy("published"), SortBy("source"))
EVERY = 100


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return index_demo(tmp_path_factory.mktemp("demo"))


def found(searcher: Searcher, request: SearchRequest) -> tuple[int, list[str]]:
    results = searcher.answer(request)
    return results.total, [hit.id for hit in results.hits]


@pytest.mark.parametrize("query", QUERIES)
def test_every_order_and_size_of_a_page_has_the_same_articles(
    searcher: Searcher, query: str
) -> None:
    total, ids = found(searcher, SearchRequest(query, size=EVERY))
    assert total == len(ids) == len(set(ids))
    for order in ORDERS:
        same, ordered = found(searcher, SearchRequest(query, size=EVERY, sort=order))
        assert (same, set(ordered)) == (total, set(ids)), order
        for size, page in ((1, 1), (2, 2), (10, 1), (10, 2)):
            request = SearchRequest(query, page, size, sort=order)
            expected = ordered[(page - 1) * size : page * size]
            assert found(searcher, request) == (total, expected), (order, size, page)
        exported = [article.id for article in searcher.iterate(SearchRequest(query, sort=order))]
        assert exported == ordered, order


@pytest.mark.parametrize("query", QUERIES[::2])
def test_cursors_go_through_the_same_articles(searcher: Searcher, query: str) -> None:
    for order in ORDERS:
        _, ids = found(searcher, SearchRequest(query, size=EVERY, sort=order))
        gone_through: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            results = searcher.answer(SearchRequest(query, size=7, sort=order, cursor=cursor))
            assert results.total == len(ids)
            gone_through += (hit.id for hit in results.hits)
            cursor = results.next_cursor
        assert gone_through == ids, order


@pytest.mark.parametrize("query", QUERIES[::2])
def test_the_count_of_a_facet_value_is_that_of_its_filter(searcher: Searcher, query: str) -> None:
    """Every article of the demo corpus has a source, a section and a date."""
    results = searcher.search(query, facets=["source", "year"])
    for facet in results.facets.values():
        assert sum(value.count for value in facet) == results.total
    if results.relaxed:  # with a filter, a match of less than a page is widened further
        return
    for value in results.facets["source"]:
        request = SearchRequest(query, size=EVERY, filters=(FilterBy("source", (value.value,)),))
        narrowed = searcher.answer(request)
        assert narrowed.full_total <= value.count <= narrowed.total, value


@pytest.mark.parametrize("query", QUERIES[::2])
def test_every_hit_is_explained_by_its_score(searcher: Searcher, query: str) -> None:
    for hit in searcher.search(query, size=3).hits:
        explanation = searcher.explain(query, hit.id)
        assert explanation is not None
        assert explanation.score == pytest.approx(hit.score, abs=1e-9)
