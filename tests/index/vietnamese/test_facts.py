from collections.abc import Iterator
from pathlib import Path

import pytest

from index.vietnamese import facts
from index.vietnamese.forms import canonical
from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import terms

READERS = (
    facts.stop_syllables,
    facts.question_phrases,
    facts.spellings,
    facts.names,
    facts.abbreviations,
)


@pytest.fixture
def other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put facts in the place of those that come with the project."""
    monkeypatch.setattr(facts, "files", lambda _: tmp_path)
    for reader in READERS:
        reader.cache_clear()
    yield tmp_path
    for reader in READERS:
        reader.cache_clear()


def test_there_are_as_many_facts_as_promised() -> None:
    assert 30 <= len(facts.stop_syllables()) <= 40
    assert len(facts.question_phrases()) >= 50
    assert len(facts.abbreviations()) >= 150
    assert len(facts.names()) >= 100
    assert len(facts.spellings()) >= 60


def test_stop_syllables_and_spellings_are_syllables_in_canonical_form() -> None:
    for syllable in (*facts.stop_syllables(), *facts.spellings()):
        assert is_syllable(syllable)
        assert syllable == canonical(syllable).lower()


def test_all_texts_are_as_the_tokens_of_an_article_are() -> None:
    sequences = [
        *facts.question_phrases(),
        *(spelling for group in facts.names() for spelling in group),
        *(form for entry in facts.abbreviations() for form in entry.forms),
        *(expansion for entry in facts.abbreviations() for expansion in entry.expansions),
    ]
    for sequence in sequences:
        assert sequence == tuple(terms(" ".join(sequence)))


def test_expansions_are_written_out() -> None:
    """A letter too many or too few in the list shows as something that is no syllable."""
    others = {"ii"}
    for entry in facts.abbreviations():
        for expansion in entry.expansions:
            assert all(is_syllable(syllable) or syllable in others for syllable in expansion)


def test_an_abbreviation_that_is_a_word_itself_is_uncertain() -> None:
    uncertain = [entry.forms for entry in facts.abbreviations() if not entry.certain]
    assert (("ca",),) in uncertain
    assert (("tp",),) not in uncertain


def test_files_are_read_as_they_say(other_files: Path) -> None:
    text = "# abbreviations\n\nTP.X, TPX = thành phố X # a town\n? CA = công an | cao áp\n"
    (other_files / "abbreviations.txt").write_text(text, "utf-8")
    assert facts.abbreviations() == (
        facts.Abbreviation((("tp", "x"), ("tpx",)), (("thành", "phố", "x"),), certain=True),
        facts.Abbreviation((("ca",),), (("công", "an"), ("cao", "áp")), certain=False),
    )


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("abbreviations.txt", "UBND"),
        ("abbreviations.txt", "UBND ="),
        ("abbreviations.txt", "UBND = ..."),
        ("abbreviations.txt", "TS = tiến sĩ | thí sinh"),
        ("abbreviations.txt", "CA = công an"),
        ("abbreviations.txt", "NĐ = nghị định\nNĐ = người đọc"),
        ("names.txt", "Đắk Lắk"),
        ("names.txt", "Sa Pa = Sapa\nSapa = Sa-pa"),
        ("spellings.txt", "lý"),
        ("spellings.txt", "lý lí\nlí ly"),
    ],
)
def test_a_line_without_sense_is_named(other_files: Path, file: str, line: str) -> None:
    (other_files / file).write_text("# top\n" + line, "utf-8")
    reader = getattr(facts, file.removesuffix(".txt"))
    with pytest.raises(facts.FactError, match=rf"^{file}, line {2 + line.count(chr(10))}: "):
        reader()
