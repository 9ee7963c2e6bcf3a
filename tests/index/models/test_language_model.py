"""The language model of an index with several parts agrees with that of a single part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from index.models.bigrams import BigramCounts, BigramTable, bigram_arrays
from index.models.language_model import CountedLanguage
from index.models.part import ModelPart

TERMS = ["giá", "gạo", "vàng"]


class Terms:
    """The vocabulary of a part."""

    def ordinals(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """See `Vocabulary`."""
        return np.array([TERMS.index(term) if term in TERMS else -1 for term in terms], np.int64)


@dataclass
class Part:
    """A part with what the bigram counts need."""

    tokens: int
    bigrams: BigramTable
    vocabulary: Terms

    def contains_term(self, ordinal: int) -> bool:
        """See `ModelPart`."""
        return ordinal >= 0


def part(tokens: int, counts: dict[tuple[int, int], int]) -> ModelPart:
    keys = np.array([first << 32 | second for first, second in counts], np.int64)
    table = BigramCounts(keys, np.array(list(counts.values()), np.int64))
    return cast("ModelPart", Part(tokens, BigramTable(bigram_arrays(table, len(TERMS))), Terms()))


@pytest.mark.parametrize(
    ("tokens", "counts"), [(1000, [4, 2, 1]), (2_000_000, [4, 2, 0]), (9_000_000, [4, 0, 0])]
)
def test_bigrams_of_several_parts_are_pruned_like_those_of_a_single_part(
    tokens: int, counts: list[int]
) -> None:
    """Counts are of "giá gạo", in both parts, and of "giá vàng" and "gạo vàng" in the newer one."""
    old = part(tokens, {(0, 1): 3})
    new = part(500, {(0, 1): 1, (0, 2): 2, (1, 2): 1})
    [grid] = CountedLanguage([old, new]).bigram_counts([TERMS[:2], TERMS[1:]])
    assert [grid[0, 0], grid[0, 1], grid[1, 1]] == counts
    [alone] = CountedLanguage([part(tokens, {(0, 1): 3, (0, 2): 1})]).bigram_counts([TERMS, TERMS])
    assert alone[0].tolist() == [0, 3, 1]  # a part is pruned when it is written


@pytest.mark.parametrize("parts", [0, 1, 2])
def test_the_bigrams_of_a_path_are_those_of_grids(parts: int) -> None:
    """Slots of one term take a shorter way than slots of several."""
    counts: dict[tuple[int, int], int] = {(0, 1): 3, (0, 2): 1, (2, 0): 4}
    model = CountedLanguage([part(1000, counts) for _ in range(parts)])
    path = [TERMS[0], TERMS[1], "unknown", TERMS[2], TERMS[0]]
    alone = model.bigram_counts([[text] for text in path])
    grids = model.bigram_counts([[text, "other"] for text in path])
    assert [grid.tolist() for grid in alone] == [[[grid[0, 0]]] for grid in grids]
    assert [int(grid.item()) for grid in alone] == [3 * parts, 0, 0, 4 * parts]
    assert model.bigram_counts([["a"]]) == model.bigram_counts([]) == []
    assert [grid.shape for grid in model.bigram_counts([["a"], [], ["b"]])] == [(1, 0), (0, 1)]
