"""The compiled search for the best articles finds those of brute force, to the last bit."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engines.embedded.docsets import DocIds, DocSet, Scores, bits_of
from search.engines.embedded.limits import Limits
from search.engines.embedded.term_postings import TermPostings, term_postings
from search.engines.embedded.weighing import WeightedFeature
from search.ranking import BM25
from tests.compiled import compiled, needs_kernels, numpy_alone

pytestmark = needs_kernels

SIMILARITIES = (BM25(1.2, 0.75), BM25(0.4, 0.3, delta=0.5), BM25(2.0, 0.0))


def draw_term(
    draw: np.random.Generator, size: int, norms: Scores, similarity: BM25
) -> TermPostings:
    share = draw.choice([0.002, 0.02, 0.1, 0.6])
    ids = np.flatnonzero(draw.random(size) < share)
    ids = ids if len(ids) else np.array([size - 1])
    highest = draw.choice([2, 9, 300, 70_000], p=[0.5, 0.3, 0.15, 0.05])
    frequencies = draw.integers(1, highest, len(ids), dtype=np.int32)
    return term_postings(ids, frequencies, norms, similarity, Limits(dense_one_in=32))


def draw_features(
    seed: int, size: int, count: int, weights: Sequence[float]
) -> list[WeightedFeature]:
    draw = np.random.default_rng(seed)
    norms = [similarity.norms(draw.integers(1, 900, size), 300.0) for similarity in SIMILARITIES]
    features = []
    for _ in range(count):
        at = int(draw.integers(len(SIMILARITIES)))
        held = draw_term(draw, size, norms[at], SIMILARITIES[at])
        weight = float(draw.choice(weights))
        bound = max(weight * held.bound, 0.0)
        features.append(WeightedFeature(str(at), held, weight, bound))
    return sorted(features, key=lambda one: -one.bound)


def scores_of(features: Sequence[WeightedFeature], size: int) -> Scores:
    """Return the scores of all articles, summed by the formula."""
    totals = np.zeros(size)
    for _, held, weight, _ in features:
        frequencies = np.zeros(size, np.int64)
        frequencies[held.doc_ids] = held.frequencies  # type: ignore[union-attr]
        totals += held.similarity.saturate(frequencies, held.norms, weight)  # type: ignore[union-attr]
    return totals


def best_of(totals: Scores, doc_ids: DocIds, count: int) -> list[tuple[int, float]]:
    ranked = sorted(doc_ids.tolist(), key=lambda doc_id: (-totals[doc_id], doc_id))
    return [(doc_id, float(totals[doc_id])) for doc_id in ranked[:count]]


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    size=st.sampled_from([1, 70, 900, 6000]),
    features=st.sampled_from([1, 2, 5, 30, 90]),
    share=st.sampled_from([0.0, 0.01, 0.2, 0.9, 1.0]),
    count=st.sampled_from([0, 1, 10, 200, 10_000]),
    weights=st.sampled_from([(1.0, 0.3, 2.5, 0.1, 0.0), (1.0, 0.3, -0.4)]),
)
def test_the_top_k_equals_brute_force(
    seed: int, size: int, features: int, share: float, count: int, weights: tuple[float, ...]
) -> None:
    weighted = draw_features(seed, size, features, weights)
    doc_ids = np.flatnonzero(np.random.default_rng(seed).random(size) < share)
    totals = scores_of(weighted, size)
    expected = best_of(totals, doc_ids, count)
    for docset in (DocSet(size, doc_ids=doc_ids), DocSet(size, bits=bits_of(doc_ids, size))):
        found = compiled().best(docset, weighted, count, size)
        assert found is not None
        assert list(zip(*(one.tolist() for one in found), strict=True)) == expected
    scores = compiled().scores(doc_ids, weighted, size)
    assert scores is not None
    assert scores.tolist() == totals[doc_ids].tolist()


@pytest.mark.parametrize("seed", range(12))
def test_the_top_k_of_a_single_rare_term_equals_brute_force(seed: int) -> None:
    size, draw = 6000, np.random.default_rng(seed)
    norms = SIMILARITIES[0].norms(draw.integers(1, 900, size), 300.0)
    ids = np.flatnonzero(draw.random(size) < 0.03)
    frequencies = draw.integers(1, 9, len(ids), dtype=np.int32)
    held = term_postings(ids, frequencies, norms, SIMILARITIES[0])
    weighted = [WeightedFeature("text", held, 1.3, 1.3 * held.bound)]
    doc_ids = np.flatnonzero(draw.random(size) < 0.8)
    found = compiled().best(DocSet(size, doc_ids=doc_ids), weighted, 10, size)
    assert found is not None
    expected = best_of(scores_of(weighted, size), doc_ids, 10)
    assert list(zip(*(one.tolist() for one in found), strict=True)) == expected


def test_articles_at_the_ends_of_tiles_are_bounded_like_others() -> None:
    """Their blocks have low bounds: in the other blocks each term is frequent in one article."""
    size, similarity = 6000, SIMILARITIES[0]
    norms, every = np.full(size, 1.2), np.arange(size)
    rare = np.array([0, 1023, 1024, 2047, 2048, 4096, 5999])
    is_low = np.isin(every // 8, rare // 8)
    high = np.where(every // 8 % 2, 6, 8)  # half of the blocks are scored first
    frequencies = [np.where((every % 8 == at % 8) & ~is_low, high, 1) for at in range(70)]
    held = [term_postings(every, one.astype(np.int32), norms, similarity) for one in frequencies]
    weighted = [WeightedFeature("text", one, 1.0, one.bound) for one in held]
    few = term_postings(rare, np.full(7, 5, np.int32), norms, similarity)
    weighted += [WeightedFeature("text", few, 0.5, 0.5 * few.bound)] * 20
    docset = DocSet(size, bits=bits_of(every, size))
    found = compiled().best(docset, weighted, 10, size)
    assert found is not None
    expected = best_of(scores_of(weighted, size), every, 10)
    assert list(zip(*(one.tolist() for one in found), strict=True)) == expected
    assert {doc_id for doc_id, _ in expected} > set(rare.tolist())


def test_articles_are_bounded_by_their_own_frequencies() -> None:
    """The frequencies of the first articles of a term would give bounds that are too low here."""
    size, norms = 6000, np.full(6000, 1.2)
    doc_ids = np.flatnonzero(np.arange(size) % 11 != 3)
    best = np.array([1027, 2047, 2052, 4097, 5997])
    high = np.where(doc_ids // 8 % 2, 6, 8)  # half of the blocks are scored first
    is_low = np.isin(doc_ids // 8, best // 8) | (doc_ids < 64)
    weighted = []
    for at in range(70):
        frequencies = np.where((doc_ids % 8 == at % 8) & ~is_low, high, 1)
        frequencies[np.isin(doc_ids, best)] = 3
        one = term_postings(doc_ids, frequencies.astype(np.int32), norms, SIMILARITIES[0])
        weighted.append(WeightedFeature("text", one, 1.0, one.bound))
    docset = DocSet(size, bits=bits_of(doc_ids, size))
    found = compiled().best(docset, weighted, 10, size)
    assert found is not None
    assert found[0][:5].tolist() == best.tolist()
    assert list(zip(*(one.tolist() for one in found), strict=True)) == best_of(
        scores_of(weighted, size), doc_ids, 10
    )


def test_ranks_beyond_the_frequencies_are_not_followed() -> None:
    row = (
        *(np.array([7], np.uint64), np.array([1 << 31], np.uint32), np.array([1], np.uint8)),
        *(np.ones(8, np.uint8), np.ones(3), 2.2, 0.0),
    )
    weighted = [WeightedFeature("text", SimpleNamespace(row=row), 1.0, 1.0)]  # type: ignore[arg-type]
    scores = compiled().scores(np.arange(3), weighted, 3)
    assert scores is not None
    assert scores.tolist() == [0.0, 0.0, 0.0]


def test_equal_scores_are_ordered_by_doc_id() -> None:
    size = 5000
    held = term_postings(np.arange(size), np.ones(size, np.int32), np.ones(size), BM25(1.2, 0.75))
    weighted = [WeightedFeature("text", held, 1.0, held.bound)]
    docset = DocSet(size, bits=bits_of(np.arange(7, size), size))
    found = compiled().best(docset, weighted, 20, size)
    assert found is not None
    assert found[0].tolist() == list(range(7, 27))


@given(st.integers(0, 10**6), st.sampled_from([40, 700, 3000]))
def test_a_term_equals_the_numpy_version(seed: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    similarity = SIMILARITIES[seed % len(SIMILARITIES)]
    norms = similarity.norms(draw.integers(1, 900, size), 300.0)
    first_term = draw_term(np.random.default_rng(seed), size, norms, similarity)
    with numpy_alone():
        second_term = draw_term(np.random.default_rng(seed), size, norms, similarity)
    assert type(first_term) is type(second_term)
    for name in ("size", "articles", "bound"):
        assert getattr(first_term, name) == getattr(second_term, name)
    for name in ("ids", "frequencies", "impacts", "bits", "ranks", "block_max"):
        if (one := getattr(first_term, name, None)) is not None:
            other = getattr(second_term, name)
            assert one.dtype == other.dtype
            assert one.tolist() == other.tolist()


def test_other_similarities_and_dates_are_left_to_numpy() -> None:
    class Flat:
        row = None

    weighted = [WeightedFeature("", Flat(), 1.0, 1.0)]  # type: ignore[arg-type]
    docset = DocSet(9, doc_ids=np.array([3]))
    assert compiled().best(docset, weighted, 1, 9) is None
    assert compiled().scores(np.array([3]), weighted, 9) is None


@pytest.mark.parametrize("ids", [[3, 2], [-1], [9]])
def test_unsorted_or_unknown_doc_ids_are_an_error(ids: list[int]) -> None:
    with pytest.raises(ValueError, match="doc ids"):
        compiled().best(DocSet(9, doc_ids=np.array(ids)), [], 1, 9)
    with pytest.raises(ValueError, match="doc ids"):
        compiled().scores(np.array(ids), [], 9)
