"""Highlight queries of stored fields, merged from those of the parts of a query."""

from itertools import permutations

import pytest

from search.results.highlights import HighlightPart, highlight_queries

MARKS = (
    HighlightPart("text", (("gạo", 2.0), ("nếp", 0.5))),
    HighlightPart("title", (("gạo", 0.5), ("nếp", 1.0))),
    HighlightPart("title", (("gạo", 0.25),)),
)


@pytest.mark.parametrize("parts", list(permutations(MARKS)))
def test_the_highest_weight_of_a_term_counts_in_each_stored_field(
    parts: tuple[HighlightPart, ...],
) -> None:
    marks = highlight_queries(parts)
    assert dict(marks["title"].terms) == {"gạo": 2.0, "nếp": 1.0}
    assert dict(marks["body"].terms) == {"gạo": 2.0, "nếp": 0.5}
