"""The messages of warnings: every code has one in each language, with the same parameters."""

from string import Formatter

import pytest

from search.warnings import ENGLISH, warning
from web.warnings import VIETNAMESE, vietnamese


def values(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_codes() -> None:
    assert set(ENGLISH) == set(VIETNAMESE)


@pytest.mark.parametrize("code", ENGLISH)
def test_both_languages_name_the_same_values(code: str) -> None:
    assert values(ENGLISH[code]) == values(VIETNAMESE[code])


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert "{x}" in vietnamese(warning("unknown_date", value="{x}"))
