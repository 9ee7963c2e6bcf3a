"""The effectiveness benchmark: its ways of typing, and its comparison of figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.effectiveness import by_row, lost, table
from benchmarks.ways_of_typing import WAYS, typed, without_marks
from index.vietnamese.forms import canonical, fold
from index.vietnamese.input_methods import syllables_from_keys
from index.vietnamese.syllables import terms

TEXT = "Hoà bình và Kỹ thuật: quý Thuỷ, điện gió, toà án Tiếng Việt không 2024"
texts = st.lists(st.sampled_from(TEXT.split()), min_size=1, max_size=8).map(" ".join)


@given(texts, st.sampled_from(sorted(WAYS)), st.text("q1", max_size=3))
def test_a_query_is_typed_the_same_on_every_run(text: str, way: str, qid: str) -> None:
    assert typed(way, qid, text) == typed(way, qid, text)
    assert typed("as written", qid, text) == text


@given(texts)
def test_other_spellings_of_the_same_text_have_the_same_terms(text: str) -> None:
    for way in ("NFD", "tone placement", "CAPITALS", "lower case"):
        assert terms(typed(way, "q", text)) == terms(text)


@given(texts)
def test_marks_are_left_out_or_typed_as_keys(text: str) -> None:
    assert without_marks(text).isascii()
    assert fold(without_marks(text)) == fold(text)
    for way in ("Telex", "VNI"):
        for keys, meant in zip(terms(typed(way, "q", text)), terms(text), strict=True):
            assert keys == meant or meant in syllables_from_keys(keys)


@given(texts, st.integers(0, 50))
def test_a_typo_and_a_wrong_tone_touch_one_word(text: str, seed: int) -> None:
    for way in ("one slip", "one wrong tone"):
        after = typed(way, str(seed), text).split()
        differing = [a for a, b in zip(after, text.split(), strict=True) if a != canonical(b)]
        assert sum(a != b for a, b in zip(after, text.split(), strict=True)) <= 1, differing


def test_each_way_of_typing_changes_queries() -> None:
    # Some queries are unchanged: a typo may transpose equal letters, and half of one mark is
    # nothing.
    for way in WAYS:
        changed = [typed(way, str(qid), TEXT) != TEXT for qid in range(10)]
        assert any(changed) == (way != "as written")


def test_a_loss_is_reported_by_name() -> None:
    before = by_row({"viquad": {"ours": 0.87}, "xquad_vi": {"ours": 0.97}})
    assert before["ours"]["mean"] == pytest.approx(0.92)
    worse = by_row({"viquad": {"ours": 0.86}, "xquad_vi": {"ours": 0.98}})
    assert lost({"ours": before["ours"]}, worse) == ["ours, viquad: 0.8600 after 0.8700"]
    assert "| ours | " in table(worse)


def test_losses_are_compared_by_the_mean_of_each_way_of_typing() -> None:
    before = {"no marks": {"viquad": 0.99, "mean": 0.99}}
    assert not lost(before, {"no marks": {"viquad": 0.9, "mean": 0.986}})
    assert lost(before, {"no marks": {"viquad": 0.99, "mean": 0.98}})
