"""The error model: near misses become candidates, and correct syllables are kept."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese import Language
from index.vietnamese.confusions import Confusion, Confusions, confusions, parts, read_pairs
from index.vietnamese.forms import canonical
from index.vietnamese.lexicon import LexiconError, LexiconFile
from index.vietnamese.phonology import is_syllable
from search.interpretation.error_model import confusable, confusion_cost, suspects
from search.interpretation.interpreter import interpret
from tests.search.interpretation.language import language

LANGUAGE = Language.default()
MODEL = language(
    ["Xử lý vi phạm giao thông."] * 2000
    + ["Nghiên cứu khoa học."] * 2000
    + ["Bổ sung giáo dục Trung Quốc."] * 2000
    + ["Bác sĩ chẩn đoán bệnh. Độc giả viết thư. Tham quan chùa."] * 2000
    + ["Bác sĩ chuẩn đoán bệnh, chuẩn mực, đọc sách, giả sử, quang cảnh."] * 40
    + ["Sử dụng lịch sử, học giục, bổ ích, xung quanh, cuốc đất, trung du, phẩm chất"] * 5
    + ["AI thắng thể thao điện tử, ông Sử Văn Xung, bà Giục."] * 20
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sử lý vi phạm", "xử lý vi phạm"),
        ("nghiêng cứu khoa học", "nghiên cứu khoa học"),
        ("bổ xung giáo dục", "bổ sung giáo dục"),
        ("giáo giục trung cuốc", "giáo dục trung quốc"),
        ("vi phậm giao thông", "vi phạm giao thông"),
        ("nghiên cớu khoa học", "nghiên cứu khoa học"),
        ("bác sĩ chuẩn đoán bệnh", "bác sĩ chẩn đoán bệnh"),
        ("đọc giả viết thư", "độc giả viết thư"),
        ("tham quang chùa", "tham quan chùa"),
        ("nghhiêên cứu khoaa học", "nghiên cứu khoa học"),
        ("lịch sử", "lịch sử"),
        ("sử dụng", "sử dụng"),
        ("xung quanh", "xung quanh"),
        ("chuẩn mực", "chuẩn mực"),
        ("thể thao", "thể thao"),
        ("ai thắng thể thao", "ai thắng thể thao"),
        ("ông sử văn xung", "ông sử văn xung"),
    ],
)
def test_a_confusable_syllable_is_chosen_by_its_neighbours(typed: str, meant: str) -> None:
    assert interpret(typed.split(), MODEL, LANGUAGE).best == tuple(meant.split())


def test_a_syllable_that_fits_neither_neighbour_is_suspect() -> None:
    assert suspects("xử lý vi phậm giao thông".split(), MODEL, LANGUAGE).index(True) == 3
    assert not any(suspects("xử lý vi phạm".split(), MODEL, LANGUAGE))
    assert suspects(["xử"], MODEL, LANGUAGE) == [False]
    assert suspects(["xữ"], MODEL, LANGUAGE) == [True]


def test_neighbours_go_together_if_adjacent_more_often_than_by_chance() -> None:
    together = language(["cam bàn"] * 100)  # twice as often as by chance
    by_chance = language(["cam bàn cam cam bàn bàn"] * 100)
    assert suspects(["cam", "bàn"], together, LANGUAGE) == [False, False]
    assert suspects(["cam", "bàn"], by_chance, LANGUAGE) == [True, True]


def test_a_listed_misspelling_is_suspect_however_often_the_articles_have_it() -> None:
    model = language(["Bổ xung giáo dục."] * 100 + ["khác"] * 1000)
    assert suspects("bổ xung giáo".split(), model, LANGUAGE) == [False, True, False]


def test_the_onset_of_a_syllable_that_is_heard_is_spelled_for_its_vowel() -> None:
    assert {"gỉ", "gìn"} <= dict(confusable("gì", known=True)).keys()
    assert "ghe" in dict(confusable("ga", known=True))
    assert "kem" in dict(confusable("tem", known=True))
    assert "cam" in dict(confusable("tam", known=True))


@pytest.mark.parametrize("typed", ["cuốc quốc", "cuyết quyết", "cuê quê", "cuý quý", "cua qua"])
def test_one_sound_is_spelled_with_c_and_u_or_with_qu(typed: str) -> None:
    one, other = typed.split()
    assert other in dict(confusable(one, known=True))
    assert canonical(one) in dict(confusable(other, known=True)) or not is_syllable(one)


@given(
    st.sampled_from(
        "sử xử nghiêng nghiên cuốc quốc dầy giày ngả ngã lưu an ai kà gì kem can ghe".split()
    )
)
def test_confusable_forms_are_other_syllables(syllable: str) -> None:
    found = dict(confusable(syllable, known=True))
    assert found
    assert syllable not in found
    assert all(map(is_syllable, found))
    for other, cost in found.items():  # of several confusions the likeliest counts
        assert 0 < cost <= confusion_cost(syllable, other, known=True)


def test_frequent_confusions_cost_less() -> None:
    assert confusion_cost("xữ", "xử", known=True) < confusion_cost("xữ", "xứ", known=True)
    assert confusion_cost("xữ", "xử", known=False) < confusion_cost("xữ", "xử", known=True)
    assert confusion_cost("xử", "nghiêng", known=True) == float("inf")


@given(st.text("aăâeêioôơuưybcdđghklmnpqrstvx\u0300\u0301\u0323w1", max_size=8))
def test_any_string_is_split_into_parts_or_refused(text: str) -> None:
    cut = parts(text)
    if cut is None:
        assert confusable(text, known=False) == ()
    assert confusions(text, text) in ((), None)


def test_confusions_are_counted_written_and_read_again() -> None:
    counted = Confusions.of([("sử", "xử"), ("xung", "sung"), ("sao", "xao"), ("ngã", "ngả")])
    assert counted.counts[Confusion("onset", "s", "x")] == 2
    assert counted.meant("tone", "\u0303") == ("\u0309",)
    assert set(Confusions.of([]).meant("onset", "l")) == {"n"}  # for any counts
    again = Confusions.read(LexiconFile("again", "\n".join(counted.lines())))
    assert again.counts == counted.counts
    assert again.misspellings == 4
    often, once, never = (
        Confusions.of([("bàn", "phàn")] * 9 + [("bàn", "đàn")]).cost(Confusion("onset", "b", meant))
        for meant in ("ph", "đ", "m")
    )
    assert often < once < never
    with pytest.raises(LexiconError, match="line 1"):
        Confusions.read(LexiconFile("bad", "onset s x many"))


def test_frequent_confusions_of_sounds_cost_less() -> None:
    seen_often = Confusions.of([("sử", "xử")] * 50)
    assert seen_often.cost(Confusion("onset", "s", "x")) < seen_often.cost(
        Confusion("onset", "x", "s")
    )


def test_syllables_that_differ_in_more_than_two_parts_are_no_misspellings() -> None:
    counted = Confusions.of([("bàn", "phúng")])
    assert (counted.counts, counted.misspellings) == ({}, 0)


def test_a_syllable_has_one_tone() -> None:
    assert parts("a\u0300") is not None
    assert parts("a\u0300\u0301") is None


def test_pairs_are_read_of_one_token_that_changes(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("xữ\txử|xứ\nxử\txử\nbổ xung\tbổ sung\nSao\txao\n\n", "utf-8")
    assert read_pairs(path) == [("xữ", "xử"), ("sao", "xao")]


FILMS = language(
    [f"phim đặc biệt {name}" for name in ("ra mắt", "công chiếu", "mới nhất", "của năm")] * 3000
    + ["hãng dc ra mắt"]
)


def test_an_acronym_is_no_typo() -> None:
    assert interpret(["phim", "dc"], FILMS, LANGUAGE).best == ("phim", "đặc")
    found = interpret(["phim", "dc"], FILMS, LANGUAGE, acronyms=frozenset({1}))
    assert found.best == ("phim", "dc")
    assert "đặc" not in {candidate.text for candidate in found.candidates[1]}
