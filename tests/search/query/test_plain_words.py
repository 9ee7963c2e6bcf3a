"""Texts classified as plain words are parsed to just these words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.syllables import terms
from search.query.parser import MAX_WORDS, parse
from search.query.plain_words import is_plain_words
from search.query.tree import NOTHING, Words, plain_text

_PIECES = ("giá", "vàng", "VN-Index", "VÀ", "ＶÀ", "HOẶC", "NOT", "AND", "từ:", "tác giả:Mai", "a")
_SIGNS = ("-", "–", "!", "+", "“", '"', "(", ")", ":", "*", "?", "&&", "||", "~2", "^2", "/", ",")


@given(
    st.lists(st.sampled_from(_PIECES + _SIGNS + (" ", " ", " ", "\n")), max_size=12).map("".join)
    | st.text(max_size=12)
)
def test_plain_words_parse_to_their_terms(text: str) -> None:
    if is_plain_words(text):
        parsed = parse(text)
        assert parsed.tree == NOTHING or isinstance(parsed.tree, Words)
        assert terms(plain_text(parsed.tree)) == terms(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Giá vàng 9-5: USD, euro và bảng tăng?", True),
        ("VN-Index 'bốc hơi' 20 điểm", True),
        (
            "Mưa lớn - nhiều nơi ngập",
            False,
        ),  # a dash before a space is not a minus, but looks like one
        ("Mục:thể thao", False),
        ("bão\u00a0-lũ", False),
        ("lũ VA\u0300 bão", False),
        ("ＶÀ", False),
        ("a " * MAX_WORDS, False),
    ],
)
def test_most_titles_are_plain(text: str, plain: bool) -> None:  # noqa: FBT001
    assert is_plain_words(text) is plain
