"""The bounds that a term keeps for blocks, whichever way it is kept."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.embedded.limits import Limits
from search.engines.embedded.term_postings import Dense, Sparse, TermPostings, term_postings
from search.ranking import BM25

K1 = 0.6
CHAMPIONS = 5


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


@given(terms, st.booleans(), st.floats(0.01, 30.0))
def test_no_article_scores_above_its_block(
    drawn: list[tuple[int, float]],
    dense: bool,  # noqa: FBT001  # drawn
    weight: float,
) -> None:
    frequencies, norms = zip(*drawn, strict=True)
    kept = term(frequencies, norms, dense=dense)
    assert isinstance(kept, Dense if dense else Sparse)
    numbers = np.arange(len(drawn))
    expected = [weight * tf * (K1 + 1) / (tf + norm) for tf, norm in drawn]
    scores = kept.scores_in(numbers, np.array(norms), weight)
    assert scores == pytest.approx(expected, abs=1e-12)
    assert kept.frequencies_in(numbers).tolist() == list(frequencies)
    bounds = np.zeros(-(-len(drawn) // 64) * 8, np.float32)
    kept.add_bounds(bounds, weight)
    promised = bounds.astype(np.float64)[numbers >> 3]
    assert (promised * (1 + 1e-6) >= scores).all()
    assert (promised[scores > 0] <= weight * kept.bound * (1 + 1e-6)).all()


@given(terms)
def test_champions_are_the_best(drawn: list[tuple[int, float]]) -> None:
    frequencies, norms = zip(*drawn, strict=True)
    kept = term(frequencies, norms, dense=True)
    assert isinstance(kept, Dense)
    doc_ids = kept.champions.doc_ids
    scores = [tf * (K1 + 1) / (tf + norm) for tf, norm in drawn]
    best = sorted((-score, number) for number, score in enumerate(scores) if score)[:CHAMPIONS]
    assert [scores[number] for number in doc_ids] == pytest.approx([-score for score, _ in best])
    assert doc_ids.tolist() == [number for _, number in best] or len(set(scores)) < len(scores)
