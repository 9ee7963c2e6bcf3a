from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.models.written_forms import (
    WrittenForms,
    form_arrays,
    written_by_pieces,
    written_in,
)
from index.vietnamese.syllables import terms

NAMES = {"tô lâm": "Tô Lâm", "hà nội": "Hà Nội", "sjc": "SJC"}


@pytest.mark.parametrize(
    ("phrase", "form"),
    [
        ("tô lâm", "Tô Lâm"),
        ("tô lâm dự hội nghị", "Tô Lâm dự hội nghị"),
        ("giá vàng sjc hà nội", "giá vàng SJC Hà Nội"),
        ("giá vàng", "giá vàng"),
        ("vàng", "vàng"),
    ],
)
def test_a_phrase_is_written_as_its_parts_are(phrase: str, form: str) -> None:
    assert written_by_pieces(phrase, lambda part: NAMES.get(part, part)) == form


def test_few_parts_of_a_phrase_are_looked_up() -> None:
    lookups: Counter[str] = Counter()

    def never(phrase: str) -> str:
        lookups[phrase] += 1
        return phrase

    assert written_by_pieces("a b c d e f g", never) == "a b c d e f g"
    assert lookups.total() <= 7 * 8 / 2 + 7


FORMS = st.lists(st.sampled_from(["Tô Lâm", "Hà Nội", "HÀ NỘI", "TP.HCM", "iPhone 17", "SJC"]))


@given(FORMS)
def test_forms_are_found_by_the_phrases_that_they_write(forms: list[str]) -> None:
    table = WrittenForms(form_arrays(forms))
    first: dict[str, str] = {}
    for form in forms:
        first.setdefault(" ".join(terms(form)), form)
    for phrase in (*first, "tô", "hà nội mới", "zzz", ""):
        assert table.written(phrase) == first.get(phrase, phrase)
    assert list(table) == [first[phrase] for phrase in sorted(first)]


def test_a_part_of_an_earlier_version_has_no_forms() -> None:
    assert WrittenForms({}).written("tô lâm") == "tô lâm"


@pytest.mark.parametrize("starts", [[], [1]])
def test_damage_is_reported(starts: list[int]) -> None:
    damaged: dict[str, NDArray[Any]] = {
        "form_texts": np.zeros(0, np.uint8),
        "form_starts": np.array(starts, np.uint32),
    }
    with pytest.raises(ValueError, match="damaged"):
        WrittenForms(damaged)


def test_a_title_in_capitals_is_ignored() -> None:
    assert written_in("GIÁ VÀNG HÔM NAY", "giá vàng") == "giá vàng"
