"""Queries with spaces also find joined words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.joined_forms import MAX_JOINED_SYLLABLES, joined_forms
from index.vietnamese.syllables import terms


def joined(text: str) -> list[str]:
    return [form for one in joined_forms(terms(text)) for [form] in one.alternatives]


@pytest.mark.parametrize(
    ("apart", "together"),
    [
        ("FPT Shop", "FPTShop"),
        ("thế giới di động", "theGioiDiDong"),
        ("Nghệ An ơi", "#NgheAnOi"),
        ("xem YouTube Kids cùng con nhé bạn", "YouTubeKids"),
    ],
)
def test_words_typed_apart_have_a_joined_form(apart: str, together: str) -> None:
    [term] = terms(together)
    assert term in joined(apart)


@pytest.mark.parametrize("text", ["", "hà", "mua vàng ở hà nội", "năm 2024", "9 10", "a b c d e"])
def test_tokens_that_are_not_a_word_have_no_joined_form(text: str) -> None:
    assert joined(text) == []


@given(st.lists(st.sampled_from(terms("hà nội fpt shop vn express x 9 đắk lắk")), max_size=9))
def test_spans_are_of_the_syllables_and_few(syllables: list[str]) -> None:
    found = joined_forms(syllables)
    assert len(found) <= max(len(syllables), 1)
    for one in found:
        assert 0 <= one.start < one.end <= len(syllables)
        assert one.end - one.start <= MAX_JOINED_SYLLABLES
        assert not one.certain
        assert one.alternatives[0][0].isascii()
