"""Typos: the strings one edit away; likelier ones cost less."""

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.interpretation.typos import (
    ADJACENT_KEYS,
    FAR_KEY,
    MISSING_OR_TRANSPOSED,
    edits,
    syllables_near,
)


def test_an_edit_inserts_deletes_replaces_or_transposes() -> None:
    found = edits("abc")
    assert list(found) == sorted(found)  # the same order in all processes
    strings = {"bc", "ac", "ab", "xabc", "abxc", "abcx", "xbc", "axc", "abx", "bac", "acb"}
    assert strings <= found.keys()
    assert found.keys().isdisjoint({"abc", "", "cba", "a", "abcxx"})


@pytest.mark.parametrize(
    ("typed", "meant", "cost"),
    [
        ("thih", "thinh", MISSING_OR_TRANSPOSED),
        ("tihnh", "thinh", MISSING_OR_TRANSPOSED),
        ("thinhj", "thinh", MISSING_OR_TRANSPOSED),
        ("thinjh", "thinh", MISSING_OR_TRANSPOSED),
        ("thijh", "thinh", 0),
        ("thinhg", "thinh", 0),
        ("thiinh", "thinh", 0),
        ("thiph", "thinh", FAR_KEY),
        ("thinph", "thinh", FAR_KEY),
    ],
)
def test_typos_with_adjacent_keys_cost_less(typed: str, meant: str, cost: float) -> None:
    assert edits(typed)[meant] == cost


@given(st.text(ascii_lowercase, min_size=1, max_size=7), st.data())
def test_edits_are_symmetric(letters: str, data: st.DataObject) -> None:
    meant = data.draw(st.sampled_from(list(edits(letters))))
    assert letters in edits(meant)
    assert len(meant) - len(letters) in (-1, 0, 1)


@given(st.text(max_size=5))
def test_any_string_has_edits(letters: str) -> None:
    assert letters not in edits(letters)
    assert syllables_near(letters).keys() <= edits(letters).keys()


def test_adjacency_of_keys_is_symmetric() -> None:
    assert ADJACENT_KEYS["g"] == frozenset("ftyhbv")
    assert ADJACENT_KEYS["q"] == frozenset("wa")
    assert ADJACENT_KEYS["p"] == frozenset("ol")
    assert all(
        key in ADJACENT_KEYS[other] for key, others in ADJACENT_KEYS.items() for other in others
    )
