"""Recent articles come first if a query asks for news, and only then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese.dates import VIETNAM
from search import Searcher, open_searcher
from search.request import SearchRequest
from search.results.records import Contribution

NEWEST = datetime(2026, 8, 20, 9, tzinfo=VIETNAM)
OTHERS = [
    Article(id=f"khác {at}", title="Chuyện làng", body="Một ngày.", published=day)
    for at, day in enumerate(NEWEST - timedelta(days=40 * back) for back in range(40))
]


def searcher_of(folder: Path, articles: Sequence[Article]) -> Searcher:
    build([analyse(articles)], folder)
    return open_searcher(folder)


def price(name: str, day: datetime | None) -> Article:
    return Article(id=name, title="Giá vàng hôm nay", body="Giá vàng miếng tăng.", published=day)


PRICES = [
    price("cũ", NEWEST - timedelta(days=700)),
    price("không ngày", None),
    price("mới", NEWEST),
    price("tuần trước", NEWEST - timedelta(days=8)),
]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return searcher_of(tmp_path_factory.mktemp("fresh"), [*PRICES, *OTHERS])


def order(searcher: Searcher, query: str, **options: object) -> list[str]:
    request = replace(SearchRequest(query), **options)  # type: ignore[arg-type]
    return [hit.id for hit in searcher.answer(request).hits]


@pytest.mark.parametrize("query", ["giá vàng hôm nay", "gia vang hom nay", "giá vàng mới nhất"])
def test_news_come_newest_first(searcher: Searcher, query: str) -> None:
    assert order(searcher, query)[:4] == ["mới", "tuần trước", "cũ", "không ngày"]


def test_new_articles_rank_first_if_no_article_contains_the_phrase_for_news(
    searcher: Searcher,
) -> None:
    results = searcher.search('"miếng vàng giá" hôm nay')
    assert "phrase_not_found" in [reported.code for reported in results.warnings]
    assert [hit.id for hit in results.hits][:3] == ["mới", "tuần trước", "cũ"]
    explained = searcher.explain('"miếng vàng giá" hôm nay', "mới")
    assert explained is not None
    assert "freshness" in {part.kind for part in explained.contributions}
    assert explained.score == pytest.approx(results.hits[0].score)


def test_freshness_is_off_by_parameter(searcher: Searcher) -> None:
    plain = [article.id for article in PRICES]  # ties are in the order of indexing
    assert order(searcher, "giá vàng hôm nay", freshness=False)[:4] == plain
    hits = searcher.search("giá vàng hôm nay", freshness=False).hits
    assert [hit.id for hit in hits][:4] == plain


@pytest.mark.parametrize(
    "query", ["giá vàng là gì", "giá vàng miếng", '"giá vàng"', "tiêu đề:(giá vàng hôm nay)"]
)
def test_other_queries_are_not_affected_by_dates(searcher: Searcher, query: str) -> None:
    assert order(searcher, query) == order(searcher, query, freshness=False)


def test_now_may_be_another_moment(searcher: Searcher) -> None:
    then = NEWEST - timedelta(days=699)
    assert order(searcher, "giá vàng hôm nay", now=then)[0] == "cũ"


def test_a_year_raises_the_scores_of_its_articles(tmp_path: Path) -> None:
    articles = [
        Article(id=str(year), title="Lương cơ sở 2024", body="", published=day)
        for year, day in ((y, datetime(y, 6, 1, tzinfo=VIETNAM)) for y in (2022, 2026, 2024, 2021))
    ]
    assert order(searcher_of(tmp_path, articles), "lương cơ sở 2024")[0] == "2024"


def test_the_latest_of_several_years_counts(tmp_path: Path) -> None:
    articles = [
        Article(
            id=str(year), title="Lương 2022 2024", published=datetime(year, 6, 1, tzinfo=VIETNAM)
        )
        for year in (2022, 2026, 2024)
    ]
    assert order(searcher_of(tmp_path, articles), "lương 2022 2024")[0] == "2024"


def freshness(searcher: Searcher, query: str) -> list[Contribution]:
    """Return the contributions of the newest article's date to its score."""
    explained = searcher.explain(query, "mới")
    assert explained is not None
    return [part for part in explained.contributions if part.kind == "freshness"]


def test_the_shortest_half_life_of_several_runs_counts(searcher: Searcher) -> None:
    for query in ("giá vàng hôm nay OR giá vàng năm nay", "giá vàng năm nay OR giá vàng hôm nay"):
        assert {part.text.partition("±")[2] for part in freshness(searcher, query)} == {
            "2",
            "30",
            "300",
        }


def test_stop_syllables_do_not_raise_the_weight_of_dates(searcher: Searcher) -> None:
    bare, more = (
        [part.weight for part in freshness(searcher, query)]
        for query in ("giá vàng hôm nay", "giá vàng của và là hôm nay")
    )
    assert bare
    assert more == pytest.approx(bare)


def test_a_wrong_date_in_the_future_does_not_age_the_others(tmp_path: Path) -> None:
    wrong = Article(
        id="sai", title="Khác", body="x", published=datetime(2099, 1, 1, tzinfo=VIETNAM)
    )
    many = [replace(OTHERS[0], id=str(at), published=NEWEST) for at in range(2000)]
    searcher = searcher_of(tmp_path, [*PRICES, *many, wrong])
    assert order(searcher, "giá vàng hôm nay")[:2] == ["mới", "tuần trước"]


def test_the_newest_of_few_dates_counts_among_many_articles_without_one(tmp_path: Path) -> None:
    undated = [replace(OTHERS[0], id=str(at), published=None) for at in range(4000)]
    searcher = searcher_of(tmp_path, [*PRICES, *undated])
    assert order(searcher, "giá vàng hôm nay")[:3] == ["mới", "tuần trước", "cũ"]


def test_nothing_changes_where_no_article_has_a_date(tmp_path: Path) -> None:
    searcher = searcher_of(tmp_path, [replace(one, published=None) for one in PRICES])
    query = "giá vàng hôm nay"
    assert order(searcher, query) == order(searcher, query, freshness=False)


@pytest.mark.parametrize("query", ["giá vàng hôm nay", "giá vàng miếng"])
def test_an_explanation_adds_up_to_the_score(searcher: Searcher, query: str) -> None:
    for hit in searcher.search(query).hits:
        explained = searcher.explain(query, hit.id)
        assert explained is not None
        assert explained.score == pytest.approx(hit.score)
    newest = searcher.explain("giá vàng hôm nay", "mới")
    assert newest is not None
    fresh = [part.text for part in newest.contributions if part.kind == "freshness"]
    assert fresh[0].startswith("21/08/2026 ±")
    plain = searcher.explain("giá vàng hôm nay", "mới", freshness=False)
    assert plain is not None
    assert "freshness" not in {part.kind for part in plain.contributions}


def test_pages_and_exports_have_the_same_order(searcher: Searcher) -> None:
    query = "giá vàng hôm nay"
    all_ids = order(searcher, query, size=50)
    pages = [name for at in range(1, 20) for name in order(searcher, query, size=3, page=at)]
    assert pages == all_ids
    assert [one.id for one in searcher.iterate(SearchRequest(query))] == all_ids
