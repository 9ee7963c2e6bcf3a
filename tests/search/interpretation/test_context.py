"""The context of a commit: values of fields are recognised with any case and marks."""

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from index.vietnamese import Language
from search.engines.contract import IndexReader
from search.interpretation.context import MAX_COLUMN_VALUES, Context


class Values:
    """A reader that has only the values of its fields, and counts the calls."""

    def __init__(self, count: int) -> None:
        self.calls = 0
        self._values = {"Tuổi Trẻ": 2, "TUỔI TRẺ": 1} | {f"Báo {at}": 1 for at in range(count - 2)}

    def values(self, fields: Sequence[str], limit: int) -> list[Mapping[str, int]]:
        self.calls += 1
        return [dict(list(self._values.items())[:limit]) for _ in fields]


@pytest.mark.parametrize(
    ("count", "unknown"),
    [
        (MAX_COLUMN_VALUES - 1, ()),
        # There may be more values, and this may be one of them.
        (MAX_COLUMN_VALUES, ("Lạ",)),
        (MAX_COLUMN_VALUES + 1, ("Lạ",)),
    ],
)
def test_values_are_found_however_typed(count: int, unknown: tuple[str, ...]) -> None:
    reader = Values(count)
    context = Context(cast(IndexReader, reader), Language.default())
    assert context.values_of("source", "tuoi tre") == ("Tuổi Trẻ", "TUỔI TRẺ")
    assert context.values_of("source", "Lạ") == unknown
    assert reader.calls == 1
