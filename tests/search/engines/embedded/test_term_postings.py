"""What a term promises by octets it keeps, whichever way it is kept."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.embedded import term_postings as room
from search.engines.embedded.term_postings import Decoded, Frequent, Rare

K1 = 0.6


def term(frequencies: Sequence[int], lengths: Sequence[float], *, frequent: bool) -> Decoded:
    every = np.array(frequencies)
    numbers = np.flatnonzero(every)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "FEW", 10**9 if frequent else 0)
        return room.decoded(len(every), numbers, every[numbers], np.array(lengths), K1)


terms = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, 1, 2, 300, 70_000]), st.floats(0.01, 50.0)),
    min_size=1,
    max_size=100,
).filter(lambda drawn: any(tf for tf, _ in drawn))


@given(terms, st.booleans(), st.floats(0.01, 30.0))
def test_no_article_scores_above_its_octet(
    drawn: list[tuple[int, float]],
    frequent: bool,  # noqa: FBT001  # drawn
    weight: float,
) -> None:
    frequencies, norms = zip(*drawn, strict=True)
    kept = term(frequencies, norms, frequent=frequent)
    assert isinstance(kept, Frequent if frequent else Rare)
    numbers = np.arange(len(drawn))
    expected = [weight * tf * (K1 + 1) / (tf + norm) for tf, norm in drawn]
    scores = kept.scores_in(numbers, np.array(norms), weight)
    assert scores == pytest.approx(expected, abs=1e-12)
    assert kept.frequencies_in(numbers).tolist() == list(frequencies)
    bounds = np.zeros(-(-len(drawn) // 64) * 8, np.float32)
    kept.raise_bounds(bounds, weight)
    promised = bounds.astype(np.float64)[numbers >> 3]
    assert (promised * (1 + 1e-6) >= scores).all()
    assert (promised[scores > 0] <= weight * kept.bound * (1 + 1e-6)).all()


@given(terms)
def test_leaders_are_the_best(drawn: list[tuple[int, float]]) -> None:
    frequencies, norms = zip(*drawn, strict=True)
    kept = term(frequencies, norms, frequent=True)
    assert isinstance(kept, Frequent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "LEADERS", 5)
        numbers = kept.leaders
    scores = [tf * (K1 + 1) / (tf + norm) for tf, norm in drawn]
    best = sorted((-score, number) for number, score in enumerate(scores) if score)[:5]
    assert [scores[number] for number in numbers] == pytest.approx([-score for score, _ in best])
    assert numbers.tolist() == [number for _, number in best] or len(set(scores)) < len(scores)
