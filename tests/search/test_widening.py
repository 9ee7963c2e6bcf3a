"""A widened set is the same for every page and sort order."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese import Language
from search import Searcher, open_searcher, plan
from search.engines import open_engine
from search.finding import search
from search.interpretation.context import Context
from search.relaxation import relaxed
from search.request import SearchRequest

SYLLABLES = (
    "lúa gạo mưa nắng sông biển rừng núi thuyền lưới muối đường mía trà cam bưởi xoài dừa tôm cá "
    "cua mực ghe chợ phố làng đình chùa trống kèn sáo đàn tranh gốm lụa vải kim chỉ khung cửi"
).split()


@pytest.fixture(scope="module")
def random_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index of articles of a few syllables, some far more frequent than others."""
    directory = tmp_path_factory.mktemp("random")
    draw = random.Random(7)
    weights = [1 / rank for rank in range(1, len(SYLLABLES) + 1)]
    articles = [
        Article(
            id=str(at),
            body=" ".join(draw.choices(SYLLABLES, weights, k=draw.choice([8, 20, 60, 150]))),
            published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=draw.randint(0, 9000)),
        )
        for at in range(600)
    ]
    build([analyse(articles)], directory)
    return directory


@pytest.fixture(scope="module")
def random_corpus(random_index: Path) -> Searcher:
    """Return a searcher of that index."""
    return open_searcher(random_index)


@pytest.mark.parametrize("seed", range(25))
def test_a_widened_set_is_the_same_for_every_page_and_order(
    random_corpus: Searcher, seed: int
) -> None:
    draw = random.Random(seed)
    query = " ".join(draw.sample(SYLLABLES[2:], draw.randint(3, 8)))
    total = random_corpus.search(query).total
    for sort in ("relevance", "newest", "oldest"):
        for page, size in ((1, 1), (2, 2), (5, 10), (1, 50)):
            results = random_corpus.search(query, page=page, size=size, sort=sort)
            assert results.total == total, (query, sort, page, size)


@pytest.mark.parametrize("seed", range(25))
def test_the_first_page_is_the_beginning_of_a_longer_one(
    random_corpus: Searcher, seed: int
) -> None:
    draw = random.Random(seed)
    query = " ".join(draw.sample(SYLLABLES[2:], draw.randint(3, 8)))
    first = random_corpus.search(query)
    longer = random_corpus.search(query, size=11)
    assert first.hits == longer.hits[:10]
    assert (first.next_cursor is None) == (first.total <= 10)
    if first.next_cursor:
        following = random_corpus.answer(SearchRequest(query, size=1, cursor=first.next_cursor))
        assert following.hits == longer.hits[10:]


def test_a_set_is_widened_as_far_as_half_of_the_best_articles_need(random_index: Path) -> None:
    """A page or more gets the best articles only; less gets all that reach half of them."""
    reader = open_engine(random_index).reader()
    context = Context(reader, Language.default())
    # Both ways of widening must occur, by a factor (less than a page) and by ids (a full page): in
    # 150 queries they do.
    widened = added = 0
    for seed in range(150):
        draw = random.Random(seed)
        query = " ".join(draw.sample(SYLLABLES[2:], draw.randint(4, 10)))
        outcome = search(SearchRequest(query), context)
        match, found = outcome.planned.match, outcome.retrieval.match
        assert isinstance(match, plan.AtLeast)
        any_word = plan.Plan(relaxed(match, 0.0), outcome.planned.features)
        [best, full] = reader.execute([any_word, plan.Plan(match, limit=0)])
        ids = tuple(article.id for article in best.page)
        assert [hit.id for hit in outcome.retrieval.matches.page] == list(ids), query
        factor = outcome.retrieval.matches.factor
        lowered, narrower = relaxed(match, factor), relaxed(match, factor + 0.05)
        best_ids = plan.Keyword("id", ids)
        reached, lacking, of_best, fewer = reader.execute(
            [
                plan.Plan(node, limit=0)
                for node in (
                    lowered,
                    plan.And((best_ids, plan.Not(lowered))),
                    plan.And((best_ids, lowered)),
                    plan.And((best_ids, narrower)),
                )
            ]
        )
        assert outcome.retrieval.matches.total == reached.total + lacking.total, query
        assert (factor < 1.0) == (full.total < 10), query
        if factor < 1.0:
            widened += 1
            assert of_best.total >= len(ids) / 2, query
            assert factor == 0.95 or fewer.total < len(ids) / 2, query  # at least one step
        elif isinstance(found, plan.Or):
            added += 1
    assert widened > 10
    assert added > 10
