"""Slips of the ear: what sounds alike is a candidate, and what is right stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese import Language
from index.vietnamese.phonology import is_syllable
from search.interpretation.ear_slips import sounding_alike
from search.interpretation.interpreter import interpret
from tests.search.interpretation.language import language

MODEL = language(
    ["Xử lý vi phạm giao thông."] * 2000
    + ["Nghiên cứu khoa học."] * 2000
    + ["Bổ sung giáo dục Trung Quốc."] * 2000
    + ["Sử dụng lịch sử, học giục, bổ ích, xung quanh, cuốc đất, trung du, phẩm chất"] * 5
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sử lý vi phạm", "xử lý vi phạm"),
        ("nghiêng cứu khoa học", "nghiên cứu khoa học"),
        ("bổ xung giáo dục", "bổ sung giáo dục"),
        ("giáo giục trung cuốc", "giáo dục trung quốc"),
        ("lịch sử", "lịch sử"),
        ("sử dụng", "sử dụng"),
        ("xung quanh", "xung quanh"),
    ],
)
def test_what_sounds_like_it_is_read_where_its_neighbours_say_so(typed: str, meant: str) -> None:
    assert interpret(typed.split(), MODEL, Language.default()).best == tuple(meant.split())


@given(st.sampled_from("sử xử nghiêng nghiên cuốc quốc dầy giày ngả ngã lưu an ai kà".split()))
def test_alternatives_are_other_syllables(syllable: str) -> None:
    found = dict(sounding_alike(syllable))
    assert syllable not in found
    assert all(map(is_syllable, found))
    assert all(cost > 0 for cost in found.values())
