"""Planned parts of a query are joined in order, and equal features count once."""

from hypothesis import given
from hypothesis import strategies as st

from search.plan import BigramScore, Feature, Term, TermScore
from search.planning.planned import PlannedParts, strongest
from search.results.highlights import HighlightPart
from search.warnings import warning

letters = st.sampled_from("abc")
weights = st.floats(0.1, 2)
features = st.lists(
    st.builds(TermScore, st.just("text"), letters, weights)
    | st.builds(BigramScore, letters, letters, weights)
).map(tuple)
parts = st.builds(
    PlannedParts,
    st.lists(st.builds(Term, st.just("text"), letters)).map(tuple),
    features,
    st.lists(st.builds(HighlightPart, letters)).map(tuple),
    st.lists(letters.map(warning)).map(tuple),
)


@given(parts, parts, parts)
def test_parts_are_joined_in_order(
    first: PlannedParts, second: PlannedParts, third: PlannedParts
) -> None:
    assert (first + second) + third == first + (second + third)
    assert first + PlannedParts() == first == PlannedParts() + first
    assert (first + second).nodes == first.nodes + second.nodes


@given(parts, letters)
def test_one_node_represents_all_parts(part: PlannedParts, letter: str) -> None:
    node = Term("title", letter)
    assert part.matching(node) == PlannedParts(
        (node,), part.features, part.highlights, part.warnings
    )


@given(features)
def test_each_feature_counts_once_with_its_highest_weight(
    found: tuple[TermScore | BigramScore, ...],
) -> None:
    kept = strongest(found)
    names = [str(feature).rpartition("weight")[0] for feature in kept]
    assert len(set(names)) == len(names)
    assert set(kept) <= set(found)
    for feature in found:
        name = str(feature).rpartition("weight")[0]
        assert kept[names.index(name)].weight >= feature.weight
    kinds = [isinstance(feature, BigramScore) for feature in kept]
    assert kinds == sorted(kinds)


@given(features, st.integers(1, 12))
def test_features_with_the_highest_weights_are_kept(
    listed: tuple[Feature, ...], limit: int
) -> None:
    every, kept = strongest(listed, limit=len(listed) + 1), strongest(listed, limit=limit)
    assert len(kept) == min(limit, len(every))
    assert [feature for feature in every if feature in kept] == list(kept)
    left_out = [feature.weight for feature in every if feature not in kept]
    assert max(left_out, default=0.0) <= min((feature.weight for feature in kept), default=0.0)
