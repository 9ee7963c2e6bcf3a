from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.forms import canonical
from index.vietnamese.lexicon import (
    ENTITY_SOURCES,
    MAX_FILE_BYTES,
    MAX_GROUP_SPELLINGS,
    MAX_SPELLING_SYLLABLES,
    Abbreviation,
    LexiconError,
    LexiconFile,
    package_file,
    read_abbreviations,
    read_chat_spellings,
    read_entities,
    read_names,
    read_news_phrases,
    read_phrases,
    read_spellings,
    read_syllables,
    read_synonyms,
    user_file,
)
from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import terms

STOPS = read_syllables(package_file("stop_syllables.txt"))
QUESTIONS = read_phrases(package_file("question_phrases.txt"))
SPELLINGS = read_spellings(package_file("spellings.txt"))
NAMES = read_names(package_file("names.txt"))
ENTITIES = read_entities(package_file("entities.txt"))
CHAT = read_chat_spellings(package_file("chat_spellings.txt"))
ABBREVIATIONS = read_abbreviations(package_file("abbreviations.txt"))


def test_the_lists_are_long_enough() -> None:
    assert 30 <= len(STOPS) <= 40
    assert len(QUESTIONS) >= 50
    assert len(ABBREVIATIONS) >= 150
    assert len(NAMES) >= 100
    assert len(ENTITIES) >= 300
    assert {entity.source for entity in ENTITIES} == set(ENTITY_SOURCES)
    assert len(SPELLINGS) >= 60


def test_stop_syllables_and_spellings_are_syllables_in_canonical_form() -> None:
    for syllable in (*STOPS, *SPELLINGS):
        assert is_syllable(syllable)
        assert syllable == canonical(syllable).lower()


def test_entries_are_in_the_form_of_indexed_tokens() -> None:
    sequences = [
        *QUESTIONS,
        *(spelling for group in NAMES for spelling in group),
        *(name for entity in ENTITIES for name in entity.names),
        *(form for entry in ABBREVIATIONS for form in entry.forms),
        *(expansion for entry in ABBREVIATIONS for expansion in entry.expansions),
    ]
    for sequence in sequences:
        assert sequence == tuple(terms(" ".join(sequence)))


def test_chat_spellings_mean_syllables_that_are_no_chat_spellings() -> None:
    assert len(CHAT.meanings) >= 20
    assert "ko" in CHAT.certain
    assert "k" not in CHAT.certain
    for written, meant in CHAT.meanings.items():
        assert terms(written) == [written]
        assert is_syllable(meant)
        assert meant not in CHAT.meanings


@pytest.mark.parametrize("line", ["ko", "= không", "ko = ", "ko = không biết", "ko = a\nko = b"])
def test_a_chat_spelling_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(LexiconError, match="chat, line"):
        read_chat_spellings(LexiconFile("chat", line))


def test_expansions_are_written_out() -> None:
    """An extra or missing letter in the list would make a part that is not a syllable."""
    others = {"ii"}
    for entry in ABBREVIATIONS:
        for expansion in entry.expansions:
            assert all(is_syllable(syllable) or syllable in others for syllable in expansion)


def test_an_abbreviation_that_is_a_word_itself_is_uncertain() -> None:
    uncertain = [entry.forms for entry in ABBREVIATIONS if not entry.certain]
    assert (("ca",),) in uncertain
    assert (("tp",),) not in uncertain


def test_files_are_parsed_by_their_documented_format() -> None:
    text = "# abbreviations\n\nTP.X, TPX = thành phố X # a town\n? CA = công an | cao áp\n"
    assert read_abbreviations(LexiconFile("abbreviations.txt", text)) == (
        Abbreviation((("tp", "x"), ("tpx",)), (("thành", "phố", "x"),), certain=True),
        Abbreviation((("ca",),), (("công", "an"), ("cao", "áp")), certain=False),
    )


TOO_MANY = " = ".join(f"a{number}" for number in range(MAX_GROUP_SPELLINGS + 1))
TOO_LONG = "a " * (MAX_SPELLING_SYLLABLES + 1) + "= b"


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (read_abbreviations, "UBND"),
        (read_abbreviations, "UBND ="),
        (read_abbreviations, "UBND = ..."),
        (read_abbreviations, "TS = tiến sĩ | thí sinh"),
        (read_abbreviations, "CA = công an"),
        (read_abbreviations, "NĐ = nghị định\nNĐ = người đọc"),
        (read_names, "Đắk Lắk"),
        (read_names, "Sa Pa = Sapa\nSapa = Sa-pa"),
        (read_entities, "Mỹ = Hoa Kỳ"),
        (read_entities, "Mỹ = Hoa Kỳ ; hearsay"),
        (read_entities, "Mỹ ; law"),
        (read_entities, "Mỹ = ... ; law"),
        (read_entities, "Mỹ = Hoa Kỳ ; law\nUSA = Hoa Kỳ ; law"),
        (read_news_phrases, "hôm nay"),
        (read_news_phrases, "hôm nay = nhiều"),
        (read_news_phrases, "hôm nay = 0"),
        (read_news_phrases, "... = 2"),
        (read_news_phrases, "hôm nay = 2\nHôm nay = 3"),
        (read_spellings, "lý"),
        (read_spellings, "lý lí\nlí ly"),
        (read_synonyms, "máy tính"),
        (read_synonyms, "máy tính = "),
        (read_synonyms, "máy tính = Máy-tính"),
        (read_synonyms, "máy tính = computer\nvi tính = Computer"),
        (read_synonyms, TOO_MANY),
        (read_synonyms, TOO_LONG),
    ],
)
def test_an_unreadable_line_is_reported_by_number(
    read: Callable[[LexiconFile], object], line: str
) -> None:
    with pytest.raises(LexiconError, match=rf"^some\.txt, line {2 + line.count(chr(10))}: "):
        read(LexiconFile("some.txt", "# top\n" + line))


def test_each_line_of_synonyms_is_a_group() -> None:
    text = "# ours\nmáy tính = máy vi tính=Computer\n\nxe buýt = bus # and so on\n"
    assert read_synonyms(LexiconFile("synonyms.txt", text)) == (
        (("máy", "tính"), ("máy", "vi", "tính"), ("computer",)),
        (("xe", "buýt"), ("bus",)),
    )


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    for read in (read_synonyms, read_syllables):
        try:
            read(LexiconFile("some.txt", text))
        except LexiconError as error:
            assert str(error).startswith("some.txt, line ")


def test_files_of_users_must_be_utf_8_with_or_without_a_bom(tmp_path: Path) -> None:
    marked, latin, large = (tmp_path / name for name in ("marked", "latin", "large"))
    marked.write_bytes("\ufeffxe buýt = bus".encode())
    assert read_synonyms(user_file(marked)) == ((("xe", "buýt"), ("bus",)),)
    latin.write_bytes("a = b\nxe bu\xfdt = bus".encode("latin-1"))
    with pytest.raises(LexiconError, match=r"latin, line 2: not UTF-8"):
        user_file(latin)
    large.write_bytes(b"a" * (MAX_FILE_BYTES + 1))
    with pytest.raises(LexiconError, match="large: larger than"):
        user_file(large)


def test_phrases_that_ask_for_news_have_half_lives_in_days() -> None:
    phrases = read_news_phrases(package_file("news_phrases.txt"))
    assert phrases["hôm", "nay"] == 2.0
    assert set(phrases.values()) <= {2.0, 7.0, 30.0, 90.0, 180.0, 365.0}
