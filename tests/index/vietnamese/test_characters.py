"""Characters with compatibility forms, and those that are costly to normalise."""

import re
import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.characters import UNSPACED, composed, decomposed, plain
from index.vietnamese.forms import canonical, fold
from index.vietnamese.segmenter import tokenize, words
from index.vietnamese.syllables import occurrences, syllables, terms
from index.vietnamese.words import search_words
from tests.index.vietnamese.strange_text import texts


def test_compatibility_letters_and_digits_are_replaced() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        meant = unicodedata.normalize("NFKC", character)
        stands_for_others = meant.isalnum() and meant != composed(character)
        several_tokens = len(meant) > 1 and re.match(f"[{UNSPACED}]", character)
        # Single Hangul letters are kept: side by side, their replacements would form one syllable.
        is_jamo = "HANGUL" in unicodedata.name(character, "")
        if not character.isalnum() or character in "ªº" or several_tokens or is_jamo:
            assert plain(character) in ("", character)
        elif stands_for_others:
            assert plain(character) == meant, hex(code)


@given(texts)
def test_plain_text_is_unchanged(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("ngh\u00adiệp", "nghiệp"),
        ("l\u200bớn", "lớn"),
        ("ti\u200dếng", "tiếng"),
        ("ti\u200cếng", "tiếng"),
        ("kỹ\u2060thuật", "kỹthuật"),
        ("Vi\ufeffệt", "việt"),
        ("ti\u200de\u0302\u0301ng", "tiếng"),
        ("２０２４", "2024"),
        ("ＵＳＢ", "usb"),
        ("proﬁle", "profile"),
        ("CO₂", "co2"),
        ("m²", "m2"),
        ("𝗞𝗵𝘂𝘆𝗲̂́𝗻", "khuyến"),
        ("𝐇𝐎𝐀̀", "hòa"),
        ("Ⅻ", "xii"),
    ],
)
def test_spellings_of_one_word_have_one_canonical_form(written: str, term: str) -> None:
    assert terms(written) == terms(f" {written}.") == [term]
    text = f"xem {written} này"
    [_, syllable, _] = syllables(text)
    assert syllable == (term, 4, 4 + len(written))
    [found] = occurrences(text, {term})
    assert text[found.start : found.end] == written
    assert term in "_".join(search_words(text)).split("_")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Công ty 東京電力", ["công", "ty", "東", "京", "電", "力"]),
        ("铁路12306", ["铁", "路", "12306"]),
        ("กรุงเทพ", ["ก", "รุ", "ง", "เ", "ท", "พ"]),
        ("ラーメン2", ["ラ", "ー", "メ", "ン", "2"]),
        ("대한민국은", ["대", "한", "민", "국", "은"]),
        (unicodedata.normalize("NFD", "nhóm 한국2"), ["nhóm", "한", "국", "2"]),
        ("ㅋㅎㅏㄴ", ["ㅋ", "ㅎ", "ㅏ", "ㄴ"]),
        ("ㄅㄆ ꀀꀁ ᥐᥑ", ["ㄅ", "ㄆ", "ꀀ", "ꀁ", "ᥐ", "ᥑ"]),
        ("37ºC", ["37", "c"]),
    ],
)
def test_characters_of_scripts_without_spaces_are_tokens(text: str, expected: list[str]) -> None:
    assert terms(text) == [syllable.text for syllable in syllables(text)] == expected
    if "ก" not in text:  # pyvi separates marks from such letters
        assert {*expected} <= {part for word in search_words(text) for part in word.split("_")}


@given(texts)
def test_terms_are_those_of_the_plain_text(text: str) -> None:
    assert terms(plain(text)) == terms(text)
    assert search_words(plain(text)) == search_words(text)


MARKS = st.sampled_from("\u0300\u0301\u0315\u0323\u0344\u05b0\u0f71\u3099")


@given(st.lists(st.tuples(st.sampled_from("aăơx1 "), st.text(MARKS, max_size=80)), max_size=4))
def test_normal_forms_equal_those_of_the_standard_library(parts: list[tuple[str, str]]) -> None:
    text = "".join(map("".join, parts))
    assert composed(text) == unicodedata.normalize("NFC", text)
    assert decomposed(text) == unicodedata.normalize("NFD", text)


HOSTILE = {
    "marks in the wrong order": "a" + "\u0315\u0300" * 50_000,
    "many letters with marks": "a\u0315\u0300\u0323" * 25_000,
    "invisible": "a" + "\u00ad" * 100_000 + "b",
    "invisible between letters": "a\u200b" * 50_000,
    "letters": "ă" * 100_000,
    "one script without spaces": "東" * 50_000,
    "styled": "𝗞" * 50_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_takes_linear_time(kind: str) -> None:
    """It takes a tenth of this on a slow machine; a quadratic algorithm takes a minute."""
    text = HOSTILE[kind]
    start = time.process_time()
    for function in (canonical, fold, terms, syllables, tokenize, words, search_words):
        function(text)
    occurrences(text, {"a"})
    assert time.process_time() - start < 8
