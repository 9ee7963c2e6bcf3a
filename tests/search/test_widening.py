"""A set that is widened to hold the best articles is the same for every page and order."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher

SYLLABLES = (
    "lúa gạo mưa nắng sông biển rừng núi thuyền lưới muối đường mía trà cam bưởi xoài dừa tôm cá "
    "cua mực ghe chợ phố làng đình chùa trống kèn sáo đàn tranh gốm lụa vải kim chỉ khung cửi"
).split()


@pytest.fixture(scope="module")
def random_corpus(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Return a searcher over articles of a few syllables, some far more frequent than others."""
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
    return open_searcher(directory)


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
