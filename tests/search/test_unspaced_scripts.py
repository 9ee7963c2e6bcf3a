"""Characters of scripts without spaces, from indexing to search."""

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import open_searcher


@pytest.mark.parametrize("query", ["本田", "hãng 本田", '"本田"', "xe 本田 nhật"])
def test_characters_that_are_written_together_are_found_together(
    tmp_path: Path, query: str
) -> None:
    bodies = ("hãng 本地 ở Nhật", "xe của hãng 本田 ở Nhật", "田 và 本")
    articles = [Article(id=str(at), body=body) for at, body in enumerate(bodies)]
    build([analyse(articles)], tmp_path)
    assert open_searcher(tmp_path).search(query).hits[0].id == "1"


def test_separate_characters_do_not_match_adjacent_ones(tmp_path: Path) -> None:
    bodies = ("hãng 本地 ở Nhật", "hãng 本田 ở Nhật", "田 và 本")
    articles = [Article(id=str(at), body=body) for at, body in enumerate(bodies)]
    build([analyse(articles)], tmp_path)
    assert [hit.id for hit in open_searcher(tmp_path).search("本田").hits] == ["1"]
    assert {hit.id for hit in open_searcher(tmp_path).search("本 田").hits} >= {"1", "2"}


RUNS = (
    "대한민국은",
    "東京電力",
    "ラーメン",
    "习近平主席",
    "กรุงเทพ",
    "ປະເທດ",
    "ភ្នំពេញ",
    "ꪼꪕꪒꪾ",
    "ㅋㅎㅏㄴ",
)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_part_of_a_run_finds_it(tmp_path: Path, form: Literal["NFC", "NFD"]) -> None:
    """Each part of the run, with its marks, is a query, in either normal form of Unicode."""
    bodies = [f"tin về {unicodedata.normalize(form, run)}, hôm nay" for run in RUNS]
    build(
        [analyse([Article(id=run, body=b) for run, b in zip(RUNS, bodies, strict=True)])], tmp_path
    )
    searcher = open_searcher(tmp_path)
    for run in RUNS:
        starts = [at for at in range(len(run)) if not unicodedata.combining(run[at])]
        starts = [at for at in starts if unicodedata.category(run[at]) not in ("Mn", "Mc")]
        for first, start in enumerate(starts):
            for end in [*starts[first + 1 :], len(run)]:
                found = searcher.search(run[start:end]).hits
                assert run in {hit.id for hit in found}, run[start:end]


def test_a_part_of_hangul_finds_no_other_word(tmp_path: Path) -> None:
    bodies = ("đội tuyển 대한민국은 thắng", "한대 và 국민", "đội tuyển thắng")
    articles = [Article(id=str(at), body=body) for at, body in enumerate(bodies)]
    build([analyse(articles)], tmp_path)
    results = open_searcher(tmp_path).search("대한")
    assert [hit.id for hit in results.hits] == ["0"]
