"""The demo corpus, indexed once for all tests that search in it."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.corpus.loading import Corpus
from index.embedded.writer import build
from search import Searcher, open_searcher

DEMO = Path(__file__).parents[2] / "demo"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Return a searcher over the 60 articles of the demo corpus."""
    directory = tmp_path_factory.mktemp("demo")
    articles = [record for record in Corpus([DEMO]) if isinstance(record, Article)]
    build([analyse(articles)], directory)
    return open_searcher(directory)
