"""Searchers with different synonyms in one process."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese import Additions, Language
from search import Searcher, open_searcher
from search.__main__ import main

ARTICLES = [
    Article(id="máy", title="Mua máy vi tính", body="Chọn máy vi tính nào cho học sinh."),
    Article(id="com", title="Computer fair", body="A fair."),
    Article(id="xe", title="Xe buýt", body="Tuyến xe buýt mới."),
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("synonyms")
    build([analyse(ARTICLES)], directory)
    return directory


def found(searcher: Searcher, query: str) -> set[str]:
    return {hit.id for hit in searcher.search(query).hits}


def test_two_searchers_may_have_different_synonyms(directory: Path) -> None:
    computers = Language.default(Additions(((("computer",), ("máy", "vi", "tính")),)))
    buses = Language.default(Additions(((("bus",), ("xe", "buýt")),)))
    one, two, plain = (open_searcher(directory, own) for own in (computers, buses, None))
    for _ in range(2):  # the order of use does not matter
        assert found(one, "computer") == {"com", "máy"}
        assert found(two, "computer") == found(plain, "computer") == {"com"}
        assert found(two, "bus") == {"xe"}
        assert found(one, "bus") == found(plain, "bus") == set()


def test_the_snippet_highlights_the_synonym(directory: Path) -> None:
    computers = Language.default(Additions(((("computer",), ("máy", "vi", "tính")),)))
    [hit] = (
        hit
        for hit in open_searcher(directory, computers).search("computer").hits
        if hit.id == "máy"
    )
    assert "<mark>" in hit.snippet


def test_stop_words_of_a_user_count_less(directory: Path) -> None:
    stops = Language.default(Additions(stop_syllables=frozenset({"mua"})))
    own, plain = (
        open_searcher(directory, language).search("mua computer").hits for language in (stops, None)
    )
    score = {hit.id: hit.score for hit in plain}
    assert {hit.id: hit.score for hit in own}["máy"] < score["máy"]


def test_the_command_reads_files(directory: Path, tmp_path: Path) -> None:
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("bus = xe buýt\n", "utf-8")
    arguments = ["bus", "--index", str(directory), "--synonyms", str(synonyms)]
    assert "Tuyến xe buýt mới" in CliRunner().invoke(main, arguments).output
    synonyms.write_text("bus = xe buýt\nxe buýt = ô tô khách\n", "utf-8")
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1
    assert "synonyms.txt, line 2: 'xe buýt' is already in line 1" in refused.output
