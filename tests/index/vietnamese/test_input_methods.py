import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.input_methods import MAX_KEYS, syllables_from_keys
from index.vietnamese.phonology import is_syllable
from tests.index.vietnamese.every_syllable import every_syllable
from tests.index.vietnamese.keystrokes import ToneKey, telex, vni

SYLLABLES = tuple(every_syllable())
Typing = Callable[[str, ToneKey], str]


@pytest.mark.parametrize(
    ("typed", "syllable"),
    [
        ("tieengs", "tiếng"),
        ("tieesng", "tiếng"),
        ("tiengse", "tiếng"),
        ("vieejt", "việt"),
        ("vietej", "việt"),
        ("VieetJ", "việt"),
        ("nguwowif", "người"),
        ("nguoiwf", "người"),
        ("nguowif", "người"),
        ("ngwowif", "người"),
        ("dduwowngf", "đường"),
        ("duongwfd", "đường"),
        ("nhw", "như"),
        ("wu", "ưu"),
        ("thuowr", "thuở"),
        ("hoacwj", "hoặc"),
        ("quoocs", "quốc"),
        ("giuwowngf", "giường"),
        ("gif", "gì"),
        ("hoaf", "hòa"),
        ("xooong", "xoong"),
        ("ngoeo", "ngoeo"),
        ("nam", "nam"),
        ("ddawks", "đắk"),
        ("tie61ng", "tiếng"),
        ("tieng61", "tiếng"),
        ("vie65t", "việt"),
        ("d9u7o7ng2", "đường"),
        ("duong972", "đường"),
        ("quoc61", "quốc"),
        ("o73", "ở"),
    ],
)
def test_keys_of_both_input_methods_are_decoded(typed: str, syllable: str) -> None:
    assert syllables_from_keys(typed) == (syllable,)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "text",
        "mp3",
        "covid19",
        "u23",
        "f16",
        "b52",
        "2017",
        "1",
        "good",
        "new",
        "www",
        "tiếng",
        "ass",
        "banana",
        "tieengsf",
        "tie611ng",
        "a" * 10_000,
        "東京",
        "\x00",
        "wifi",
        "4g",
    ],
)
def test_keys_that_make_no_syllable_are_not_decoded(typed: str) -> None:
    assert syllables_from_keys(typed) == ()


def test_an_english_word_that_is_also_telex_is_decoded() -> None:
    assert syllables_from_keys("teen") == ("tên",)
    assert syllables_from_keys("boong") == ("bông", "boong")


@pytest.mark.parametrize("place", ToneKey)
@pytest.mark.parametrize("typing", [telex, vni])
def test_every_syllable_is_read_from_its_keys(typing: Typing, place: ToneKey) -> None:
    for syllable in SYLLABLES:
        keys = typing(syllable, place)
        assert keys.isascii()
        assert len(keys) <= MAX_KEYS
        assert syllable in syllables_from_keys(keys), keys


def test_keys_of_marks_may_follow_the_syllable() -> None:
    """Some people type all keys of marks and tones at the end."""
    for syllable in random.Random(0).sample(SYLLABLES, 3000):
        keys = sorted(vni(syllable), key=str.isdecimal)
        assert syllable in syllables_from_keys("".join(keys)), keys


def test_texts_are_typed_in_both_methods() -> None:
    assert telex("Tiếng Việt, ĐƯỜNG quê 2017!") == "Tieengs Vieetj, DDUWOWNGF quee 2017!"
    assert telex("Tiếng Việt", ToneKey.VOWEL) == "Tieesng Vieejt"
    assert vni("Tiếng Việt, Đắk Lắk") == "Tie6ng1 Vie6t5, D9a8k1 La8k1"
    assert telex("xoong nồi, show Koundé") == "xooong nooif, show Koundé"
    assert telex("hoà") == telex("hòa") == telex("hoà") == "hoaf"


@given(st.text(alphabet="aeouwdsfrxjgnhti123456789", max_size=MAX_KEYS))
def test_only_syllables_are_read(typed: str) -> None:
    assert all(is_syllable(syllable) for syllable in syllables_from_keys(typed))


@given(st.text(max_size=20))
def test_any_text_survives_typing_and_decoding(text: str) -> None:
    assert isinstance(syllables_from_keys(text), tuple)
    assert isinstance(telex(text) + vni(text), str)
