"""A country, institution or club by all its names: each finds the others, with an explanation."""

from itertools import permutations

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import Searcher, open_searcher

NAMES = (
    ("Mỹ", "Hoa Kỳ"),
    ("MU", "M.U", "Manchester United", "Man Utd"),
    ("AI", "A.I."),
    ("Bộ GD-ĐT", "Bộ Giáo dục và Đào tạo"),
    ("VCB", "Vietcombank", "Ngân hàng Ngoại thương Việt Nam"),
    ("TP.HCM", "Thành phố Hồ Chí Minh", "Sài Gòn"),
    ("LHQ", "Liên hợp quốc", "Liên Hiệp Quốc"),
    ("U23", "U-23", "U.23"),
    ("Tập Cận Bình", "Xi Jinping"),
    ("EVN", "Tập đoàn Điện lực Việt Nam"),
    ("Triều Tiên", "Bắc Hàn", "CHDCND Triều Tiên"),
)
OTHERS = ("Bảo tàng mỹ thuật mở cửa", "Mẹo dùng mỹ phẩm", "Món ăn mùa hè", "Thời tiết miền núi")


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    directory = tmp_path_factory.mktemp("entities")
    articles = [
        Article(id=name, title="Tin", body=f"Hôm qua {name} công bố kế hoạch mới.")
        for group in NAMES
        for name in group
    ]
    articles += [Article(id=text, title=text, body="Một tin khác.") for text in OTHERS]
    build([analyse(articles)], directory)
    return open_searcher(directory)


@pytest.mark.parametrize("group", NAMES)
def test_each_name_finds_all_the_others_and_itself_first(
    searcher: Searcher, group: tuple[str, ...]
) -> None:
    for name, other in permutations(group, 2):
        hits = searcher.search(name, size=40).hits
        found = [hit.id for hit in hits]
        assert other in found, name
        assert name in other or found.index(name) < found.index(other)
        assert "<mark>" in next(hit.snippet for hit in hits if hit.id == other), name


def test_a_syllable_of_another_word_is_no_name(searcher: Searcher) -> None:
    assert not {hit.id for hit in searcher.search("Hoa Kỳ", size=40).hits} & set(OTHERS)
    assert "Hoa Kỳ" not in {hit.id for hit in searcher.search("mỹ thuật", size=40).hits}


def test_names_typed_without_marks_find_the_others(searcher: Searcher) -> None:
    for name, expected in (
        ("hoa ky", "Mỹ"),
        ("lien hop quoc", "LHQ"),
        ("bac han", "Triều Tiên"),
    ):
        assert expected in {hit.id for hit in searcher.search(name, size=40).hits}, name


def test_literal_searches_find_names_as_typed_only(searcher: Searcher) -> None:
    found = {hit.id for hit in searcher.search("Hoa Kỳ", size=40).hits}
    request = searcher.search("Hoa Kỳ", size=40, literal=True)
    assert {hit.id for hit in request.hits} < found
