"""The choice of features for a cluster if there are more than its clause limit."""

from datetime import UTC, datetime

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.models.language_model import LanguageModel
from search import open_searcher
from search.engines.embedded.engine import open_engine
from search.engines.opensearch.queries import most_valuable
from search.plan import BigramScore, Feature, Freshness, TermScore

COMMON, RARE = TermScore("text", "gạo", 1.0), TermScore("text", "lũ", 1.0)


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    directory = tmp_path_factory.mktemp("index")
    articles = [Article(str(at), body="giá gạo tăng " * 3) for at in range(8)]
    build([analyse([*articles, Article("9", body="mưa lũ")])], directory)
    assert open_searcher(directory).search("gạo").total == 8
    return open_engine(directory).reader().models.language


@pytest.mark.parametrize(
    ("features", "kept"),
    [
        ((COMMON, RARE), RARE),
        ((TermScore("text", "lũ", 0.1), COMMON), COMMON),
        # Equal weight and idf; but text saturates later than authors.
        ((TermScore("author", "lũ", 1.0), RARE), RARE),
        ((BigramScore("mưa", "lũ", 1.0), TermScore("words", "mưa_lũ", 1.0)),
         TermScore("words", "mưa_lũ", 1.0)),
    ],
)  # fmt: skip
def test_features_with_the_highest_possible_score_are_kept(
    features: tuple[Feature, ...], kept: Feature, language: LanguageModel
) -> None:
    assert most_valuable(features, 1, language) == [kept]
    assert most_valuable(features, 2, language) == list(features)


def test_features_without_a_term_are_kept(language: LanguageModel) -> None:
    fresh = Freshness("published", datetime(2026, 1, 1, tzinfo=UTC), 30.0, 1.0)
    assert most_valuable((COMMON, fresh, RARE), 2, language) == [RARE, fresh]
