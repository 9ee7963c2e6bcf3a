import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese import Language
from index.vietnamese.equivalents import Equivalent, Equivalents, listed_forms
from index.vietnamese.lexicon import package_file, read_abbreviations, read_names, read_spellings
from index.vietnamese.syllables import terms

LANGUAGE = Language.default()
variants = LANGUAGE.variants
SPELLINGS = read_spellings(package_file("spellings.txt"))
equivalents = Equivalents(
    SPELLINGS,
    listed_forms(
        SPELLINGS,
        read_abbreviations(package_file("abbreviations.txt")),
        read_names(package_file("names.txt")),
    ),
).find


def others(text: str) -> list[str]:
    return [" ".join(other) for found in equivalents(terms(text)) for other in found.alternatives]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("tphcm", "thành phố hồ chí minh"),
        ("TP.HCM", "thành phố hồ chí minh"),
        ("tp hcm", "tphcm"),
        ("Thành phố Hồ Chí Minh", "tp hcm"),
        ("UBND", "ủy ban nhân dân"),
        ("uỷ ban nhân dân", "ubnd"),
        ("HĐND", "hội đồng nhân dân"),
        ("hdnd", "hội đồng nhân dân"),
        ("GD&ĐT", "giáo dục và đào tạo"),
        ("GD-ĐT", "gdđt"),
        ("nghệ sỹ nhân dân", "nsnd"),
        ("CSGT", "cảnh sát giao thông"),
        ("ĐBQH", "đại biểu quốc hội"),
        ("BHXH", "bảo hiểm xã hội"),
        ("Đắk Lắk", "đăk lăk"),
        ("dak lak", "đắk lắk"),
        ("Bắc Kạn", "bắc cạn"),
        ("Buôn Mê Thuột", "buôn ma thuột"),
        ("vắc-xin", "vaccine"),
        ("COVID-19", "covid19"),
        ("TS", "tiến sĩ"),
        ("TS", "thí sinh"),
    ],
)
def test_equivalents_of_a_text_are_found(text: str, other: str) -> None:
    assert other in others(text)


@pytest.mark.parametrize("text", ["", "Koundé", "mưa lớn", "công an", "uy ban nhan dan", "x" * 999])
def test_other_texts_have_no_equivalents(text: str) -> None:
    """An ambiguous abbreviation is not an alternative to its expansion."""
    assert equivalents(terms(text)) == []


@pytest.mark.parametrize(("unmarked", "found"), [("my", []), ("dak lak", ["đắk lắk", "đăk lăk"])])
def test_a_name_without_marks_is_found_unless_it_is_a_word(unmarked: str, found: list[str]) -> None:
    """ "my" may be "mỹ" or "mỳ" of any kind: interpretation decides."""
    names = ((("mỹ",), ("hoa", "kỳ")), (("đắk", "lắk"), ("đăk", "lăk")))
    one = Equivalents({}, listed_forms({}, names=names)).find(terms(unmarked))
    assert [" ".join(other) for each in one for other in each.alternatives] == found


def test_the_longest_is_taken_and_spans_are_of_the_syllables() -> None:
    found = equivalents(terms("họp UBND TP.HCM sáng nay"))
    assert [(one.start, one.end) for one in found] == [(1, 2), (2, 4)]


def test_ambiguous_equivalents_are_uncertain() -> None:
    assert equivalents(["ca"]) == [Equivalent(0, 1, (("công", "an"),), certain=False)]
    assert [one.certain for one in equivalents(["ubnd"])] == [True]


def test_certain_abbreviations_work_in_both_directions() -> None:
    for entry in read_abbreviations(package_file("abbreviations.txt")):
        for form in entry.forms:
            [there] = equivalents(form)
            assert set(entry.expansions) <= set(there.alternatives)
            if entry.certain:
                for expansion in entry.expansions:
                    assert form in [o for back in equivalents(expansion) for o in back.alternatives]


def test_names_are_equivalent_in_all_directions() -> None:
    for group in read_names(package_file("names.txt")):
        for spelling in group:
            [found] = equivalents(spelling)
            assert {spelling, *found.alternatives} >= set(group)


@given(
    st.lists(st.sampled_from(terms("tp hcm ubnd thành phố hồ chí minh đắk lắk ca ở")), max_size=12)
)
def test_spans_ascend_are_disjoint_and_never_offer_what_was_typed(syllables: list[str]) -> None:
    end = 0
    for found in equivalents(syllables):
        assert end <= found.start < found.end <= len(syllables)
        assert tuple(syllables[found.start : found.end]) not in found.alternatives
        assert found.alternatives
        end = found.end


@pytest.mark.parametrize(("syllable", "other"), [("kĩ", "kỹ"), ("kỹ", "kĩ"), ("quí", "quý")])
def test_spellings_with_i_and_y_are_variants(syllable: str, other: str) -> None:
    assert variants(syllable) == (other,)


def test_other_syllables_have_no_variants() -> None:
    assert variants("thi") == variants("vy") == variants("") == ()
