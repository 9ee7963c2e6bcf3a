"""Searches sorted by date, and pages after the first."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher

COMMITTEE = ("ủy ban nhân dân", "UBND")
CITY = ("thành phố Hồ Chí Minh", "TP.HCM")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Return a searcher over all variants of two names, with and without a third word."""
    directory = tmp_path_factory.mktemp("city")
    texts = [
        f"{committee} {city} nói về {subject}."
        for committee in COMMITTEE
        for city in CITY
        for subject in ("giá gạo", "bóng đá")
    ]
    build(
        [
            analyse(
                [
                    Article(id=text, body=text, published=datetime(2024, 1, day, tzinfo=UTC))
                    for day, text in enumerate(texts, 1)
                ]
            )
        ],
        directory,
    )
    return open_searcher(directory)


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize(
    "query",
    [
        " ".join(parts)
        for committee in COMMITTEE
        for city in CITY
        for parts in permutations((committee, city, "giá gạo"))
    ],
)
def test_every_form_of_each_name_is_found_by_date(city: Searcher, query: str, sort: str) -> None:
    """A run of words may contain several names with other forms."""
    found = {hit.id for hit in city.search(query, sort=sort, operator="and").hits}
    assert found == {f"{c} {t} nói về giá gạo." for c in COMMITTEE for t in CITY}


def test_other_queries_are_offered_on_the_first_page_alone(demo: Searcher) -> None:
    assert demo.search("mua", size=5).corrections
    assert demo.search("mua", size=5, page=2).hits
    assert demo.search("mua", size=5, page=2).corrections == ()
    assert demo.search("mua", size=5, literal=True).corrections == ()
