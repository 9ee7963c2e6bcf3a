"""The models of an index whose articles were deleted."""

import random
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build, delete, update
from search import Searcher, open_searcher
from tests.index.embedded.segments import IN_SEGMENTS

ORDINARY = ["Giá vàng tăng", "Giá vàng giảm", "Bắt nghi phạm trộm xe", "Nghi phạm ra tòa"] * 3
NAMES = ["Nghi phạm Phẫm Quuyết Xyzan bị bắt", "Nguyễn Văn Bình bị bắt vì lừa đảo"]


def news(titles: list[str], start: int = 0) -> list[Article]:
    return [
        Article(id=str(at), title=title, body=f"{title} sáng nay, theo công an.")
        for at, title in enumerate(titles, start)
    ]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    build([analyse(news(ORDINARY + NAMES * 3))], tmp_path)
    return tmp_path


IDS = [str(at) for at in range(len(ORDINARY), len(ORDINARY) + 6)]


def read(searcher: Searcher, query: str) -> str:
    return searcher.search(query).interpretation.read


def offered(searcher: Searcher, typed: str) -> str:
    return " | ".join(searcher.complete(typed)).lower()


def test_terms_of_deleted_articles_only_are_neither_completed_nor_interpreted(
    directory: Path,
) -> None:
    before = open_searcher(directory)
    assert "phẫm quuyết xyzan" in offered(before, "nghi pham pham")
    assert read(before, "pham quuyet xyzam") == "phẫm quuyết xyzan"
    assert "nguyễn văn bình" in offered(before, "nguyen van")
    delete(directory, IDS, limits=IN_SEGMENTS)
    after = open_searcher(directory)
    assert after.search("Phẫm Quuyết Xyzan", literal=True).total == 0
    for typed in ("nghi pham pham", "pham qu", "nguyen van", "nguyen van b", "bi bat vi"):
        assert "quuyết" not in offered(after, typed)
        assert "bình" not in offered(after, typed)
    assert read(after, "pham quuyet xyzam") == "phạm quuyet xyzam"
    assert "nghi phạm" in offered(after, "nghi ph")  # other articles have that phrase
    update(directory=directory, batches=[analyse(news(["Một tin khác"], 90))], limits=IN_SEGMENTS)
    assert "quuyết" not in offered(open_searcher(directory), "nghi pham pham")


def test_phrases_with_articles_left_are_offered(directory: Path) -> None:
    delete(directory, IDS[:-4], limits=IN_SEGMENTS)  # two articles with each name remain
    after = open_searcher(directory)
    assert "phẫm quuyết xyzan" in offered(after, "nghi pham pham")
    assert read(after, "pham quuyet xyzam") == "phẫm quuyết xyzan"


def test_interpretations_consist_of_syllables_of_the_remaining_articles(tmp_path: Path) -> None:
    """Every syllable of an interpretation occurs in an article that was not deleted."""
    syllables = "hà hạ hả nội nối nồi mưa mùa múa lũ lụt lú giá già gia vàng vang văn vân".split()
    chance = random.Random(7)
    titles = [" ".join(chance.choices(syllables, k=4)) for _ in range(40)]
    build([analyse(news(titles))], tmp_path)
    remaining = dict(enumerate(titles))
    for _ in range(4):
        batch = chance.sample(sorted(remaining), 8)
        delete(tmp_path, [str(at) for at in batch], limits=IN_SEGMENTS)
        for at in batch:
            del remaining[at]
        searcher = open_searcher(tmp_path)
        alive = {syllable for title in remaining.values() for syllable in title.split()}
        alive |= {"sáng", "nay", "theo", "công", "an"}
        for query in ("ha noi mua lu", "gia vang van", "lut lu", "ha", "noi"):
            typed = query.split()
            for word, meant in zip(typed, read(searcher, query).split(), strict=True):
                assert meant in alive or meant == word
            for phrase in searcher.complete(query):
                assert set(phrase.split()) <= alive | set(typed)
