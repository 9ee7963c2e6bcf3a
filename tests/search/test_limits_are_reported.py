"""Limits of the work for one query: answers that they may change have a warning."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese.forms import fold
from search import Searcher, open_searcher
from search.planning.planned import MAX_FEATURES
from search.planning.planner import MAX_PREFIX_TERMS_SCORED

TEXT = (
    "thủ tướng chính phủ yêu cầu các bộ ngành khẩn trương rà soát hồ sơ dự án đường sắt đô thị "
    "bảo đảm tiến độ giải ngân vốn đầu tư công trong quý tới nhằm thúc đẩy tăng trưởng kinh tế "
    "vùng đồng bằng sông hồng và duyên hải miền trung trước mùa mưa bão năm nay"
)
WORDS = TEXT.split()
TYPOS = " ".join(word[0] + "zq" + word[1:] for word in map(fold, WORDS) if len(word) > 2)
PARTLY = {"interpreted_partly", "ordered_partly"}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    folder: Path = tmp_path_factory.mktemp("limits")
    articles = [
        Article(str(at), " ".join(WORDS[at : at + 9]), body=" ".join(WORDS[at:] + WORDS[:at]))
        for at in range(len(WORDS))
    ]
    build([analyse(articles)], folder)
    return open_searcher(folder)


def reported(searcher: Searcher, query: str) -> set[str]:
    return {one.code for one in searcher.search(query).warnings} & PARTLY


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(TYPOS, id="more misspelled syllables than are looked up"),
        pytest.param("".join(map(fold, WORDS)), id="more joined letters than are looked through"),
        pytest.param(
            " OR ".join("".join(map(fold, WORDS[at : at + 3])) for at in range(0, 40, 3)),
            id="joined words of many runs",
        ),
        pytest.param(f'"{fold(" ".join(WORDS[:14]))}"', id="a long phrase without marks"),
    ],
)
def test_partial_lookups_are_reported(searcher: Searcher, query: str) -> None:
    assert "interpreted_partly" in reported(searcher, query)


@pytest.mark.parametrize("query", [TEXT, TEXT.upper(), f"{TEXT} -xyz"])
def test_features_that_do_not_score_cause_a_warning(searcher: Searcher, query: str) -> None:
    results = searcher.search(query)
    [one] = [one for one in results.warnings if one.code == "ordered_partly"]
    assert dict(one.params) == {"features": MAX_FEATURES}
    # They affect only the order: every article has all words.
    assert results.full_total == len(WORDS)


@pytest.mark.parametrize("size", [1, 2, 4, 8, 12])
def test_ordinary_queries_reach_no_limit(searcher: Searcher, size: int) -> None:
    for at in range(0, len(WORDS) - size, 7):
        query = " ".join(WORDS[at : at + size])
        for typed in (query, fold(query), fold(query)[:-1], f'"{query}"', f'"{fold(query)}"'):
            assert reported(searcher, typed) == set(), typed
        assert reported(searcher, "".join(fold(query).split()[:6])) == set()


def test_a_prefix_of_more_words_than_are_scored_is_reported(tmp_path: Path) -> None:
    syllables = [f"tr{number}" for number in range(MAX_PREFIX_TERMS_SCORED)]
    for words, codes in ((0, []), (1, ["prefix_ordered_partly"])):
        more = [Article(f"x{word}", f"trx{word}") for word in range(words)]
        build([analyse([*(Article(word, word) for word in syllables), *more])], tmp_path)
        searcher = open_searcher(tmp_path)
        found = searcher.search("tr*")
        assert [one.code for one in found.warnings] == codes
        assert found.total == len(syllables) + words  # all match
        assert searcher.search("x -tr*").warnings == ()
