"""The engine gives the same results with compiled kernels and with NumPy only."""

from collections.abc import Iterator

import pytest

from index.native import kernels
from tests.compiled import numpy_alone

IN_BOTH_WAYS = {
    "test_docsets", "test_execution", "test_occurrences", "test_phrases", "test_pruning",
    "test_term_postings", "test_weighted_sets", "test_widened",
}  # fmt: skip
"""The tests of this folder that run twice: those with an oracle for the compiled code."""


@pytest.fixture(scope="module", autouse=True, params=["compiled", "NumPy alone"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a module with the kernels and, if it is listed, also without them."""
    if request.param == "compiled":
        yield
    elif kernels is None or request.module.__name__.rpartition(".")[2] not in IN_BOTH_WAYS:
        pytest.skip("once is enough")
    else:
        with numpy_alone():
            yield
