from collections.abc import Callable
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher
from search.interpretation.context import Context
from search.interpretation.interpreter import interpret
from search.query.parser import parse
from search.query.tree import Words
from search.results.records import Correction
from search.suggestions.correcting import alternatives, corrected_queries

Corrected = Callable[[str], tuple[Correction, ...]]


@pytest.fixture(scope="module")
def searcher(directory: Path) -> Searcher:
    return open_searcher(directory)


@pytest.fixture
def corrected(searcher: Searcher) -> Corrected:
    return lambda query: searcher.search(query).corrections


def test_a_correction_is_offered_with_its_total(
    corrected: Corrected, context: Context, searcher: Searcher
) -> None:
    [correction] = corrected("mua lu")
    assert interpret(["mua", "lu"], context.model, context.language).best == ("mưa", "lũ")
    assert correction == Correction("mùa lũ", searcher.search("mùa lũ").full_total)
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


def test_an_acronym_is_no_other_word_and_marks_that_were_typed_are_meant(
    tmp_path: Path,
) -> None:
    bodies = [*["AI làm thơ."] * 9, *["Bạn hữu ái mộ."] * 3, *["Trồng ngô."] * 3, *["Ngộ nhỡ"] * 3]
    build([analyse([Article(id=str(at), body=body) for at, body in enumerate(bodies)])], tmp_path)
    searcher = open_searcher(tmp_path)
    offered = {
        typed: [one.query for one in searcher.search(typed).corrections]
        for typed in ("AI", "ai", "ngô", "+ngô", "thơ +ngô")
    }
    assert offered == {"AI": [], "ai": ["ái"], "ngô": [], "+ngô": [], "thơ +ngô": []}


def test_a_correction_without_results_is_not_offered(context: Context, searcher: Searcher) -> None:
    tree = parse("mua lu").tree
    assert isinstance(tree, Words)
    runs = {tree: interpret(["mua", "lu"], context.model, context.language)}
    assert corrected_queries(tree, runs, context) == ["mùa lũ"]
    assert searcher.search("mua lu", source="x").corrections == ()


def test_words_that_were_not_interpreted_are_not_corrected(context: Context) -> None:
    assert corrected_queries(parse("mua lu").tree, {}, context) == []


def test_corrections_are_neither_the_best_interpretation_nor_what_was_typed(
    context: Context,
) -> None:
    reading = interpret(["ban", "hang"], context.model, context.language)
    found = alternatives(reading, context.model, context.language)
    assert found == [("bạn", "hàng")]
    assert reading.best == ("bán", "hàng")


NUMBERS = "một hai ba bốn năm sáu bảy tám chín mười trăm nghìn vạn triệu tỷ".split()


@pytest.mark.parametrize(
    "rest", [f'-"{" ".join(NUMBERS)}"', *(f"{way}{way.join(NUMBERS)}" for way in (" -", " title:"))]
)
def test_a_long_query_is_not_corrected_whatever_it_is_made_of(
    searcher: Searcher, rest: str
) -> None:
    """A chain of excluded words caused six more searches: 0.4 s of CPU at 200 characters."""
    assert searcher.search("mua lu -một").corrections
    assert searcher.search(f"mua lu {rest}").corrections == ()
