"""Search words: pyvi's words, normalised for search."""

import pytest
from hypothesis import given

from index.vietnamese.syllables import terms
from index.vietnamese.words import MAX_WHOLE_CHARACTERS, search_words
from tests.index.vietnamese.strange_text import texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chủ nghĩa xã hội, KỸ THUẬT.", ["chủ_nghĩa", "xã_hội", "kỹ_thuật"]),
        ("khoẻ", ["khỏe"]),
        ("giá 5 tỷ USD.", ["giá", "5", "tỷ", "usd"]),
        ("ThS. An", ["ths", "an"]),
        ("ngày 1/8/2014", ["ngày", "1", "8", "2014", "1/8/2014"]),
        ("F-16", ["f", "16", "f-16"]),
        ("COVID‑19", ["covid", "19", "covid-19"]),
        ("TP.HCM", ["tp", "hcm", "tp.hcm"]),
        ("H’Hen", ["h", "hen", "h'hen"]),
        ("1.234,5", ["1", "234", "5", "1.234,5"]),
        ("lúc 20:30.", ["lúc", "20", "30", "20:30"]),
        ("lúc 20:30 – 21:00", ["lúc", "20", "30", "20:30", "21", "00", "21:00"]),
        ("1,5-2,5", ["1", "5", "2", "5", "1,5-2,5"]),
        ("A1,5", ["a1", "5", "a1,5"]),
        ("5,a-b", ["5", "a", "b", "a-b"]),
        ("Oʼb-c", ["oʼb", "c", "o'b-c"]),  # U+02BC is a letter
        ("a_b-c", ["a", "b", "c", "a_b-c"]),
        ("covid\u200b-19", ["covid", "19", "covid-19"]),
        ("đẹp,xấu", ["đẹp", "xấu"]),
        ("a--b", ["a", "b"]),
        ("thư a.b@c.vn", ["thư", "a", "b", "c", "vn", "a.b@c.vn"]),
        ("vnexpress.net,", ["vnexpress", "net", "vnexpress.net"]),
        ("(http://www.a.vn/b-c?d=1#e).", ["a", "vn", "b", "c", "a.vn", "a.vn/b-c"]),
        ("https://A.vn/).", ["a", "vn", "a.vn"]),
        ("… “” , .", []),
    ],
)
def test_compounds_numbers_and_urls_are_search_words(text: str, expected: list[str]) -> None:
    assert search_words(text) == expected


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\x0b", "\x85"])
def test_no_word_spans_a_line_break(line_break: str) -> None:
    assert search_words(f"xã{line_break}hội") == ["xã", "hội"]
    assert search_words("xã hội") == ["xã_hội"]


def test_a_token_of_any_length_is_a_word_as_a_whole_only_when_short() -> None:
    code = "-".join("abcd" for _ in range(MAX_WHOLE_CHARACTERS))
    assert set(search_words(code)) == {"abcd"}


@given(texts)
def test_every_word_consists_of_syllables(text: str) -> None:
    for word in search_words(text):
        assert terms(word)
        assert word == word.lower()


@given(texts)
def test_no_syllable_is_lost(text: str) -> None:
    if "://" not in text:  # a URL's scheme and query are
        found = {part for word in search_words(text) for part in terms(word)}
        plain = {term for term in terms(text) if term.isascii()}
        assert plain <= found
