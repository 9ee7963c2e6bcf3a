from collections.abc import Callable
from pathlib import Path

import pytest

from search import Searcher, open_searcher
from search.engine import Snapshot
from search.interpretation.interpreter import interpret
from search.parser import parse
from search.results import Correction
from search.suggestions.correcting import alternatives, corrections

Corrected = Callable[[str], tuple[Correction, ...]]


@pytest.fixture(scope="module")
def searcher(directory: Path) -> Searcher:
    return open_searcher(directory)


@pytest.fixture
def corrected(snapshot: Snapshot, searcher: Searcher) -> Corrected:
    def total(query: str) -> int:
        return searcher.search(query, size=1).total

    return lambda query: corrections(parse(query).tree, snapshot.language, total)


def test_another_reading_is_offered_with_what_it_finds(
    corrected: Corrected, snapshot: Snapshot, searcher: Searcher
) -> None:
    [correction] = corrected("mua lu")
    assert interpret(["mua", "lu"], snapshot.language).best == ("mưa", "lũ")
    assert correction == Correction("mùa lũ", searcher.search("mùa lũ").total)
    assert correction.total > 0


def test_the_rest_of_the_query_is_kept(corrected: Corrected) -> None:
    assert [one.query for one in corrected('"miền Tây" mua lu -vàng')] == [
        '"miền Tây" mùa lũ -vàng'
    ]


@pytest.mark.parametrize(
    "query", ["giá vàng", "gia vang", "", "zzzz", '"mua lu"', "title:gạo", "-mua", "chính*"]
)
def test_a_clear_query_is_not_corrected(corrected: Corrected, query: str) -> None:
    assert corrected(query) == ()


def test_what_finds_nothing_is_not_offered(snapshot: Snapshot) -> None:
    assert corrections(parse("mua lu").tree, snapshot.language, lambda _: 0) == ()


def test_alternatives_are_neither_the_best_reading_nor_what_was_typed(snapshot: Snapshot) -> None:
    reading = interpret(["ban", "hang"], snapshot.language)
    found = alternatives(reading, snapshot.language, 5)
    assert found == [("bạn", "hàng")]
    assert reading.best == ("bán", "hàng")
