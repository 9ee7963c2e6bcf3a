"""Equivalent spellings have one canonical form; other text is unchanged."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.forms import canonical, fold, fold_all, fold_each
from tests.index.vietnamese.strange_text import texts

PLACEMENTS = [
    ("hoà", "hòa"),
    ("khoẻ", "khỏe"),
    ("thuỷ", "thủy"),
    ("Uỷ", "Ủy"),
    ("HOÀ", "HÒA"),
    ("tòan", "toàn"),
    ("qúy", "quý"),
    ("qủa", "quả"),
    ("gía", "giá"),
    ("gíup", "giúp"),
    ("nứơc", "nước"),
    ("trửơng", "trưởng"),
    ("gìơ", "giờ"),
    ("ngọai", "ngoại"),
    ("tuyêń", "tuyến"),
    ("hùynh", "huỳnh"),
    ("khủyu", "khuỷu"),
]

AT_HOME = (
    "quý quà quốc quỹ quỵ gì gìn giếng giá giữ già giặt hòa hoàn xóa thủy thuyền huỳnh khuỷu ngoài "
    "ngoẻo rượu hươu mía múa mưa tía khuya xoòng yếu ý ỷ uống ướt oán ăn ấy Huế Đắk"
)


@pytest.mark.parametrize(("written", "expected"), PLACEMENTS)
def test_the_tone_mark_moves_to_its_canonical_vowel(written: str, expected: str) -> None:
    assert canonical(written) == expected
    assert canonical(unicodedata.normalize("NFD", written)) == expected


@pytest.mark.parametrize("syllable", AT_HOME.split())
def test_a_correctly_placed_tone_is_unchanged(syllable: str) -> None:
    assert canonical(syllable) == syllable


@pytest.mark.parametrize(
    "word", ["café", "José", "voilà", "Düsseldorf", "año", "niño", "coöperatie"]
)
def test_foreign_words_keep_their_marks(word: str) -> None:
    assert canonical(word) == word


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("e\u0301\u0302m", "ếm"),
        ("é\u0302m", "ếm"),
        ("ẹ\u0302m", "ệm"),
        ("a\u0301\u0306n", "ắn"),
        ("u\u0301\u031bng", "ứng"),
        ("Ðà Nẵng, ðường", "Đà Nẵng, đường"),
    ],
)
def test_marks_compose_in_any_order(written: str, expected: str) -> None:
    assert canonical(written) == expected


def test_fold_removes_marks_and_case() -> None:
    assert fold("Đắk Lắk, THUỶ; Ðà Nẵng – Crème") == "dak lak, thuy; da nang – creme"


@given(texts)
def test_canonical_is_idempotent(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@given(texts)
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_unicode_form_makes_no_difference(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    assert canonical(composed) == canonical(decomposed) == canonical(text)
    assert fold(composed) == fold(decomposed) == fold(text)


@given(st.lists(texts))
def test_fold_all_folds_each(several: list[str]) -> None:
    assert fold_all(several) == list(map(fold, several))
    assert list(fold_each(several, 2)) == list(fold_each(several)) == fold_all(several)


@given(texts)
def test_fold_sees_no_difference_that_canonical_removes(text: str) -> None:
    assert fold(canonical(text)) == fold(text)
