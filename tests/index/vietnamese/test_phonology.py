import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.forms import canonical
from index.vietnamese.phonology import (
    Parts,
    Tone,
    is_syllable,
    split,
    with_tone,
    written,
)
from tests.index.vietnamese.every_syllable import every_syllable

SYLLABLES = tuple(every_syllable())


@pytest.mark.parametrize(
    "text",
    "tiếng Việt đường NGƯỜI nghiêng khuỷu khuya quốc quý gì gìn giếng già giữa oanh yêu ý uống "
    "xoong buýt tuýp ngoằn ngoèo thuở kỹ kĩ hòa hoà Đắk Lắk Kạn".split(),
)
def test_syllables_of_every_structure_are_recognised(text: str) -> None:
    assert is_syllable(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "mp3",
        "ce",
        "ngi",
        "ghà",
        "kà",
        "tìêc",
        "tiềc",
        "tiêc",
        "iêng",
        "fa",
        "2017",
        "tiếng việt",
        "a" * 5000,
        "tiéńg",
        "q",
        "g",
        "qu",
        "ươ",
        "đđ",
        "TP",
        "\x00",
        "show",
    ],
)
def test_other_strings_are_no_syllables(text: str) -> None:
    assert not is_syllable(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tiếng", Parts("t", "iêng", Tone.SAC)),
        ("gì", Parts("gi", "i", Tone.HUYEN)),
        ("giếng", Parts("gi", "iêng", Tone.SAC)),
        ("già", Parts("gi", "a", Tone.HUYEN)),
        ("quyết", Parts("qu", "yêt", Tone.SAC)),
        ("hoà", Parts("h", "oa", Tone.HUYEN)),
        ("ươn", Parts("", "ươn", Tone.NGANG)),
        ("NGHĨA", Parts("ngh", "ia", Tone.NGA)),
    ],
)
def test_a_syllable_is_split_into_onset_rhyme_and_tone(text: str, parts: Parts) -> None:
    assert split(text) == parts


def test_every_syllable_is_canonical_distinct_and_survives_splitting_and_joining() -> None:
    assert len(set(SYLLABLES)) == len(SYLLABLES) > 17_000
    for syllable in SYLLABLES:
        assert canonical(syllable) == syllable
        parts = split(syllable)
        assert parts is not None
        assert written(parts) == syllable


def test_no_syllable_is_composed_of_what_does_not_fit() -> None:
    assert written(Parts("ng", "ia", Tone.SAC)) is None


def test_a_syllable_with_a_stop_coda_takes_two_tones_only() -> None:
    assert [with_tone("tiêc", tone) for tone in Tone] == [None, None, "tiếc", None, None, "tiệc"]
    assert [with_tone("má", tone) for tone in Tone] == ["ma", "mà", "má", "mả", "mã", "mạ"]


@given(st.sampled_from(SYLLABLES), st.sampled_from(Tone))
def test_the_tone_that_is_set_is_found_again(syllable: str, tone: Tone) -> None:
    toned = with_tone(syllable, tone)
    assert toned is None or split(toned) == (*split(syllable)[:2], tone)  # type: ignore[index]


@given(st.text(max_size=12))
def test_any_string_is_a_syllable_or_not(text: str) -> None:
    parts = split(text)
    assert parts is None or is_syllable(written(parts) or "")
