"""A search in a cluster gives the same results as in a folder, in all parts.

The corpora are the demo, random articles of few syllables, for which many matches are widened, and
news if available.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.corpus import Corpus
from index.embedded import writer as folder_writer
from index.opensearch import writer
from index.opensearch.lifecycle import Settings
from index.vietnamese.forms import fold
from search import Searcher, open_searcher
from search.request import Bucket, FacetBy, FilterBy, SearchRequest, Sort
from search.results.records import Results
from tests import cluster
from tests.search.demo_collection import DEMO, read_cases
from tests.shared_data import SHARED

pytestmark = pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)

SYLLABLES = (
    "lúa gạo mưa nắng sông biển rừng núi thuyền lưới muối đường mía trà cam bưởi xoài dừa tôm cá "
    "cua mực ghe chợ phố làng đình chùa trống kèn sáo đàn tranh gốm lụa vải kim chỉ khung cửi"
).split()
FACETS = (
    FacetBy("source"), FacetBy("section"), FacetBy("published", Bucket.MONTH),
    FacetBy("published", Bucket.YEAR),
)  # fmt: skip
NEWS = SHARED / "data" / "news.jsonl.gz"
Both = tuple[Searcher, Searcher]


def in_both(articles: list[Article], folder: Path, name: str) -> Both:
    """Index articles in a folder and in two shards of a cluster."""
    folder_writer.build([analyse(articles)], folder)
    writer.build([analyse(articles)], cluster.location(name), settings=Settings(2, 0))
    return open_searcher(folder), open_searcher(cluster.location(name))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Both:
    articles = [record for record in Corpus([DEMO]) if isinstance(record, Article)]
    return in_both(articles, tmp_path_factory.mktemp("demo"), "whole-demo")


@pytest.fixture(scope="module")
def random_articles(tmp_path_factory: pytest.TempPathFactory) -> Both:
    draw = random.Random(7)
    weights = [1 / rank for rank in range(1, len(SYLLABLES) + 1)]
    articles = [
        Article(
            id=str(at),
            title=" ".join(draw.choices(SYLLABLES, weights, k=draw.choice([0, 3, 9]))),
            body=" ".join(draw.choices(SYLLABLES, weights, k=draw.choice([1, 20, 60, 150]))),
            source=draw.choice(["", "Báo Sông", "Tin Biển", "VnRừng"]),
            section=draw.choice(["", "kinh-te", "the-thao"]),
            published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=draw.randint(0, 9000))
            if at % 9
            else None,
        )
        for at in range(600)
    ]
    return in_both(articles, tmp_path_factory.mktemp("random"), "whole-random")


def assert_equal(found: Results, expected: Results) -> None:
    """Compare all parts of two answers; scores are float32 in a cluster."""
    scores = [hit.score for hit in expected.hits]
    assert [hit.score for hit in found.hits] == pytest.approx(scores, rel=1e-5)
    assert comparable(found) == comparable(expected)


def comparable(results: Results) -> Results:
    """Return an answer without scores, times and the cursor, which only its engine can read."""
    hits = tuple(replace(hit, score=0.0) for hit in results.hits)
    cursor = "more" if results.next_cursor else None
    return replace(results, hits=hits, took_ms=0.0, next_cursor=cursor)


def test_the_demo_corpus_is_searched_alike_however_it_is_typed(demo: Both) -> None:
    folder, theirs = demo
    for case in read_cases()[::4]:
        request = SearchRequest(case.query, facets=FACETS)
        assert_equal(theirs.answer(request), folder.answer(request))


def random_queries() -> Iterator[str]:
    for seed in range(40):
        draw = random.Random(seed)
        query = " ".join(draw.sample(SYLLABLES[2:], draw.randint(2, 8)))
        yield fold(query) if seed % 4 == 3 else query


def test_a_widened_and_filtered_match_is_the_same_on_every_page(random_articles: Both) -> None:
    folder, theirs = random_articles
    widened = 0
    source = FilterBy("source", ("Báo Sông", "Tin Biển"))
    since = FilterBy("published", low=datetime(2024, 3, 1, tzinfo=UTC))
    for at, query in enumerate(random_queries()):
        first = SearchRequest(query, facets=FACETS)
        one_in_turn = [
            replace(first, filters=(source,)), replace(first, filters=(source, since), page=2),
            replace(first, page=3, size=4), replace(first, sort=Sort.NEWEST.by, size=30),
            replace(first, sort=Sort.OLDEST.by, page=2),
        ]  # fmt: skip
        for request in (first, one_in_turn[at % len(one_in_turn)]):
            expected = folder.answer(request)
            assert_equal(theirs.answer(request), expected)
            widened += expected.total > expected.full_total
    assert widened > 10


@pytest.mark.skipif(not NEWS.exists(), reason="no news to compare with")
def test_news_are_searched_alike(tmp_path: Path) -> None:
    """Articles are long, since lengths are rounded; queries are parts of titles."""
    records = islice(Corpus([NEWS]), 500)
    articles = [record for record in records if isinstance(record, Article)]
    folder, theirs = in_both(articles, tmp_path, "whole-news")
    for at, article in enumerate(articles[::20]):
        part = " ".join(article.title.split()[: 2 + at % 6])
        request = SearchRequest(fold(part) if at % 3 == 2 else part, facets=FACETS)
        assert_equal(theirs.answer(request), folder.answer(request))


def test_cursors_lead_through_the_same_hits(random_articles: Both) -> None:
    for query in random_queries():
        walks = []
        for searcher in random_articles:
            cursor: str | None = "*"
            walked: list[str] = []
            while cursor and len(walked) < 60:
                found = searcher.answer(SearchRequest(query, size=20, cursor=cursor))
                walked += [hit.id for hit in found.hits]
                cursor = found.next_cursor
            walks.append(walked)
        assert walks[0] == walks[1], query


def test_explanations_and_related_articles_are_the_same(demo: Both) -> None:
    for case in read_cases()[::20]:
        ours = demo[0].search(case.query)
        for hit in ours.hits[:2]:
            one, other = (searcher.explain(case.query, hit.id) for searcher in demo)
            assert one
            assert other
            parts = [part.score for part in one.contributions]
            assert [part.score for part in other.contributions] == pytest.approx(parts, rel=1e-5)
            related = [[near.id for near in searcher.related(hit.id)] for searcher in demo]
            assert related[0] == related[1]
