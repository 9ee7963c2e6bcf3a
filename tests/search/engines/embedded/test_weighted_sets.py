"""Weighted thresholds equal plain sums, whatever the sizes and representations of the sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.embedded.docsets import DocSet, bits_of
from search.engines.embedded.weighted_sets import at_least

SIZE = 4_000


def docset(seed: int, share: float, *, as_bits: bool) -> DocSet:
    """Return a random docset with a share of the articles, as bits or as doc ids."""
    doc_ids = np.flatnonzero(np.random.default_rng(seed).random(SIZE) < share)
    if as_bits:
        return DocSet(SIZE, bits=bits_of(doc_ids, SIZE))
    return DocSet(SIZE, doc_ids=doc_ids)


@given(
    sets=st.lists(
        st.tuples(
            st.integers(0, 99),
            st.sampled_from([0.0, 0.001, 0.02, 0.4, 1.0]),
            st.booleans(),
            st.sampled_from([0.5, 1.0, 1.0, 3.25, 7.0]),
        ),
        min_size=1,
        max_size=12,
    ),
    share=st.sampled_from([0.01, 0.3, 0.5, 0.6, 0.9, 1.0]),
)
def test_at_least_is_the_sum_of_weights(
    sets: list[tuple[int, float, bool, float]], share: float
) -> None:
    docsets = [docset(seed, part, as_bits=bits) for seed, part, bits, _ in sets]
    weights = [weight for *_, weight in sets]
    minimum = share * sum(weights) - 1e-6
    sums = np.zeros(SIZE)
    for one, weight in zip(docsets, weights, strict=True):
        sums[one.as_doc_ids()] += weight
    found = at_least(docsets, weights, minimum)
    assert found.as_doc_ids().tolist() == np.flatnonzero(sums >= minimum).tolist()
    assert found.count() == np.count_nonzero(sums >= minimum)


@pytest.mark.parametrize("sets", [1, 2, 9, 10])
def test_sets_are_not_modified(sets: int) -> None:
    docsets = [docset(seed, 0.5, as_bits=True) for seed in range(sets)]
    before = [one.as_bits().tolist() for one in docsets]
    at_least(docsets, [1.0] * sets, sets / 2)
    assert [one.as_bits().tolist() for one in docsets] == before


@pytest.mark.parametrize("count", [2, 3, 14])
def test_a_sum_that_equals_the_minimum_reaches_it(count: int) -> None:
    """For two sets, and for fourteen, for which compiled code sums the weights of each article."""
    sets = [DocSet(200, doc_ids=np.array([at, 70, 71, 150 + at])) for at in range(count)]
    found = at_least(sets, [1.0] * count, float(count))
    assert found.as_doc_ids().tolist() == [70, 71]
    most = at_least([*sets, docset_of([9, 70])], [1.0] * (count + 1), float(count) + 1)
    assert most.as_doc_ids().tolist() == [70]


def docset_of(ids: list[int]) -> DocSet:
    return DocSet(200, doc_ids=np.array(ids))
