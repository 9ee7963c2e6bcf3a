"""The match policy: how much of a query an article must have, and how a match is widened."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher, plan
from search.interpretation.interpretation import Candidate
from search.planning.match_policy import matching_candidates
from search.planning.planner import plan_query
from search.query.parser import parse
from search.relaxation import at_least_nodes, relaxed

FULL = "Giá gạo xuất khẩu của Việt Nam tăng mạnh trong tháng"


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Return a searcher over twelve articles with all words of a query, and others with some."""
    directory: Path = tmp_path_factory.mktemp("index")
    articles = [Article(id=f"full {at}", body=f"{FULL} {at}.", source="Tin") for at in range(12)]
    articles += [
        Article(id="two words", body="Giá vàng tăng mạnh hôm nay."),
        Article(id="apart", body="Khẩu trang bán ra, xuất hiện lúa gạo, giá.", source="Lẻ"),
        Article(id="one word", body="Tháng ba."),
    ]
    articles += [Article(id=f"other {at}", body=f"Bóng đá và mưa lũ {at}.") for at in range(40)]
    build([analyse(articles)], directory)
    return open_searcher(directory)


def ids(searcher: Searcher, query: str, **options: str) -> set[str]:
    return {hit.id for hit in searcher.search(query, size=60, **options).hits}  # type: ignore[arg-type]


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_articles_with_too_little_of_a_query_do_not_match(searcher: Searcher, sort: str) -> None:
    for query in (FULL, "giá gạo xuất khẩu", "xuất khẩu gạo"):
        found = ids(searcher, query, sort=sort)
        assert len([one for one in found if one.startswith("full")]) == 12
        assert not found & {"two words", "one word"}


def test_any_and_all_words_can_be_requested(searcher: Searcher) -> None:
    assert {"two words", "apart", "one word"} <= ids(searcher, FULL, operator="or")
    assert "apart" in ids(searcher, "giá gạo xuất khẩu", operator="and")


def test_a_long_query_may_lack_a_word(searcher: Searcher) -> None:
    results = searcher.search(f"{FULL} bóng", size=60)
    assert results.full_total == 12
    assert not results.relaxed


def test_a_word_repeated_is_evaluated_once_with_its_weights_summed(searcher: Searcher) -> None:
    context = searcher._newest()
    tree = parse("gạo " * 50 + "giá vàng tăng").tree
    [part] = at_least_nodes(plan_query(tree, context, literal=True).match)
    assert len(set(part.children)) == len(part.children) < 10
    once = plan_query(parse("gạo giá vàng tăng").tree, context, literal=True).match
    assert isinstance(once, plan.AtLeast)
    weights = dict(zip(part.children, part.weights, strict=True))
    for node, weight in zip(once.children, once.weights, strict=True):
        if isinstance(node, plan.Or) and plan.Term("text", "gạo") in node.children:
            assert weights[node] == pytest.approx(50 * weight)
        elif node in weights:
            assert weights[node] == pytest.approx(weight)


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Return a searcher over articles with two words near each other, and some with both apart."""
    directory: Path = tmp_path_factory.mktemp("near")
    texts = {
        "near": ("Giá gạo tăng.", "Giá bán lẻ gạo tăng.", "Nữ tuyển thủ bóng đá nữ."),
        "apart": (
            "Chợ Gà - Gạo được đền bù theo giá đất.",
            "Giá xăng, giá dầu, giá than đá tăng; trong kho còn gạo.",
            "Nâng giá trị hạt gạo.",
            "Giá bán lẻ của gạo tăng.",  # one position more than `MAX_GAP`
            "Bóng đá: truy tìm ba người trong đường dây, có một phụ nữ.",
        ),
    }
    articles = [
        Article(id=f"{kind} {number} {at}", title=text if at % 2 else "", body=text)
        for kind, several in texts.items()
        for number, text in enumerate(several)
        for at in range(12)
    ]
    articles += [Article(id=f"other {at}", body=f"Mưa lũ {at} năm 2026.") for at in range(40)]
    build([analyse(articles)], directory)
    return open_searcher(directory)


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize(
    ("query", "numbers"),
    [("giá gạo", "01"), ("gia gao", "01"), ("bóng đá nữ", "2"), ("bong da nu", "2")],
)
def test_two_words_match_near_each_other(
    near: Searcher, query: str, numbers: str, sort: str
) -> None:
    found = ids(near, query, sort=sort)
    assert found == {f"near {number} {at}" for number in numbers for at in range(12)}


def test_two_words_may_be_apart_if_few_are_near(near: Searcher) -> None:
    results = near.search("chợ giá", size=60)
    assert results.relaxed
    assert {hit.id for hit in results.hits} >= {f"apart 0 {at}" for at in range(10)}


def test_words_that_are_no_pair_may_be_apart(near: Searcher) -> None:
    # A number, a third word, all words requested, a long query.
    for query in ("mưa 2026", "giá đất chợ", "+gạo +giá", "chợ gà gạo được đền bù theo giá đất"):
        results = near.search(query, size=60)
        assert len(results.hits) >= 12
        assert not results.relaxed


def test_an_unselective_term_is_required_beside_the_other(searcher: Searcher) -> None:
    assert ids(searcher, "của Việt") == {f"full {at}" for at in range(12)}


def test_facets_count_the_matches_that_are_listed(searcher: Searcher) -> None:
    results = searcher.search("giá gạo", facets=["source"], operator="and")
    assert results.total == 13  # "apart" has both words
    assert {value.value: value.count for value in results.facets["source"]} == {"Tin": 12, "Lẻ": 1}


def test_a_candidate_without_articles_does_not_exclude_others() -> None:
    candidates = [Candidate("trn", 1.0), Candidate("trên", 0.3), Candidate("trăn", 0.1)]
    kept = matching_candidates(candidates, lambda term: term != "trn")
    assert [candidate.text for candidate in kept] == ["trn", "trên"]
    kept = matching_candidates(candidates, lambda term: True)
    assert [candidate.text for candidate in kept] == ["trn"]


def test_exclusions_are_not_relaxed() -> None:
    enough = plan.AtLeast((plan.Term("text", "a"), plan.Term("text", "b")), (1.0, 2.0), 3.0)
    match = plan.And((enough, plan.Not(enough)))
    assert list(at_least_nodes(match)) == [enough]
    half = relaxed(match, 0.5)
    assert half == plan.And((plan.AtLeast(enough.children, (1.0, 2.0), 1.5), plan.Not(enough)))
    assert relaxed(match, 0.0) == plan.And((plan.Or(enough.children), plan.Not(enough)))
