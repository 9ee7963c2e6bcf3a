"""The scope of operators: how many words belong to one, and the cost of finding out."""

from typing import cast

import pytest

from index.vietnamese import Language
from search.engines.contract import IndexReader
from search.interpretation.context import Context
from search.interpretation.operator_scope import operator_scope


class WithoutModels:
    """A reader whose language model must not be used."""


@pytest.mark.parametrize("words", [["nguoi"], ["f-16"], ["f-16", "ha"], ["ha", "f-16", "noi"]])
def test_a_syllable_alone_is_not_interpreted(words: list[str]) -> None:
    """A query may exclude 32 words; interpreting each took a millisecond."""
    context = Context(cast(IndexReader, WithoutModels()), Language.default())
    assert operator_scope(context, "text", words, is_filter=False) == 1
