"""Syllables are whole tokens of the raw text, in any Unicode form."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given

from index.vietnamese.forms import canonical
from index.vietnamese.syllables import Syllable, occurrences, syllables, terms
from tests.index.vietnamese.strange_text import texts


def test_letters_and_digits_make_syllables() -> None:
    assert terms("Tân_Trào, TP.HCM 1/8/2014 – F-16: m² Đúng!") == (
        ["tân", "trào", "tp", "hcm", "1", "8", "2014", "f", "16", "m2", "đúng"]
    )


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_spans_refer_to_the_text_as_given(form: Literal["NFC", "NFD"]) -> None:
    text = unicodedata.normalize(form, "🙂 İzmir: khoẻ mạnh, Ðà Nẵng ﬁ")
    found = syllables(text)
    assert [syllable.text for syllable in found] == ["i̇zmir", "khỏe", "mạnh", "đà", "nẵng", "fi"]
    assert [text[start:end] for _, start, end in found] == [
        unicodedata.normalize(form, word) for word in ["İzmir", "khoẻ", "mạnh", "Ðà", "Nẵng", "ﬁ"]
    ]


def test_marks_in_odd_order_belong_to_their_syllable() -> None:
    assert syllables("e\u0301\u0302m") == [Syllable("ếm", 0, 4)]


@given(texts)
def test_terms_are_the_syllables_without_spans(text: str) -> None:
    assert terms(text) == [syllable.text for syllable in syllables(text)]


def is_letter(character: str) -> bool:
    return character.isalnum() and character not in "ªº"


@given(texts)
def test_spans_ascend_and_cut_whole_tokens(text: str) -> None:
    end_before = 0
    for syllable in syllables(text):
        between = text[end_before : syllable.start]
        assert not any(map(is_letter, between))
        assert end_before <= syllable.start < syllable.end
        assert terms(text[syllable.start : syllable.end]) == [syllable.text]
        end_before = syllable.end
    assert not any(map(is_letter, text[end_before:]))


@given(texts)
def test_terms_are_the_same_in_every_canonical_spelling(text: str) -> None:
    expected = terms(canonical(text))
    assert terms(text) == expected
    assert terms(unicodedata.normalize("NFC", text)) == expected
    assert terms(unicodedata.normalize("NFD", text)) == expected


@given(texts)
def test_a_syllable_is_its_own_only_term(text: str) -> None:
    for term in terms(text):
        assert terms(term) == [term]


@given(texts)
def test_occurrences_are_the_positions_of_the_syllables(text: str) -> None:
    every = syllables(text)
    sought = {syllable.text for syllable in every[::2]}
    assert occurrences(text, sought) == [
        (index, *syllable) for index, syllable in enumerate(every) if syllable.text in sought
    ]
