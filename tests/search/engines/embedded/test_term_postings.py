"""Scores of terms, single and in batches, and block bounds, for sparse and dense postings."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.engines.embedded.limits import Limits
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.scoring import block_bounds, score, score_above
from search.engines.embedded.term_postings import (
    MAX_IMPACT,
    Dense,
    Sparse,
    TermPostings,
    term_postings,
)
from search.engines.embedded.weighing import WeightedFeature
from search.ranking import BM25

K1 = 0.6
CHAMPIONS = 5


class _Norms:
    """A reader as scoring needs it, with the same norms in all fields."""

    def __init__(self, norms: NDArray[np.float64]) -> None:
        self.size = len(norms)
        self._norms = norms

    def norms(self, _kind: str) -> NDArray[np.float64]:
        return self._norms


def _reader(norms: Sequence[float]) -> PostingsReader:
    return cast("PostingsReader", _Norms(np.array(norms)))


def term(frequencies: Sequence[int], norms: Sequence[float], *, dense: bool) -> TermPostings:
    every = np.array(frequencies)
    doc_ids = np.flatnonzero(every)
    limits = Limits(dense_one_in=10**9 if dense else 0, champions=CHAMPIONS)
    return term_postings(doc_ids, every[doc_ids], np.array(norms), BM25(K1, 0.0), limits)


terms = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, 1, 2, 300, 70_000]), st.floats(0.01, 50.0)),
    min_size=1,
    max_size=100,
).filter(lambda drawn: any(tf for tf, _ in drawn))


@given(terms, st.booleans(), st.data())
def test_scores_in_some_articles_equal_those_in_all(
    drawn: list[tuple[int, float]],
    dense: bool,  # noqa: FBT001  # drawn
    data: st.DataObject,
) -> None:
    frequencies, norms = zip(*drawn, strict=True)
    chosen = data.draw(st.sets(st.integers(0, len(norms) - 1), min_size=1).map(sorted))
    every = BM25(K1, 0.0).saturate(np.array(frequencies), np.array(norms), 2.0)
    found = term(frequencies, norms, dense=dense)
    scores = found.scores_in(np.array(chosen), np.array(norms)[chosen], 2.0)
    assert scores.tolist() == every[chosen].tolist()


@given(terms, st.booleans(), st.floats(0.01, 30.0))
def test_block_maxima_bound_the_scores_of_their_articles(
    drawn: list[tuple[int, float]],
    dense: bool,  # noqa: FBT001  # drawn
    weight: float,
) -> None:
    frequencies, norms = zip(*drawn, strict=True)
    kept = term(frequencies, norms, dense=dense)
    assert isinstance(kept, Dense if dense else Sparse)
    numbers = np.arange(len(drawn))
    expected = [weight * tf * (K1 + 1) / (tf + norm) for tf, norm in drawn]
    feature = WeightedFeature("text", kept, weight, weight * kept.bound)
    scores = score(_reader(norms), numbers, [feature])
    assert scores == pytest.approx(expected, abs=1e-12)
    occupied = np.ones(-(-len(drawn) // 64) * 8, np.bool_)
    bounds = block_bounds(occupied, [feature]).astype(np.float64)
    assert (bounds[numbers >> 3] * (1 + 1e-6) >= scores).all()
    rounded_up = (scores > 0) * (scores + feature.bound / MAX_IMPACT)
    most = np.bincount(numbers >> 3, rounded_up, len(bounds))
    if dense:  # the highest in a block, not the sum
        assert bounds.max() <= feature.bound * (1 + 1e-6)
    assert (bounds <= most * (1 + 1e-6)).all()
    assert not block_bounds(~occupied, [feature]).any()


@given(
    st.integers(1, 60).flatmap(
        lambda size: st.tuples(
            st.lists(st.floats(0.01, 50.0), min_size=size, max_size=size),
            st.lists(
                st.tuples(
                    st.lists(
                        st.sampled_from([0, 0, 1, 2, 300, 70_000]), min_size=size, max_size=size
                    ),
                    st.booleans(),
                    st.sampled_from(["text", "title"]),
                    st.floats(0.01, 30.0),
                ),
                min_size=1,
                max_size=12,
            ),
            st.lists(st.integers(0, size - 1), unique=True).map(sorted),
            st.floats(0.0, 100.0),
        )
    )
)
def test_features_scored_together_add_up_to_the_last_bit(
    drawn: tuple[list[float], list[tuple[list[int], bool, str, float]], list[int], float],
) -> None:
    norms, terms_drawn, chosen, threshold = drawn
    doc_ids = np.array(chosen, np.int64)
    reader = _reader(norms)
    features, totals = [], np.zeros(len(doc_ids))
    for frequencies, dense, key, weight in terms_drawn:
        kept = term(frequencies, norms, dense=dense)
        features.append(WeightedFeature(key, kept, weight, weight * kept.bound))
        totals += score(reader, doc_ids, features[-1:])
    assert score(reader, doc_ids, features).tolist() == totals.tolist()
    left, scores = score_above(reader, doc_ids, features, threshold)
    expected = dict(zip(chosen, totals.tolist(), strict=True))
    assert dict(zip(left.tolist(), scores.tolist(), strict=True)).items() <= expected.items()
    assert set(left.tolist()) >= {at for at, total in expected.items() if total >= threshold}


@given(terms)
def test_champion_lists_have_the_highest_scores(drawn: list[tuple[int, float]]) -> None:
    frequencies, norms = zip(*drawn, strict=True)
    kept = term(frequencies, norms, dense=True)
    assert isinstance(kept, Dense)
    doc_ids = kept.champions.doc_ids
    scores = [tf * (K1 + 1) / (tf + norm) for tf, norm in drawn]
    best = sorted((-score, number) for number, score in enumerate(scores) if score)[:CHAMPIONS]
    assert [scores[number] for number in doc_ids] == pytest.approx([-score for score, _ in best])
    assert doc_ids.tolist() == [number for _, number in best] or len(set(scores)) < len(scores)
