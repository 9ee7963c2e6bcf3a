from pathlib import Path

import pytest

from index.vietnamese import Additions, Language
from index.vietnamese.syllables import terms

PLAIN = Language.default()
OWN = Language.default(
    Additions(((("máy", "tính"), ("computer",)),), frozenset({"chúng"})),
)


def others(language: Language, text: str) -> list[str]:
    found = language.equivalents(terms(text))
    return [" ".join(other) for one in found if one.certain for other in one.alternatives]


def test_two_languages_do_not_affect_each_other() -> None:
    assert others(OWN, "mua máy tính") == ["computer"]
    assert others(OWN, "Computer") == ["máy tính"]
    assert others(PLAIN, "mua máy tính") == others(PLAIN, "Computer") == []
    assert OWN.stop_syllables - PLAIN.stop_syllables == {"chúng"}


def test_additions_extend_the_lists_of_the_package() -> None:
    assert others(OWN, "UBND") == others(PLAIN, "UBND") != []
    synonyms = (tuple(tuple(terms(text)) for text in ("UBND", "nhà làng")),)
    joined = Language.default(Additions(synonyms))
    assert others(joined, "UBND") == ["ủy ban nhân dân", "nhà làng"]
    assert others(joined, "nhà làng") == ["ubnd"]


def test_synonyms_find_each_other_in_any_spelling_of_i_and_y() -> None:
    own = Language.default(Additions(((("bác", "sĩ"), ("thầy", "thuốc")),)))
    assert others(own, "bác sỹ") == ["thầy thuốc"]


def test_additions_are_read_from_files(tmp_path: Path) -> None:
    synonyms, stops = tmp_path / "synonyms.txt", tmp_path / "stops.txt"
    synonyms.write_text("Xe buýt = bus\n", "utf-8")
    stops.write_text("Chúng tôi\n# none\nthế\n", "utf-8")
    own = Additions.read(synonyms, stops)
    assert own == Additions(((("xe", "buýt"), ("bus",)),), frozenset({"chúng", "tôi", "thế"}))
    assert Additions.read() == Additions()


def test_syllables_of_question_phrases_are_recognised() -> None:
    asked = PLAIN.question_syllables(["hà", "nội", "là", "gì"])
    assert asked == [False, False, True, True]


@pytest.mark.parametrize(
    "text",
    ["k", "phim DC", "phim dc", "hạ KO", "nhóm K", "lexus nx", "thịt bò thui", "J Park"],
)
def test_acronyms_letters_and_models_are_no_chat_spellings(text: str) -> None:
    assert not any(PLAIN.chat_meanings(text.split()))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ko can", "không,"),
        ("k biet dc", "không,,được"),
        ("real vs barca", ",với,"),
        ("Ko biết K", "không,,"),
    ],
)
def test_chat_messages_have_one_certain_chat_spelling_or_two(text: str, meant: str) -> None:
    assert ",".join(PLAIN.chat_meanings(text.split())) == meant
